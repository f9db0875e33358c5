// What people want by now: asked once more when something that waited is to begin, because they may have
// said something since it was planned.
import type { Context } from '../context.ts'
import type { Channel } from '../domain/channel.ts'
import { quietBecause, wishesOf, type Subject } from '../domain/preferences.ts'
import type { Db } from '../sql/db.ts'
import { findListeners, type ListenerRow } from '../sql/people.ts'

/** What is to begin. */
export type Beginning = {
  workspaceId: number
  notificationId: string
  channel: Channel
  eventType: string | null
  eventTypeVersion: number | null
}

/** `objection`: why it may not begin: the person does not want it, or not before `until`. */
export type Rechecked = {
  listener: ListenerRow
  objection: { because: string; until: Date | null } | null
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
      // What they had said is gone with them, and so is everything to go by.
      if (listener.isSubscriber && !listener.isKnown)
        return { listener, objection: { because: 'was deleted', until: null } }
      const subject = await subjectOf(ctx, beginning, listener)
      const wishes = wishesOf(listener, subject, listener.defaults, now)
      if (wishes === null) return { listener, objection: null }
      const { isOn, because } = wishes.on(beginning.channel)
      if (!isOn) return { listener, objection: { because, until: null } }
      const until = beginning.channel === 'in_app' ? null : wishes.quietUntil
      return { listener, objection: until && { because: quietBecause(until), until } }
    }),
  )
}

const nobody = {
  recipient: '',
  isSubscriber: false,
  isKnown: false,
  level: 'standard',
  timezone: null,
  preferences: null,
  defaults: null,
} as const

async function subjectOf(
  ctx: Context,
  { workspaceId, eventType, eventTypeVersion }: Beginning,
  { level }: ListenerRow,
): Promise<Subject> {
  const type =
    eventType !== null && eventTypeVersion !== null
      ? await ctx.configuration.eventTypeVersion(workspaceId, eventType, eventTypeVersion)
      : null
  return {
    level,
    eventType,
    category: type?.category ?? null,
    isOptIn: type?.opt_in ?? false,
  }
}
