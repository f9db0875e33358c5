import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import {
  again,
  claim,
  createRows,
  later,
  now,
  settle,
  settlement,
  storeDeliveries,
  workspaceId,
  type GivenPerson,
} from '../../test/rows.ts'
import { findContents } from './contents.ts'
import type { FanOutRows } from './fan-out.ts'
import { cancelDeliveries } from './cancel-deliveries.ts'
import { countQueueLines, listExpiredLeases, releaseDeliveries } from './queue.ts'

const rows = await createRows()
const { db, look } = rows
after(() => rows.close())
beforeEach(() => look.rows('truncate belfry.queue'))

const people = (count: number): GivenPerson[] =>
  Array.from({ length: count }, (_, i) => ({ recipient: `p${i}`, channels: ['webhook'] }))

const idsOf = ({ notifications }: FanOutRows) => notifications.map(({ id }) => id)

test('a claim answers everything an attempt needs', async () => {
  const given = { level: 'critical', traceparent: '00-a-b-01', createdAt: later(-5) } as const
  const stored = await storeDeliveries(db, people(1), given, { expiresAt: later(600) })

  const claimed = await claim(db)

  const delivery = stored.rows.deliveries[0]!
  assert.deepEqual(claimed, [
    {
      workspaceId,
      deliveryId: delivery.id,
      notificationId: delivery.notificationId,
      channel: 'webhook',
      address: 'webhook:p0',
      device: null,
      contentId: delivery.contentId,
      eventType: 'order.shipped',
      eventTypeVersion: 1,
      scheduledLocal: null,
      timezone: null,
      traceparent: '00-a-b-01',
      acceptedAt: later(-5),
      epoch: 1,
      attempt: 1,
      earlier: 0,
      isForced: false,
      isAwaited: false,
      providerId: null,
      tried: null,
      staysUntil: null,
      begunAt: now,
      expiresAt: later(600),
      suppressed: null,
    },
  ])
  const ids = [{ workspaceId, id: delivery.contentId! }]
  assert.deepEqual(await findContents(db, ids), [
    { id: delivery.contentId, content: { body: { order: 7 } } },
  ])
})

test('urgent lanes go first, and within a lane what is due longest', async () => {
  const due: [number, number][] = [
    [2, -90],
    [1, -10],
    [1, -60],
    [0, -1],
  ]
  for (const [lane, seconds] of due)
    await storeDeliveries(db, people(1), { lane }, { dueAt: later(seconds) })
  const laneOf = async (limit: number) => {
    const [begun] = await claim(db, { limit })
    const [row] = await look.rows('select lane from belfry.queue where delivery_id = $1', [
      begun?.deliveryId,
    ])
    return row.lane as number
  }

  const order = [await laneOf(1), await laneOf(1), await laneOf(1), await laneOf(1)]

  assert.deepEqual(order, [0, 1, 1, 2])
})

test('a claim takes no more than asked, only its channel, and nothing before its time', async () => {
  await storeDeliveries(db, people(5))
  await storeDeliveries(db, [{ recipient: 'ana', channels: ['sms'] }])
  await storeDeliveries(db, people(1), {}, { dueAt: later(1) })

  assert.equal((await claim(db, { limit: 3 })).length, 3)
  assert.equal((await claim(db, { limit: 100 })).length, 2)
  assert.deepEqual(await claim(db), [])
  assert.equal((await claim(db, { now: later(1) })).length, 1)
  assert.equal((await claim(db, { channel: 'sms' })).length, 1)
})

test('two claims at the same time never share a delivery, nor wait for each other', async () => {
  await storeDeliveries(db, people(20))

  const [first, second] = await db.transaction(async (tx) => {
    const held = await claim(tx, { worker: 'w1', limit: 12 })
    return [held, await claim(db, { worker: 'w2', limit: 12 })] as const
  })

  assert.deepEqual([first.length, second.length], [12, 8])
  assert.equal(new Set([...first, ...second].map(({ deliveryId }) => deliveryId)).size, 20)
})

test('many claims at once share the work, each delivery once', async () => {
  await storeDeliveries(db, people(200))

  const claims = await Promise.all(
    Array.from({ length: 16 }, (_, i) => claim(db, { worker: `w${i}`, limit: 20 })),
  )
  claims.push(await claim(db, { limit: 200 }))

  const ids = claims.flat().map(({ deliveryId }) => deliveryId)
  assert.deepEqual([ids.length, new Set(ids).size], [200, 200])
})

