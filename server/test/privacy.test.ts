// What a person may ask for: to see everything that is known of them, and to be forgotten.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { tablesWith } from './canary.ts'
import { createLook, given, until, untilQuiet } from './given.ts'
import { createHttpSink } from './sinks.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
const receiver = await createHttpSink()
after(async () => {
  await t.close()
  await look.close()
  await receiver.close()
})
t.work({ sweepMs: 50 })

/** Somebody of whom `word` is everywhere that anything can be written. */
async function knownPerson(word: string): Promise<void> {
  await given.eventType(t, 'order.shipped', { channels: ['in_app', 'email', 'webhook'] })
  await given.template(t, 'order.shipped', 'email', {
    subject: 'For {{ subscriber.data.name }}',
    body: 'Order {{ note }}',
  })
  await given.template(t, 'order.shipped', 'in_app', { title: 'Shipped', body: '{{ note }}' })
  await given.subscriber(t, word, {
    email: `${word}@example.com`,
    data: { name: word },
    addresses: { webhook: `${receiver.url}/${word}` },
  })
  await given.subscriber(t, 'somebody-else')
  await given.topic(t, 'team', [word, 'somebody-else'])
  await t.ask('PATCH', `/preferences/${word}`, { channels: { sms: false } })
  await given.event(t, 'order.shipped', { to: [word], params: { note: word } })
  await given.event(t, 'order.shipped', { to: [{ topic: 'team' }], params: { note: 'all' } })
  await t.ask('POST', '/notifications', { to: [word], channels: ['email'], message: word })
  await untilQuiet(look)
}

test('a person who is erased is in no table any more, and nobody else has lost anything', async () => {
  await knownPerson('canary-anna')
  assert.ok((await tablesWith(look, 'canary-anna')).length > 5)

  const erased = await t.ask('POST', '/subscribers/canary-anna/erase')
  const shown = await t.ask('GET', '/subscribers/canary-anna')
  t.clock.advance({ minutes: 5 })
  await until('nothing is left', async () => (await tablesWith(look, 'canary-anna')).length === 0)

  assert.deepEqual([erased.status, shown.status], [200, 404])
  const { body } = await t.ask('GET', '/subscribers/somebody-else/notifications')
  assert.equal(body.notifications[0].content.body, 'all')
  assert.deepEqual(
    t.logged.filter((line) => JSON.stringify(line).includes('canary-anna')),
    [],
  )
})

test('what waits for a person who is erased is never sent', async () => {
  await knownPerson('canary-ben')
  const soon = new Date(t.clock.now().getTime() + 60_000).toISOString()
  await given.event(t, 'order.shipped', {
    to: ['canary-ben'],
    params: { note: 'later' },
    scheduled_time: soon,
  })
  await until(
    'it is scheduled',
    async () => (await look.number('select count(*) from belfry.queue')) > 0,
  )
  const before = receiver.requests.length

  await t.ask('POST', '/subscribers/canary-ben/erase')
  assert.equal(await look.number('select count(*) from belfry.queue'), 0)
  t.clock.advance({ minutes: 5 })
  await until('nothing is left', async () => (await tablesWith(look, 'canary-ben')).length === 0)

  assert.equal(receiver.requests.length, before)
})

test('an event on its way while its person is erased ends, and leaves nothing of them', async () => {
  await knownPerson('canary-cleo')
  const event = await given.event(t, 'order.shipped', {
    to: ['canary-cleo'],
    params: { note: 'x' },
  })
  await t.ask('POST', '/subscribers/canary-cleo/erase')
  await until('it is done with', async () => {
    const { body } = await t.ask('GET', `/events/${event}`)
    return body.status !== 'accepted'
  })
  t.clock.advance({ minutes: 5 })
  await until('nothing is left', async () => (await tablesWith(look, 'canary-cleo')).length === 0)
})

test('an erased person may come back as somebody new', async () => {
  await knownPerson('canary-dora')
  await t.ask('POST', '/subscribers/canary-dora/erase')
  t.clock.advance({ minutes: 5 })
  await until('nothing is left', async () => (await tablesWith(look, 'canary-dora')).length === 0)

  const back = await t.ask('PUT', '/subscribers/canary-dora', {})
  const feed = await t.ask('GET', '/subscribers/canary-dora/notifications')

  assert.equal(back.status, 201)
  assert.equal(feed.body.count, 0)
})

test('nobody is erased or exported of whom nothing is known', async () => {
  const erased = await t.ask('POST', '/subscribers/nobody/erase')
  const exported = await t.ask('GET', '/subscribers/nobody/export')

  assert.deepEqual([erased.status, exported.status], [404, 404])
})

