// What vendors tell too early, of what is still to be tried, or of nothing that is known.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, beforeEach, test } from 'node:test'
import { given, until, untilQuiet } from './given.ts'
import { createReceiptStory } from './receipt-story.ts'

const story = await createReceiptStory()
after(() => story.close())
const { t, look, vendor, takes, tell, newPerson, seen } = story
beforeEach(() => void (vendor.answer = takes))

test('what comes before our own note of having sent it waits for that', async () => {
  const person = await newPerson(t)
  const { promise: mayAnswer, resolve: answerNow } = Promise.withResolvers<void>()
  vendor.answer = (_request, response) => {
    void mayAnswer.then(() => response.end(takes().body))
    return null
  }
  const { body } = await t.ask('POST', '/notifications', {
    to: [person],
    channels: ['email'],
    message: 'Hello',
  })
  const id = body.notification_ids[0]
  await until(
    'it is in flight',
    async () =>
      (await look.number('select count(*) from belfry.queue where worker is not null')) > 0,
  )
  const { deliveryId } = await seen(t, id)

  const early = await tell('email.delivered', deliveryId)
  const before = await seen(t, id)
  answerNow()
  await untilQuiet(look)
  t.clock.advance({ seconds: 16 })
  await until('it is applied', async () => (await seen(t, id)).status[2] === 'delivered')
  assert.equal((await seen(t, id)).status[0], 'delivered')

  assert.equal(early.statusCode, 200)
  assert.equal(before.status[2], 'processing')
})

test('what turns out to have been delivered is not tried again', async () => {
  const person = await newPerson(t)
  let count = 0
  vendor.answer = (_request, response) => {
    count += 1
    response.destroy()
    return null
  }
  const retry = { attempts: 3, delay: '1h', backoff: 'fixed' }
  await given.eventType(t, 'order.shipped', { channels: ['email'], retry })
  await given.template(t, 'order.shipped', 'email', { subject: 'Hello', body: 'Hello' })
  await given.event(t, 'order.shipped', { to: [person] })
  await until('it is tried', () => count > 0)
  const { body } = await t.ask('GET', `/notifications?recipient_id=${person}`)
  const { id } = body.notifications[0]
  await until(
    'nobody can say',
    async () => (await seen(t, id)).delivery.attempts[0]?.outcome === 'ambiguous',
  )

  await tell('email.delivered', (await seen(t, id)).deliveryId)
  const after = await seen(t, id)
  t.clock.advance({ hours: 12 })
  await untilQuiet(look)

  assert.deepEqual(after.status, ['delivered', null, 'delivered', null])
  assert.deepEqual([count, after.delivery.attempts.length], [1, 1])
})

test('what turns out to have been delivered is not tried again, whatever was said since', async () => {
  const person = await newPerson(t)
  let count = 0
  vendor.answer = (_request, response) => {
    count += 1
    if (count > 1) return { status: 503 }
    response.destroy()
    return null
  }
  const retry = { attempts: 5, delay: '1h', backoff: 'fixed' }
  await given.eventType(t, 'order.packed', { channels: ['email'], retry })
  await given.template(t, 'order.packed', 'email', { subject: 'Hello', body: 'Hello' })
  await given.event(t, 'order.packed', { to: [person] })
  const attempts = async () => {
    const { body } = await t.ask('GET', `/notifications?recipient_id=${person}`)
    const id = body.notifications[0]?.id
    return id ? { id, all: (await seen(t, id)).delivery?.attempts ?? [] } : { id, all: [] }
  }
  await until('nobody can say', async () => (await attempts()).all[0]?.outcome === 'ambiguous')
  t.clock.advance({ minutes: 61 })
  await until('it is refused for now', async () => (await attempts()).all[1]?.outcome === 'retry')
  const { id } = await attempts()

  await tell('email.delivered', (await seen(t, id)).deliveryId)
  t.clock.advance({ hours: 12 })
  await untilQuiet(look)

  const after = await seen(t, id)
  assert.deepEqual(after.status, ['delivered', null, 'delivered', null])
  assert.deepEqual([count, after.delivery.attempts.length], [2, 2])
})

test('what is about nothing that is known is asked about for a quarter of an hour, and dropped visibly', async () => {
  const unknown = randomUUID()
  const row = async () =>
    (await look.rows('select * from belfry.receipts where delivery_id = $1', [unknown]))[0]

  const answer = await tell('email.delivered', unknown)
  const parked = await row()
  t.clock.advance({ minutes: 16 })
  await until('it is dropped', async () => (await row()).is_dropped)

  assert.equal(answer.statusCode, 200)
  assert.ok(parked.due_at > parked.received_at && !parked.is_dropped)
  assert.equal((await row()).due_at, null)
  assert.ok(
    t.logged.some(({ msg, deliveryId }) => /dropped/.test(String(msg)) && deliveryId === unknown),
  )
  const { body } = await t.ask('GET', '/metrics')
  assert.match(body, /belfry_receipts_total\{kind="delivered",outcome="dropped"\} 1/)
})

test('a plan that sends until it is delivered goes on when the message comes back, and ends when it arrives', async () => {
  await given.eventType(t, 'alarm', {
    channels: undefined,
    plan: [{ send: ['email'], until: 'delivered', within: '1h', fallback: ['in_app'] }],
  })
  await given.template(t, 'alarm', 'email', { subject: 'Fire', body: 'Fire' })
  await given.template(t, 'alarm', 'in_app', { title: 'Fire', body: 'Fire' })
  const people = [await newPerson(t), await newPerson(t)]
  await given.event(t, 'alarm', { to: people })
  await until('both were mailed', async () => {
    const { body } = await t.ask('GET', '/notifications?type=alarm')
    return (
      body.notifications.filter((n: { attempt_count: number }) => n.attempt_count > 0).length === 2
    )
  })
  const { body } = await t.ask('GET', '/notifications?type=alarm')
  const idOf = (person: string): string =>
    body.notifications.find((one: { recipient_id: string }) => one.recipient_id === person).id
  const [back, arrived] = people.map(idOf) as [string, string]
  await until('it was sent', async () =>
    (await Promise.all([back, arrived].map((id) => seen(t, id)))).every(
      ({ status }) => status[2] === 'sent',
    ),
  )

  await tell('email.bounced', (await seen(t, back)).deliveryId)
  await tell('email.delivered', (await seen(t, arrived)).deliveryId)

  const finished = async (id: string) => (await t.ask('GET', `/notifications/${id}`)).body
  await until(
    'both plans are over',
    async () => (await look.number('select count(*) from belfry.plan_runs')) === 0,
  )
  const [one, other] = [await finished(back), await finished(arrived)]
  assert.deepEqual([one.status, one.content.title], ['delivered', 'Fire'])
  assert.deepEqual([other.status, other.deliveries.length], ['delivered', 1])
  const feed = await t.ask('GET', `/subscribers/${people[1]}/notifications`)
  assert.deepEqual(feed.body.notifications, [])
})
