// The in-app feed of a person: what is in it, and what they have read.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { deliverDueInApp } from '../src/pipeline/deliver-in-app.ts'
import { given } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())
t.work()

/** An in-app message for a person of that name; its id. */
async function messageFor(id: string): Promise<string> {
  await given.subscriber(t, id)
  const { body } = await t.ask('POST', '/notifications', {
    to: [id],
    channels: ['in_app'],
    message: 'Hi',
  })
  return body.notification_ids[0]
}

test('reading is remembered from the first time until it is taken back', async () => {
  const id = await messageFor('ana')
  const url = `/subscribers/ana/notifications/${id}`
  const readAt = async () =>
    (await t.ask('GET', '/subscribers/ana/notifications')).body.notifications[0].read_at

  assert.equal(await readAt(), null)
  const first = await t.ask('POST', `${url}/read`)
  t.clock.advance({ minutes: 5 })
  const again = await t.ask('POST', `${url}/read`)

  assert.equal(first.status, 200)
  assert.notEqual(first.body.read_at, null)
  assert.deepEqual(again.body, first.body)
  assert.equal(await readAt(), first.body.read_at)
  assert.equal((await t.ask('GET', `/notifications/${id}`)).body.read_at, first.body.read_at)
  assert.equal((await t.ask('POST', `${url}/unread`)).body.read_at, null)
  assert.equal(await readAt(), null)
})

test('nobody reads what is not in their feed', async () => {
  const id = await messageFor('ben')
  const { body } = await t.ask('POST', '/notifications', {
    to: ['ben'],
    channels: ['email'],
    message: 'Not in-app',
  })
  await given.subscriber(t, 'cleo')

  const refused = await Promise.all(
    [
      `/subscribers/cleo/notifications/${id}`,
      `/subscribers/nobody/notifications/${id}`,
      `/subscribers/ben/notifications/${body.notification_ids[0]}`,
    ].map((url) => t.ask('POST', `${url}/read`)),
  )

  assert.deepEqual(
    refused.map(({ status }) => status),
    [404, 404, 404],
  )
})

const tokenOf = async (id: string) => {
  const { body } = await t.ask('POST', `/subscribers/${id}/token`, {})
  return { authorization: `Bearer ${body.token}` }
}

test('a person does with a token what their server does with the key, and only in their own feed', async () => {
  const id = await messageFor('dora')
  await given.subscriber(t, 'eve')
  const [dora, eve] = [await tokenOf('dora'), await tokenOf('eve')]
  const read = (headers: Record<string, string>) =>
    t.ask('POST', `/me/notifications/${id}/read`, undefined, headers)

  const mine = await t.ask('GET', '/me/notifications', undefined, dora)
  const theirs = await t.ask('GET', '/me/notifications', undefined, eve)

  assert.deepEqual(
    mine.body.notifications,
    (await t.ask('GET', '/subscribers/dora/notifications')).body.notifications,
  )
  assert.deepEqual([mine.body.unread_count, mine.body.unseen_count], [1, 1])
  assert.deepEqual(theirs.body.notifications, [])
  assert.equal((await read(eve)).status, 404)
  assert.notEqual((await read(dora)).body.read_at, null)
  const seen = { ids: [id] }
  assert.equal((await t.ask('POST', '/me/notifications/seen', seen, eve)).body.count, 0)
})

test('what was to come later enters the feed at its top', async () => {
  await given.subscriber(t, 'fay')
  const at = new Date(t.clock.now().getTime() + 60_000).toISOString()
  const send = (more: object) =>
    t.ask('POST', '/notifications', { to: ['fay'], channels: ['in_app'], message: 'x', ...more })
  const { body: later } = await send({ scheduled_time: at })
  const { body: now } = await send({})
  t.clock.advance({ minutes: 2 })
  while ((await deliverDueInApp(t.ctx, 100)) > 0);

  const { body } = await t.ask('GET', '/subscribers/fay/notifications')

  assert.deepEqual(
    body.notifications.map(({ id }: { id: string }) => id),
    [...later.notification_ids, ...now.notification_ids],
  )
})

test('an item carries the actions of its template, as far as they lead somewhere', async () => {
  await given.subscriber(t, 'gil')
  await given.eventType(t, 'ask', { channels: ['in_app'] })
  await given.template(t, 'ask', 'in_app', {
    title: 'T',
    body: 'B',
    actions: [
      { label: 'Yes, {{ name }}', url: 'https://example.com/{{ name }}' },
      { label: 'No', url: '{{ bad }}' },
    ],
  })
  const params = { name: 'Gil', bad: 'javascript:alert(1)' }
  await t.ask('POST', '/events', { type: 'ask', to: ['gil'], params }, { prefer: 'wait=30' })

  const { body } = await t.ask('GET', '/subscribers/gil/notifications')

  assert.deepEqual(body.notifications[0].content.actions, [
    { label: 'Yes, Gil', url: 'https://example.com/Gil' },
  ])
})

// what is wrong with an in-app template, where
const wrongActions: [unknown, string][] = [
  [[{ label: '{{', url: '/a' }], '/actions/0/label'],
  [[{ label: 'A', url: '/{{ a' }], '/actions/0/url'],
  [[{ label: 'A' }], '/actions/0/url'],
  [Array.from({ length: 3 }, () => ({ label: 'A', url: '/a' })), '/actions'],
]
for (const [actions, pointer] of wrongActions)
  test(`an action is refused when it is saved: ${JSON.stringify(actions)}`, async () => {
    const url = '/templates/refused/in_app/default'
    await given.eventType(t, 'refused', { channels: ['in_app'] })

    const answer = await t.ask('PUT', url, { title: 'T', body: 'B', actions })

    assert.equal(answer.status, 422, JSON.stringify(answer.body))
    assert.deepEqual(
      answer.body.errors.map((error: { pointer: string }) => error.pointer),
      [pointer],
    )
  })

// until when, relative to now
for (const [what, aheadMs] of [
  ['the past', -1_000],
  ['in more than a year', 367 * 24 * 3_600_000],
] as const)
  test(`nothing is snoozed until ${what}`, async () => {
    const id = await messageFor('hal')
    const until = new Date(t.clock.now().getTime() + aheadMs).toISOString()

    const answer = await t.ask('POST', `/subscribers/hal/notifications/${id}/snooze`, { until })

    assert.equal(answer.status, 422)
    assert.equal(answer.body.errors[0].pointer, '/until')
  })

test('pages of any origin may ask what is below /me, and nothing else', async () => {
  const origin = { origin: 'https://shop.example', 'access-control-request-method': 'POST' }
  const asked = await t.ask('OPTIONS', '/me/notifications/seen', undefined, origin)
  const refused = await t.ask('GET', '/me/notifications', undefined, { authorization: '' })
  const elsewhere = await t.ask('GET', '/notifications', undefined, origin)

  assert.equal(asked.status, 204)
  assert.equal(asked.headers['access-control-allow-origin'], '*')
  assert.match(
    String(asked.headers['access-control-allow-headers']),
    /Authorization.*Last-Event-ID/,
  )
  assert.equal(refused.status, 401)
  assert.equal(refused.headers['access-control-allow-origin'], '*')
  assert.equal(elsewhere.headers['access-control-allow-origin'], undefined)
})
