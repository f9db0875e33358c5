// Forgetting what has served its time, in small batches that find their rows by primary keys.
//
// Events are walked in the order of their ids, once for each retention, `margin` behind the moment at which
// their notifications may go: by then nearly all have ended long enough ago. What has not (it was
// scheduled, or retried for hours), and what has too many notifications to go at once, is put off with
// the moment to look again. The walk never turns back.
import type { Context } from '../context.ts'
import { durationMs } from '../domain/duration.ts'
import { firstIdAt, sharedTextIds } from '../domain/id.ts'
import { deleteOldChanges } from '../sql/changes.ts'
import { deleteOldAccountLinks } from '../sql/account-links.ts'
import type { Db } from '../sql/db.ts'
import { deleteEndedFollowings } from '../sql/followings.ts'
import { deleteOldIdempotency } from '../sql/idempotency.ts'
import { deleteOldMoves } from '../sql/moves.ts'
import { deleteOldPreferenceChanges } from '../sql/preferences.ts'
import { deleteOldOccurrences } from '../sql/occurrences.ts'
import { prunePaces } from '../sql/paces.ts'
import { pruneWakes } from '../sql/plan-wakes.ts'
import {
  deletePostponed,
  listPostponed,
  postpone,
  type PostponedEvent,
  type Postponement,
} from '../sql/prune-later.ts'
import {
  listMarksWithWork,
  listNextEvents,
  listRetentions,
  moveMark,
  tryToPrune,
  type Mark,
  type PassedEvent,
} from '../sql/prune-marks.ts'
import { deleteOldResults } from '../sql/results.ts'
import { deleteEvents, deleteNotifications, deleteSharedTexts } from '../sql/retention.ts'
import { deleteOldReceipts } from '../sql/receipts.ts'
import { deleteOldSandboxMessages } from '../sql/sandbox.ts'
import { deleteOldSourceRequests } from '../sql/source-requests.ts'
import { deleteOldAcceptedCounts, deleteOldLatencies, deleteOldStats } from '../sql/stats.ts'
import { pruneThreads } from '../sql/threads.ts'
import { pruneThrottles } from '../sql/throttles.ts'
import { deleteSilentWorkers } from '../sql/workers.ts'
import { forgetHookMessages } from './hook-retention.ts'

const idempotencyHours = 48 // twice what is promised
const sandboxHours = 72
const sourceRequestHours = 72
const receiptHours = 72 // three times as old as one may be that is still believed
// Longer than a position in a stream is honoured (live/position.ts).
const changesHours = 1
const statsHours = 35 * 24
const latenciesHours = 7 * 24
const occurrencesHours = 30 * 24
const pacesHours = 1
const workersHours = 1
const accountLinksHours = 1
const wakesHours = 24 // longer than an event may wait for its fan-out
const recordsAtOnce = 1_000
const eventsAtOnce = 1_000
const notificationsAtOnce = 1_000
const marksAtOnce = 20
const postponedAtOnce = 200
/** The clean-up comes so long after what it removes may go: it has not passed anything younger yet. */
export const marginMs = 5 * 60_000
export const soonestAgainMs = 10 * 60_000

/** One small batch of everything there is to forget. True: there is more. */
export async function prune(ctx: Context): Promise<boolean> {
  const now = ctx.clock.now()
  const isMore = [await forgetRecords(ctx, now)]
  for (const mark of await marksWithWork(ctx, now)) isMore.push(await walk(ctx, mark, now))
  isMore.push(await lookAgain(ctx, now))
  return isMore.includes(true)
}