test('an export has everything that is known of a person, and of nobody else', async () => {
  await knownPerson('canary-edda')

  const { status, body, headers } = await t.ask('GET', '/subscribers/canary-edda/export')

  assert.equal(status, 200)
  assert.match(String(headers['content-type']), /^application\/x-ndjson/)
  const lines = String(body)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const kinds = Object.groupBy(lines, ({ kind }) => kind)
  assert.equal(kinds.subscriber![0].email, 'canary-edda@example.com')
  assert.deepEqual(
    kinds.topic!.map(({ key }) => key),
    ['team'],
  )
  assert.equal(kinds.preferences![0].channels.sms, false)
  assert.equal(kinds.preference_change!.length, 1)
  assert.equal(kinds.notification!.length, 3)
  const addresses = kinds.notification!.flatMap(({ deliveries }) =>
    deliveries.map(({ address }: { address: string }) => address),
  )
  assert.ok(addresses.includes('canary-edda@example.com'))
  assert.ok(!String(body).includes('somebody-else'))
})

test('an export says what was done with each notification in the feed', async () => {
  await knownPerson('canary-fay')
  const feed = '/subscribers/canary-fay/notifications'
  const { body: items } = await t.ask('GET', feed)
  const [archived, snoozed] = items.notifications.map(({ id }: { id: string }) => id)
  const until = new Date(t.clock.now().getTime() + 3_600_000).toISOString()
  await t.ask('POST', `${feed}/${archived}/seen`)
  await t.ask('POST', `${feed}/${archived}/archive`)
  await t.ask('POST', `${feed}/${snoozed}/snooze`, { until })

  const { body } = await t.ask('GET', '/subscribers/canary-fay/export')

  const lines = String(body)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const one = (id: string) => lines.find((line) => line.id === id)
  assert.deepEqual(
    [one(archived).seen_at, one(archived).archived_at].map((at) => typeof at),
    ['string', 'string'],
  )
  assert.deepEqual(
    [one(snoozed).snoozed_until, one(snoozed).archived_at, one(snoozed).acknowledged_at],
    [until, null, null],
  )
})

test('what waits for somebody who is deleted is not sent to them', async () => {
  await given.subscriber(t, 'frida', { email: 'frida@example.com' })
  await t.ask('PATCH', '/preferences/frida', { channels: { email: false } })
  const soon = new Date(t.clock.now().getTime() + 60_000).toISOString()
  const { body } = await t.ask('POST', '/notifications', {
    to: ['frida'],
    channels: ['email'],
    message: 'Later',
    level: 'critical',
    scheduled_time: soon,
  })
  await t.ask('DELETE', '/subscribers/frida')
  t.clock.advance({ minutes: 2 })
  await untilQuiet(look)

  const story = await t.ask('GET', `/notifications/${body.notification_ids[0]}`)
  const sent = await t.ask('GET', '/sandbox/messages?to=frida@example.com')

  assert.equal(story.body.status, 'skipped')
  assert.equal(sent.body.count, 0)
})

test('what comes after an erasure is about somebody new, and stays', async () => {
  await knownPerson('canary-gina')
  await t.ask('POST', '/subscribers/canary-gina/erase')
  await given.subscriber(t, 'canary-gina')
  const { body } = await t.ask('POST', '/notifications', {
    to: ['canary-gina'],
    channels: ['in_app'],
    message: 'Welcome back',
  })
  t.clock.advance({ minutes: 5 })
  await until(
    'the old things are gone',
    async () => !(await tablesWith(look, 'canary-gina')).includes('erasures'),
  )

  const feed = await t.ask('GET', '/subscribers/canary-gina/notifications')

  assert.deepEqual(
    feed.body.notifications.map(({ id }: { id: string }) => id),
    body.notification_ids,
  )
})

test('an event that lost its words with a person is not replayed', async () => {
  await knownPerson('canary-hana')
  const { body } = await t.ask('POST', '/notifications', {
    to: ['canary-hana', 'somebody-else'],
    channels: ['in_app'],
    message: 'For both',
  })
  await t.ask('POST', '/subscribers/canary-hana/erase')
  t.clock.advance({ minutes: 5 })
  await until('nothing is left', async () => (await tablesWith(look, 'canary-hana')).length === 0)

  const replayed = await t.ask('POST', `/events/${body.event_id}/replay`)

  assert.deepEqual([replayed.status, replayed.body.code], [409, 'wrong_status'])
})

test('erasing, changing preferences and telling the same person do not wait for each other in a circle', async () => {
  await knownPerson('canary-ina')
  const asked = Array.from({ length: 60 }, (_, i) => {
    if (i % 3 === 0) return t.ask('POST', '/subscribers/canary-ina/erase')
    if (i % 3 === 1)
      return t.ask('PATCH', '/preferences/canary-ina', { channels: { sms: i % 2 === 0 } })
    return t.ask('PUT', '/subscribers/canary-ina', {})
  })

  const answers = await Promise.all(asked)

  assert.deepEqual(
    answers.filter(({ status }) => status >= 500).map(({ body }) => body),
    [],
  )
})
