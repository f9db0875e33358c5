// When nobody answers: the next person or topic is asked. An event that one answer is enough for is looked at when
// all its people are found, and whenever the plan of one of them is over; once nobody is being asked any more, those
// of the next level are found by the fan-out, in the event's own place in the queue. All of that is one transaction
// under the lock of the ask, so each level is asked once, and none after an answer.
import type { Context } from '../context.ts'
import { nextLevel, tellSilence, type Silence } from '../domain/asking.ts'
import { lanes } from '../domain/event.ts'
import {
  claimAsks,
  endAsk,
  findAskedEvent,
  holdAsk,
  letAskWait,
  noteAsked,
  queueLevel,
  type AskedEvent,
  type ClaimedAsk,
  type HeldAsk,
} from '../sql/asks.ts'
import type { Db } from '../sql/db.ts'
import { isUnavailable } from '../sql/unavailable.ts'
import { stopAsked, stopLeaseMs } from './stop-asked.ts'

/** Looks at up to `limit` of those that are due; answers how many. */
export async function escalate(ctx: Context, limit: number): Promise<number> {
  const now = ctx.clock.now()
  const leaseUntil = new Date(now.getTime() + stopLeaseMs)
  const asks = await claimAsks(ctx.db, { limit, now, leaseUntil, reach: ctx.reach() })
  let isMore = false
  for (const ask of asks) isMore = (await lookSafely(ctx, ask)) || isMore
  if (isMore) ctx.signals.ring('belfry_events')
  return asks.length
}

/** One that fails comes back when its lease ends, and holds up nobody else. True: people are to be found. */
async function lookSafely(ctx: Context, ask: ClaimedAsk): Promise<boolean> {
  const { workspaceId, eventId } = ask
  try {
    if (!ask.isAnswered) return await ctx.db.transaction((tx) => askNext(ctx, tx, ask))
    await stopAsked(ctx, workspaceId, eventId)
  } catch (error) {
    if (isUnavailable(error)) throw error
    const fields = { err: error, workspaceId, eventId }
    ctx.log.error(fields, 'who is asked next could not be looked at; it will be tried again')
  }
  return false
}

async function askNext(ctx: Context, tx: Db, ask: ClaimedAsk): Promise<boolean> {
  const held = await holdAsk(tx, ask)
  if (!held) return false
  // By a statement of its own: plans that were over before the lock was there are seen to be.
  const now = ctx.clock.now()
  const event = await findAskedEvent(tx, ask, now)
  if (event.isOpen || event.isOver) {
    await (event.isOpen ? letAskWait(tx, ask) : endAsk(tx, ask, now))
    return false
  }
  const silence = silenceOf(event, held, now)
  const next = nextLevel(event.audience, held.level)
  await noteAsked(tx, ask, { at: now, level: next?.level ?? null, ...silence })
  if (!next) return false
  const { level, first, of } = next
  // Nobody is named: it is kept with whoever is asked now, longer than those before may want to be known.
  const because = `${tellSilence(silence)} (escalation ${level} of ${of})`
  await queueLevel(tx, {
    ...ask,
    lane: event.level === 'critical' ? lanes.critical : lanes.few,
    dueAt: now,
    cursor: {
      member: first,
      after: null,
      found: event.found,
      ...(event.pins && { templates: event.pins }),
      escalation: { level, because },
    },
  })
  ctx.metrics.escalations.inc()
  return true
}

function silenceOf(event: AskedEvent, { askedAt, level }: HeldAsk, now: Date): Silence {
  const { audience, found, isHeard, scheduledAt, createdAt } = event
  const since = askedAt === null ? (scheduledAt ?? createdAt) : new Date(askedAt)
  const afterMs = Math.max(0, now.getTime() - since.getTime())
  const own = audience.flatMap((member, i) =>
    (member.level ?? 0) === level ? (found[i] ?? 0) : [],
  )
  const isNobody = own.every((count) => count === 0)
  return { kind: isNobody ? 'nobody' : isHeard ? 'silent' : 'unreachable', afterMs }
}
