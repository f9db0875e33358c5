// Subscribers and topics over HTTP.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

const full = {
  email: 'ana@example.com',
  phone: '+1 (202) 555-0123',
  locale: 'pt-pt',
  timezone: 'Europe/Lisbon',
  data: { name: 'Ana' },
  addresses: {
    telegram: '4242',
    webhook: 'https://example.com/hook',
    push: [
      { kind: 'fcm', token: 'token-1' },
      { kind: 'web', token: { endpoint: 'https://push.example/1' } },
    ],
  },
}

test('a subscriber comes back as it was given, in canonical form', async () => {
  const made = await t.ask('PUT', '/subscribers/ana', full)

  assert.equal(made.status, 201)
  const { created_at: _made, updated_at: _changed, ...shown } = made.body
  const canonical = { phone: '+12025550123', locale: 'pt-PT' }
  assert.deepEqual(shown, { id: 'ana', ...full, ...canonical, suppressed: [] })
  assert.deepEqual((await t.ask('GET', '/subscribers/ana')).body, made.body)
})

test('what is given replaces, what is absent stays, null removes', async () => {
  await t.ask('PUT', '/subscribers/ben', full)

  const changed = await t.ask('PUT', '/subscribers/ben', {
    phone: null,
    locale: null,
    data: { name: 'Benedikt' },
    addresses: { telegram: null, push: [{ kind: 'apns', token: 'token-2' }] },
  })

  assert.equal(changed.status, 200)
  const { id: _id, created_at: _made, updated_at: _changed, ...shown } = changed.body
  assert.deepEqual(shown, {
    email: 'ana@example.com',
    phone: null,
    locale: null,
    timezone: 'Europe/Lisbon',
    data: { name: 'Benedikt' },
    addresses: {
      webhook: 'https://example.com/hook',
      push: [{ kind: 'apns', token: 'token-2' }],
    },
    suppressed: [],
  })
})

test('PATCH changes only whom it finds', async () => {
  assert.equal((await t.ask('PATCH', '/subscribers/nobody', { data: {} })).status, 404)
  assert.equal((await t.ask('GET', '/subscribers/nobody')).status, 404)
  await t.ask('PUT', '/subscribers/cy', {})
  const patched = await t.ask('PATCH', '/subscribers/cy', { email: 'cy@example.com' })
  assert.equal(patched.body.email, 'cy@example.com')
})

// field, value, what is said about it
const refused: [object, string, RegExp][] = [
  [{ email: 'b@y.test, c@z.test' }, '/email', /one address/],
  [{ email: 'b@y.test\r\nRCPT TO:<evil@z.test>' }, '/email', /control/],
  [{ email: '' }, '/email', /null removes/],
  [{ phone: '202 555 0123' }, '/phone', /begin with \+/],
  [{ phone: '+1202' }, '/phone', /country/],
  [{ locale: 'english please' }, '/locale', /BCP 47/],
  [{ timezone: '+02:00' }, '/timezone', /daylight/],
  [{ timezone: 'UTC+2' }, '/timezone', /daylight/],
  [{ timezone: 'Europe/Lisbn' }, '/timezone', /Did you mean "Europe\/Lisbon"/],
  [{ addresses: { webhook: 'ftp://example.com' } }, '/addresses/webhook', /https/],
  [{ addresses: { telegrm: '1' } }, '/addresses/telegrm', /"telegram"/],
  [{ addresses: { push: [{ kind: 'pager', token: 'x' }] } }, '/addresses/push/0/kind', /fcm/],
  [{ addresses: { push: [{ kind: 'fcm', token: 7 }] } }, '/addresses/push/0/token', /text/],
  [{ emial: 'x' }, '/emial', /"email"/],
]
for (const [body, pointer, detail] of refused)
  test(`a subscriber is refused with ${JSON.stringify(body)}`, async () => {
    const answer = await t.ask('PUT', '/subscribers/dan', body)

    assert.equal(answer.status, 422)
    assert.equal(answer.body.errors[0].pointer, pointer)
    assert.match(answer.body.errors[0].detail, detail)
  })

test('a thousand subscribers at once: each is created, updated or refused by itself', async () => {
  await t.ask('PUT', '/subscribers/s0', { data: { before: true } })
  const subscribers: unknown[] = Array.from({ length: 996 }, (_, i) => ({
    id: `s${i}`,
    email: `s${i}@example.com`,
  }))
  subscribers.push({ id: 's1' }, { id: 'bad', email: 'no' }, { email: 'x@example.com' }, 'text')

  const { status, body } = await t.ask('POST', '/subscribers/bulk', { subscribers })

  assert.equal(status, 200)
  assert.deepEqual([body.created, body.updated, body.refused], [995, 1, 4])
  assert.equal(body.results.length, 1_000)
  assert.equal(body.results[0].status, 'updated')
  assert.match(body.results[996].errors[0].detail, /twice/)
  assert.deepEqual((await t.ask('GET', '/subscribers/s0')).body.data, { before: true })

  const tooMany = { subscribers: [...subscribers, { id: 'x' }] }
  assert.equal((await t.ask('POST', '/subscribers/bulk', tooMany)).status, 422)
})

