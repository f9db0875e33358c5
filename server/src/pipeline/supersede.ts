// A newer message of a thread takes the place of the older ones, for each person: what still waits of them is not
// sent any more, and what is shown is taken back where the channel can. In the transaction that stores the newer one.
import { nudgeAsksOf, upsertAsks } from '../sql/asks.ts'
import type { Db } from '../sql/db.ts'
import { insertFanOut, type FanOutRows, type StoredFanOut } from '../sql/fan-out.ts'
import { deletePlanRuns, insertPlans, type NewPlans } from '../sql/plan-runs.ts'
import { cancelDeliveries } from '../sql/cancel-deliveries.ts'
import { releaseDeliveries } from '../sql/queue.ts'
import { holdThreads, replaceNewest, retract, type ThreadEntry } from '../sql/threads.ts'

export type Storing = {
  rows: FanOutRows
  plans: NewPlans
  threads: ThreadEntry[]
  /** Events that one answer is enough for; `isDone`: these are the last of the people who are asked now. */
  asks: { workspaceId: number; eventId: string; isDone: boolean }[]
}

/** Stores a fan-out with its plans. The order of its locks: threads, plans, preferences, deliveries, notifications, asks. */
export async function storeFanOut(tx: Db, storing: Storing, now: Date): Promise<StoredFanOut> {
  const stored = await storePeople(tx, storing, now)
  if (storing.asks.length > 0) await upsertAsks(tx, storing.asks, now)
  return stored
}

async function storePeople(
  tx: Db,
  { rows, plans, threads }: Storing,
  now: Date,
): Promise<StoredFanOut> {
  if (threads.length > 0) await holdThreads(tx, threads, now)
  const stored = await insertFanOut(tx, rows)
  if (plans.runs.length > 0 || plans.notes.length > 0) await insertPlans(tx, plans, now)
  if (threads.length === 0) return stored
  const gone = await supersede(tx, rows, threads, now)
  return { ...stored, deliveryIds: stored.deliveryIds.filter((id) => !gone.has(id)) }
}

/** Answers which of the new deliveries do not begin: something newer was there before them. */
async function supersede(
  tx: Db,
  { deliveries }: FanOutRows,
  threads: ThreadEntry[],
  now: Date,
): Promise<Set<string>> {
  const superseded = await replaceNewest(tx, threads)
  if (superseded.length === 0) return new Set()
  const all = new Set(superseded.map(({ notificationId }) => notificationId))
  const own = deliveries.filter(({ notificationId }) => all.has(notificationId))
  const begun = own.filter(({ leaseUntil }) => leaseUntil !== null)
  // Not committed, so nobody has been called yet.
  if (begun.length > 0)
    await releaseDeliveries(
      tx,
      begun.map(({ id }) => ({ deliveryId: id, epoch: 1 })),
      now,
    )
  const ofWorkspaces = Map.groupBy(superseded, (one) => one.workspaceId)
  for (const [workspaceId, group] of ofWorkspaces) {
    const notificationIds = group.map(({ notificationId }) => notificationId)
    const stoppedPlans = await deletePlanRuns(tx, workspaceId, notificationIds)
    const target = { workspaceId, notificationIds, stoppedPlans, now }
    await cancelDeliveries(tx, { ...target, reason: 'superseded' })
  }
  for (const [workspaceId, group] of ofWorkspaces)
    await retract(tx, { workspaceId, superseded: group, now })
  for (const [workspaceId, group] of ofWorkspaces) {
    const notificationIds = group.map(({ notificationId }) => notificationId)
    await nudgeAsksOf(tx, { workspaceId, notificationIds, now }) // nobody else is asked about what is superseded
  }
  return new Set(own.map(({ id }) => id))
}
