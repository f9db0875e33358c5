// Cancelling an event with more deliveries than fit into one statement.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { claimDeliveries } from '../src/sql/queue.ts'
import { armFaults } from './faults.ts'
import { createLook, type Look } from './given.ts'
import { settle, settlement } from './rows.ts'
import { createTestContext, type TestContext } from './test-context.ts'

const size = 25_000
let belfry: TestContext
let look: Look

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
})

after(async () => {
  await look.close()
  await belfry.close()
})

/** An event of which a webhook waits for each of its many people. */
async function largeEvent(): Promise<string> {
  const [{ id }] = await look.rows(
    `with event as (
       insert into belfry.events (workspace_id, id, level, audience, params, status)
       values (1, uuidv7(), 'standard', '[]', '{}', 'processed') returning id
     ), made as (
       select e.id as event, g, uuidv7() as notification, uuidv7() as delivery
       from event e cross join generate_series(1, $1) g
     ), n as (
       insert into belfry.notifications (workspace_id, id, event_id, recipient, is_subscriber, level,
         channel, status, pending, created_at)
       select 1, notification, event, 'p' || g, true, 'standard', 'webhook', 'processing', 1, now()
       from made
     ), d as (
       insert into belfry.deliveries (workspace_id, id, notification_id, event_id, channel, address,
         status, created_at)
       select 1, delivery, notification, event, 'webhook', 'a', 'processing', now() from made
     ), q as (
       insert into belfry.queue (delivery_id, workspace_id, notification_id, channel, lane, due_at)
       select delivery, 1, notification, 'webhook', 2, now() from made
     )
     select id from event`,
    [size],
  )
  await look.rows('analyze belfry.notifications, belfry.deliveries, belfry.queue')
  return id
}

function claim(limit: number) {
  const now = belfry.clock.now()
  const leaseUntil = new Date(now.getTime() + 60_000)
  const wanted = {
    channel: 'webhook',
    limit,
    worker: 'test',
    now,
    leaseUntil,
    carriers: [],
  } as const
  return claimDeliveries(belfry.ctx.db, wanted)
}

const statusesOf = (event: string) =>
  look.rows(
    `select status, count(*)::integer from belfry.notifications where event_id = $1 group by 1 order by 1`,
    [event],
  )

test('what waits is cancelled, what is in flight is counted, what had ended stays; and it adds up', async () => {
  const event = await largeEvent()
  const begun = await claim(300)
  await settle(
    belfry.ctx.db,
    begun.slice(0, 100).map((each) => settlement(each)),
  )

  const first = await belfry.ask('POST', `/events/${event}/cancel`)
  const second = await belfry.ask('POST', `/events/${event}/cancel`)

  const { cancelled, in_flight, done } = first.body
  assert.deepEqual([cancelled, in_flight, done], [size - 300, 200, 100])
  const again = second.body
  assert.deepEqual([again.cancelled, again.in_flight, again.done], [0, 200, size - 200])
  assert.deepEqual(await statusesOf(event), [
    { status: 'cancelled', count: size - 300 },
    { status: 'processing', count: 200 },
    { status: 'sent', count: 100 },
  ])
  assert.deepEqual(await claim(100), [])
  assert.equal((await belfry.ask('GET', `/events/${event}`)).body.status, 'cancelled')
  await look.rows('truncate belfry.queue')
})

test('it goes in batches: cut in the middle, the same request again cancels the rest', async () => {
  const event = await largeEvent()
  const headers = { 'idempotency-key': 'cancel-1' }
  const cancel = () => belfry.ask('POST', `/events/${event}/cancel`, undefined, headers)
  const armed = armFaults([
    { statement: 'is_cancelled = true', nth: 3, when: 'before', what: 'cut' },
  ])

  const cut = await cancel()
  armed.disarm()
  const repeated = await cancel()
  const replayed = await cancel()

  assert.deepEqual([armed.fired, cut.status, repeated.status], [1, 503, 200])
  const { cancelled, in_flight, done } = repeated.body
  assert.ok(cancelled > 0 && cancelled < size, `${cancelled} were left`)
  assert.deepEqual([in_flight, cancelled + done], [0, size])
  assert.deepEqual(await statusesOf(event), [{ status: 'cancelled', count: size }])
  assert.deepEqual(await claim(100), [])
  assert.deepEqual(replayed.body, repeated.body)
  assert.equal(replayed.headers['idempotency-replayed'], 'true')
})
