// First step: from a request to an event on disk. Everything that can be refused is refused here.
import { randomUUIDv7 } from 'node:crypto'
import type { Context } from '../context.ts'
import type { AudienceMember, InlineSubscriber } from '../domain/audience.ts'
import type { Level } from '../domain/event-type.ts'
import { laneOf, type Event } from '../domain/event.ts'
import { didYouMean } from '../domain/nearest.ts'
import { ApiError, type FieldError } from '../errors.ts'
import { insertEvents, type IdempotencyRecord } from '../sql/events.ts'
import { findDeletedAt, listEventTypeKeys } from '../sql/event-types.ts'
import { upsertSubscribers } from '../sql/subscribers.ts'
import type { RegisteredType } from './configuration.ts'
import { checkInline } from './inline-subscribers.ts'

/** `to` of a request: an id, the members of a topic, or a subscriber given in full. */
export type To = string | { topic: string } | InlineSubscriber

export type EventRequest = {
  type: string
  params?: Record<string, unknown>
  to?: To[]
  level?: Level
  scheduled_time?: string // with an offset
  thread_key?: string
  expires_at?: string
}

export type Accepting = { workspaceId: number; traceparent: string | null }

/** A request that may be stored, and who must be stored with it. */
export type CheckedEvent = { event: Event; subscribers: InlineSubscriber[] }

/**
 * Checks a request against the registry and makes the event of it. Nothing is stored.
 *
 * @throws ApiError `unknown_event_type`, `invalid_params`, `no_recipients`, `invalid_request`.
 */
export async function checkEvent(
  ctx: Context,
  { workspaceId, traceparent }: Accepting,
  request: EventRequest,
): Promise<CheckedEvent> {
  const type = await ctx.configuration.eventType(workspaceId, request.type)
  if (!type) throw await unknownType(ctx, workspaceId, request.type)

  checkInline(request.to ?? [])
  const params = request.params ?? {}
  const errors = type.checkParams(params)
  if (errors.length > 0)
    throw new ApiError('invalid_params', {
      detail: `The parameters do not fit the schema of ${type.key}.`,
      errors: errors.map(({ pointer, detail }) => ({ pointer: `/params${pointer}`, detail })),
    })

  const now = ctx.clock.now()
  const audience = audienceOf(type, request.to, params)
  const event: Event = {
    workspaceId,
    id: randomUUIDv7(),
    type: type.key,
    typeVersion: type.version,
    level: request.level ?? type.levelOf(params),
    audience,
    params,
    message: null,
    ...checkTimes(request, now),
    threadKey: request.thread_key ?? null,
    traceparent,
    replayOf: null,
    createdAt: now,
  }
  return { event, subscribers: (request.to ?? []).filter(isInline) }
}

/** As `Intake.store`, and with the subscribers that were given in full, in the same transaction. */
export async function storeEvents(
  ctx: Context,
  checked: CheckedEvent[],
  record: IdempotencyRecord | null,
  bytes = 0,
): Promise<boolean> {
  const events = checked.map(({ event }) => event)
  const subscribers = checked.flatMap((item) => item.subscribers)
  if (subscribers.length === 0) return ctx.intake.store(events, record, bytes)

  const { workspaceId } = events[0]!
  const now = ctx.clock.now()
  const rows = events.map((event) => ({
    ...event,
    lane: laneOf(event),
    dueAt: now,
    epoch: 0 as const,
    idempotencyKey: record?.key ?? null,
  }))
  const isStored = await ctx.db.transaction(async (tx) => {
    const stored = await insertEvents(tx, rows, record ? [record] : [])
    if (stored.length > 0) await upsertSubscribers(tx, workspaceId, subscribers)
    return stored.length > 0
  })
  ctx.signals.ring('belfry_events')
  if (isStored) ctx.metrics.eventsAccepted.inc(events.length)
  return isStored
}

/** Those whom the event type names, and those named in the request; last, who hears it otherwise. */
function audienceOf(
  type: RegisteredType,
  to: To[] | undefined,
  params: Record<string, unknown>,
): AudienceMember[] {
  const named = (to ?? []).map(memberOf)
  if (type.audience.length === 0 && type.otherwise.length === 0 && named.length === 0)
    throw new ApiError('no_recipients', {
      detail: `${type.key} has no audience of its own: say who hears about it in "to".`,
      errors: [{ pointer: '/to', detail: 'is needed for this event type' }],
    })
  return [...type.audienceOf(params), ...named, ...type.otherwiseOf(params)]
}

export function memberOf(to: To): AudienceMember {
  if (typeof to === 'string') return { id: to }
  return 'topic' in to ? { topic: to.topic } : { id: to.id }
}

export function isInline(to: To): to is InlineSubscriber {
  return typeof to === 'object' && 'id' in to
}

const furthestDays = 366
const pastToleranceMs = 60_000

/** @throws ApiError `invalid_request` for a time that is none, past, too far away, or too late to matter. */
export function checkTimes(
  request: { scheduled_time?: string; expires_at?: string },
  now: Date,
): { scheduledAt: Date | null; expiresAt: Date | null } {
  const scheduledAt = request.scheduled_time ? new Date(request.scheduled_time) : null
  const expiresAt = request.expires_at ? new Date(request.expires_at) : null
  const errors: FieldError[] = []
  for (const [name, time] of Object.entries({ scheduled_time: scheduledAt, expires_at: expiresAt }))
    if (time && Number.isNaN(time.getTime()))
      errors.push({ pointer: `/${name}`, detail: 'is no RFC 3339 time' })
  const latest = now.getTime() + furthestDays * 86_400_000
  if (scheduledAt && scheduledAt.getTime() < now.getTime() - pastToleranceMs)
    errors.push({ pointer: '/scheduled_time', detail: 'is in the past; leave it out to send now' })
  if (scheduledAt && scheduledAt.getTime() > latest)
    errors.push({ pointer: '/scheduled_time', detail: `is more than ${furthestDays} days ahead` })
  if (expiresAt && expiresAt <= (scheduledAt ?? now))
    errors.push({ pointer: '/expires_at', detail: 'is over before anything could be sent' })
  if (errors.length > 0) throw new ApiError('invalid_request', { errors })
  return { scheduledAt, expiresAt }
}

export async function unknownType(
  ctx: Context,
  workspaceId: number,
  key: string,
): Promise<ApiError> {
  const deletedAt = await findDeletedAt(ctx.db, workspaceId, key)
  const keys = deletedAt ? [] : await listEventTypeKeys(ctx.db, workspaceId)
  const hint =
    didYouMean(key, keys) || ` Register it first: PUT /event-types/${encodeURIComponent(key)}.`
  const what = deletedAt
    ? `was deleted at ${deletedAt.toISOString()}: PUT it again to use it.`
    : `is not registered.${hint}`
  return new ApiError('unknown_event_type', {
    detail: `"${key}" ${what}`,
    errors: [{ pointer: '/type', detail: what }],
  })
}
