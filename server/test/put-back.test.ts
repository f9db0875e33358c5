// What was put back when it was to begin, because it is not the time for it: it is shown as what it is.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { momentOf } from '../src/domain/local-time.ts'
import { createLook, given, until, type Look } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
let look: Look

before(async () => {
  t = await createTestContext({ config: { quietStart: '08:00', quietEnd: '22:00' } })
  look = createLook(t.connection)
})

after(async () => {
  await look.close()
  await t.close()
})

/** Moves time on to the next moment at which a clock in `timezone` shows `time`. */
function goOnTo(time: string, timezone: string): void {
  const now = Temporal.Instant.fromEpochMilliseconds(t.clock.now().getTime())
  const local = now.toZonedDateTimeISO(timezone)
  const next = local.withPlainTime(time)
  const moment = Temporal.ZonedDateTime.compare(next, local) > 0 ? next : next.add({ days: 1 })
  t.clock.advance({ seconds: (moment.epochMilliseconds - now.epochMilliseconds) / 1_000 })
}

async function send(message: Record<string, unknown>): Promise<string> {
  const answer = await t.ask('POST', '/notifications', { message: 'Hello', ...message })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  return answer.body.notification_ids[0]
}

const show = async (id: string) => (await t.ask('GET', `/notifications/${id}`)).body

async function untilPutBack(id: string): Promise<void> {
  await until('everything of it waits for later', async () => {
    const rows = await look.rows(
      'select worker, due_at from belfry.queue where notification_id = $1',
      [id],
    )
    return rows.every(({ worker, due_at: at }) => worker === null && at > t.clock.now())
  })
}

async function listed(status: string): Promise<string[]> {
  const { body } = await t.ask('GET', `/notifications?status=${status}`)
  return body.notifications.map((each: { id: string }) => each.id)
}

test('who has moved west before it was time is shown as scheduled for the hour there, and told then', async () => {
  await given.subscriber(t, 'ana', { timezone: 'Europe/Lisbon', email: 'ana@example.com' })
  goOnTo('10:00', 'Europe/Lisbon')
  const day = t.clock.now().toISOString().slice(0, 10)
  const local = `${day}T11:00:00`
  const id = await send({ to: ['ana'], channels: ['email', 'in_app'], scheduled_time: local })
  await given.subscriber(t, 'ana', { timezone: 'America/New_York' })
  // Nobody has looked again when its time comes in Lisbon.
  await look.rows(`delete from belfry.moves`)
  t.clock.advance({ hours: 1.1 })

  const worker = t.work({ pollMs: 10 })
  await untilPutBack(id)
  await until('it is shown as scheduled', async () => (await show(id)).status === 'scheduled')
  const found = await show(id)
  const [scheduled, processing] = [await listed('scheduled'), await listed('processing')]
  t.clock.advance({ hours: 5 })
  await until('it has arrived', async () => (await show(id)).finished_at !== null)
  await worker.stop()

  const there = momentOf(local, 'America/New_York').toISOString()
  assert.equal(found.estimated_delivery_time, there)
  assert.equal(found.attempt_count, 0)
  assert.equal(found.read_at, null)
  assert.deepEqual([scheduled, processing], [[id], []])
  const [row] = await look.rows('select arrived_at from belfry.notifications where id = $1', [id])
  assert.ok(row.arrived_at.toISOString() >= there, 'not in the feed before either')
})

test('what was to begin in the evening and found quiet hours is scheduled for the morning', async () => {
  await given.subscriber(t, 'ben', { timezone: 'Europe/Lisbon', email: 'ben@example.com' })
  goOnTo('21:00', 'Europe/Lisbon')
  const id = await send({ to: ['ben'], channels: ['email'] }) // nobody is there to begin it
  const before = await show(id)
  goOnTo('23:00', 'Europe/Lisbon')

  const worker = t.work({ pollMs: 10 })
  await untilPutBack(id)
  await until('it is shown as scheduled', async () => (await show(id)).status === 'scheduled')
  const found = await show(id)
  const forced = await t.ask('POST', `/notifications/${id}/force`)
  await until('it is sent', async () => /sent|delivered/.test((await show(id)).status))
  await worker.stop()

  assert.deepEqual([before.status, before.appropriate_delivery], ['processing', true])
  assert.equal(found.appropriate_delivery, false)
  assert.match(found.estimated_delivery_time, /T0[78]:00:00/)
  assert.equal(forced.status, 200)
})

test('what was sent on another channel meanwhile is still being processed', async () => {
  const addresses = { email: 'cleo@example.com' }
  await given.subscriber(t, 'cleo', { timezone: 'Europe/Lisbon', ...addresses })
  goOnTo('21:00', 'Europe/Lisbon')
  const id = await send({ to: ['cleo'], channels: ['in_app', 'email'] })
  goOnTo('23:00', 'Europe/Lisbon')

  const worker = t.work({ pollMs: 10 })
  await untilPutBack(id)
  await worker.stop()
  const found = await show(id)

  assert.equal(found.status, 'processing')
  assert.equal(found.deliveries[0].status, 'scheduled')
})

test('what is over before it is that time there ends when it is over', async () => {
  await given.subscriber(t, 'dan', { timezone: 'Europe/Lisbon', email: 'dan@example.com' })
  goOnTo('10:00', 'Europe/Lisbon')
  const day = t.clock.now().toISOString().slice(0, 10)
  const expires_at = new Date(t.clock.now().getTime() + 2 * 3_600_000).toISOString()
  const time = { scheduled_time: `${day}T11:00:00`, expires_at }
  const id = await send({ to: ['dan'], channels: ['in_app', 'email'], ...time })
  await given.subscriber(t, 'dan', { timezone: 'America/New_York' })
  await look.rows(`delete from belfry.moves`)
  t.clock.advance({ hours: 1.1 })

  const worker = t.work({ pollMs: 10 })
  await untilPutBack(id)
  t.clock.advance({ hours: 1 })
  await until('it has ended', async () => (await show(id)).finished_at !== null)
  await worker.stop()
  const found = await show(id)

  assert.deepEqual([found.status, found.reason, found.attempt_count], ['skipped', 'expired', 0])
})
