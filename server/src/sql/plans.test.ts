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
import { genericPlan, statementOf, wholeReads } from '../../test/query-plans.ts'
import type { Db } from './db.ts'
import { claimUnchecked } from './unchecked-events.ts'
import { claimEvents, findEvent, insertEvents, stopFanOut } from './events.ts'
import { deliverInApp, lockDueInApp } from './in-app.ts'
import { insertFanOut } from './fan-out.ts'
import { countFeeds, findFeedItems, listFeed } from './feed.ts'
import { changeFeedItems, listEndedSnoozes } from './feed-changes.ts'
import { closeBuckets, lockDueBucket, lockDueBuckets, postponeBucket } from './closing-digests.ts'
import * as digests from './digests.ts'
import {
  countActs,
  forceDeliveries,
  forceFanOut,
  forcePlanRuns,
  listThreadEvents,
  listThreadNotifications,
  retryDeliveries,
} from './acts.ts'
import {
  claimPlanRuns,
  deletePlanRuns,
  holdPlanRuns,
  insertPlans,
  postponePlanRuns,
  renewPlanRuns,
} from './plan-runs.ts'
import { holdSent, listTried, withdrawSent } from './plan-awaits.ts'
import { listPendingOf, listWaiting } from './moves.ts'
import { storePlanTurns } from './plan-turns.ts'
import { holdThreads, replaceNewest } from './threads.ts'
import * as receipts from './receipts.ts'
import { listActedUpon, nudgePlanRuns, rememberWakes, wakePlanRuns } from './plan-wakes.ts'
import { holdThrottles, pruneThrottles, raiseThrottles } from './throttles.ts'
import { listPostponed } from './prune-later.ts'
import { listMarksWithWork, listNextEvents } from './prune-marks.ts'
import { deleteEvents, deleteNotifications, deleteSharedTexts } from './retention.ts'
import { listDone } from './waits.ts'
import { collectStatistics, lacksStatistics } from './statistics.ts'
import { listDeliveries, listEventNotifications } from './notifications.ts'
import { prunePaces } from './paces.ts'
import { findListeners, findPeople } from './people.ts'
import { listHeld, releaseHeld } from './provider-health.ts'
import { findContents } from './contents.ts'
import { cancelDeliveries } from './cancel-deliveries.ts'
import { listExpiredLeases, releaseDeliveries } from './queue.ts'

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
  ), runs as (
    insert into belfry.plan_runs (workspace_id, notification_id, event_id, position, due_at, wake, bucket_id)
    select 1, notification, event, 1, now(), 'w' || g, case when g % 2 = 0 then delivery end from made
  ), buckets as (
    insert into belfry.digest_buckets (workspace_id, hash, id, due_at, shown)
    select 1, 'h' || g, delivery, now(), 10 from made
  ), merged as (
    insert into belfry.digests (workspace_id, notification_id, count, items) select 1, notification, 1, '[]' from made
  ), wakes as (
    insert into belfry.plan_wakes (workspace_id, wake, at) select 1, 'w' || g, now() from made
  ), told as (
    insert into belfry.receipts (workspace_id, provider_id, id, delivery_id, kind, is_for_good, received_at, due_at)
    select 1, delivery, 'r' || g, delivery, 'delivered', false, now(), now() from made
  ), throttles as (
    insert into belfry.throttles (workspace_id, hash, count, until) select 1, 'h' || g, 1, now() from made
  )
  insert into belfry.queue (delivery_id, workspace_id, notification_id, channel, lane, due_at)
  select delivery, 1, notification, 'webhook', g % 3, now() from made`

const event = acceptedEvent()
const begun = { deliveryId: id, notificationId: id, epoch: 1, attempt: 1 }
const target = { workspaceId, notificationIds: [id], now }
const acting = { ...target, because: 'b', lane: 1 }
const page = { workspaceId, eventId: id, after: '', limit: 100 }
const mark = { workspaceId, what: 'notifications', retention: '72h' } as const
const feed = { workspaceId, subscriberId: 'ana' }
const pruning = {
  workspaceId,
  events: [{ eventId: id, after: null, endedBefore: now }],
  most: 1_000,
  now,
}
const told = [
  { workspaceId, deliveryId: id, notificationId: id, status: 'sent', reason: null },
] as const
const hotStatements: [string, (db: Db) => Promise<unknown>][] = [
  ['storing events', (on) => insertEvents(on, [event], [])],
  ['claiming events', (on) => claimEvents(on, { limit: 500, now, leaseUntil: later(30) })],
  [
    'claiming what came through SQL',
    (on) => claimUnchecked(on, { limit: 500, now, leaseUntil: later(30) }),
  ],
  ['storing a fan-out', (on) => insertFanOut(on, fanOutRows(event, []))],
  ['claiming deliveries', (on) => claim(on)],
  ['settling deliveries', (on) => settle(on, [settlement(begun)])],
  ['finding expired leases', (on) => listExpiredLeases(on, now, 500)],
  ['finding due in-app messages', (on) => lockDueInApp(on, { now, limit: 500 })],
  [
    'putting in-app messages into feeds',
    (on) =>
      deliverInApp(on, [{ workspaceId, deliveryId: id, position: id, because: null }], {
        now,
        worker: 'w',
      }),
  ],
  [
    'asking again what people want',
    (on) => findListeners(on, [{ workspaceId, notificationId: id }]),
  ],
  ['finding people', (on) => findPeople(on, workspaceId, ['ana'], ['email'])],
  ['giving deliveries back', (on) => releaseDeliveries(on, [begun], now)],
  ['looking who is held', (on) => listHeld(on, null, now)],
  [
    'letting go who is held',
    (on) => releaseHeld(on, { workspaceId, providerId: id, isBound: false }, { now, limit: 100 }),
  ],
  ['forgetting limits', (on) => prunePaces(on, now, 500)],
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
  [
    'showing a feed',
    (on) => listFeed(on, { ...feed, parts: [1, 2], category: null, before: id, limit: 101 }),
  ],
  ['finding items of feeds', (on) => findFeedItems(on, [{ ...feed, id }])],
  ['counting feeds', (on) => countFeeds(on, [feed])],
  [
    'changing items of feeds',
    (on) =>
      changeFeedItems(on, {
        action: 'read',
        items: [{ ...feed, id, position: id }],
        until: null,
        now,
      }),
  ],
  ['ending snoozes', (on) => listEndedSnoozes(on, { now, limit: 500 })],
]

const run = { workspaceId, notificationId: id, epoch: 1 }
const sentFrom = { workspaceId, notificationId: id, from: 0, to: 1 }
const bucket = { workspaceId, hash: 'h', id, shown: 10, failureCount: 0 }
const planStatements: typeof hotStatements = [
  ['beginning plans', (on) => insertPlans(on, { runs: [], notes: [], pins: [] }, now)],
  ['claiming plans', (on) => claimPlanRuns(on, { limit: 200, now, leaseUntil: later(60) })],
  ['holding plans', (on) => holdPlanRuns(on, [run])],
  [
    'finding plans that were acted upon',
    (on) =>
      listActedUpon(on, [
        { ...run, seenAt: now, readAt: null, acknowledgedAt: null, pending: 1, outcome: null },
      ]),
  ],
  ['reading what a plan waits for', (on) => listTried(on, [sentFrom])],
  ['holding what a plan waits for', (on) => holdSent(on, [sentFrom])],
  [
    'withdrawing what a plan has waited for',
    (on) => withdrawSent(on, [{ ...sentFrom, isLate: true }], { now, worker: 'w' }),
  ],
  ['putting plans off', (on) => postponePlanRuns(on, [{ ...run, dueAt: now, isFailure: false }])],
  ['renewing leases of plans', (on) => renewPlanRuns(on, [run], { now, until: later(60) })],
  ['ending waits', (on) => wakePlanRuns(on, { workspaceId, wakes: ['w'], now })],
  ['nudging plans', (on) => nudgePlanRuns(on, { items: [{ workspaceId, id }], now })],
  ['taking receipts', (on) => receipts.holdDueReceipts(on, now, 500)],
  ['finding what was told meanwhile', (on) => receipts.listWaitingSuccesses(on, now, 500)],
  ['holding what was told of', (on) => receipts.holdToldNotifications(on, told)],
  ['looking at what was told of', (on) => receipts.listToldDeliveries(on, told)],
  ['moving what was told of', (on) => receipts.updateToldDeliveries(on, told, now)],
  ['judging notifications', (on) => receipts.judgeNotifications(on, told, now)],
  ['showing receipts', (on) => receipts.listReceipts(on, workspaceId, id)],
  ['forcing plans', (on) => forcePlanRuns(on, target)],
  ['stopping plans', (on) => deletePlanRuns(on, workspaceId, [id])],
  [
    'storing what follows in plans',
    (on) => storePlanTurns(on, { turns: [], deliveries: [], contents: [], notes: [] }, now),
  ],
  ['opening digests', (on) => digests.openBuckets(on, [{ ...bucket, dueAt: now, closeAt: null }])],
  [
    'joining digests',
    (on) => digests.joinBuckets(on, [{ workspaceId, notificationId: id, bucketId: id, hash: 'h' }]),
  ],
  ['closing full digests', (on) => digests.closeFullBuckets(on, [bucket], now)],
  ['holding a digest', (on) => lockDueBucket(on, bucket, now)],
  ['putting off a digest', (on) => postponeBucket(on, bucket, now)],
  ['finding due digests', (on) => lockDueBuckets(on, { now, limit: 200 })],
  ['closing digests', (on) => closeBuckets(on, [bucket], now)],
  ['holding throttles', (on) => holdThrottles(on, [{ workspaceId, hash: 'h', until: now }], now)],
  ['raising throttles', (on) => raiseThrottles(on, [{ workspaceId, hash: 'h', by: 1 }])],
  ['remembering what ends waits', (on) => rememberWakes(on, [{ workspaceId, wake: 'w', at: now }])],
  ['forgetting throttles', (on) => pruneThrottles(on, now, 500)],
]
hotStatements.push(...planStatements)

// Right once there are statistics, which a worker sees to within seconds.
const thread = { workspaceId, recipient: 'ana', threadKey: 't', notificationId: id, eventId: id }
const otherStatements: typeof hotStatements = [
  ['finding what waits for people', (on) => listPendingOf(on, workspaceId, ['ana'])],
  ['reading what waits', (on) => listWaiting(on, workspaceId, [id])],
  ['holding threads', (on) => holdThreads(on, [thread], now)],
  ['replacing the newest of threads', (on) => replaceNewest(on, [thread])],
  ['cancelling deliveries', (on) => cancelDeliveries(on, target)],
  ['forcing digests', (on) => digests.forceDigests(on, target)],
  ['forcing deliveries', (on) => forceDeliveries(on, { ...acting, forcedPlans: [] })],
  ['trying deliveries again', (on) => retryDeliveries(on, acting)],
  ['counting what an act comes to', (on) => countActs(on, acting)],
  ['forcing a fan-out', (on) => forceFanOut(on, { workspaceId, eventId: id, now })],
  [
    'listing a thread',
    (on) => listThreadNotifications(on, { workspaceId, threadKey: 't', after: id, limit: 100 }),
  ],
  ['listing the events of a thread', (on) => listThreadEvents(on, { workspaceId, threadKey: 't' })],
  ['listing the notifications of an event', (on) => listEventNotifications(on, page)],
  ['following a notification', (on) => listDeliveries(on, workspaceId, id)],
]

async function check(statements: typeof hotStatements): Promise<void> {
  for (const [name, work] of statements) {
    const plan = await genericPlan(db, await statementOf(work))
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

  assert.equal(wholeReads(await genericPlan(db, whole)).length, 1)
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
