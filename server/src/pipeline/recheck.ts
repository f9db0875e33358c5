// What people want by now: asked once more when something that waited is to begin, because they may have
// said something since it was planned.
import type { Context } from '../context.ts'
import type { Channel } from '../domain/channel.ts'
import { scheduledFor } from '../domain/event.ts'
import { atOnce, wishesOf, type Subject, type Wishes } from '../domain/preferences.ts'
import type { Hold, Hours } from '../domain/quiet-hours.ts'
import type { Db } from '../sql/db.ts'
import { findListeners, type ListenerRow } from '../sql/people.ts'
import { timingOf } from './timing.ts'

/** What is to begin. */
export type Beginning = {
  workspaceId: number
  notificationId: string
  channel: Channel
  eventType: string | null
  eventTypeVersion: number | null
  scheduledLocal: string | null
  timezone: string | null // of the event
  isForced: boolean // somebody has said "now": nothing but a wish not to have it holds it back
}

/** Why it may not begin: the person does not want it, or it is not the time for it `until` then. */
export type Objection =
  | { reason: 'preference_off'; because: string; until: null }
  | { reason: 'quiet_hours'; because: string; until: Date }
  | { reason: null; because: null; until: Date }

export type Rechecked = {
  listener: ListenerRow
  objection: Objection | null
  /** What may hold it back later on. */
  holds: Hold[]
}

/**
 * For each of `beginnings`, who it is for and what speaks against it. Reads what was committed before it
 * was called: what holds from then on is for the caller to see to.
 */
export async function recheck(
  ctx: Context,
  db: Db,
  beginnings: readonly Beginning[],
): Promise<Rechecked[]> {
  const now = ctx.clock.now()
  const found = await findListeners(db, beginnings)
  const listeners = new Map(found.map((row) => [row.notificationId, row]))
  return Promise.all(
    beginnings.map(async (beginning): Promise<Rechecked> => {
      const { notificationId } = beginning
      // Missing only if somebody has deleted rows by hand. An error would stop all the others, again and again.
      const listener = listeners.get(notificationId) ?? { ...nobody, notificationId }
      return { listener, ...(await weigh(ctx, beginning, listener, now)) }
    }),
  )
}

async function weigh(
  ctx: Context,
  beginning: Beginning,
  listener: ListenerRow,
  now: Date,
): Promise<Pick<Rechecked, 'objection' | 'holds'>> {
  const none: Hold[] = []
  const off = (because: string): Objection => ({ reason: 'preference_off', because, until: null })
  // What they had said is gone with them, and so is everything to go by.
  if (listener.isSubscriber && !listener.isKnown)
    return { holds: none, objection: off('was deleted') }
  const { channel } = beginning
  const found = await holdsFor(ctx, beginning, listener, now)
  const wishes = beginning.isForced ? atOnce(found.wishes) : found.wishes
  const holds = wishes?.holds ?? none
  const decision = wishes?.on(channel)
  if (decision && !decision.isOn) return { holds, objection: off(decision.because) }
  // They may have moved to where it is not that late yet.
  const moment =
    !beginning.isForced &&
    beginning.scheduledLocal &&
    listener.scheduledAt &&
    scheduledFor({ scheduledAt: null, ...beginning }, listener.timezone)
  if (moment && moment > now)
    return { holds, objection: { reason: null, because: null, until: moment } }
  const wait = wishes?.waitOn(channel) ?? null
  return { holds, objection: wait && { reason: 'quiet_hours', ...wait } }
}

type OfWhich = Omit<Beginning, 'notificationId' | 'channel' | 'isForced'>

/** What they want by now, and what may hold it back; `hours` are those of the event type. */
export async function holdsFor(
  ctx: Context,
  about: OfWhich,
  listener: ListenerRow,
  now: Date,
): Promise<{ wishes: Wishes | null; holds: Hold[]; hours: Hours | null | undefined }> {
  const { hours, subject } = await subjectOf(ctx, about, listener)
  const timing = timingOf(ctx, about, hours)
  const { defaults } = listener
  const wishes = wishesOf(listener, subject, { defaults, timing, at: now })
  return { wishes, holds: wishes?.holds ?? [], hours }
}

const nobody = {
  recipient: '',
  isSubscriber: false,
  isKnown: false,
  level: 'standard',
  threadKey: null,
  timezone: null,
  scheduledAt: null,
  preferences: null,
  defaults: null,
} as const

async function subjectOf(
  ctx: Context,
  { workspaceId, eventType, eventTypeVersion }: OfWhich,
  { level, threadKey }: ListenerRow,
): Promise<{ subject: Subject; hours: Hours | null | undefined }> {
  const type =
    eventType !== null && eventTypeVersion !== null
      ? await ctx.configuration.eventTypeVersion(workspaceId, eventType, eventTypeVersion)
      : null
  const subject = {
    level,
    eventType,
    category: type?.category ?? null,
    isOptIn: type?.opt_in ?? false,
    threadKey,
  }
  return { subject, hours: type?.hours }
}
