// Everything that is known of one notification: its deliveries with their attempts, and why.
import type { Context } from '../context.ts'
import { traceAnswer, type TracedAnswer } from '../domain/ask-trace.ts'
import { carriedChannels } from '../domain/channel.ts'
import type { Event } from '../domain/event.ts'
import { tellStop } from '../domain/plan-words.ts'
import { traceOf, type TraceEntry } from '../domain/trace.ts'
import { findAsk } from '../sql/asks.ts'
import type { ChannelControl } from '../sql/channel-controls.ts'
import { findEvent, type EventRow } from '../sql/events.ts'
import {
  findNotification,
  listAttempts,
  listDeliveries,
  type AttemptRow,
  type DeliveryRow,
  type NotificationRow,
} from '../sql/notifications.ts'
import { findOccurrence } from '../sql/occurrences.ts'
import { listReceipts } from '../sql/receipts.ts'
import { planOf } from './plan-of.ts'
import { findOpenPlan, listPlanNotes, type OpenPlan } from '../sql/plan-notes.ts'

/** An attempt that has ended, or (without an outcome) is under way. */
export type FollowedAttempt = Omit<AttemptRow, 'outcome'> & { outcome: string | null }

export type Followed = {
  notification: NotificationRow
  deliveries: (DeliveryRow & { attempts: FollowedAttempt[] })[]
  trace: TraceEntry[]
  /** When it came to the feed. */
  inAppAt: Date | null
  /** Of a plan that waits. */
  waitsUntil: Date | null
}

export async function follow(
  ctx: Context,
  workspaceId: number,
  id: string,
): Promise<Followed | null> {
  const notification = await findNotification(ctx.db, {
    workspaceId,
    id,
    now: ctx.in(workspaceId).clock.now(),
  })
  if (!notification) return null
  const [event, occurrence, rows, attempts, notes, receipts, open] = await Promise.all([
    findEvent(ctx.db, workspaceId, notification.eventId),
    findOccurrence(ctx.db, workspaceId, notification.eventId),
    listDeliveries(ctx.db, workspaceId, id),
    listAttempts(ctx.db, workspaceId, id),
    listPlanNotes(ctx.db, workspaceId, id),
    listReceipts(ctx.db, workspaceId, id),
    findOpenPlan(ctx.db, workspaceId, id),
  ])
  const answer = await answerTo(ctx, workspaceId, notification)
  const steps = open && event ? [await tellOpenPlan(ctx, workspaceId, event, open)] : []
  const deliveries = rows.map((row) => ({ ...row, attempts: attemptsOf(row, attempts) }))
  const trace = traceOf(
    {
      ...notification,
      typeVersion: event?.typeVersion ?? null,
      // An event that failed as a whole has another kind of error: not of its text.
      renderError: event && event.status !== 'failed' ? event.error : null,
      data: event?.data ?? null,
      hasInApp: notification.content !== null,
      acceptedAt: event?.createdAt ?? notification.createdAt,
      cancelledAt: event?.cancelledAt ?? null,
      occurrence,
    },
    deliveries.map((delivery) => ({
      ...delivery,
      receipts: receipts.filter(({ deliveryId }) => deliveryId === delivery.id),
      nextAt: delivery.begunAt === null ? delivery.dueAt : null,
      paused: pauseOf(ctx, workspaceId, delivery.channel),
    })),
    [...notes, ...steps, ...(answer ? [traceAnswer(answer)] : [])],
  )
  const { content, arrivedAt, createdAt } = notification
  return {
    notification,
    deliveries,
    trace,
    inAppAt: content === null ? null : (arrivedAt ?? createdAt),
    waitsUntil: open?.until ?? null,
  }
}

/** Null: it is worked. Where the clock stands a pause does not count. */
function pauseOf(ctx: Context, workspaceId: number, name: string): ChannelControl | null {
  const channel = carriedChannels.find((carried) => carried === name)
  if (channel === undefined || ctx.clocks.at(workspaceId) !== null) return null
  const control = ctx.channelControls.of(channel)
  return control.isPaused ? control : null
}

/** Its own, or the one that was enough for all. */
async function answerTo(
  ctx: Context,
  workspaceId: number,
  { id, eventId, ...own }: NotificationRow,
): Promise<TracedAnswer | null> {
  const ask = await findAsk(ctx.db, { workspaceId, eventId })
  if (ask?.answeredAt && ask.notificationId !== id)
    return { ...ask, at: ask.answeredAt, isOwn: false }
  const { acknowledgedAt: at, acknowledgedVia: via, acknowledgedBy: by } = own
  const { recipient, isSubscriber } = own
  return at && { recipient, isSubscriber, by, at, via, isOwn: true }
}

/** The step that a plan waits at, as the last of its trace. */
async function tellOpenPlan(
  ctx: Context,
  workspaceId: number,
  { type, typeVersion, message }: Pick<EventRow, 'type' | 'typeVersion' | 'message'>,
  { position, until }: OpenPlan,
): Promise<TraceEntry> {
  const found =
    type !== null && typeVersion !== null
      ? await ctx.configuration.eventTypeVersion(workspaceId, type, typeVersion)
      : null
  const plan = planOf(found, message as Event['message'])
  const at = ctx.in(workspaceId).clock.now()
  return { at, ...tellStop(plan?.program[position], until) }
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
    because: null,
    reference: null,
    worker: delivery.begunBy,
    startedAt: delivery.begunAt,
    durationMs: null,
  }
  return [...ended, underWay]
}
