// First step: from a request to an event on disk. Everything that can be refused is refused here.
import type { Context } from '../context.ts'
import type { AudienceMember, InlineSubscriber } from '../domain/audience.ts'
import type { Level } from '../domain/event-type.ts'
import { laneOf, type Event } from '../domain/event.ts'
import { didYouMean } from '../domain/nearest.ts'
import { readTimes, type RequestedTimes, type Times } from '../domain/requested-times.ts'
import { ApiError } from '../errors.ts'
import { newId } from '../new-id.ts'
import { insertEvents, type IdempotencyRecord } from '../sql/events.ts'
import { findDeletedAt, listEventTypeKeys } from '../sql/event-types.ts'
import { upsertSubscribers } from '../sql/subscribers.ts'
import type { RegisteredType } from './configuration.ts'
import { Effort } from './effort.ts'
import { checkInline } from './inline-subscribers.ts'

/** `to` of a request: an id, the members of a topic, or a subscriber given in full. */
export type To = string | { topic: string } | InlineSubscriber

export type EventRequest = {
  type: string
  params?: Record<string, unknown>
  to?: To[]
  level?: Level
  thread_key?: string
} & RequestedTimes

export type Accepting = {
  workspaceId: number
  traceparent: string | null
  /** Of a request with many events: they share it. */
  effort?: Effort
  /** When it was said, if that was before now. */
  acceptedAt?: Date
  /** Nobody need be named, neither by the event type nor in the request. */
  mayBeForNobody?: boolean
}

/** A request that may be stored, and who must be stored with it. */
export type CheckedEvent = { event: Event; subscribers: InlineSubscriber[] }

/**
 * Checks a request against the registry and makes the event of it. Nothing is stored.
 *
 * @throws ApiError `unknown_event_type`, `invalid_params`, `no_recipients`, `invalid_request`.
 */
export async function checkEvent(
  ctx: Context,
  accepting: Accepting,
  request: EventRequest,
): Promise<CheckedEvent> {
  const { workspaceId, traceparent, effort = new Effort(), mayBeForNobody = false } = accepting
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

  const now = accepting.acceptedAt ?? ctx.in(workspaceId).clock.now()
  if (!mayBeForNobody) refuseNobody(type, request.to)
  const audience = await audienceOf(type, request.to, params, effort)
  const event: Event = {
    workspaceId,
    id: newId(),
    type: type.key,
    typeVersion: type.version,
    level: request.level ?? (await type.levelOf(params, effort)),
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
  const { workspaceId } = events[0]!
  const hasOwnTime = ctx.clocks.at(workspaceId) !== null
  if (subscribers.length === 0 && !hasOwnTime) return ctx.intake.store(events, record, bytes)

  const now = ctx.in(workspaceId).clock.now()
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
  ctx.in(workspaceId).signals.ring('belfry_events')
  if (isStored) ctx.metrics.eventsAccepted.inc(events.length)
  return isStored
}

/** Those whom the event type names, and those named in the request; then who hears it otherwise, and who is asked next. */
async function audienceOf(
  type: RegisteredType,
  to: To[] | undefined,
  params: Record<string, unknown>,
  effort: Effort,
): Promise<AudienceMember[]> {
  const named = (to ?? []).map(memberOf)
  const own = await type.audienceOf(params, effort)
  const otherwise = await type.otherwiseOf(params, effort)
  return [...own, ...named, ...otherwise, ...(await type.escalationOf(params, effort))]
}

function refuseNobody({ key, audience, otherwise }: RegisteredType, to: To[] = []): void {
  if (audience.length > 0 || otherwise.length > 0 || to.length > 0) return
  throw new ApiError('no_recipients', {
    detail: `${key} has no audience of its own: say who hears about it in "to".`,
    errors: [{ pointer: '/to', detail: 'is needed for this event type' }],
  })
}

export function memberOf(to: To): AudienceMember {
  if (typeof to === 'string') return { id: to }
  return 'topic' in to ? { topic: to.topic } : { id: to.id }
}

export function isInline(to: To): to is InlineSubscriber {
  return typeof to === 'object' && 'id' in to
}

/**
 * `zones`: of everybody it is for, as `readTimes` has it.
 *
 * @throws ApiError `invalid_request` for a time that is none, past, too far away, or too late to matter, and for a
 *   time zone that is none.
 */
export function checkTimes(
  request: RequestedTimes,
  now: Date,
  zones: readonly (string | null)[] | null = null,
): Times {
  const { times, problems: errors } = readTimes(request, now, zones)
  if (errors.length > 0) throw new ApiError('invalid_request', { errors })
  return times
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
