// When messages arrive: at the hour they were scheduled for where their people are, and not by night.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, until, type Look } from './given.ts'
import { createHttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look

before(async () => {
  belfry = await createTestContext({ config: { quietStart: '08:00', quietEnd: '22:00' } })
  look = createLook(belfry.connection)
  const people = { ana: 'Europe/Lisbon', ben: 'Asia/Kolkata', cleo: 'America/New_York', dan: null }
  for (const [id, timezone] of Object.entries(people))
    await given.subscriber(belfry, id, {
      timezone,
      email: `${id}@example.com`,
      phone: '+12025550123',
    })
  belfry.work({ pollMs: 10 })
})

after(async () => {
  await look.close()
  await belfry.close()
})

/** Moves time on to the next moment at which a clock in `timezone` shows `time`. */
function goOnTo(time: string, timezone: string): Date {
  const now = Temporal.Instant.fromEpochMilliseconds(belfry.clock.now().getTime())
  const local = now.toZonedDateTimeISO(timezone)
  let next = local.withPlainTime(time)
  if (next.epochMilliseconds <= local.epochMilliseconds) next = next.add({ days: 1 })
  belfry.clock.advance({ seconds: (next.epochMilliseconds - now.epochMilliseconds) / 1_000 })
  return new Date(next.epochMilliseconds)
}

async function send(message: Record<string, unknown>): Promise<string> {
  const answer = await belfry.ask('POST', '/notifications', { message: 'Hello', ...message })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  return answer.body.notification_ids[0]
}

const show = async (id: string) => (await belfry.ask('GET', `/notifications/${id}`)).body
const isSent = (id: string) => async () => /sent|delivered/.test((await show(id)).status)

/** Advances to the moment a notification is said to go out, and checks that it was true. */
async function comesTrue(id: string): Promise<void> {
  const { estimated_delivery_time: estimated } = await show(id)
  const aheadMs = new Date(estimated).getTime() - belfry.clock.now().getTime()
  belfry.clock.advance({ seconds: aheadMs / 1_000 - 5 })
  const early = (await show(id)).status
  belfry.clock.advance({ seconds: 6 })
  await until('it is sent', isSent(id))
  const { deliveries, estimated_delivery_time: at } = await show(id)
  const begunAt = new Date(deliveries[0].attempts[0].started_at).getTime()
  assert.equal(early, 'scheduled')
  assert.ok(begunAt >= new Date(estimated).getTime(), 'not before it')
  assert.ok(new Date(at) >= new Date(estimated))
}

test('15:30 in New York in winter is 20:30 in UTC, and shown as both', async () => {
  const year = belfry.clock.now().getUTCFullYear() + 1
  belfry.clock.advance({
    hours: (Date.UTC(year, 0, 10) - belfry.clock.now().getTime()) / 3_600_000,
  })
  const time = { scheduled_time: `${year}-01-15T15:30:00`, timezone: 'America/New_York' }
  const id = await send({ to: ['dan'], channels: ['email'], ...time })

  const found = await show(id)
  const listed = await belfry.ask('GET', '/notifications?timezone=america/new_york')

  assert.equal(found.status, 'scheduled')
  assert.equal(found.scheduled_time, `${year}-01-15T20:30:00.000Z`)
  assert.equal(found.timezone, 'America/New_York')
  assert.equal(found.local_scheduled_time, `${year}-01-15T15:30:00-05:00`)
  assert.equal(found.appropriate_delivery, true)
  assert.equal(found.estimated_delivery_time, `${year}-01-15T20:30:00.000Z`)
  assert.deepEqual(
    listed.body.notifications.map((each: { id: string }) => each.id),
    [id],
  )
  await comesTrue(id)
})

test('each person of a topic is told at the same hour of their own clock', async () => {
  await given.topic(belfry, 'all', ['ana', 'ben', 'cleo', 'dan'])
  const day = belfry.clock.now().toISOString().slice(0, 10)
  const at = Temporal.PlainDate.from(day).add({ days: 2 })
  const id = await send({
    to: [{ topic: 'all' }],
    channels: ['email', 'in_app'],
    scheduled_time: `${at.toString()}T09:30:00`,
  })

  const { event_id } = await show(id)
  const { body } = await belfry.ask('GET', `/notifications?event_id=${event_id}`)
  const event = await belfry.ask('GET', `/events/${event_id}`)

  const times = body.notifications.map((each: Record<string, string>) => [
    each['recipient_id'],
    each['scheduled_time'],
    each['local_scheduled_time'],
  ])
  assert.deepEqual(
    new Map(times.map(([who, utc]: string[]) => [who, utc])),
    new Map([
      ['ana', `${at.toString()}T09:30:00.000Z`],
      ['ben', `${at.toString()}T04:00:00.000Z`],
      ['cleo', `${at.toString()}T14:30:00.000Z`],
      ['dan', `${at.toString()}T09:30:00.000Z`],
    ]),
  )
  for (const [, , local] of times) assert.match(local, /T09:30:00/)
  assert.equal(event.body.local_scheduled_time, `${at.toString()}T09:30:00`)
  // 20:01 in Kolkata, 9:31 in New York.
  const last = new Date(`${at.toString()}T14:31:00Z`).getTime()
  belfry.clock.advance({ seconds: (last - belfry.clock.now().getTime()) / 1_000 })
  await until('all are told', async () => {
    const { body } = await belfry.ask('GET', `/events/${event_id}`)
    return body.notifications.delivered === 4
  })
})

test('at 23:00 a message waits for 08:00, says so, and then goes out', async () => {
  goOnTo('23:00', 'Europe/Lisbon')
  const id = await send({ to: ['ana'], channels: ['email'] })

  const found = await show(id)
  const { body: why } = await belfry.ask('POST', '/explain', { notification_id: id })

  assert.equal(found.status, 'scheduled')
  assert.equal(found.appropriate_delivery, false)
  assert.match(found.estimated_delivery_time, /T08:00:00\.000Z$/)
  assert.match(
    found.trace.map(({ because }: { because: string }) => because).join('\n'),
    /ana waits for 08:00 in Europe\/Lisbon, at 20\d\d-\d\d-\d\dT08:00:00.000Z: what is not critical goes out from 08:00 to 22:00/,
  )
  assert.match(JSON.stringify(why), /Email waits for 08:00 in Europe\/Lisbon/)
  await comesTrue(id)
})

test('a message scheduled for the night of its people waits for the morning', async () => {
  goOnTo('12:00', 'Asia/Kolkata')
  const tonight = new Date(goOnTo('12:00', 'Asia/Kolkata').getTime() + 11.5 * 3_600_000)
  const id = await send({ to: ['ben'], channels: ['sms'], scheduled_time: tonight.toISOString() })

  const found = await show(id)

  assert.match(found.local_scheduled_time, /T23:30:00\+05:30$/)
  assert.equal(found.appropriate_delivery, false)
  assert.match(found.estimated_delivery_time, /T02:30:00\.000Z$/)
  await comesTrue(id)
})

test('by night, what is critical goes out, and so does what reaches nobody who sleeps', async () => {
  goOnTo('03:00', 'Europe/Lisbon')
  const critical = await send({ to: ['ana'], channels: ['email'], level: 'critical' })
  const inApp = await send({ to: ['ana'], channels: ['in_app'] })
  const nowhere = await send({ to: ['dan'], channels: ['email'] })

  await until('they are sent', async () => {
    const all = await Promise.all([critical, inApp, nowhere].map((id) => isSent(id)()))
    return all.every(Boolean)
  })

  assert.equal((await show(nowhere)).timezone, null)
  assert.equal((await show(critical)).appropriate_delivery, true)
})

test('an address that nobody knows has the hours of the zone of the message', async () => {
  goOnTo('05:00', 'Asia/Tokyo')
  const message = { recipient_id: 'new@example.com', content: 'Hi', timezone: 'Asia/Tokyo' }
  const { body } = await belfry.ask('POST', '/notifications/email', message)

  const found = await show(body.notification_id)

  assert.equal(found.timezone, 'Asia/Tokyo')
  assert.match(found.estimated_delivery_time, /T23:00:00\.000Z$/)
  await comesTrue(body.notification_id)
})

test('hours are those of the event type, else of the workspace; quiet hours of a person stand in for these', async () => {
  const estimate = async (type: string, to: string) => {
    await given.event(belfry, type, { to: [to] })
    let found: Record<string, string> = {}
    await until('its people are found', async () => {
      const { body } = await belfry.ask('GET', `/notifications?type=${type}&recipient_id=${to}`)
      found = body.notifications[0]
      return found !== undefined
    })
    return /T(\d\d:\d\d)/.exec(found['estimated_delivery_time']!)?.[1]
  }
  for (const [key, hours] of Object.entries({
    office: { start: '10:00', end: '16:00' },
    any: null,
    usual: undefined,
  })) {
    await given.eventType(belfry, key, {
      channels: ['email'],
      ...(hours !== undefined && { hours }),
    })
    await given.template(belfry, key, 'email', { subject: 'Hi', body: 'Hello' })
  }
  await given.subscriber(belfry, 'eve', { timezone: 'Europe/Lisbon', email: 'eve@example.com' })
  await belfry.ask('PATCH', '/preferences/eve', { quiet_hours: { start: '01:00', end: '06:00' } })
  await belfry.ask('PUT', '/preference-defaults', { hours: { start: '09:00', end: '21:00' } })
  goOnTo('05:00', 'Europe/Lisbon')

  const found: Record<string, string | undefined> = {}
  for (const type of ['office', 'any', 'usual'])
    for (const who of ['ana', 'eve']) found[`${type} ${who}`] = await estimate(type, who)
  const kept = await belfry.ask('GET', '/preference-defaults')
  await belfry.ask('PUT', '/preference-defaults', { hours: null })
  const none = await belfry.ask('GET', '/preference-defaults')
  await belfry.ask('PUT', '/preference-defaults', {})

  assert.deepEqual(found, {
    'office ana': '10:00',
    'office eve': '10:00',
    'any ana': '05:00',
    'any eve': '06:00',
    'usual ana': '09:00',
    'usual eve': '06:00',
  })
  assert.deepEqual(kept.body.hours, { start: '09:00', end: '21:00' })
  assert.equal(none.body.hours, null)
})

test('a retry that would fall into quiet hours waits for their end, and is said to', async () => {
  const receiver = await createHttpSink()
  receiver.answer = () => ({ status: 503, headers: { 'retry-after': '60' } })
  await given.webhooks(belfry)
  const addresses = { webhook: receiver.url }
  await given.subscriber(belfry, 'flo', { timezone: 'Europe/Lisbon', addresses })
  await belfry.ask('PATCH', '/preferences/flo', { quiet_hours: { start: '22:00', end: '07:00' } })
  goOnTo('21:59:30', 'Europe/Lisbon')

  const id = await send({ to: ['flo'], channels: ['webhook'] })
  await until('it was tried', async () =>
    (await show(id)).estimated_delivery_time?.includes('T07:00'),
  )
  receiver.answer = () => ({})
  belfry.clock.advance({ hours: 8.9 })
  const already = receiver.requests.length
  belfry.clock.advance({ hours: 0.2 })
  await until('it is sent', isSent(id))
  await receiver.close()

  assert.equal(already, 1)
  assert.equal(receiver.requests.length, 2)
})
