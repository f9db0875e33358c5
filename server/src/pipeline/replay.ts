// Replaying: what happened is said again, as a new event that names its original. The registry is today's, its
// audience is found anew, and whoever has heard of the original hears of it again.
import type { Context } from '../context.ts'
import { laneOf, type Event } from '../domain/event.ts'
import { firstIdAt } from '../domain/id.ts'
import { ApiError } from '../errors.ts'
import { newId } from '../new-id.ts'
import type { Db } from '../sql/db.ts'
import { findEvent, insertEvents, type EventRow } from '../sql/events.ts'
import { listReplayable } from '../sql/replays.ts'
import { checkEvent, unknownType, type Accepting, type CheckedEvent, type To } from './accept.ts'
import { compileAudience } from './audience.ts'
import { Effort } from './effort.ts'
import { localTimeOf } from './zone-people.ts'

/**
 * The new event for one that has come to an end. Nothing is stored.
 *
 * @throws ApiError `not_found`; `wrong_status` for what was cancelled or is not processed yet; and what a new
 *   event of the type would be refused for today.
 */
export async function replay(
  ctx: Context,
  accepting: Accepting,
  id: string,
): Promise<CheckedEvent> {
  const original = await findEvent(ctx.db, accepting.workspaceId, id)
  if (!original) throw new ApiError('not_found', { detail: `There is no event ${id}.` })
  const { status } = original
  if (status === 'accepted' || status === 'cancelled')
    throw new ApiError('wrong_status', {
      detail:
        status === 'cancelled'
          ? 'The event was cancelled: whoever did so wanted nobody to hear of it.'
          : 'Its people are still being found. It can be replayed once that is done.',
      extra: { current_status: status },
    })
  if (original.isErased)
    throw new ApiError('wrong_status', {
      detail: 'A person it named was erased, and what it said with them.',
      extra: { current_status: status },
    })
  return repetitionOf(ctx, accepting, original)
}

/** When it was scheduled for, and when it was to expire, is past: it goes out now. */
async function repetitionOf(
  ctx: Context,
  accepting: Accepting,
  original: EventRow,
): Promise<CheckedEvent> {
  const { type, params, threadKey, audience, timezone } = original
  if (type === null) return { event: sameMessage(ctx, accepting, original), subscribers: [] }
  // Those of the event type are found anew; who was named in the request is named again.
  const to = audience.flatMap((member): To[] => {
    if (member.from !== undefined || 'address' in member) return []
    return ['id' in member ? member.id : { topic: member.topic }]
  })
  const level = await givenLevel(ctx, accepting.workspaceId, original)
  const request = { type, params, to, ...(level && { level }), ...(timezone && { timezone }) }
  const { event } = await checkEvent(ctx, accepting, request)
  // Of what a schedule said at local time, those of the same zone hear again.
  const place = localTimeOf(audience)
  const again = place ? event.audience.map((member) => ({ ...member, ...place })) : event.audience
  return {
    event: { ...event, audience: again, threadKey, replayOf: original.id },
    subscribers: [],
  }
}

/** The level the request gave; null when it was the event type's. */
async function givenLevel(
  ctx: Context,
  workspaceId: number,
  { type, typeVersion, level, params }: EventRow,
): Promise<Event['level'] | null> {
  const then =
    type &&
    typeVersion &&
    (await ctx.configuration.eventTypeVersion(workspaceId, type, typeVersion))
  if (!then || (await compileAudience(then).levelOf(params, new Effort())) === level) return null
  return level as Event['level'] // by the constraint of its column
}

function sameMessage(
  ctx: Context,
  { workspaceId, traceparent }: Accepting,
  { id, level, audience, params, message, timezone, threadKey }: EventRow,
): Event {
  return {
    workspaceId,
    id: newId(),
    type: null,
    typeVersion: null,
    level: level as Event['level'], // by the constraint of its column
    audience,
    params,
    message: message as Event['message'], // as it was stored
    scheduledAt: null,
    scheduledLocal: null,
    timezone,
    expiresAt: null,
    threadKey,
    traceparent,
    replayOf: id,
    createdAt: ctx.in(workspaceId).clock.now(),
  }
}

export type ReplayRange = {
  type: string | null
  status: string | null
  since: Date
  until: Date
  after: string | null // an id: only later ones
  limit: number
  isDryRun: boolean
}

export type Refusal = { eventId: string; error: ApiError }

export type Replayed = {
  matched: number
  refused: number
  /** The first of them. */
  refusals: Refusal[]
  /** Where to go on; null when the range is done. */
  nextAfter: string | null
}

const pageSize = 200
const mostRefusals = 100
// Ids are made by many clocks; `created_at` decides, they only say where to look.
const clockToleranceMs = 3_600_000

/**
 * Replays what lies in the range, oldest first, in the caller's transaction. What would be refused today
 * is counted and left out.
 *
 * @throws ApiError `unknown_event_type` when there is nothing of a type, nor the type.
 */
export async function replayRange(
  ctx: Context,
  tx: Db,
  accepting: Accepting,
  range: ReplayRange,
): Promise<Replayed> {
  const { workspaceId } = accepting
  const { type, status, since, until, limit, isDryRun } = range
  const before = firstIdAt(new Date(until.getTime() + clockToleranceMs))
  const hasOwnTime = ctx.clocks.at(workspaceId) !== null // ids have the time of the world
  const replayed: Replayed = { matched: 0, refused: 0, refusals: [], nextAfter: null }
  let after =
    range.after ??
    firstIdAt(hasOwnTime ? new Date(0) : new Date(since.getTime() - clockToleranceMs))
  for (;;) {
    const left = limit - replayed.matched
    const page = { workspaceId, type, status, since, until, after, before }
    const originals = await listReplayable(tx, { ...page, limit: Math.min(left, pageSize) })
    const isNothing = originals.length === 0 && replayed.matched === 0 && range.after === null
    if (isNothing) await refuseUnknown(ctx, workspaceId, type)
    const repetitions = await repetitionsOf(ctx, accepting, originals, replayed)
    if (!isDryRun && repetitions.length > 0) await store(ctx, tx, repetitions)
    replayed.matched += originals.length
    after = originals.at(-1)?.id ?? after
    if (originals.length < Math.min(left, pageSize)) return replayed
    if (replayed.matched >= limit) return { ...replayed, nextAfter: after }
  }
}

/** Nothing of a type that is not there is most likely a misspelt one, and no empty range. */
async function refuseUnknown(ctx: Context, workspaceId: number, type: string | null) {
  if (type === null || (await ctx.configuration.eventType(workspaceId, type))) return
  throw await unknownType(ctx, workspaceId, type)
}

async function repetitionsOf(
  ctx: Context,
  accepting: Accepting,
  originals: EventRow[],
  replayed: Replayed,
): Promise<Event[]> {
  const repetitions: Event[] = []
  const unhurried = { ...accepting, effort: new Effort(Infinity) }
  for (const original of originals) {
    try {
      repetitions.push((await repetitionOf(ctx, unhurried, original)).event)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      replayed.refused++
      if (replayed.refusals.length < mostRefusals)
        replayed.refusals.push({ eventId: original.id, error })
    }
  }
  return repetitions
}

async function store(ctx: Context, tx: Db, events: Event[]): Promise<void> {
  const dueAt = ctx.in(events[0]!.workspaceId).clock.now()
  const rows = events.map((event) => ({
    ...event,
    lane: laneOf(event),
    dueAt,
    epoch: 0 as const,
    idempotencyKey: null,
  }))
  await insertEvents(tx, rows, [])
}
