import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { acceptedEvent, createRows, later, now, storeEvent, workspaceId } from '../../test/rows.ts'
import {
  claimEvents,
  findEvent,
  insertEvents,
  listEvents,
  stopFanOut,
  type IdempotencyRecord,
} from './events.ts'
import { postponeEvent } from './waiting-events.ts'
import { failEvents } from './failed-events.ts'

const rows = await createRows()
const { db, look } = rows
after(() => rows.close())
beforeEach(() => look.rows('truncate belfry.events, belfry.event_queue, belfry.idempotency'))

const claim = (given: { limit?: number; now?: Date; leaseUntil?: Date } = {}) =>
  claimEvents(db, { limit: 10, now, leaseUntil: later(30), ...given })

const record = (key: string): IdempotencyRecord => ({
  workspaceId,
  key,
  fingerprint: 'ab01',
  status: 202,
  body: { event_id: key },
  eventId: null,
})

test('a claimed event is the event that was accepted', async () => {
  const full = await storeEvent(db, {
    epoch: 0,
    level: 'critical',
    lane: 0,
    traceparent: '00-a-b-01',
    threadKey: 't',
    audience: [{ topic: 'news' }, { id: 'ana' }, { address: 'a@b.test' }],
    params: {
      z: 1,
      a: [null, 'x'],
    },
    message: {
      channels: ['email'],
      subject: 's',
    },
    scheduledAt: later(600),
    expiresAt: later(900),
  })

  const claimed = await claim()

  const { lane, dueAt, idempotencyKey, ...event } = full
  assert.deepEqual([lane, dueAt, idempotencyKey], [0, now, null])
  assert.deepEqual(claimed, [
    { ...event, epoch: 1, cursor: null, failureCount: 0, isForced: false },
  ])
  assert.equal(JSON.stringify(claimed[0]!.params), '{"z":1,"a":[null,"x"]}', 'in the order given')
})

test('an event is shown as it was accepted, and where it stands', async () => {
  const { id } = await storeEvent(db)

  const expected = {
    id,
    type: 'order.shipped',
    typeVersion: 1,
    level: 'standard',
    audience: [{ id: 'ana' }],
    params: { order: 7 },
    message: null,
    scheduledAt: null,
    scheduledLocal: null,
    timezone: null,
    expiresAt: null,
    threadKey: null,
    replayOf: null,
    createdAt: now,
    status: 'accepted',
    error: null,
    found: [],
    isErased: false,
    recipientCount: 0,
    processedAt: null,
    cancelledAt: null,
  }
  assert.deepEqual(await findEvent(db, workspaceId, id), { ...expected, data: null })
  const all = {
    type: null,
    status: null,
    since: null,
    until: null,
    before: null,
    offset: 0,
    limit: 10,
  }
  assert.deepEqual(await listEvents(db, { ...all, workspaceId }), [
    { ...expected, isTooMuch: false },
  ])
  assert.deepEqual(await listEvents(db, { ...all, workspaceId: 2 }), [])
  assert.equal(await findEvent(db, 2, id), null)
})

test('urgent events are claimed first, no more than asked, and nothing before its time', async () => {
  const many = await storeEvent(db, { epoch: 0, lane: 2, dueAt: later(-60) })
  const few = await storeEvent(db, { epoch: 0, lane: 1 })
  const critical = await storeEvent(db, { epoch: 0, lane: 0 })
  await storeEvent(db, { epoch: 0, lane: 0, dueAt: later(1) })

  const order: string[][] = []
  for (let i = 0; i < 4; i++) order.push((await claim({ limit: 1 })).map(({ id }) => id))

  assert.deepEqual(order, [[critical.id], [few.id], [many.id], []])
})

test('an event whose taker fell silent is claimed again after the lease, and the old one is fenced off', async () => {
  const { id } = await storeEvent(db, { epoch: 0 })
  await claim()

  const early = await claim({ now: later(29) })
  const [second] = await claim({ now: later(30), leaseUntil: later(60) })

  assert.deepEqual(early, [])
  assert.deepEqual([second?.id, second?.epoch], [id, 2])
  await failEvents(db, [{ workspaceId, id, epoch: 1, error: 'too late' }], now)
  assert.equal((await findEvent(db, workspaceId, id))?.status, 'accepted')
  await failEvents(db, [{ workspaceId, id, epoch: 2, error: 'it cannot be' }], now)
  const { status, error } = (await findEvent(db, workspaceId, id))!
  assert.deepEqual([status, error], ['failed', 'it cannot be'])
  assert.equal(await stopFanOut(db, workspaceId, id), false)
})

