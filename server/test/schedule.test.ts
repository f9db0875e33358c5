// What is to be sent later: nothing of it shows before its time, everything then, and nothing at all when
// it was cancelled.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from '../src/sql/db.ts'
import { checkConservation } from './conservation.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink
const accepted: string[] = []

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.eventType(belfry, 'reminder', { channels: ['in_app', 'webhook'] })
  await given.template(belfry, 'reminder', 'in_app', { title: 'Reminder', body: 'Now' })
  await given.people(belfry, 3, receiver.url)
  belfry.work({ pollMs: 10 })
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

async function remind(person: string): Promise<string> {
  const inAnHour = new Date(belfry.clock.now().getTime() + 3_600_000).toISOString()
  const event = await given.event(belfry, 'reminder', { to: [person], scheduled_time: inAnHour })
  accepted.push(event)
  await until('its people are found', async () => {
    const { body } = await belfry.ask('GET', `/events/${event}`)
    return body.status === 'processed'
  })
  return event
}

async function feedOf(person: string): Promise<unknown[]> {
  const { body } = await belfry.ask('GET', `/subscribers/${person}/notifications`)
  return body.notifications
}

async function statusOf(event: string): Promise<string> {
  const { body } = await belfry.ask('GET', `/notifications?event_id=${event}`)
  return body.notifications[0].status
}

test('a scheduled event shows nowhere before its time, and everywhere then', async () => {
  const event = await remind('p00000')
  const early = [receiver.requests.length, (await feedOf('p00000')).length, await statusOf(event)]

  belfry.clock.advance({ minutes: 61 })
  await untilQuiet(look)
  await until('it has ended', async () => (await statusOf(event)) === 'delivered')

  assert.deepEqual(early, [0, 0, 'scheduled'])
  assert.equal(receiver.requests.length, 1)
  assert.equal((await feedOf('p00000')).length, 1)
  await checkConservation(look, { accepted, receipts: receiver.requests })
})

test('what is scheduled is seen as processing once its time has come, and is found as what it is seen as', async () => {
  receiver.answer = () => null
  const event = await remind('p00000')
  const look = async () => {
    const list = await belfry.ask('GET', `/notifications?event_id=${event}`)
    const [{ id, status }] = list.body.notifications
    const one = await belfry.ask('GET', `/notifications/${id}`)
    const counts = await belfry.ask('GET', `/events/${event}`)
    const found: string[] = []
    for (const wanted of ['scheduled', 'processing', 'pending']) {
      const url = `/notifications?event_id=${event}&status=${wanted}`
      if ((await belfry.ask('GET', url)).body.notifications.length > 0) found.push(wanted)
    }
    return [status, one.body.status, counts.body.notifications, found]
  }

  const early = await look()
  const already = receiver.requests.length
  belfry.clock.advance({ minutes: 61 })
  await receiver.waitFor(already + 1)
  const begun = await look()
  await belfry.ask('POST', `/events/${event}/cancel`)
  for (const socket of receiver.sockets) socket.destroy()
  receiver.answer = () => ({})

  assert.deepEqual(early, ['scheduled', 'scheduled', { scheduled: 1 }, ['scheduled', 'pending']])
  assert.deepEqual(begun, [
    'processing',
    'processing',
    { processing: 1 },
    ['processing', 'pending'],
  ])
})

test('a scheduled event that is cancelled never shows', async () => {
  const event = await remind('p00001')
  const already = receiver.requests.length
  const { status } = await belfry.ask('POST', `/events/${event}/cancel`)

  belfry.clock.advance({ minutes: 61 })
  const next = await remind('p00002')
  belfry.clock.advance({ minutes: 61 })
  await until('a later one has ended', async () => (await statusOf(next)) === 'delivered')

  assert.equal(status, 200)
  assert.equal(await statusOf(event), 'cancelled')
  assert.deepEqual(await feedOf('p00001'), [])
  assert.equal(receiver.requests.length, already + 1)
  await checkConservation(look, { accepted, receipts: receiver.requests })
})

test('a scheduled notification in the app alone can be cancelled too', async () => {
  const inAnHour = new Date(belfry.clock.now().getTime() + 3_600_000).toISOString()
  const message = { to: ['p00001'], channels: ['in_app'], message: 'Hi', scheduled_time: inAnHour }
  const { body } = await belfry.ask('POST', '/notifications', message)
  const id: string = body.notification_ids[0]

  const cancelled = await belfry.ask('POST', `/notifications/${id}/cancel`)
  belfry.clock.advance({ minutes: 61 })
  const { body: notification } = await belfry.ask('GET', `/notifications/${id}`)

  assert.equal(cancelled.status, 200, JSON.stringify(cancelled.body))
  assert.equal(notification.status, 'cancelled')
  assert.deepEqual(await feedOf('p00001'), [])
})

test('what was cancelled is cancelled, though there was no address for one of its channels', async () => {
  const inAnHour = new Date(belfry.clock.now().getTime() + 3_600_000).toISOString()
  const message = { channels: ['email', 'webhook'], message: 'Hi', scheduled_time: inAnHour }
  const { body } = await belfry.ask('POST', '/notifications', { to: ['p00001'], ...message })
  const id: string = body.notification_ids[0]

  await belfry.ask('POST', `/notifications/${id}/cancel`)
  const { body: notification } = await belfry.ask('GET', `/notifications/${id}`)

  assert.deepEqual([notification.status, notification.reason], ['cancelled', 'cancelled'])
})

test('what has reached the app has no reason, though another channel failed before', async () => {
  receiver.answer = () => ({ status: 400 })
  const event = await remind('p00000')
  await belfry.ctx.db.transaction(async (tx) => {
    // Passed over while it is held: the webhook is first.
    await tx.query(sql`select from belfry.queue where channel = 'in_app' for update`)
    belfry.clock.advance({ minutes: 61 })
    const waiting = 'select count(*) from belfry.queue'
    await until('the webhook has failed', async () => (await look.number(waiting)) === 1)
  })
  await until('it has ended', async () => (await statusOf(event)) === 'delivered')
  receiver.answer = () => ({})
  const { body } = await belfry.ask('GET', `/notifications?event_id=${event}`)

  assert.equal(body.notifications[0].reason, null)
})

test('an in-app message whose time is over before it is due never shows, and a thread finds it', async () => {
  const at = (minutes: number) =>
    new Date(belfry.clock.now().getTime() + minutes * 60_000).toISOString()
  const { body } = await belfry.ask('POST', '/notifications', {
    to: ['p00002'],
    channels: ['in_app'],
    message: 'Only now',
    scheduled_time: at(10),
    expires_at: at(20),
    thread_key: 'offer-7',
  })
  const before = (await feedOf('p00002')).length

  belfry.clock.advance({ minutes: 30 })
  await until('it has ended', async () => (await statusOf(body.event_id)) === 'skipped')
  const thread = await belfry.ask('GET', '/notifications?thread_key=offer-7')

  assert.equal((await feedOf('p00002')).length, before)
  assert.deepEqual(
    thread.body.notifications.map((each: Record<string, unknown>) => [each.id, each.reason]),
    [[body.notification_ids[0], 'expired']],
  )
})
