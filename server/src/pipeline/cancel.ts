// Cancelling. After the answer no attempt begins, except those counted as in flight.
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { Db } from '../sql/db.ts'
import { findEvent, markCancelled, stopFanOut } from '../sql/events.ts'
import { countDeliveries, findNotification } from '../sql/notifications.ts'
import { cancelDeliveries } from '../sql/queue.ts'

export type Cancelled = { cancelled: number; inFlight: number; done: number }

/** Stops the fan-out and every delivery that has not begun. May be repeated. */
export async function cancelWholeEvent(
  ctx: Context,
  tx: Db,
  workspaceId: number,
  eventId: string,
): Promise<Cancelled> {
  if (!(await findEvent(tx, workspaceId, eventId)))
    throw new ApiError('not_found', { detail: `There is no event ${eventId}.` })
  const now = ctx.clock.now()
  // The fan-out first: after it nobody adds deliveries behind our back.
  const hasStopped = await stopFanOut(tx, workspaceId, eventId)
  const counts = await cancelDeliveries(tx, { workspaceId, eventId, notificationId: null, now })
  if (hasStopped || counts.cancelled > 0) await markCancelled(tx, workspaceId, eventId, now)
  const total = await countDeliveries(tx, workspaceId, eventId)
  return { ...counts, done: total - counts.cancelled - counts.inFlight }
}

/**
 * Stops the deliveries of a notification that have not begun. Answers how many had: each of them is
 * making its last attempt.
 *
 * @throws ApiError `wrong_status` when nothing of it waits any more.
 */
export async function cancelNotification(
  ctx: Context,
  tx: Db,
  workspaceId: number,
  id: string,
): Promise<number> {
  const notification = await findNotification(tx, workspaceId, id)
  if (!notification) throw new ApiError('not_found', { detail: `There is no notification ${id}.` })
  const { eventId, status } = notification
  const now = ctx.clock.now()
  const counts = await cancelDeliveries(tx, { workspaceId, eventId, notificationId: id, now })
  if (counts.cancelled > 0) return counts.inFlight

  const why =
    counts.inFlight > 0
      ? 'its attempt has begun, and no further one will be made'
      : `it is ${status}`
  throw new ApiError('wrong_status', {
    detail: `The notification cannot be cancelled: ${why}.`,
    extra: { current_status: status, in_flight: counts.inFlight },
  })
}