test('two claims at the same time never share an event, nor wait for each other', async () => {
  for (let i = 0; i < 6; i++) await storeEvent(db, { epoch: 0 })

  const [first, second] = await db.transaction(async (tx) => [
    await claimEvents(tx, { limit: 4, now, leaseUntil: later(30) }),
    await claim(),
  ])

  assert.deepEqual([first?.length, second?.length], [4, 2])
})

test('an event that is handed over at once is nobody else’s until its lease ends', async () => {
  await storeEvent(db, { epoch: 1, dueAt: later(30) })

  assert.deepEqual(await claim(), [])
  assert.equal((await claim({ now: later(30) })).length, 1)
})

test('a key that was there before keeps its events out, and the others of the batch in', async () => {
  const [first, again, other, plain] = ['a', 'a', 'b', null].map((idempotencyKey) =>
    acceptedEvent({ idempotencyKey }),
  )
  await insertEvents(db, [first!], [record('a')])

  const stored = await insertEvents(db, [again!, other!, plain!], [record('a'), record('b')])

  assert.deepEqual(new Set(stored.map(({ id }) => id)), new Set([other!.id, plain!.id]))
  assert.equal(await look.number('select count(*) from belfry.event_queue'), 3)
  assert.equal(await look.number('select count(*) from belfry.idempotency'), 2)
})

test('events are counted as they are accepted, and nobody waits for who counts in a long transaction', async () => {
  const [minute] = await look.rows(`select date_trunc('minute', $1::timestamptz) as at`, [now])
  await look.rows('delete from belfry.accepted_counts')
  const accepted = (keys: (string | null)[]) =>
    keys.map((idempotencyKey) => acceptedEvent({ idempotencyKey, createdAt: now }))

  await db.transaction(async (tx) => {
    await insertEvents(tx, accepted([null, null]), [])
    await insertEvents(tx, accepted([null]), [])
    await insertEvents(db, accepted(['a', null]), [record('a')])
  })
  await insertEvents(db, accepted(['a']), [record('a')]) // was there before

  const counts = await look.rows(
    'select minute, count::integer from belfry.accepted_counts order by count',
  )
  const { at } = minute
  assert.deepEqual(counts, [
    { minute: at, count: 2 },
    { minute: at, count: 3 },
  ])
})

test('of two requests with one key at the same time one is stored', async () => {
  const store = () => insertEvents(db, [acceptedEvent({ idempotencyKey: 'k' })], [record('k')])

  const stored = await Promise.all(Array.from({ length: 8 }, store))

  assert.equal(stored.flat().length, 1)
  assert.equal(await look.number('select count(*) from belfry.events'), 1)
})

test('a key of one workspace says nothing about another', async () => {
  const events = [1, 2].map((workspaceId) => acceptedEvent({ workspaceId, idempotencyKey: 'k' }))

  const stored = await insertEvents(db, events, [record('k'), { ...record('k'), workspaceId: 2 }])

  assert.equal(stored.length, 2)
})

test('an event that fails again and again is taken later each time, and by nobody before', async () => {
  const delay = { now, shortestDelayMs: 1_000, longestDelayMs: 5_000 }
  const { id } = await storeEvent(db, { epoch: 0 })
  const laterBy: number[] = []
  for (let i = 1; i <= 4; i++) {
    const [event] = await claim({ now: later(1_000) })
    assert.equal(await postponeEvent(db, event!, delay), i)
    const [row] = await look.rows('select due_at from belfry.event_queue where event_id = $1', [id])
    laterBy.push(row.due_at.getTime() - now.getTime())
  }

  assert.deepEqual(laterBy, [1_000, 2_000, 4_000, 5_000])
  assert.deepEqual(await claim({ now: later(4) }), [])
})

test('an event that somebody else has taken is not put off', async () => {
  await storeEvent(db, { epoch: 0 })
  const [event] = await claim({ leaseUntil: now })
  await claim()

  const delay = { now, shortestDelayMs: 1_000, longestDelayMs: 5_000 }
  assert.equal(await postponeEvent(db, event!, delay), 0)
})
