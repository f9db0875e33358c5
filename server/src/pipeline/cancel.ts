// Cancelling. After the answer no attempt begins, except those counted as in flight.
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { endAsks } from '../sql/asks.ts'
import type { Db } from '../sql/db.ts'
import { listSharedDigests } from '../sql/digests.ts'
import { findEvent, markCancelled, stopFanOut } from '../sql/events.ts'
import { listEventNotifications } from '../sql/notifications.ts'
import { deletePlanRuns, lockPlanRuns } from '../sql/plan-runs.ts'
import { cancelDeliveries, type CancelTarget } from '../sql/cancel-deliveries.ts'

export type Cancelled = { cancelled: number; inFlight: number; done: number }

// Each batch is a transaction: short enough that who settles something of it need not wait long.
const batchSize = 10_000
const parallelBatches = 2

/**
 * Stops the fan-out and every delivery that has not begun. A large event goes in batches, each for
 * good: cut in the middle, what remains is cancelled by doing it again.
 */
export async function cancelWholeEvent(
  ctx: Context,
  workspaceId: number,
  eventId: string,
): Promise<Cancelled> {
  const event = { workspaceId, eventId, now: ctx.in(workspaceId).clock.now() }
  let isMarked = await stopFindingPeople(ctx, event)
  const all = { cancelled: 0, inFlight: 0, done: 0 }
  const batches = eventBatches(ctx, event)

  async function cancelBatches(): Promise<void> {
    for await (const notificationIds of batches) {
      const { cancelled, inFlight, total } = await ctx.db.transaction(async (tx) => {
        const own = await onlyOfEvent(tx, workspaceId, notificationIds)
        const counts = await cancelAll(tx, { ...event, notificationIds: own })
        if (counts.cancelled > 0 && !isMarked) await markCancelled(tx, event)
        return { ...counts, total: counts.total + notificationIds.length - own.length }
      })
      isMarked ||= cancelled > 0
      all.cancelled += cancelled
      all.inFlight += inFlight
      all.done += total - cancelled - inFlight
    }
  }
  await Promise.all(Array.from({ length: parallelBatches }, cancelBatches))
  return all
}

/** Without those that go on for a closed digest: it tells other events too, so it is too late for this one. */
export async function onlyOfEvent(tx: Db, workspaceId: number, notificationIds: string[]) {
  await lockPlanRuns(tx, workspaceId, notificationIds) // then no digest of theirs is just being closed
  const shared = await listSharedDigests(tx, workspaceId, notificationIds)
  return notificationIds.filter((id) => !shared.has(id))
}

/** Plans first, which waits for those that are just being stored: what they have added is cancelled too. */
export async function cancelAll(tx: Db, target: Omit<CancelTarget, 'stoppedPlans'>) {
  const stoppedPlans = await deletePlanRuns(tx, target.workspaceId, target.notificationIds)
  return cancelDeliveries(tx, { ...target, stoppedPlans })
}

type CancelledEvent = { workspaceId: number; eventId: string; now: Date }

/** The ids of an event's notifications, batch by batch; nobody adds any. */
export async function* eventBatches(
  ctx: Context,
  { workspaceId, eventId }: Omit<CancelledEvent, 'now'>,
) {
  let after = ''
  for (;;) {
    const page = { workspaceId, eventId, after, limit: batchSize }
    const found = await listEventNotifications(ctx.db, page)
    if (found.length > 0) yield found.map(({ id }) => id)
    if (found.length < batchSize) return
    after = found.at(-1)!.recipient
  }
}

/**
 * First of all: after it nobody adds deliveries behind our back. Answers whether there were people to
 * be found; then the event is cancelled, whatever else there is to stop.
 */
export async function stopFindingPeople(ctx: Context, event: CancelledEvent): Promise<boolean> {
  const { workspaceId, eventId, now } = event
  // By itself, and committed: who is just having others asked has put them into the queue by then, or will not.
  const ended = await endAsks(ctx.db, workspaceId, [eventId], now)
  return ctx.db.transaction(async (tx) => {
    if (!(await findEvent(tx, workspaceId, eventId)))
      throw new ApiError('not_found', { detail: `There is no event ${eventId}.` })
    const isStopped = await stopFanOut(tx, workspaceId, eventId)
    const hasStopped = isStopped || ended.length > 0
    if (hasStopped) await markCancelled(tx, event)
    return hasStopped
  })
}
