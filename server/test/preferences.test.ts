// What people want holds on every path on which something begins: with the event, from the queue, at a
// scheduled moment, for direct messages; and the notification says whose wish it was.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, until, untilQuiet } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
t.work()
after(async () => {
  await look.close()
  await t.close()
})

before(async () => {
  const channels = ['in_app', 'email']
  await given.eventType(t, 'order.shipped', { category: 'orders', channels })
  await given.eventType(t, 'order.lost', { category: 'orders', channels, level: 'critical' })
  await given.eventType(t, 'product.new', { opt_in: true, channels })
})

let count = 0

/** Someone new, who has said this. */
async function person(preferences: object = {}, fields: object = {}): Promise<string> {
  const id = `person-${++count}`
  await given.subscriber(t, id, { email: `${id}@example.com`, ...fields })
  await say(id, preferences)
  return id
}

async function say(id: string, preferences: object): Promise<void> {
  const { status, body } = await t.ask('PATCH', `/preferences/${id}`, preferences)
  assert.equal(status, 200, JSON.stringify(body))
}

type Story = {
  status: string
  reason: string | null
  deliveries: {
    channel: string
    status: string
    reason: string | null
    next_attempt_at: string | null
    attempts: unknown[]
  }[]
  trace: { step: string; decision: string; because: string }[]
}

/** What became of the one notification of an event. */
async function storyOf(event: string): Promise<Story> {
  const { body } = await t.ask('GET', `/notifications?event_id=${event}`)
  return (await t.ask('GET', `/notifications/${body.notifications[0].id}`)).body
}

const told = ({ trace }: Story) =>
  trace.map(({ step, decision, because }) => `${step} ${decision}: ${because}`)
const ends = ({ deliveries }: Story) =>
  deliveries
    .map(({ channel, status, reason }) => `${channel} ${status} ${reason}`)
    .toSorted((a, b) => (a < b ? -1 : 1))
const mailsTo = async (id: string) =>
  (await t.ask('GET', `/sandbox/messages?to=${id}@example.com`)).body.count

test('a channel that is off is skipped, and the trace says whose wish it was', async () => {
  const ana = await person({ categories: { orders: { email: false } } })

  const event = await given.event(t, 'order.shipped', { to: [ana] })
  await untilQuiet(look)

  const story = await storyOf(event)
  assert.equal(story.status, 'delivered')
  assert.deepEqual(ends(story), ['email skipped preference_off'])
  assert.ok(told(story).includes(`email skipped: ${ana} turned off email for orders`))
  assert.equal(await mailsTo(ana), 0)
})

test('in-app that is off shows nothing in the feed, and what was there stays', async () => {
  const ana = await person()
  await given.event(t, 'order.shipped', { to: [ana] })
  await untilQuiet(look)
  await say(ana, { channels: { in_app: false } })

  const event = await given.event(t, 'order.shipped', { to: [ana] })
  await untilQuiet(look)
  const duringIt = await t.ask('GET', `/subscribers/${ana}/notifications`)
  await say(ana, { channels: { in_app: null } })
  await given.event(t, 'order.shipped', { to: [ana] })
  await untilQuiet(look)

  const story = await storyOf(event)
  assert.deepEqual(ends(story), ['email delivered null', 'in_app skipped preference_off'])
  assert.equal(duringIt.body.count, 1)
  assert.equal((await t.ask('GET', `/subscribers/${ana}/notifications`)).body.count, 2)
})

test('who wants only what is critical gets only that, and it says it is mandatory', async () => {
  const ana = await person({ level: 'critical', channels: { email: false } })

  const standard = await given.event(t, 'order.shipped', { to: [ana] })
  const critical = await given.event(t, 'order.lost', { to: [ana] })
  const byItself = await given.event(t, 'order.shipped', { to: [ana], level: 'critical' })
  await untilQuiet(look)

  const [muted, heard] = [await storyOf(standard), await storyOf(critical)]
  assert.equal((await storyOf(byItself)).status, 'delivered')
  assert.deepEqual([muted.status, muted.reason], ['skipped', 'preference_off'])
  assert.deepEqual(muted.deliveries, [])
  assert.ok(told(muted).includes(`preferences skipped: ${ana} wants only critical events`))
  assert.equal(heard.status, 'delivered')
  assert.ok(told(heard).some((line) => line.startsWith('preferences mandatory: ')))
  assert.equal(await mailsTo(ana), 2)
})

