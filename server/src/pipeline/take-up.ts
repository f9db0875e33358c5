// Events that came through SQL are taken up: checked as a request over HTTP is, and then like any other. What does not
// fit says so on the event. It holds up nobody, and neither does a workspace whose checks take long: each has a part
// of a turn, and what does not fit into it waits for a later one.
import type { Context } from '../context.ts'
import { laneOf, lanes } from '../domain/event.ts'
import { ApiError } from '../errors.ts'
import { moveLeases, type ClaimedEvent } from '../sql/events.ts'
import { failEvents } from '../sql/failed-events.ts'
import { postpone } from '../sql/prune-later.ts'
import { upsertSubscribers } from '../sql/subscribers.ts'
import { completeEvents, type UncheckedEvent } from '../sql/unchecked-events.ts'
import { isUnavailable } from '../sql/unavailable.ts'
import { checkEvent, type CheckedEvent, type To } from './accept.ts'
import { setAside } from './fan-out-safely.ts'
import { checkMessage } from './notify.ts'
import { marginMs, soonestAgainMs } from './prune.ts'

export type TakenUp = {
  /** Held until the given moment, for the caller to find their people. */
  ready: ClaimedEvent[]
  /** Others are in the queue, for anybody. */
  isQueued: boolean
}

type Checked = CheckedEvent & { epoch: number }

// Far below the lease. One check more may begin within them, and that takes half a second at most (effort.ts).
const mostMs = 5_000
const mostMsOfAWorkspace = 1_000
const laterMs = 5_000

/** @throws when the database takes nothing; the events come back when their leases end. */
export async function takeUp(
  ctx: Context,
  events: UncheckedEvent[],
  leaseUntil: Date,
): Promise<TakenUp> {
  const checked: Checked[] = []
  const refused: { event: UncheckedEvent; refusal: ApiError }[] = []
  const later: UncheckedEvent[] = []
  const spentMs = new Map<number, number>()
  const startedMs = performance.now()
  for (const event of events) {
    const { workspaceId } = event
    const spent = spentMs.get(workspaceId) ?? 0
    const beganMs = performance.now()
    if (spent >= mostMsOfAWorkspace || beganMs - startedMs >= mostMs) {
      later.push(event)
      continue
    }
    try {
      checked.push({ ...(await check(ctx, event)), epoch: event.epoch })
    } catch (error) {
      if (error instanceof ApiError) refused.push({ event, refusal: error })
      else if (isUnavailable(error)) throw error
      else await setAside(ctx, event, error)
    }
    spentMs.set(workspaceId, spent + performance.now() - beganMs)
  }
  await letWait(ctx, later)
  await prunedLater(ctx, events)
  await refuse(ctx, refused)
  return storeSafely(ctx, checked, leaseUntil)
}

async function letWait(ctx: Context, events: UncheckedEvent[]): Promise<void> {
  if (events.length === 0) return
  const now = ctx.clock.now()
  await moveLeases(ctx.db, events, { now, until: new Date(now.getTime() + laterMs) })
}

/**
 * An event is as old as its transaction's call, and the clean-up, which walks events by their age, may have passed
 * what is committed late. It looks again for each of those.
 */
async function prunedLater(ctx: Context, events: UncheckedEvent[]): Promise<void> {
  const now = ctx.clock.now().getTime()
  const late = events.filter(({ createdAt }) => createdAt.getTime() < now - marginMs)
  const rest = {
    dueAt: new Date(now + soonestAgainMs),
    after: null,
    nextAt: null,
    takesEvent: true,
  }
  for (const [workspaceId, ours = []] of Map.groupBy(late, (event) => event.workspaceId))
    await postpone(
      ctx.db,
      workspaceId,
      ours.map(({ id }) => ({ eventId: id, ...rest })),
    )
}