test('subscribers written at the same time do not wait for each other for ever', async () => {
  const ids = Array.from({ length: 200 }, (_, i) => `w${i}`)
  const write = (order: string[]) =>
    t.ask('POST', '/subscribers/bulk', {
      subscribers: order.map((id) => ({
        id,
        email: `${id}@example.com`,
        addresses: { slack: id },
      })),
    })

  const answers = await Promise.all([
    write(ids),
    write(ids.toReversed()),
    write(ids),
    write(ids.toReversed()),
  ])

  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  )
  assert.equal(
    answers.reduce((sum, { body }) => sum + body.created, 0),
    200,
  )
})

test('a topic gains, loses and replaces members, and names those it cannot take', async () => {
  for (const id of ['ana', 'ben', 'cy']) await t.ask('PUT', `/subscribers/${id}`, {})
  const url = '/topics/product:42%23watcher'
  assert.equal((await t.ask('GET', url)).status, 404)

  const added = await t.ask('POST', `${url}/members`, { subscribers: ['ana', 'ben', 'ana'] })
  assert.deepEqual(added.body, { key: 'product:42#watcher', added: 2, removed: 0 })
  const replaced = await t.ask('PUT', `${url}/members`, { subscribers: ['ben', 'cy'] })
  assert.deepEqual(replaced.body, { key: 'product:42#watcher', added: 1, removed: 1 })
  const refusedMembers = await t.ask('POST', `${url}/members`, { subscribers: ['ana', 'nobody'] })
  assert.equal(refusedMembers.body.code, 'unknown_recipient')
  assert.deepEqual(refusedMembers.body.errors, [
    { pointer: '/subscribers/1', detail: '"nobody" is no subscriber.' },
  ])
  const removed = await t.ask('DELETE', `${url}/members`, { subscribers: ['cy', 'nobody'] })
  assert.equal(removed.body.removed, 1)

  const { body } = await t.ask('GET', `${url}/members`)
  assert.deepEqual(
    body.members.map((member: { subscriber_id: string }) => member.subscriber_id),
    ['ben'],
  )
  assert.equal((await t.ask('GET', url)).body.member_count, 1)
  assert.equal((await t.ask('DELETE', url)).status, 204)
  assert.equal((await t.ask('DELETE', url)).status, 404)
})

test('the members of a large topic are replaced at once', async () => {
  const ids = Array.from({ length: 3_000 }, (_, i) => `large${i}`)
  for (let i = 0; i < ids.length; i += 1_000)
    await t.ask('POST', '/subscribers/bulk', {
      subscribers: ids.slice(i, i + 1_000).map((id) => ({ id })),
    })

  const first = await t.ask('PUT', '/topics/large/members', { subscribers: ids.slice(0, 2_500) })
  const second = await t.ask('PUT', '/topics/large/members', { subscribers: ids.slice(1_000) })
  const tooMany = await t.ask('POST', '/topics/large/members', { subscribers: ids })

  assert.deepEqual(first.body, { key: 'large', added: 2_500, removed: 0 })
  assert.deepEqual(second.body, { key: 'large', added: 500, removed: 1_000 })
  assert.equal((await t.ask('GET', '/topics/large')).body.member_count, 2_000)
  assert.deepEqual([tooMany.status, tooMany.body.errors[0].pointer], [422, '/subscribers'])
})

test('a deleted subscriber leaves its topics', async () => {
  await t.ask('PUT', '/subscribers/eve', { email: 'eve@example.com' })
  await t.ask('POST', '/topics/leavers/members', { subscribers: ['eve'] })

  assert.equal((await t.ask('DELETE', '/subscribers/eve')).status, 204)

  assert.equal((await t.ask('GET', '/topics/leavers')).body.member_count, 0)
  assert.equal((await t.ask('DELETE', '/subscribers/eve')).status, 404)
})

test('ids may be anything that has no control characters', async () => {
  for (const id of [
    'o/1',
    'a b',
    'ä',
    '😀'.repeat(60),
    '...',
    '%',
    "'; drop table belfry.events; --",
  ]) {
    const url = `/subscribers/${encodeURIComponent(id)}`
    assert.equal((await t.ask('PUT', url, {})).status, 201, id)
    assert.equal((await t.ask('GET', url)).body.id, id)
  }
})
