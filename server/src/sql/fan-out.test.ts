import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import type { FanOutCursor } from '../domain/event.ts'
import {
  claim,
  createRows,
  fanOutRows,
  later,
  now,
  storeEvent,
  workspaceId,
  type GivenPerson,
} from '../../test/rows.ts'
import { findEvent, listEvents, markCancelled, stopFanOut } from './events.ts'
import { insertFanOut } from './fan-out.ts'

const rows = await createRows()
const { db, look } = rows
after(() => rows.close())
beforeEach(() =>
  look.rows(
    'truncate belfry.events, belfry.event_queue, belfry.notifications, belfry.deliveries, belfry.contents, belfry.queue',
  ),
)

const people = (...ids: string[]): GivenPerson[] =>
  ids.map((recipient) => ({ recipient, channels: ['webhook'] }))

const counts = async () =>
  (
    await look.rows(`select (select count(*)::integer from belfry.notifications) as notifications,
      (select count(*)::integer from belfry.deliveries) as deliveries,
      (select count(*)::integer from belfry.contents) as contents,
      (select count(*)::integer from belfry.queue) as queue,
      (select count(*)::integer from belfry.event_queue) as events`)
  )[0]

test('a chunk is stored whole: people, texts, deliveries and their place in the queue', async () => {
  const event = await storeEvent(db)
  const chunk = fanOutRows(event, [...people('ana', 'ben'), { recipient: 'cleo', channels: [] }])

  const queued = await insertFanOut(db, chunk)

  assert.deepEqual(new Set(queued.deliveryIds), new Set(chunk.deliveries.map(({ id }) => id)))
  assert.deepEqual(await counts(), {
    notifications: 3,
    deliveries: 2,
    contents: 1,
    queue: 2,
    events: 0,
  })
  const stored = await findEvent(db, workspaceId, event.id)
  assert.deepEqual([stored?.status, stored?.recipientCount], ['processed', 3])
  const [{ finished_at: finishedAt, status }] = await look.rows(
    `select * from belfry.notifications where recipient = 'cleo'`,
  )
  assert.deepEqual([status, finishedAt], ['delivered', now])
})

test('an event that was cancelled meanwhile adds nothing', async () => {
  const event = await storeEvent(db)
  await stopFanOut(db, workspaceId, event.id)
  await markCancelled(db, { workspaceId, eventId: event.id, now })

  const queued = await insertFanOut(db, fanOutRows(event, people('ana')))

  assert.deepEqual(queued, { deliveryIds: [], outdatedEventIds: [] })
  assert.deepEqual(await counts(), {
    notifications: 0,
    deliveries: 0,
    contents: 0,
    queue: 0,
    events: 0,
  })
  assert.equal((await findEvent(db, workspaceId, event.id))?.status, 'cancelled')
})

test('an event that another worker has taken over adds nothing, others in the same batch do', async () => {
  const [lost, kept] = [await storeEvent(db, { epoch: 1 }), await storeEvent(db)]
  await look.rows('update belfry.event_queue set epoch = 2 where event_id = $1', [lost.id])
  const batch = fanOutRows(kept, people('ana'))
  const stale = fanOutRows(lost, people('ana', 'ben'))
  for (const part of ['events', 'notifications', 'contents', 'deliveries'] as const)
    batch[part].push(...(stale[part] as never[]))

  const queued = await insertFanOut(db, batch)

  assert.equal(queued.deliveryIds.length, 1)
  assert.deepEqual(await counts(), {
    notifications: 1,
    deliveries: 1,
    contents: 1,
    queue: 1,
    events: 1,
  })
  assert.equal((await findEvent(db, workspaceId, lost.id))?.status, 'accepted')
})

test('a person who has a notification already gets no second one, nor its deliveries', async () => {
  const event = await storeEvent(db)
  const chunk = {
    isDone: false,
    isFirst: false,
    cursor: { member: 0, after: 'b', found: [2], templates: [] },
  }
  await insertFanOut(db, fanOutRows(event, people('ana', 'ben'), chunk))

  const queued = await insertFanOut(
    db,
    fanOutRows(event, people('ben', 'cleo'), { isFirst: false }),
  )

  assert.equal(queued.deliveryIds.length, 1)
  const { notifications, deliveries, queue } = await counts()
  assert.deepEqual([notifications, deliveries, queue], [3, 3, 3])
  assert.equal((await findEvent(db, workspaceId, event.id))?.recipientCount, 3)
})