test('what is given back was no attempt: it may be claimed at once, with the same number', async () => {
  await storeDeliveries(db, people(1))
  const [begun] = await claim(db)

  const released = await releaseDeliveries(db, [begun!], later(1))
  const [second] = await claim(db, { now: later(1) })

  assert.equal(released.length, 1)
  assert.deepEqual([second?.deliveryId, second?.attempt, second?.epoch], [begun?.deliveryId, 1, 3])
})

test('who lost the lease gives nothing back, and settles nothing', async () => {
  await storeDeliveries(db, people(1))
  const [begun] = await claim(db)
  await settle(db, [settlement(begun!, again)])
  const [second] = await claim(db, { now: later(30) })

  assert.deepEqual(await releaseDeliveries(db, [begun!], later(31)), [])
  assert.deepEqual(await settle(db, [settlement(begun!, again)]), [])
  assert.equal((await settle(db, [settlement(second!)])).length, 1)
})

test('a cancelled event: what waits ends, what is in flight is marked, what has ended stays', async () => {
  const { event, rows: stored } = await storeDeliveries(db, people(5))
  const begun = await claim(db, { limit: 2 })
  await settle(db, [settlement(begun[0]!)])
  const target = { workspaceId, notificationIds: idsOf(stored), now: later(1) }

  const first = await cancelDeliveries(db, target)
  const second = await cancelDeliveries(db, target)

  assert.deepEqual(first, { cancelled: 3, inFlight: 1, newlyInFlight: 1, total: 5 })
  assert.deepEqual(second, { cancelled: 0, inFlight: 1, newlyInFlight: 0, total: 5 })
  const statuses = await look.rows(
    'select status, count(*)::integer from belfry.notifications where event_id = $1 group by 1 order by 1',
    [event.id],
  )
  assert.deepEqual(statuses, [
    { status: 'cancelled', count: 3 },
    { status: 'processing', count: 1 },
    { status: 'sent', count: 1 },
  ])
})

test('what was cancelled in flight does not go back to the queue to begin once more', async () => {
  const { rows: stored } = await storeDeliveries(db, people(1))
  const begun = await claim(db)
  await cancelDeliveries(db, { workspaceId, notificationIds: idsOf(stored), now })

  const released = await releaseDeliveries(db, begun, now)

  assert.deepEqual(released, [])
  assert.deepEqual(await claim(db), [])
})

test('a delivery of another workspace is not cancelled', async () => {
  const { rows: stored } = await storeDeliveries(db, people(1))
  const target = { workspaceId: 2, notificationIds: idsOf(stored), now }

  assert.deepEqual(await cancelDeliveries(db, target), {
    cancelled: 0,
    inFlight: 0,
    newlyInFlight: 0,
    total: 0,
  })
})

test('what waits and what is in flight is counted', async () => {
  await storeDeliveries(db, people(3), {}, { dueAt: later(-60) })
  await storeDeliveries(db, people(1), {}, { dueAt: later(60) })
  await claim(db, { limit: 1 })

  assert.deepEqual(
    (await countQueueLines(db, now)).toSorted((a, b) =>
      a.queue + a.state < b.queue + b.state ? -1 : 1,
    ),
    [
      { queue: 'events', state: 'waiting', count: 0, oldestAgeSeconds: null },
      { queue: 'webhook', state: 'in_flight', count: 1, oldestAgeSeconds: null },
      { queue: 'webhook', state: 'waiting', count: 3, oldestAgeSeconds: 60 },
    ],
  )
})

test('attempts whose worker fell silent are found after their lease, and settled like any other', async () => {
  await storeDeliveries(db, people(1))
  const [begun] = await claim(db)

  assert.deepEqual(await listExpiredLeases(db, later(59), 10), [])
  const expired = await listExpiredLeases(db, later(60), 10)
  const settled = await settle(
    db,
    expired.map((lease) => settlement(lease, again)),
  )

  assert.deepEqual(expired, [
    {
      workspaceId: 1,
      deliveryId: begun!.deliveryId,
      notificationId: begun!.notificationId,
      channel: 'webhook',
      epoch: 1,
      attempt: 1,
      earlier: 0,
      worker: 'w1',
      providerId: null,
      device: null,
      tried: null,
      staysUntil: null,
      begunAt: later(0),
      expiresAt: null,
      eventType: 'order.shipped',
      eventTypeVersion: 1,
    },
  ])
  assert.equal(settled.length, 1)
})