/** @throws ApiError as POST /events and POST /notifications answer. */
async function check(ctx: Context, unchecked: UncheckedEvent): Promise<CheckedEvent> {
  const { workspaceId, id, type, params, message, audience, request } = unchecked
  const { scheduledAt, scheduledLocal, timezone, expiresAt, threadKey, traceparent, createdAt } =
    unchecked
  if (request.problem !== undefined)
    throw new ApiError('invalid_request', { detail: request.problem })
  const common = {
    params,
    // Its form was checked in SQL.
    to: (request.to ?? audience.map((one) => ('id' in one ? one.id : one))) as To[],
    ...(request.level && { level: request.level }),
    ...(scheduledAt && { scheduled_time: scheduledAt.toISOString() }),
    ...(scheduledLocal !== null && { scheduled_time: scheduledLocal }),
    ...(timezone !== null && { timezone }),
    ...(expiresAt && { expires_at: expiresAt.toISOString() }),
    ...(threadKey !== null && { thread_key: threadKey }),
  }
  const accepting = { workspaceId, traceparent, acceptedAt: createdAt, mayBeForNobody: true }
  const { event, subscribers } = message
    ? await checkMessage(ctx, ctx.db, accepting, { ...common, ...message }, false)
    : await checkEvent(ctx, accepting, { ...common, type: type! })
  return { event: { ...event, id }, subscribers }
}

async function refuse(
  ctx: Context,
  refused: { event: UncheckedEvent; refusal: ApiError }[],
): Promise<void> {
  const rows = refused.map(({ event: { workspaceId, id, epoch }, refusal }) => {
    return { workspaceId, id, epoch, error: sentenceOf(refusal) }
  })
  await failEvents(ctx.db, rows, ctx.clock.now())
  ctx.metrics.eventsRefused.inc(refused.length)
  for (const { event, refusal } of refused) {
    // Not what they say: it may quote the parameters.
    const pointers = refusal.details.errors?.map(({ pointer }) => pointer)
    const fields = { eventId: event.id, type: event.type, code: refusal.code, pointers }
    ctx.log.warn(fields, 'an event that came through SQL was refused')
  }
}

const longestError = 2_000

/** `/params/total must be number; /params/id is missing` */
function sentenceOf({ message, details: { errors = [] } }: ApiError): string {
  const fields = errors
    .filter(({ detail }) => !message.includes(detail))
    .map(({ pointer, detail }) => `${pointer} ${detail}`.trim())
  return `${message}${fields.length > 0 ? ` ${fields.join('; ')}` : ''}`.slice(0, longestError)
}

async function storeSafely(ctx: Context, checked: Checked[], leaseUntil: Date): Promise<TakenUp> {
  if (checked.length === 0) return { ready: [], isQueued: false }
  try {
    return await store(ctx, checked, leaseUntil)
  } catch (error) {
    if (isUnavailable(error)) throw error
    if (checked.length === 1) {
      const { event, epoch } = checked[0]!
      await setAside(ctx, { ...event, epoch }, error)
      return { ready: [], isQueued: false }
    }
  }
  const all: TakenUp = { ready: [], isQueued: false }
  for (const one of checked) {
    const { ready, isQueued } = await storeSafely(ctx, [one], leaseUntil)
    all.ready.push(...ready)
    all.isQueued ||= isQueued
  }
  return all
}

async function store(ctx: Context, checked: Checked[], leaseUntil: Date): Promise<TakenUp> {
  const rows = checked.map(({ event, epoch }) => ({ ...event, epoch, lane: laneOf(event) }))
  const times = { now: ctx.clock.now(), leaseUntil }
  const withPeople = checked.filter(({ subscribers }) => subscribers.length > 0)
  const kept =
    withPeople.length === 0
      ? await completeEvents(ctx.db, rows, times)
      : await ctx.db.transaction(async (tx) => {
          const there = await completeEvents(tx, rows, times)
          for (const { event, subscribers } of withPeople)
            if (there.has(event.id)) await upsertSubscribers(tx, event.workspaceId, subscribers)
          return there
        })
  ctx.metrics.eventsAccepted.inc(kept.size)
  const stored = rows.filter(({ id }) => kept.has(id))
  return {
    ready: stored
      .filter(({ lane }) => lane !== lanes.many)
      .map((row) => ({ ...row, cursor: null })),
    isQueued: stored.some(({ lane }) => lane === lanes.many),
  }
}
