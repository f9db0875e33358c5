// From the body of a webhook to an event: pointers, Liquid, types worked out, and what becomes of a body
// that no event can be made of.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { given } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

const send = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  t.ask('POST', url, body, { authorization: '', ...headers })

await given.subscriber(t, 'ana')

test('what the event type refuses is told about the body', async () => {
  await given.eventType(t, 'order.paid', {
    channels: ['in_app'],
    audience: ['ana'],
    params: {
      type: 'object',
      required: ['order', 'lines'],
      properties: {
        order: { type: 'integer' },
        lines: { type: 'array', items: { type: 'string' } },
        note: { type: 'string', maxLength: 3 },
      },
    },
  })
  const event = {
    type: 'order.paid',
    params: { order: '/data/id', lines: '{{ body.data.lines }}', note: 'n: {{ body.note }}' },
  }
  await t.ask('PUT', '/sources/shop', { auth: { kind: 'none' }, event })
  const pointers = async (body: unknown) =>
    (await send('/webhooks/shop', body)).body.errors?.map(
      (error: { pointer: string }) => error.pointer,
    )

  assert.deepEqual(await pointers({ data: { id: 'x', lines: [] } }), ['/data/id'])
  assert.deepEqual(await pointers({ data: { id: 1, lines: ['a', 2] } }), ['/data/lines/1'])
  assert.deepEqual(await pointers({ data: { lines: [] } }), ['/data/id'])
  assert.deepEqual(await pointers({ data: { id: 1, lines: [] }, note: 'long' }), ['/params/note'])
  const taken = await send('/webhooks/shop', { data: { id: 1, lines: ['a'] } })
  assert.equal(taken.status, 202)
  assert.equal(taken.body.status, 'success')
})

test('a source without a mapping gives the body as parameters', async () => {
  const event = { type: 'order.paid' }
  await t.ask('PUT', '/sources/plain', { auth: { kind: 'none' }, event })

  const answer = await send('/webhooks/plain', { order: 7, lines: [], note: 'a' })

  const { body } = await t.ask('GET', `/events/${answer.body.event_id}`)
  assert.deepEqual(body.params, { order: 7, lines: [], note: 'a' })
  const misfit = await send('/webhooks/plain', { order: '7', lines: [] })
  assert.equal(misfit.body.errors[0].pointer, '/order')
  assert.equal((await send('/webhooks/plain', [1])).body.code, 'invalid_payload')
})

test('one address takes many types, and passes over those nobody asked for', async () => {
  await given.eventType(t, 'code.push', { channels: ['in_app'], params: null })
  await t.ask('PUT', '/sources/code', {
    auth: { kind: 'none' },
    event: {
      type: 'code.{{ headers.x-event }}',
      when: "{% if headers.x-event != 'ping' %}yes{% endif %}",
      params: { by: '{{ body.user.login }}', deep: { list: ['{{ body.n }}', '{{ query.q }}!'] } },
      to: ['{{ body.people }}', { id: 'u-{{ body.user.login }}', email: '{{ body.user.email }}' }],
      thread_key: '{{ body.repo }}',
    },
  })
  const user = { login: 'eve', email: 'eve@example.com' }
  const body = { user, people: ['ana', 'ben'], n: 3, repo: 'belfry' }

  const ping = await send('/webhooks/code', {}, { 'x-event': 'ping' })
  const unknown = await send('/webhooks/code', body, { 'x-event': 'pull' })
  const taken = await send('/webhooks/code?q=a', body, { 'x-event': 'push' })

  assert.deepEqual([ping.status, ping.body.status], [200, 'ignored'])
  assert.equal(unknown.status, 400)
  assert.match(unknown.body.detail, /code\.pull/)
  const { body: event } = await t.ask('GET', `/events/${taken.body.event_id}`)
  assert.deepEqual(event.params, { by: 'eve', deep: { list: [3, 'a!'] } })
  const ids = event.audience.map(({ id }: { id: string }) => id)
  assert.deepEqual(ids, ['ana', 'ben', 'u-eve'])
  assert.equal(event.thread_key, 'belfry')
  assert.equal((await t.ask('GET', '/subscribers/u-eve')).body.email, 'eve@example.com')
})

// mapping, body, the place that is named: what cannot be worked out is the body's fault
const misfits: [object, unknown, string][] = [
  [{ level: '{{ body.level }}' }, { level: 'urgent' }, '/level'],
  [{ level: '{{ body.level | downcase }}' }, { level: 'Urgent' }, ''],
  [{ dedupe_key: '{{ body.id }}' }, {}, '/id'],
  [{ dedupe_key: '{{ body.id }}' }, { id: '' }, '/id'],
  [{ dedupe_key: '{{ body.of.id }}' }, { of: { id: 'x'.repeat(256) } }, '/of/id'],
  [{ dedupe_key: '{{ body.a }}{{ body.b }}' }, {}, ''],
  [{ to: ['{{ body.to }}'] }, { to: 'x'.repeat(256) }, '/to'],
  [{ to: [{ id: 'eve', email: '{{ body.mail }}' }] }, { mail: 'no mail' }, '/mail'],
  [{ to: ['{{ body.to }}', 'ana'] }, { to: 'x'.repeat(256) }, ''],
  [{ to: ['{{ body.to }}'] }, {}, '/to'],
  [{ scheduled_time: '{{ body.at }}' }, { at: 'tomorrow' }, '/at'],
  [{ scheduled_time: '{{ body.at }}' }, { at: '2001-01-01T00:00:00Z' }, '/at'],
  [{ thread_key: '{{ body.t }}' }, { t: 'x'.repeat(256) }, '/t'],
  [{ type: '{{ body.type }}' }, {}, '/type'],
  [{ type: '{{ body.kind }}' }, { kind: 'none.such' }, '/kind'],
  [{ require_audience: true, to: ['{{ body.to }}'] }, { to: 'nobody' }, ''],
]
for (const [event, body, pointer] of misfits)
  test(`a body that ${JSON.stringify(event)} cannot be made of is refused`, async () => {
    await given.eventType(t, 'any', { channels: ['in_app'] })
    const definition = {
      auth: { kind: 'none' },
      event: { type: 'any', to: ['ana'], params: {}, ...event },
    }
    assert.ok((await t.ask('PUT', '/sources/misfit', definition)).status < 300)

    const answer = await send('/webhooks/misfit', body)

    assert.equal(answer.status, 400, JSON.stringify(answer.body))
    assert.equal(answer.body.code, 'invalid_payload')
    assert.equal(answer.body.errors[0].pointer, pointer, JSON.stringify(answer.body))
  })
