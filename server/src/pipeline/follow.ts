// Everything that is known of one notification: its deliveries with their attempts, and why.
import type { Context } from '../context.ts'
import { traceOf, type TraceEntry } from '../domain/trace.ts'
import { findEvent } from '../sql/events.ts'
import {
  findNotification,
  listAttempts,
  listDeliveries,
  type AttemptRow,
  type DeliveryRow,
  type NotificationRow,
} from '../sql/notifications.ts'

/** An attempt that has ended, or (without an outcome) is under way. */
export type FollowedAttempt = Omit<AttemptRow, 'outcome'> & { outcome: string | null }

export type Followed = {
  notification: NotificationRow
  deliveries: (DeliveryRow & { attempts: FollowedAttempt[] })[]
  trace: TraceEntry[]
}

export async function follow(
  ctx: Context,
  workspaceId: number,
  id: string,
): Promise<Followed | null> {
  const notification = await findNotification(ctx.db, { workspaceId, id, now: ctx.clock.now() })
  if (!notification) return null
  const [event, rows, attempts] = await Promise.all([
    findEvent(ctx.db, workspaceId, notification.eventId),
    listDeliveries(ctx.db, workspaceId, id),
    listAttempts(ctx.db, workspaceId, id),
  ])
  const deliveries = rows.map((row) => ({ ...row, attempts: attemptsOf(row, attempts) }))
  const trace = traceOf(
    {
      ...notification,
      typeVersion: event?.typeVersion ?? null,
      // An event that failed as a whole has another kind of error: not of its text.
      renderError: event && event.status !== 'failed' ? event.error : null,
      hasInApp: notification.content !== null,
      acceptedAt: event?.createdAt ?? notification.createdAt,
      cancelledAt: event?.cancelledAt ?? null,
    },
    deliveries.map((delivery) => ({
      ...delivery,
      nextAt: delivery.begunAt === null ? delivery.dueAt : null,
    })),
  )
  return { notification, deliveries, trace }
}

function attemptsOf(delivery: DeliveryRow, attempts: AttemptRow[]): FollowedAttempt[] {
  const ended = attempts.filter((attempt) => attempt.deliveryId === delivery.id)
  if (delivery.begunAt === null) return ended
  const underWay: FollowedAttempt = {
    deliveryId: delivery.id,
    number: delivery.attempt,
    provider: delivery.begunProvider ?? 'unknown',
    outcome: null,
    code: null,
    detail: null,
    worker: delivery.begunBy,
    startedAt: delivery.begunAt,
    durationMs: null,
  }
  return [...ended, underWay]
}
