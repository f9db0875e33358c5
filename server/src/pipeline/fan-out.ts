// From an event to the people it is for: one notification each, with its deliveries and texts. Small
// events go through many at a time; large ones chunk by chunk, so that a crash resumes where it was
// and a cancel takes hold between two chunks.
import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import type { Context } from '../context.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import { dataFailed } from '../domain/data-source.ts'
import { scheduledFor } from '../domain/event.ts'
import { planNotification, withoutTexts, type PlannedDelivery } from '../domain/plan.ts'
import type { Sent, StepNote } from '../domain/plan-steps.ts'
import { atOnce, wishesOf } from '../domain/preferences.ts'
import { rememberWindowEnds, zoneOf } from '../domain/quiet-hours.ts'
import { newId } from '../new-id.ts'
import type { Db } from '../sql/db.ts'
import type { ClaimedEvent } from '../sql/events.ts'
import { insertFanOut, type NewDelivery, type StoredFanOut } from '../sql/fan-out.ts'
import { holdThreads, type ThreadEntry } from '../sql/threads.ts'
import { holdPreferences } from '../sql/preferences.ts'
import type { BegunDelivery } from '../sql/queue.ts'
import { writeTexts, type EventTexts, type WantedText } from './event-texts.ts'
import { firstDataOf } from './fan-out-data.ts'
import { Draft, type Planned, type Starter, type Written } from './fan-out-draft.ts'
import { findNextPeople, type NextPeople } from './next-people.ts'
import { beginSteps } from './plan-begin.ts'
import { storeFanOut } from './supersede.ts'
import { wakeWhoAwaits } from './plan-wakes.ts'
import { timingOf } from './timing.ts'
import { unsendable } from './unsendable.ts'

export type FannedOut = {
  /** Of the people of this chunk, in the order they were named. */
  notificationIds: string[]
  /** Began with `starter`; the caller makes their attempts, or releases their places. */
  begun: BegunDelivery[]
  /** Channels on which deliveries wait that might begin now. */
  waiting: Set<CarriedChannel>
  /** A plan can go on at once, or it is to be looked at who is asked. */
  isPlanDue: boolean
  /** Some events have more people than a chunk holds. */
  isMore: boolean
}

/**
 * One chunk of each event. What does not fit goes back to the queue, for anybody to go on.
 * `isRepeated`: people of the chunk may have been told already; it is dearer to look.
 */
export async function fanOut(
  ctx: Context,
  db: Db,
  events: ClaimedEvent[],
  starter: Starter | null,
  isRepeated = false,
): Promise<FannedOut> {
  const first = await fanOutOnce(ctx, db, events, starter, isRepeated)
  const { found, outdated } = first
  if (outdated.length === 0) return found
  // Someone changed their preferences just now. Once more, with changes held off until it is stored.
  try {
    const again = await inTransaction(ctx, db, async (tx) => {
      if (first.threads.length > 0) await holdThreads(tx, first.threads, ctx.clock.now()) // before preferences
      for (const id of new Set(outdated.map((event) => event.workspaceId)))
        await holdPreferences(tx, id)
      return fanOutOnce(ctx, tx, outdated, starter, isRepeated)
    })
    return joined(found, again.found)
  } catch (error) {
    if (db !== ctx.db) throw error // the caller's transaction is lost as a whole
    // The others are stored, and have begun. These come back when their leases end.
    ctx.log.warn({ err: error, count: outdated.length }, 'events could not be planned again')
    return found
  }
}

/** Where no plan goes on and nothing is replaced, and that is nearly always, one statement. */
function store(ctx: Context, db: Db, draft: Draft, now: Date): Promise<StoredFanOut> {
  const { rows, plans, threads, asks } = draft
  const isPlain = plans.runs.length === 0 && plans.notes.length === 0 && asks.length === 0
  if (isPlain && threads.length === 0) return insertFanOut(db, rows)
  return inTransaction(ctx, db, (tx) => storeFanOut(tx, draft, now))
}

/** The caller's own transaction, if there is one. */
function inTransaction<T>(ctx: Context, db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  return db === ctx.db ? ctx.db.transaction(work) : work(db)
}

async function fanOutOnce(
  ctx: Context,
  db: Db,
  events: ClaimedEvent[],
  starter: Starter | null,
  isRepeated: boolean,
): Promise<{ found: FannedOut; outdated: ClaimedEvent[]; threads: ThreadEntry[] }> {
  const chunks = await findNextPeople(ctx, db, events)
  // In a transaction it was told before, or it is about a direct message, for which nobody waits.
  if (db === ctx.db) await wakeWhoAwaits(ctx, chunks)
  const now = ctx.clock.now()
  const written = await Promise.all(chunks.map((chunk) => planChunk(ctx, chunk, now)))
  const draft = new Draft(ctx, starter, isRepeated)
  try {
    for (const chunk of written) draft.add(chunk, now)
    const { deliveryIds, outdatedEventIds } = await store(ctx, db, draft, now)
    const begun = deliveryIds.flatMap((id) => draft.takeBegun(id) ?? [])
    const isStored = (eventId: string) => !outdatedEventIds.includes(eventId)
    const found = {
      notificationIds: draft.rows.notifications
        .filter(({ eventId }) => isStored(eventId))
        .map(({ id }) => id),
      begun,
      waiting: draft.waiting,
      isPlanDue:
        draft.plans.runs.some(({ dueAt }) => dueAt !== null && dueAt <= now) ||
        draft.asks.some(({ isDone }) => isDone),
      isMore: chunks.some(({ event, cursor }) => cursor !== null && isStored(event.id)),
    }
    const outdated = events.filter(({ id }) => !isStored(id))
    return { found, outdated, threads: draft.threads.filter(({ eventId }) => !isStored(eventId)) }
  } finally {
    draft.releaseRest()
  }
}