test('opt-in is heard only by those who subscribed, from then on, until they leave', async () => {
  const ana = await person()
  const path = `/subscribers/${ana}/subscriptions/product.new`
  const statuses: string[] = []

  for (const change of [null, 'PUT', 'DELETE', 'PUT'] as const) {
    if (change) await t.ask(change, path)
    const event = await given.event(t, 'product.new', { to: [ana] })
    await untilQuiet(look)
    statuses.push((await storyOf(event)).status)
  }

  assert.deepEqual(statuses, ['skipped', 'delivered', 'skipped', 'delivered'])
})

test('defaults hold for members of a topic who have said nothing', async () => {
  const [ana, ben] = [await person(), await person({ channels: { email: true } })]
  await given.topic(t, 'team', [ana, ben])
  await t.ask('PUT', '/preference-defaults', { categories: { orders: { email: false } } })

  await given.event(t, 'order.shipped', { to: [{ topic: 'team' }] })
  await untilQuiet(look)
  await t.ask('PUT', '/preference-defaults', {})

  assert.deepEqual([await mailsTo(ana), await mailsTo(ben)], [0, 1])
})

test('a direct message heeds channels and level, a critical one does not', async () => {
  const ana = await person({ channels: { email: false } })
  const message = { to: [ana], channels: ['email'], subject: 'S', body: 'B' }

  const standard = await t.ask('POST', '/notifications', message)
  const critical = await t.ask('POST', '/notifications', { ...message, level: 'critical' })
  await untilQuiet(look)

  const [muted, heard] = await Promise.all(
    [standard, critical].map(({ body }) =>
      t.ask('GET', `/notifications/${body.notification_ids[0]}`),
    ),
  )
  assert.deepEqual([muted!.body.status, muted!.body.reason], ['skipped', 'preference_off'])
  assert.equal(heard!.body.status, 'delivered')
})

test('what waits in the queue is asked about once more, and ends without an attempt', async () => {
  const ana = await person()
  const scheduled_time = new Date(t.clock.now().getTime() + 3_600_000).toISOString()
  const event = await given.event(t, 'order.shipped', { to: [ana], scheduled_time })
  await until('it is planned', async () => (await storyOf(event).catch(() => null)) !== null)
  await say(ana, { channels: { email: false, in_app: false } })

  t.clock.advance({ hours: 2 })
  await untilQuiet(look)

  const story = await storyOf(event)
  assert.deepEqual([story.status, story.reason], ['skipped', 'preference_off'])
  assert.deepEqual(ends(story), ['email skipped preference_off', 'in_app skipped preference_off'])
  assert.ok(story.deliveries.every(({ attempts }) => attempts.length === 0))
  assert.ok(told(story).includes(`email skipped: ${ana} turned off email`))
  assert.ok(told(story).includes(`in_app skipped: ${ana} turned off in_app`))
})

test('what is critical passes what was turned off while it waited', async () => {
  const ana = await person()
  const scheduled_time = new Date(t.clock.now().getTime() + 3_600_000).toISOString()
  const event = await given.event(t, 'order.lost', { to: [ana], scheduled_time })
  await until('it is planned', async () => (await storyOf(event).catch(() => null)) !== null)
  await say(ana, { channels: { email: false, in_app: false } })

  t.clock.advance({ hours: 2 })
  await untilQuiet(look)

  assert.equal((await storyOf(event)).status, 'delivered')
  assert.equal(await mailsTo(ana), 1)
})

test('no retry follows when the person turned it off after the first attempt', async () => {
  const id = 'flaky'
  await given.subscriber(t, id, { email: 'flaky@belfry.test' })
  const event = await given.event(t, 'order.shipped', { to: [id] })
  await until('the first attempt has failed', async () => {
    const story = await storyOf(event).catch(() => null)
    return story?.deliveries[0]?.attempts.length === 1 && story.deliveries[0].status === 'scheduled'
  })
  await say(id, { categories: { orders: { email: false } } })

  t.clock.advance({ hours: 1 })
  await untilQuiet(look)

  const story = await storyOf(event)
  assert.deepEqual(ends(story), ['email skipped preference_off'])
  assert.equal(story.deliveries[0]?.attempts.length, 1)
  assert.ok(told(story).includes(`email skipped: ${id} turned off email for orders`))
})