async function forgetRecords(ctx: Context, now: Date): Promise<boolean> {
  const { db, config } = ctx
  const before = (hours: number) => new Date(now.getTime() - hours * 3_600_000)
  const answers = await deleteOldIdempotency(db, idempotencyHours, recordsAtOnce)
  const messages = await deleteOldSandboxMessages(db, before(sandboxHours), recordsAtOnce)
  const receipts = await deleteOldReceipts(db, before(receiptHours), recordsAtOnce)
  const requests = await deleteOldSourceRequests(db, before(sourceRequestHours), recordsAtOnce)
  const stats = Math.max(
    await deleteOldStats(db, before(statsHours), recordsAtOnce),
    await deleteOldAcceptedCounts(db, before(statsHours), recordsAtOnce),
    await deleteOldLatencies(db, before(latenciesHours), recordsAtOnce),
  )
  const changesBefore = new Date(now.getTime() - durationMs(config.preferenceLogRetention))
  const changes = await deleteOldPreferenceChanges(db, changesBefore, recordsAtOnce)
  const told = Math.max(
    await deleteOldChanges(db, changesHours, recordsAtOnce),
    await deleteOldResults(db, changesHours, recordsAtOnce),
  )
  await deleteEndedFollowings(db)
  const hooks = await forgetHookMessages(ctx, now, recordsAtOnce)
  const throttles = await pruneThrottles(db, now, recordsAtOnce)
  const wakes = await pruneWakes(db, before(wakesHours), recordsAtOnce)
  const past = await deleteOldOccurrences(db, before(occurrencesHours), recordsAtOnce)
  const moves = await deleteOldMoves(db, now, recordsAtOnce)
  const links = await deleteOldAccountLinks(db, before(accountLinksHours), recordsAtOnce)
  const threadsBefore = new Date(now.getTime() - durationMs(config.eventRetention))
  const threads = await pruneThreads(db, threadsBefore, recordsAtOnce)
  const counts = [answers, messages, requests, stats, changes, told, throttles, wakes, past]
  counts.push(moves, threads, links, receipts, hooks)
  await deleteSilentWorkers(db, before(workersHours))
  counts.push(await prunePaces(db, before(pacesHours), recordsAtOnce))
  return Math.max(...counts) === recordsAtOnce
}

async function marksWithWork({ db }: Context, now: Date): Promise<Mark[]> {
  const retentions = await listRetentions(db)
  const cutoffs = retentions.map((one) => ({ ...one, before: cutoff(one.retention, now) }))
  return listMarksWithWork(db, cutoffs, marksAtOnce)
}

function cutoff(retention: string, now: Date): string {
  return firstIdAt(new Date(now.getTime() - durationMs(retention) - marginMs))
}

/** The next events behind a mark. True: there may be more. */
function walk(ctx: Context, mark: Mark, now: Date): Promise<boolean> {
  const before = cutoff(mark.retention, now)
  return ctx.db.transaction(async (tx) => {
    if (!(await tryToPrune(tx))) return false
    const events = await listNextEvents(tx, mark, { before, limit: eventsAtOnce })
    if (events.length === 0) return false
    let passed = events
    if (mark.what === 'notifications') passed = await forgetThoseOf(ctx, tx, mark, events, now)
    else await forgetEvents(ctx, tx, { workspaceId: mark.workspaceId, events, now })
    await moveMark(tx, mark, passed.at(-1)!.eventId)
    return true
  })
}

/** The notifications of the events whose retention this is; answers the events that were passed. */
async function forgetThoseOf(
  ctx: Context,
  tx: Db,
  { workspaceId, retention }: Mark,
  events: PassedEvent[],
  now: Date,
): Promise<PassedEvent[]> {
  const isOurs = (event: PassedEvent) => (event.retention ?? ctx.config.retention) === retention
  const passed = forOneBatch(events, isOurs)
  const ours = passed.filter(isOurs).map(forTheFirstTime(workspaceId))
  await forgetNotifications(ctx, tx, ours, now)
  return passed
}

const forTheFirstTime =
  (workspaceId: number) =>
  (event: PassedEvent): PostponedEvent => ({
    ...event,
    workspaceId,
    after: null,
    nextAt: null,
    takesEvent: false,
  })

/** Events that were put off until now. True: there may be more. */
function lookAgain(ctx: Context, now: Date): Promise<boolean> {
  return ctx.db.transaction(async (tx) => {
    if (!(await tryToPrune(tx))) return false
    const events = await listPostponed(tx, { now, limit: postponedAtOnce })
    await forgetNotifications(
      ctx,
      tx,
      forOneBatch(events, () => true),
      now,
    )
    return events.length > 0
  })
}