export function joined(a: FannedOut, b: FannedOut): FannedOut {
  return {
    notificationIds: [...a.notificationIds, ...b.notificationIds],
    begun: [...a.begun, ...b.begun],
    waiting: a.waiting.union(b.waiting),
    isPlanDue: a.isPlanDue || b.isPlanDue,
    isMore: a.isMore || b.isMore,
  }
}

/** What will be done for these people, and what they will read. Nothing is stored: an explanation ends here. */
export async function planChunk(ctx: Context, chunk: NextPeople, now: Date): Promise<Written> {
  const { event, people, channels, steps, subject, preferences } = chunk
  assert(event.data || !(await firstDataOf(ctx, event)), 'what its texts read was not fetched')
  const timing = { ...timingOf(ctx, event, chunk.hours), windowEnd: rememberWindowEnds() }
  const { defaults } = preferences
  const wanted: WantedText[] = []
  const asked = notesOf(event)
  const planned = people.map((person): Planned => {
    // Who is asked since nobody answered is asked at once.
    const scheduledAt = event.cursor?.escalation ? null : scheduledFor(event, person.timezone)
    const isLater = scheduledAt !== null && scheduledAt > now
    const startsAt = isLater ? scheduledAt : now
    const usual = wishesOf(person, subject, { defaults, timing, at: startsAt })
    const wishes = event.isForced ? atOnce(usual) : usual
    const { plan, sent, next, notes } = steps
      ? beginSteps(event, steps, { person, channels, isLater, startsAt, wishes })
      : { ...withoutPlan, plan: planNotification(person, channels, isLater, wishes) }
    const id = newId()
    if (plan.hasInApp) wanted.push({ channel: 'in_app', person, ownId: id })
    const deliveries = plan.deliveries.map((delivery) =>
      newDelivery(event, id, { notBefore: startsAt, ...delivery }, sent?.get(delivery.channel)),
    )
    for (const { channel, status, id: ownId } of deliveries)
      if (status !== 'skipped') wanted.push({ channel, person, ownId })
    const holds = wishes?.holds ?? []
    const timezone = zoneOf(person.timezone, timing)
    const times = { startsAt, scheduledAt, timezone, holds }
    return { id, person, plan, deliveries, next, notes: [...asked, ...notes], ...times }
  })
  const texts = await writeTexts(ctx, chunk, wanted)
  const { unwritten } = texts
  if (unwritten.size === 0) return { ...chunk, ...texts, planned }
  return {
    ...chunk,
    ...texts,
    planned: planned.map((one) => withoutUnwritten(chunk, one, unwritten)),
  }
}

/** What waits for something that cannot be sent is to be looked at at once. */
function withoutUnwritten(
  { steps }: NextPeople,
  planned: Planned,
  unwritten: EventTexts['unwritten'],
): Planned {
  const { id, next, startsAt } = planned
  const deliveries = planned.deliveries.map((delivery) => unsendable(delivery, unwritten))
  const hasText = !unwritten.has(id)
  if (hasText && deliveries.every((one, i) => one === planned.deliveries[i])) return planned
  const plan = withoutTexts(planned.plan, deliveries, {
    reason: dataFailed,
    hasText,
    goesOn: next !== null,
  })
  const isAwaited = next !== null && steps?.program[next.position]?.kind === 'await'
  return { ...planned, plan, deliveries, next: isAwaited ? { ...next, dueAt: startsAt } : next }
}

/** Why those are asked who are asked since nobody answered. */
function notesOf({ cursor }: ClaimedEvent): StepNote[] {
  if (!cursor?.escalation) return []
  const { because } = cursor.escalation
  return [{ position: beforeSteps, step: 'escalation', decision: 'asked', because }]
}

const beforeSteps = -2 // what is done by hand is noted at -1

const withoutPlan = { sent: null, next: null, notes: [] }

function newDelivery(
  event: ClaimedEvent,
  notificationId: string,
  planned: PlannedDelivery,
  sent?: Sent,
): NewDelivery {
  const isAwaited = sent?.isAwaited ?? false
  return {
    ...planned,
    step: isAwaited ? sent!.position : 0, // above 0 it is known by that it came later
    isAwaited,
    id: randomUUIDv7(),
    eventId: event.id,
    notificationId,
    contentId: null,
    leaseUntil: null,
    providerId: null,
  }
}