/** Quiet hours in UTC that began an hour ago and end in so many hours. */
function quietNow(hours: number): { start: string; end: string } {
  const clockTime = (inHours: number) =>
    new Date(t.clock.now().getTime() + inHours * 3_600_000).toISOString().slice(11, 16)
  return { start: clockTime(-1), end: clockTime(hours) }
}

test('quiet hours hold back what would interrupt, not the feed, until they end', async () => {
  const ana = await person({ quiet_hours: quietNow(3) }, { timezone: 'UTC' })

  const event = await given.event(t, 'order.shipped', { to: [ana] })
  await until('it is planned', async () => (await storyOf(event).catch(() => null)) !== null)
  const waiting = await storyOf(event)
  const feed = await t.ask('GET', `/subscribers/${ana}/notifications`)
  t.clock.advance({ hours: 4 })
  await untilQuiet(look)

  const [email] = waiting.deliveries
  assert.deepEqual(
    [waiting.status, email?.status, email?.reason],
    ['scheduled', 'scheduled', 'quiet_hours'],
  )
  const waitsMs = Date.parse(email!.next_attempt_at!) - t.clock.now().getTime() + 4 * 3_600_000
  assert.ok(waitsMs > 2.9 * 3_600_000 && waitsMs <= 3.1 * 3_600_000, String(waitsMs))
  assert.equal(feed.body.count, 1)
  const story = await storyOf(event)
  assert.deepEqual([story.status, story.deliveries[0]?.attempts.length], ['delivered', 1])
  assert.ok(told(story).some((line) => line.includes(`had to wait: ${ana} had quiet hours until`)))
})

test('quiet hours that were set while it waited move it, and no attempt is counted', async () => {
  const ana = await person({}, { timezone: 'UTC' })
  const scheduled_time = new Date(t.clock.now().getTime() + 3_600_000).toISOString()
  const event = await given.event(t, 'order.shipped', { to: [ana], scheduled_time })
  await until('it is planned', async () => (await storyOf(event).catch(() => null)) !== null)
  await say(ana, { quiet_hours: quietNow(5) })

  t.clock.advance({ hours: 2 })
  await until('it was put off', async () =>
    (await storyOf(event)).deliveries.some(({ reason }) => reason === 'quiet_hours'),
  )
  const moved = await storyOf(event)
  t.clock.advance({ hours: 4 })
  await untilQuiet(look)

  const email = moved.deliveries.find(({ channel }) => channel === 'email')
  assert.deepEqual([email?.status, email?.attempts.length], ['scheduled', 0])
  const story = await storyOf(event)
  const sent = story.deliveries.find(({ channel }) => channel === 'email')
  assert.deepEqual([sent?.status, sent?.attempts.length], ['delivered', 1])
})

test('what is critical comes in quiet hours', async () => {
  const ana = await person({ quiet_hours: quietNow(3) }, { timezone: 'UTC' })

  const event = await given.event(t, 'order.lost', { to: [ana] })
  await untilQuiet(look)

  assert.equal((await storyOf(event)).deliveries[0]?.status, 'delivered')
})

test('a message that is over before the quiet hours are is not sent', async () => {
  const ana = await person({ quiet_hours: quietNow(3) }, { timezone: 'UTC' })
  const expires_at = new Date(t.clock.now().getTime() + 3_600_000).toISOString()
  const event = await given.event(t, 'order.shipped', { to: [ana], expires_at })
  await until('it is planned', async () => (await storyOf(event).catch(() => null)) !== null)

  t.clock.advance({ hours: 4 })
  await untilQuiet(look)

  assert.deepEqual(ends(await storyOf(event)), ['email skipped expired'])
})

test('what waits for the end of quiet hours can be cancelled', async () => {
  const ana = await person({ quiet_hours: quietNow(3) }, { timezone: 'UTC' })
  const event = await given.event(t, 'order.shipped', { to: [ana] })
  await until('it is planned', async () => (await storyOf(event).catch(() => null)) !== null)

  const { status } = await t.ask('POST', `/events/${event}/cancel`)
  t.clock.advance({ hours: 4 })
  await untilQuiet(look)

  assert.equal(status, 200)
  assert.deepEqual(ends(await storyOf(event)), ['email cancelled cancelled'])
})
