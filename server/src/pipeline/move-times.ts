// What waits is looked at again when a person's zone or quiet hours have changed, or the hours of a workspace:
// what is by the clock on the wall moves with the zone, what waits only for its hours may go earlier. That
// nothing begins too early is seen to when it begins (recheck.ts); this is for what may begin earlier, and so that what
// is shown comes true.
import type { Context } from '../context.ts'
import { scheduledFor } from '../domain/event.ts'
import type { Channel } from '../domain/channel.ts'
import { waitOf, zoneOf, type Wait } from '../domain/quiet-hours.ts'
import {
  finishMoves,
  holdMoves,
  listDueMoves,
  listPendingOf,
  listWaiting,
  listWaitingNotifications,
  moveWaiting,
  takeMoves,
  type Move,
  type MovedDelivery,
  type MovedNotification,
  type WaitingDelivery,
  type WaitingRow,
} from '../sql/moves.ts'
import { findListeners, type ListenerRow } from '../sql/people.ts'
import { nextPreferenceSeq } from '../sql/preferences.ts'
import { holdsFor } from './recheck.ts'
import { timingOf } from './timing.ts'

const leaseMs = 60_000
const pageSize = 500
// Longer than any fan-out takes that has read these people before.
const rememberedMs = 3_600_000

/** Up to `limit` moves; answers how many there were. */
export async function moveTimes(ctx: Context, limit: number): Promise<number> {
  const due = await listDueMoves(ctx.db, { now: ctx.clock.now(), limit, reach: ctx.reach() })
  for (const [workspaceId, moves] of Map.groupBy(due, (move) => move.workspaceId))
    await moveAll(ctx, workspaceId, moves)
  return due.length
}

/**
 * First the moves are counted as changes of preferences, under their lock: whoever had read these people has stored
 * what it planned by then, or plans it again. Then what waits is moved.
 */
async function moveAll(ctx: Context, workspaceId: number, moves: Move[]): Promise<void> {
  const now = ctx.clock.now()
  const leaseUntil = new Date(now.getTime() + leaseMs)
  const { seq, taken } = await ctx.db.transaction(async (tx) => {
    const seq = await nextPreferenceSeq(tx, workspaceId)
    const ids = moves.map(({ id }) => id)
    return { seq, taken: await takeMoves(tx, { workspaceId, ids, seq, now, leaseUntil }) }
  })
  if (taken.length === 0) return
  const ids = taken.map(({ id }) => id)
  for await (const page of waitingPages(ctx, workspaceId, taken)) {
    // Together they may take longer than one lease: others would begin anew, and never come to an end either.
    const goesOnUntil = new Date(ctx.clock.now().getTime() + leaseMs)
    await holdMoves(ctx.db, { workspaceId, ids, seq, leaseUntil: goesOnUntil })
    await moveNotifications(ctx, workspaceId, page)
  }
  const forgetAt = new Date(ctx.clock.now().getTime() + rememberedMs)
  await finishMoves(ctx.db, { workspaceId, ids, seq, forgetAt })
  ctx.signals.ring('belfry_deliveries')
}

/** What waits for those who moved, or for anybody when it is about all of them, page by page. */
async function* waitingPages(ctx: Context, workspaceId: number, moves: Move[]) {
  const people = moves.flatMap(({ subscriberId }) => subscriberId ?? [])
  if (people.length === moves.length) {
    const ids = await listPendingOf(ctx.db, workspaceId, people)
    for (let i = 0; i < ids.length; i += pageSize) yield ids.slice(i, i + pageSize)
    return
  }
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const page = { workspaceId, after, limit: pageSize }
    const ids = await listWaitingNotifications(ctx.db, page)
    if (ids.length > 0) yield ids
    if (ids.length < pageSize) return
    after = ids.at(-1)!
  }
}

async function moveNotifications(ctx: Context, workspaceId: number, ids: string[]): Promise<void> {
  const rows = await listWaiting(ctx.db, workspaceId, ids)
  const refs = ids.map((notificationId) => ({ workspaceId, notificationId }))
  const found = await findListeners(ctx.db, refs)
  const listeners = new Map(found.map((row) => [row.notificationId, row]))
  const now = ctx.clock.now()
  const moved: { deliveries: MovedDelivery[]; notifications: MovedNotification[] } = {
    deliveries: [],
    notifications: [],
  }
  for (const row of rows) {
    const listener = listeners.get(row.id)
    if (!listener) continue
    const again = await plannedAgain(ctx, { workspaceId, row, listener, now })
    moved.deliveries.push(...again.deliveries)
    moved.notifications.push(again.notification)
  }
  await ctx.db.transaction((tx) => moveWaiting(tx, workspaceId, moved))
}

type Waiting = { workspaceId: number; row: WaitingRow; listener: ListenerRow; now: Date }

async function plannedAgain(
  ctx: Context,
  { workspaceId, row, listener, now }: Waiting,
): Promise<{ deliveries: MovedDelivery[]; notification: MovedNotification }> {
  const { holds, hours } = await holdsFor(ctx, { workspaceId, ...row }, listener, now)
  const scheduledAt = row.scheduledAt && scheduledFor(row, listener.timezone)
  const waits: { delivery: WaitingDelivery; at: Date; wait: Wait | null }[] = []
  // What is due is looked at as it begins, and keeps what is said of why it had to wait.
  for (const delivery of row.deliveries.filter(({ dueAt }) => new Date(dueAt) > now)) {
    const at = couldBegin(delivery, scheduledAt, now)
    const wait = waitOf(holds, delivery.channel as Channel, at) // by the table's constraint
    waits.push({ delivery, at, wait })
  }
  const deliveries = waits.map(({ delivery, at, wait }): MovedDelivery => {
    const { id, epoch, dueAt: before } = delivery
    const reason = wait && 'quiet_hours'
    const because = wait?.because ?? null
    return { id, epoch, before, dueAt: wait?.until ?? at, reason, because }
  })
  const moments = deliveries.map(({ dueAt }) => dueAt.getTime())
  if (deliveries.length < row.deliveries.length) moments.push(now.getTime())
  const wasLater = row.scheduledAt !== null && row.scheduledAt > now
  const laterMs = wasLater && scheduledAt ? scheduledAt.getTime() - row.scheduledAt!.getTime() : 0
  const notification = {
    id: row.id,
    before: row.before,
    scheduledAt,
    timezone: zoneOf(listener.timezone, timingOf(ctx, row, hours)),
    beginsAt: moments.length > 0 ? new Date(Math.min(...moments)) : scheduledAt,
    isInHours: waits.every(({ wait }) => wait === null),
    laterMs,
  }
  return { deliveries, notification }
}

/** But for the time of day. What is tried again after a failure keeps its pause, unless it waits for its hours. */
function couldBegin(
  { attempt, step, dueAt, createdAt, reason }: WaitingDelivery,
  scheduledAt: Date | null,
  now: Date,
): Date {
  if (attempt > 0 && reason === null) return new Date(dueAt)
  const planned = step === 0 && scheduledAt ? scheduledAt : new Date(createdAt)
  return planned > now ? planned : now
}