/** The first of the events that are ours, as many as have about so many notifications together. */
function forOneBatch<Item extends PassedEvent>(
  events: Item[],
  isOurs: (event: Item) => boolean,
): Item[] {
  let count = 0
  const end = events.findIndex((event) => {
    if (isOurs(event)) count += Math.min(Math.max(event.recipientCount, 1), notificationsAtOnce)
    return count >= notificationsAtOnce
  })
  return end === -1 ? events : events.slice(0, end + 1)
}

/** Up to so many notifications of each event, all of one workspace. What is left is put off. */
async function forgetNotifications(
  ctx: Context,
  tx: Db,
  events: PostponedEvent[],
  now: Date,
): Promise<void> {
  if (events.length === 0) return
  const { workspaceId } = events[0]!
  const retentionMs = (event: PassedEvent) => durationMs(event.retention ?? ctx.config.retention)
  const rows = await deleteNotifications(tx, {
    workspaceId,
    events: events.map((event) => ({
      eventId: event.eventId,
      after: event.after,
      endedBefore: new Date(now.getTime() - retentionMs(event)),
    })),
    most: notificationsAtOnce,
    now,
  })
  const pruned = new Map(rows.map((row) => [row.eventId, row]))

  const soonestAgain = new Date(now.getTime() + soonestAgainMs)
  const later: Postponement[] = []
  const done: PostponedEvent[] = []
  for (const event of events) {
    const { eventId, takesEvent } = event
    const { count, last, keptUntil } = pruned.get(eventId)!
    const keptAt = keptUntil && new Date(keptUntil.getTime() + retentionMs(event))
    const nextAt = earliest(event.nextAt, keptAt)
    if (count === notificationsAtOnce)
      later.push({ eventId, takesEvent, dueAt: now, after: last, nextAt })
    else if (nextAt || event.isWaiting)
      later.push({
        eventId,
        takesEvent,
        dueAt: latest(nextAt ?? now, soonestAgain),
        after: null,
        nextAt: null,
      })
    else done.push(event)
  }
  if (later.length > 0) await postpone(tx, workspaceId, later)
  await finish(ctx, tx, { workspaceId, events: done, now })
}

/** None of their notifications is left. */
async function finish(
  ctx: Context,
  tx: Db,
  { workspaceId, events, now }: { workspaceId: number; events: PassedEvent[]; now: Date },
): Promise<void> {
  if (events.length === 0) return
  const texts = events.map(({ eventId }) => ({ eventId, ...sharedTextIds(eventId) }))
  await deleteSharedTexts(tx, workspaceId, texts)
  const ids = events.map(({ eventId }) => eventId)
  const over = new Set(await deletePostponed(tx, workspaceId, ids))
  const rest = events.filter(({ eventId }) => over.has(eventId))
  if (rest.length > 0) await forgetEvents(ctx, tx, { workspaceId, events: rest, now })
}

/** The events themselves. What still has notifications, or is still to have some, is put off. */
async function forgetEvents(
  ctx: Context,
  tx: Db,
  { workspaceId, events, now }: { workspaceId: number; events: PassedEvent[]; now: Date },
): Promise<void> {
  const retentionMs = durationMs(ctx.config.eventRetention)
  const mayGoAt = (event: PassedEvent) => new Date(event.createdAt.getTime() + retentionMs)
  const old = events.filter((event) => mayGoAt(event) <= now).map(({ eventId }) => eventId)
  const rows = old.length > 0 ? await deleteEvents(tx, workspaceId, old) : []
  const gone = new Set(rows.map(({ eventId }) => eventId))
  const later = events
    .filter(({ eventId }) => !gone.has(eventId))
    .map((event) => ({
      eventId: event.eventId,
      dueAt: latest(mayGoAt(event), now),
      after: null,
      nextAt: null,
      takesEvent: true,
    }))
  if (later.length > 0) await postpone(tx, workspaceId, later)
}

function earliest(a: Date | null, b: Date | null): Date | null {
  if (!a || !b) return a ?? b
  return a < b ? a : b
}

function latest(a: Date, b: Date): Date {
  return a > b ? a : b
}
