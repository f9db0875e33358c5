// How the hot statements are carried out: never by reading a whole table, on whatever statistics, with
// the plan that a prepared statement is left with.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  acceptedEvent,
  claim,
  createRows,
  fanOutRows,
  later,
  now,
  settle,
  settlement,
  workspaceId,
} from '../../test/rows.ts'
import type { Db, Sql } from './db.ts'
import { claimEvents, findEvent, insertEvents, stopFanOut } from './events.ts'
import { deliverInApp, lockDueInApp } from './in-app.ts'
import { insertFanOut } from './fan-out.ts'
import { listPostponed } from './prune-later.ts'
import { listMarksWithWork, listNextEvents } from './prune-marks.ts'
import { deleteEvents, deleteNotifications, deleteSharedTexts } from './retention.ts'
import { listDone } from './waits.ts'
import { collectStatistics, lacksStatistics } from './statistics.ts'
import { listDeliveries, listEventNotifications } from './notifications.ts'
import { findListeners, findPeople } from './people.ts'
import { cancelDeliveries, findContents, listExpiredLeases, releaseDeliveries } from './queue.ts'

const rows = await createRows()
const { db, look } = rows
const rowCount = 20_000
const id = '00000000-0000-7000-8000-000000000001'

after(() => rows.close())

/** Twenty thousand events with one notification, one text and one waiting delivery each. */
const fill = `with made as (
    select g, uuidv7() as event, uuidv7() as notification, uuidv7() as delivery from generate_series(1, ${rowCount}) g
  ), e as (
    insert into belfry.events (workspace_id, id, level, audience, params)
    select 1, event, 'standard', '[]', '{}' from made
  ), eq as (
    insert into belfry.event_queue (event_id, workspace_id, lane, due_at) select event, 1, g % 3, now() from made
  ), n as (
    insert into belfry.notifications (workspace_id, id, event_id, recipient, is_subscriber, level, channel, status,
      pending, created_at)
    select 1, notification, event, 'p' || g, true, 'standard', 'webhook', 'processing', 1, now() from made
  ), d as (
    insert into belfry.deliveries (workspace_id, id, notification_id, event_id, channel, address, status, created_at)
    select 1, delivery, notification, event, 'webhook', 'a', 'processing', now() from made
  ), a as (
    insert into belfry.attempts (workspace_id, delivery_id, number, provider, outcome, started_at)
    select 1, delivery, 1, 'p', 'retry', now() from made
  ), c as (
    insert into belfry.contents (workspace_id, id, event_id, content) select 1, uuidv7(), event, '{}' from made
  )
  insert into belfry.queue (delivery_id, workspace_id, channel, lane, due_at)
  select delivery, 1, 'webhook', g % 3, now() from made`

type Plan = {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  'Recheck Cond'?: string
  Plans?: Plan[]
}

/** The plan a prepared statement is left with on a connection of the pool. */
async function genericPlan(statement: Sql): Promise<Plan> {
  return db.transaction(async (tx) => {
    const say = (text: string) => tx.query<Record<string, unknown>>({ name: '', text, values: [] })
    await say('set local plan_cache_mode = force_generic_plan')
    await say(`prepare looked_at as ${statement.text}`)
    const values = statement.values.map(() => 'null').join()
    const [row] = await say(`explain (format json) execute looked_at${values && `(${values})`}`)
    await say('deallocate looked_at')
    return (Object.values(row!)[0] as [{ Plan: Plan }])[0].Plan
  })
}

const hot = new Set([
  'queue',
  'event_queue',
  'notifications',
  'deliveries',
  'events',
  'attempts',
  'contents',
])

/** Nodes that read a hot table from its beginning to its end, by an index or without. */
function wholeReads(plan: Plan): string[] {
  const { 'Node Type': type, 'Relation Name': table = '', 'Index Name': index } = plan
  const sought = plan['Index Cond'] ?? plan['Recheck Cond']
  // Every row of a table is in some workspace, and most are in one.
  const isSought = sought !== undefined && !/^\(workspace_id = [^)]*\)$/.test(sought)
  const isWhole = /Scan/.test(type) && hot.has(table) && !isSought
  const here = isWhole ? [`${type} on ${table}${index ? ` by ${index}` : ''}`] : []
  return [...here, ...(plan.Plans ?? []).flatMap(wholeReads)]
}

