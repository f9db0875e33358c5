// Cancelling. After the answer no attempt begins, except those counted as in flight.
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { Db } from '../sql/db.ts'
import { findEvent, markCancelled, stopFanOut } from '../sql/events.ts'
import { findNotification, listEventNotifications } from '../sql/notifications.ts'
import { cancelDeliveries } from '../sql/queue.ts'

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
  const event = { workspaceId, eventId, now: ctx.clock.now() }
  let isMarked = await stopFindingPeople(ctx, event)
  const all = { cancelled: 0, inFlight: 0, done: 0 }
  const batches = batchesOf(ctx, event)

  async function cancelBatches(): Promise<void> {
    for await (const notificationIds of batches) {
      const { cancelled, inFlight, total } = await ctx.db.transaction(async (tx) => {
        const counts = await cancelDeliveries(tx, { ...event, notificationIds })
        if (counts.cancelled > 0 && !isMarked) await markCancelled(tx, event)
        return counts
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

type CancelledEvent = { workspaceId: number; eventId: string; now: Date }

/** The ids of an event's notifications, batch by batch; nobody adds any. */
async function* batchesOf(ctx: Context, { workspaceId, eventId }: CancelledEvent) {
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
function stopFindingPeople(ctx: Context, event: CancelledEvent): Promise<boolean> {
  const { workspaceId, eventId } = event
  return ctx.db.transaction(async (tx) => {
    if (!(await findEvent(tx, workspaceId, eventId)))
      throw new ApiError('not_found', { detail: `There is no event ${eventId}.` })
    const hasStopped = await stopFanOut(tx, workspaceId, eventId)
    if (hasStopped) await markCancelled(tx, event)
    return hasStopped
  })
}

/**
 * Stops the deliveries of a notification that have not begun. Answers how many had: each of them is
 * making its last attempt. When all of them had, that is to be committed too: the refusal is answered, not
 * thrown.
 *
 * @throws ApiError `wrong_status` when nothing of it may still begin.
 */
export async function cancelNotification(
  ctx: Context,
  tx: Db,
  workspaceId: number,
  id: string,
): Promise<number | ApiError> {
  const now = ctx.clock.now()
  const notification = await findNotification(tx, { workspaceId, id, now })
  if (!notification) throw new ApiError('not_found', { detail: `There is no notification ${id}.` })
  const { status } = notification
  const counts = await cancelDeliveries(tx, { workspaceId, notificationIds: [id], now })
  if (counts.cancelled > 0) return counts.inFlight
  if (counts.inFlight === 0) throw tooLate(`it is ${status}`, status, 0)
  const why = 'its attempt has begun, and no further one will be made'
  return tooLate(why, status, counts.inFlight)
}

function tooLate(why: string, status: string, inFlight: number): ApiError {
  return new ApiError('wrong_status', {
    detail: `The notification cannot be cancelled: ${why}.`,
    extra: { current_status: status, in_flight: inFlight },
  })
}
