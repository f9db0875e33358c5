// One click on "unsubscribe": no more messages of this kind on this channel. Of this kind: of the event
// type's category, or of the type itself when it has none; of a direct message, all there are.
import type { Context } from '../context.ts'
import { differences, merged, type PreferencePatch } from '../domain/preference-change.ts'
import { isMandatory, type PreferenceSubject, type Preferences } from '../domain/preferences.ts'
import type { UnsubscribeTarget } from '../links.ts'
import { findPreferences, listPreferenceSubjects } from '../sql/preferences.ts'
import { changePreferences } from './preferences.ts'

export type Unsubscription = {
  target: UnsubscribeTarget
  /** What is turned off, for people; null: everything on the channel. */
  about: string | null
  /** Critical by now: it cannot be turned off. */
  isMandatory: boolean
  /** It would change nothing: it was turned off before, or is sent no more. */
  isOff: boolean
  patch: PreferencePatch
}

/** Null when the subscriber is no more. Changes nothing. */
export async function planUnsubscription(
  ctx: Context,
  target: UnsubscribeTarget,
): Promise<Unsubscription | null> {
  const { workspaceId, subscriberId } = target
  const [found, types] = await Promise.all([
    findPreferences(ctx.db, workspaceId, subscriberId),
    listPreferenceSubjects(ctx.db, workspaceId),
  ])
  if (!found) return null
  const plan = planOf(target, found.document, types)
  const after = merged(found.document, plan.patch)
  return { ...plan, isOff: differences(found.document, after).length === 0 }
}

function planOf(
  target: UnsubscribeTarget,
  said: Preferences,
  types: PreferenceSubject[],
): Omit<Unsubscription, 'isOff'> {
  const { eventType, channel } = target
  if (eventType === null) {
    const patch = { channels: { [channel]: false } }
    return { target, about: null, isMandatory: false, patch }
  }

  const type = types.find(({ key }) => key === eventType)
  // Deleted since: nothing of it is sent any more.
  if (!type) return { target, about: eventType, isMandatory: false, patch: {} }
  if (type.category === null)
    return {
      target,
      about: type.name,
      isMandatory: isMandatory(type),
      patch: { event_types: { [type.key]: { [channel]: false } } },
    }
  const { category } = type
  const within = types.filter((other) => other.category === category)
  return {
    target,
    about: category,
    isMandatory: within.every(isMandatory),
    patch: {
      categories: { [category]: { [channel]: false } },
      event_types: withoutOwn(within, said, channel),
    },
  }
}

/** What was said about single event types would otherwise go before the word about their category. */
export function withoutOwn(
  types: readonly PreferenceSubject[],
  said: Preferences,
  channel: UnsubscribeTarget['channel'],
): NonNullable<PreferencePatch['event_types']> {
  const own = types.filter(({ key }) => said.event_types?.[key]?.[channel] !== undefined)
  return Object.fromEntries(own.map(({ key }) => [key, { [channel]: null }]))
}

/** Idempotent. */
export async function unsubscribe(
  ctx: Context,
  { target, isMandatory, patch }: Unsubscription,
): Promise<void> {
  if (isMandatory) return
  const { workspaceId, subscriberId } = target
  const by = { kind: 'unsubscribe_link' } as const
  await changePreferences(ctx, { workspaceId, subscriberId, by }, patch)
}