/** The statement a function would run. */
async function statementOf(work: (db: Db) => Promise<unknown>): Promise<Sql> {
  const seen: Sql[] = []
  const recorder: Db = {
    async query(statement) {
      seen.push(statement)
      return []
    },
  }
  await work(recorder)
  assert.equal(seen.length, 1)
  return seen[0]!
}

const event = acceptedEvent()
const begun = { deliveryId: id, notificationId: id, epoch: 1, attempt: 1 }
const target = { workspaceId, notificationIds: [id], now }
const page = { workspaceId, eventId: id, after: '', limit: 100 }
const mark = { workspaceId, what: 'notifications', retention: '72h' } as const
const pruning = {
  workspaceId,
  events: [{ eventId: id, after: null, endedBefore: now }],
  most: 1_000,
  now,
}
const hotStatements: [string, (db: Db) => Promise<unknown>][] = [
  ['storing events', (on) => insertEvents(on, [event], [])],
  ['claiming events', (on) => claimEvents(on, { limit: 500, now, leaseUntil: later(30) })],
  ['storing a fan-out', (on) => insertFanOut(on, fanOutRows(event, []))],
  ['claiming deliveries', (on) => claim(on)],
  ['settling deliveries', (on) => settle(on, [settlement(begun)])],
  ['finding expired leases', (on) => listExpiredLeases(on, now, 500)],
  ['finding due in-app messages', (on) => lockDueInApp(on, { now, limit: 500 })],
  [
    'putting in-app messages into feeds',
    (on) =>
      deliverInApp(on, [{ workspaceId, deliveryId: id, because: null }], { now, worker: 'w' }),
  ],
  [
    'asking again what people want',
    (on) => findListeners(on, [{ workspaceId, notificationId: id }]),
  ],
  ['finding people', (on) => findPeople(on, workspaceId, ['ana'], ['email'])],
  ['giving deliveries back', (on) => releaseDeliveries(on, [begun], now)],
  ['finding texts', (on) => findContents(on, [{ workspaceId, id }])],
  ['stopping a fan-out', (on) => stopFanOut(on, workspaceId, id)],
  ['following an event', (on) => findEvent(on, workspaceId, id)],
  ['finding what is done', (on) => listDone(on, [{ workspaceId, eventId: id, what: 'ended' }])],
  ['finding old events', (on) => listNextEvents(on, mark, { before: id, limit: 500 })],
  ['noticing old events', (on) => listMarksWithWork(on, [{ ...mark, before: id }], 20)],
  ['looking at events put off', (on) => listPostponed(on, { now, limit: 500 })],
  ['removing notifications', (on) => deleteNotifications(on, pruning)],
  [
    'removing shared texts',
    (on) => deleteSharedTexts(on, workspaceId, [{ eventId: id, from: id, to: id }]),
  ],
  ['removing events', (on) => deleteEvents(on, workspaceId, [id])],
]

// Right once there are statistics, which a worker sees to within seconds.
const otherStatements: typeof hotStatements = [
  ['cancelling deliveries', (on) => cancelDeliveries(on, target)],
  ['listing the notifications of an event', (on) => listEventNotifications(on, page)],
  ['following a notification', (on) => listDeliveries(on, workspaceId, id)],
]

async function check(statements: typeof hotStatements): Promise<void> {
  for (const [name, work] of statements) {
    const plan = await genericPlan(await statementOf(work))
    assert.deepEqual(wholeReads(plan), [], name)
  }
}

test('planned while the tables are empty, no hot statement reads a whole table', () =>
  check(hotStatements))

test('the check itself notices a whole table', async () => {
  const whole = {
    name: '',
    text: 'select id from belfry.events where type = $1::text',
    values: [null],
  }

  assert.equal(wholeReads(await genericPlan(whole)).length, 1)
})

test('with many rows and no statistics, no hot statement reads a whole table', async () => {
  await look.rows(fill)

  await check(hotStatements)
})

test('a table that has grown gets statistics, and then no statement reads a whole table', async () => {
  // What the session has counted reaches the others a little later; this makes it at once.
  await look.rows('select pg_stat_force_next_flush()')
  assert.equal(await lacksStatistics(db), true)

  await collectStatistics(db)

  assert.equal(await lacksStatistics(db), false)
  await check([...hotStatements, ...otherStatements])
})
