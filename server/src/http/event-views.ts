// Events as they are shown.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { tellAnswerer, ways as answerWays } from '../domain/asking.ts'
import type { TracedAsk } from '../domain/ask-trace.ts'
import { traceEvent } from '../domain/event-trace.ts'
import { ApiError } from '../errors.ts'
import { findAsk, type AskRow } from '../sql/asks.ts'
import { countByStatus, findEvent, type EventRow } from '../sql/events.ts'
import { listRuns, type RunRow } from '../sql/listeners.ts'
import { findOccurrence } from '../sql/occurrences.ts'
import { TraceView } from './notification-views.ts'

const nullableTime = Type.Union([Type.String({ format: 'date-time' }), Type.Null()])
const nullableText = Type.Union([Type.String(), Type.Null()])

const AudienceView = Type.Object({
  id: Type.Optional(Type.String({ description: 'A subscriber.' })),
  topic: Type.Optional(Type.String({ description: 'The members of a topic.' })),
  address: Type.Optional(Type.String({ description: 'Of nobody we know.' })),
  from: Type.Enum(['request', 'event_type', 'otherwise', 'escalation'], {
    description: 'What named it.',
  }),
  level: Type.Optional(
    Type.Integer({ description: 'Asked when nobody before has answered: 1 first, then 2.' }),
  ),
  zone: Type.Optional(Type.String({ description: 'Only those who are in this time zone,' })),
  label: Type.Optional(Type.String({ description: 'as far as this local time is concerned.' })),
  found: Type.Union([Type.Integer(), Type.Null()], {
    description: 'How many people it led to; null while, or if, it was not looked at.',
  }),
})

export const EventView = Type.Object({
  id: Type.String({ format: 'uuid' }),
  type: nullableText,
  type_version: Type.Union([Type.Integer(), Type.Null()]),
  level: Type.String(),
  audience: Type.Array(AudienceView),
  params: Type.Record(Type.String(), Type.Unknown()),
  message: Type.Unknown({
    description: 'A direct message: its channels and text. Null for an event.',
  }),
  status: Type.Enum(['accepted', 'processed', 'no_audience', 'cancelled', 'failed']),
  error: nullableText,
  recipient_count: Type.Integer(),
  scheduled_time: nullableTime,
  local_scheduled_time: Type.Union([Type.String(), Type.Null()], {
    description: 'Instead of `scheduled_time`: by the clock of each recipient.',
  }),
  timezone: Type.Union([Type.String(), Type.Null()], {
    description: 'As the request gave it. Null: where each recipient is.',
  }),
  expires_at: nullableTime,
  thread_key: nullableText,
  replay_of: Type.Union([Type.String({ format: 'uuid' }), Type.Null()], {
    description: 'The event of which this is a repetition.',
  }),
  created_at: Type.String({ format: 'date-time' }),
  processed_at: nullableTime,
  processing_ms: Type.Union([Type.Integer(), Type.Null()]),
  cancelled_at: nullableTime,
})

const ListenerView = Type.Object({
  name: Type.String(),
  status: Type.Enum(['waiting', 'running', 'done', 'failed']),
  attempt_count: Type.Integer(),
  error: Type.Union([Type.String(), Type.Null()], {
    description: 'Of the last attempt that failed.',
  }),
  started_at: nullableTime,
  finished_at: nullableTime,
  duration_ms: Type.Union([Type.Integer(), Type.Null()], { description: 'Of the last attempt.' }),
  next_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
    description: 'When it is tried next.',
  }),
})

const AnswerOfEvent = Type.Object({
  answered_at: Type.String({ format: 'date-time' }),
  recipient_id: Type.Union([Type.String(), Type.Null()], {
    description: 'Whose notification it was; null once that is forgotten.',
  }),
  notification_id: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
  via: Type.Union([Type.Enum(answerWays), Type.Null()]),
  by: Type.Union([Type.String(), Type.Null()], {
    description: 'Who answered, as the API was told; null: the recipient.',
  }),
  stopped: Type.Integer({ description: 'Deliveries and plans of others that it stopped.' }),
  in_flight: Type.Integer({ description: 'Deliveries of others that had begun.' }),
})