test('a person found again keeps every reason once, however often the chunk comes', async () => {
  const event = await storeEvent(db)
  const cursor = { member: 1, after: null, found: [1], templates: [] }
  const first = { isDone: false, isFirst: true, cursor }
  const again = { isDone: false, isFirst: false, cursor }
  const via = async () =>
    (await look.rows('select recipient, via from belfry.notifications order by recipient')).map(
      (row) => [row.recipient, row.via],
    )
  const found = (chunk: object, ...reasons: (string[] | null)[]) => {
    const chunkRows = fanOutRows(event, people('ana', 'ben').slice(0, reasons.length), chunk)
    reasons.forEach((reason, i) => (chunkRows.notifications[i]!.via = reason))
    return insertFanOut(db, chunkRows)
  }

  await found(first, null)
  for (let i = 0; i < 2; i++) await found(again, ['topic:a', 'topic:b'], ['topic:a'])
  await found(again, ['request'], ['topic:a', 'topic:c'])

  assert.deepEqual(await via(), [
    ['ana', ['request', 'topic:a', 'topic:b']],
    ['ben', ['topic:a', 'topic:c']],
  ])
  assert.equal((await findEvent(db, workspaceId, event.id))?.recipientCount, 2)
})

test('between two chunks the event waits with its place, for anybody to go on', async () => {
  const event = await storeEvent(db, { dueAt: later(30) })
  const cursor: FanOutCursor = {
    member: 1,
    after: 'ben',
    found: [1, 1],
    templates: [{ channel: 'email', locale: 'en', version: 2, parts: [] }],
  }
  const chunk = { isDone: false, isFirst: false, cursor }

  await insertFanOut(db, fanOutRows(event, people('ana', 'ben'), chunk))

  const [waiting] = await look.rows('select due_at, cursor, epoch from belfry.event_queue')
  assert.deepEqual(waiting, { due_at: now, cursor, epoch: 1 })
  const { status, processedAt, recipientCount } = (await findEvent(db, workspaceId, event.id))!
  assert.deepEqual([status, processedAt, recipientCount], ['accepted', null, 2])
})

test('an event for nobody says so, and whom it looked for', async () => {
  const event = await storeEvent(db)

  await insertFanOut(db, fanOutRows(event, [], { found: [0] }))

  const { status, found } = (await findEvent(db, workspaceId, event.id))!
  assert.deepEqual([status, found], ['no_audience', [0]])
})

test('the first thing that went wrong stays with the event', async () => {
  const event = await storeEvent(db)
  const first = {
    isDone: false,
    isFirst: false,
    cursor: { member: 0, after: 'a', found: [1], templates: [] },
    error: 'one',
  }

  await insertFanOut(db, fanOutRows(event, people('ana'), first))
  await insertFanOut(db, fanOutRows(event, people('ben'), { isFirst: false, error: 'two' }))

  assert.equal((await findEvent(db, workspaceId, event.id))?.error, 'one')
})

test('deliveries may begin with the statement that stores them', async () => {
  const event = await storeEvent(db)

  await insertFanOut(db, fanOutRows(event, people('ana'), { worker: 'w7', leaseUntil: later(60) }))

  const [row] = await look.rows('select worker, begun_at, due_at, epoch, attempt from belfry.queue')
  assert.deepEqual(row, { worker: 'w7', begun_at: now, due_at: later(60), epoch: 1, attempt: 1 })
  assert.deepEqual(await claim(db), [])
})

test('what is for later is not claimed before', async () => {
  const event = await storeEvent(db)

  await insertFanOut(db, fanOutRows(event, people('ana'), { dueAt: later(10) }))

  assert.deepEqual(await claim(db, { now: later(9) }), [])
  assert.equal((await claim(db, { now: later(10) })).length, 1)
})

test('what is skipped is stored as ended, and never queued', async () => {
  const event = await storeEvent(db)
  const chunk = fanOutRows(event, people('ana'))
  Object.assign(chunk.deliveries[0]!, {
    status: 'skipped',
    reason: 'no_address',
    address: null,
    contentId: null,
  })

  const queued = await insertFanOut(db, chunk)

  assert.deepEqual(queued, { deliveryIds: [], outdatedEventIds: [] })
  const [row] = await look.rows('select status, reason, finished_at from belfry.deliveries')
  assert.deepEqual(row, { status: 'skipped', reason: 'no_address', finished_at: now })
})

test('a batch that breaks a rule of the database leaves nothing behind', async () => {
  const event = await storeEvent(db)
  const chunk = fanOutRows(event, people('ana', 'ben'))
  Object.assign(chunk.notifications[1]!, { status: 'nonsense' })

  await assert.rejects(insertFanOut(db, chunk), /notifications_status_check/)

  assert.deepEqual(await counts(), {
    notifications: 0,
    deliveries: 0,
    contents: 0,
    queue: 0,
    events: 1,
  })
  assert.equal((await listEvents(db, { ...everything, workspaceId }))[0]?.status, 'accepted')
})

const everything = {
  type: null,
  status: null,
  since: null,
  until: null,
  before: null,
  offset: 0,
  limit: 10,
}
