// How notifications are shown.
import { Type } from 'typebox'
import { maskAddress } from '../domain/address.ts'
import { ways as answerWays } from '../domain/asking.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import { localTimeOf } from '../domain/local-time.ts'
import { reasonsOf } from '../domain/reason.ts'
import { statuses } from '../domain/status.ts'
import type { Followed, FollowedAttempt } from '../pipeline/follow.ts'
import type { NotificationRow } from '../sql/notifications.ts'

const id = Type.String({ format: 'uuid' })
const time = Type.String({ format: 'date-time' })
const nullable = <Schema extends ReturnType<typeof Type.String>>(schema: Schema) =>
  Type.Union([schema, Type.Null()])
const nullableText = nullable(Type.String())
const Status = Type.Enum(statuses)

export const NotificationView = Type.Object({
  id,
  event_id: id,
  type: nullableText,
  recipient_id: Type.String(),
  reasons: Type.Array(
    Type.Object({
      kind: Type.Enum(['request', 'event_type', 'topic', 'otherwise', 'escalation'], {
        description:
          'Named in the request or by the event type, a member of a topic, named to be told otherwise, or to be asked when nobody answers.',
      }),
      topic: nullableText,
    }),
    { description: 'Every way that led to this person.' },
  ),
  channel: Type.String({ description: 'The first channel of the plan.' }),
  status: Status,
  reason: nullableText,
  level: Type.String(),
  content: Type.Unknown({
    description: 'The text: of the in-app part, else of the first delivery.',
  }),
  attempt_count: Type.Integer(),
  created_at: time,
  scheduled_time: nullable(time),
  timezone: Type.Union([Type.String(), Type.Null()], {
    description: 'Of the request, else of the recipient. Null: nobody knows it.',
  }),
  local_scheduled_time: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
    description: 'What the clock there shows at `scheduled_time`, with its offset.',
  }),
  appropriate_delivery: Type.Boolean({
    description: 'False: the moment was outside of the hours, and a delivery of it had to wait.',
  }),
  estimated_delivery_time: Type.Union([time, Type.Null()], {
    description:
      'While something of it waits: when that may begin. Once it was sent: when that was. Null: it will not go out.',
  }),
  finished_at: nullable(time),
  read_at: nullable(time),
  acknowledged_at: nullable(time),
  acknowledged_via: Type.Union([Type.Enum(answerWays), Type.Null()], {
    description: 'How it was answered.',
  }),
  acknowledged_by: Type.Union([Type.String(), Type.Null()], {
    description: 'By whom, as the API was told; null: by its recipient.',
  }),
  superseded_by: Type.Union([id, Type.Null()], {
    description: 'The newer notification of its thread that took its place.',
  }),
  retracted_at: Type.Union([time, Type.Null()], {
    description: 'When it was taken out of the feed for that.',
  }),
})

const AttemptView = Type.Object({
  number: Type.Integer(),
  provider: Type.String(),
  outcome: Type.Union([Type.String(), Type.Null()], { description: 'Null while it is under way.' }),
  code: nullableText,
  detail: nullableText,
  reference: Type.Union([Type.String(), Type.Null()], {
    description: "The vendor's name for the message.",
  }),
  worker: nullableText,
  started_at: time,
  duration_ms: Type.Union([Type.Integer(), Type.Null()]),
})

const DeliveryView = Type.Object({
  id,
  channel: Type.String(),
  provider: nullableText,
  address: Type.Union([Type.String(), Type.Null()], { description: 'Masked.' }),
  status: Status,
  reason: nullableText,
  content: Type.Unknown(),
  created_at: time,
  next_attempt_at: nullable(time),
  finished_at: nullable(time),
  attempts: Type.Array(AttemptView),
})

export const TraceView = Type.Object({
  at: time,
  step: Type.String(),
  decision: Type.String(),
  because: Type.String(),
})

export const NotificationDetail = Type.Object({
  ...NotificationView.properties,
  deliveries: Type.Array(DeliveryView),
  trace: Type.Array(TraceView),
})

function reasonOf({ status, reason, retractedAt }: NotificationRow): string | null {
  if (status === 'processing') return null // so far one of a channel, not of the end
  return retractedAt === null ? reason : 'retracted'
}

export function showNotification(row: NotificationRow) {
  return {
    id: row.id,
    event_id: row.eventId,
    type: row.type,
    recipient_id: row.recipient,
    reasons: reasonsOf(row.via),
    channel: row.channel,
    status: row.status,
    reason: reasonOf(row),
    level: row.level,
    content: row.content,
    attempt_count: row.attemptCount,
    created_at: row.createdAt,
    scheduled_time: row.scheduledAt,
    timezone: row.timezone,
    local_scheduled_time: row.scheduledAt && localTimeOf(row.scheduledAt, row.timezone ?? 'UTC'),
    appropriate_delivery: row.isInHours,
    estimated_delivery_time: row.estimatedAt,
    finished_at: row.finishedAt,
    read_at: row.readAt,
    acknowledged_at: row.acknowledgedAt,
    acknowledged_via: row.acknowledgedVia,
    acknowledged_by: row.acknowledgedBy,
    superseded_by: row.supersededBy,
    retracted_at: row.retractedAt,
  }
}

export function showFollowed({ notification, deliveries, trace }: Followed) {
  return {
    ...showNotification(notification),
    content: notification.content ?? deliveries[0]?.content ?? null,
    deliveries: deliveries.map((delivery) => ({
      id: delivery.id,
      channel: delivery.channel,
      provider: delivery.attempts.at(-1)?.provider ?? null,
      address:
        delivery.address && maskAddress(delivery.channel as CarriedChannel, delivery.address),
      status: delivery.status,
      reason: delivery.reason,
      content: delivery.content,
      created_at: delivery.createdAt,
      next_attempt_at: delivery.begunAt === null && !delivery.isTooLate ? delivery.dueAt : null,
      finished_at: delivery.finishedAt,
      attempts: delivery.attempts.map(showAttempt),
    })),
    trace,
  }
}

function showAttempt(attempt: FollowedAttempt) {
  return {
    number: attempt.number,
    provider: attempt.provider,
    outcome: attempt.outcome,
    code: attempt.code,
    detail: attempt.detail,
    reference: attempt.reference,
    worker: attempt.worker,
    started_at: attempt.startedAt,
    duration_ms: attempt.durationMs,
  }
}