/** An event, how its notifications stand, and who was looked for. */
export const EventDetail = Type.Object({
  ...EventView.properties,
  schedule: Type.Union([Type.String(), Type.Null()], { description: 'The schedule it is of.' }),
  notifications: Type.Record(Type.String(), Type.Integer(), {
    description: 'How many stand where; those that were forgotten are not counted.',
  }),
  listeners: Type.Array(ListenerView, { description: 'What code made of it that listens to it.' }),
  answer: Type.Union([AnswerOfEvent, Type.Null()], {
    description: 'Where one answer is enough for all who are asked: the first. Null: none so far.',
  }),
  trace: Type.Array(TraceView, { description: 'Who was looked for and found, in words.' }),
})

/** @throws ApiError `not_found` */
export async function describeEvent(ctx: Context, workspaceId: number, id: string) {
  const event = await findEvent(ctx.db, workspaceId, id)
  if (!event) throw new ApiError('not_found', { detail: `There is no event ${id}.` })
  const counts = await countByStatus(ctx.db, {
    workspaceId,
    eventId: id,
    now: ctx.in(workspaceId).clock.now(),
  })
  const runs = await listRuns(ctx.db, workspaceId, id)
  const occurrence = await findOccurrence(ctx.db, workspaceId, id)
  const ask = await findAsk(ctx.db, { workspaceId, eventId: id })
  const notifications = Object.fromEntries(counts.map(({ status, count }) => [status, count]))
  const listeners = runs.map(showRun)
  const schedule = occurrence?.schedule ?? null
  const trace = traceEvent({ ...event, occurrence, ask: ask && tracedAsk(ask) })
  const answer = ask && showAnswer(ask)
  return { ...showEvent(event), schedule, notifications, listeners, answer, trace }
}

function tracedAsk(ask: AskRow): TracedAsk {
  const { asked, answeredAt: at, via, stoppedCount: stopped, inFlightCount: inFlight } = ask
  const who = tellAnswerer(ask)
  return { asked, answer: at && { at, who, via, stopped, inFlight } }
}

function showAnswer(ask: AskRow) {
  if (ask.answeredAt === null) return null
  return {
    answered_at: ask.answeredAt,
    recipient_id: ask.recipient,
    notification_id: ask.recipient === null ? null : ask.notificationId,
    via: ask.via,
    by: ask.by,
    stopped: ask.stoppedCount,
    in_flight: ask.inFlightCount,
  }
}

export function showEvent(row: EventRow) {
  const { createdAt, processedAt, scheduledAt, expiresAt, cancelledAt } = row
  return {
    id: row.id,
    type: row.type,
    type_version: row.typeVersion,
    level: row.level,
    audience: row.audience.map((member, i) => ({
      ...member,
      from: member.from ?? ('request' as const),
      found: row.found[i] ?? null,
    })),
    params: row.params,
    message: row.message,
    status: row.status,
    error: row.error,
    recipient_count: row.recipientCount,
    scheduled_time: scheduledAt,
    local_scheduled_time: row.scheduledLocal,
    timezone: row.timezone,
    expires_at: expiresAt,
    thread_key: row.threadKey,
    replay_of: row.replayOf,
    created_at: createdAt,
    processed_at: processedAt,
    processing_ms: processedAt && processedAt.getTime() - createdAt.getTime(),
    cancelled_at: cancelledAt,
  }
}

function showRun(run: RunRow) {
  return {
    name: run.listener,
    status: run.status,
    attempt_count: run.attemptCount,
    error: run.error,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    duration_ms: run.durationMs,
    next_at: run.status === 'waiting' ? run.dueAt : null,
  }
}
