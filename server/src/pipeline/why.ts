// The page behind "Why did I get this?": the ways that led to the person, and what they may change about it.
import type { Context } from '../context.ts'
import { channels, type Channel } from '../domain/channel.ts'
import { differences, merged, type PreferencePatch } from '../domain/preference-change.ts'
import type { FieldChange } from '../domain/preference-change.ts'
import { localTimes } from '../domain/person-words.ts'
import { decide, isMandatory, type Decision } from '../domain/preferences.ts'
import { reasonsOf, type Reason } from '../domain/reason.ts'
import type { WhyTarget } from '../links.ts'
import { tellsOfManyThreads } from '../sql/digests.ts'
import { findEvent, type EventRow } from '../sql/events.ts'
import { findEventNotificationId, findNotification } from '../sql/notifications.ts'
import { findPreferences, findPreferenceState, listPreferenceSubjects } from '../sql/preferences.ts'
import type { PreferencesRow } from '../sql/preferences.ts'
import { findSubscriber } from '../sql/subscribers.ts'
import { changePreferences } from './preferences.ts'

export type Why = {
  target: WhyTarget
  /** Of the event type; null: a direct message. */
  name: string | null
  when: string | null
  /** Null: what it was about is not known any more. */
  reasons: Reason[] | null
  decision: Decision
  choices: WhyChoice[]
  threadKey: string | null
  eventType: string | null
  said: PreferencesRow
}

/** What a person may do about it; `instead` is another channel for the same. */
export type WhyChoice =
  { does: 'mute_thread' } | { does: 'instead'; channel: Channel } | { does: 'never' }

/** Null when the subscriber is no more. Changes nothing. */
export async function findWhy(ctx: Context, target: WhyTarget): Promise<Why | null> {
  const { workspaceId, subscriberId, eventId, channel } = target
  const [person, said, { defaults }, types, found, id] = await Promise.all([
    findSubscriber(ctx.db, workspaceId, subscriberId),
    findPreferences(ctx.db, workspaceId, subscriberId),
    findPreferenceState(ctx.db, workspaceId),
    listPreferenceSubjects(ctx.db, workspaceId),
    findEvent(ctx.db, workspaceId, eventId),
    findEventNotificationId(ctx.db, { workspaceId, eventId, recipient: subscriberId }),
  ])
  if (!said || !person) return null
  const now = ctx.in(workspaceId).clock.now()
  const stored = id === null ? null : await findNotification(ctx.db, { workspaceId, id, now })
  // Which of its threads would "this thread" be?
  const tellsOfMany = id !== null && (await tellsOfManyThreads(ctx.db, workspaceId, id))
  const event = found && { ...found, threadKey: tellsOfMany ? null : found.threadKey }
  const type = types.find(({ key }) => key === event?.type) ?? null
  const isCritical = event?.level === 'critical' || (type !== null && isMandatory(type))
  const subject = {
    level: isCritical ? ('critical' as const) : ('standard' as const),
    eventType: event?.type ?? null,
    category: type?.category ?? null,
    isOptIn: type?.isOptIn ?? false,
    threadKey: event?.threadKey ?? null,
  }
  const isReached = (other: Channel) =>
    other === 'in_app' || person.addresses.some((address) => address.channel === other)
  const others = (type?.channels ?? []).filter((other) => other !== channel && isReached(other))
  const times = localTimes(said.timezone, now)
  const isOpen = event !== null && stored !== null && !isCritical
  return {
    target,
    name: type?.name ?? event?.type ?? null,
    when: event && `${times.tell(event.createdAt)} (${times.timezone})`,
    reasons: stored && reasonsOf(stored.via),
    decision: decide(channel, subject, said.document, defaults ?? {}),
    choices: isOpen ? choicesOf(event, others, type !== null) : [],
    threadKey: event?.threadKey ?? null,
    eventType: type?.key ?? null,
    said,
  }
}

function choicesOf(
  { type, threadKey }: EventRow,
  others: Channel[],
  isRegistered: boolean,
): WhyChoice[] {
  const instead = channels.filter((channel) => others.includes(channel))
  return [
    ...(threadKey === null ? [] : [{ does: 'mute_thread' as const }]),
    ...instead.map((channel) => ({ does: 'instead' as const, channel })),
    ...(type === null || isRegistered ? [{ does: 'never' as const }] : []),
  ]
}

/** What was changed, to be taken back with `undoWhy`. */
export type Undo = Pick<FieldChange, 'field' | 'before'>[]

export async function chooseWhy(ctx: Context, why: Why, choice: WhyChoice): Promise<Undo> {
  const patch = patchOf(why, choice)
  const { document } = why.said
  const changes = differences(document, merged(document, patch))
  await change(ctx, why, patch)
  return changes.map(({ field, before }) => ({ field, before }))
}

function patchOf({ target, threadKey, eventType }: Why, choice: WhyChoice): PreferencePatch {
  const { channel } = target
  switch (choice.does) {
    case 'mute_thread':
      return threadKey === null ? {} : { muted_threads: { [threadKey]: true } }
    case 'instead':
      if (eventType === null) return {}
      return { event_types: { [eventType]: { [channel]: false, [choice.channel]: true } } }
    case 'never':
      if (eventType === null) return { channels: { [channel]: false } }
      return { event_types: { [eventType]: { enabled: false } } }
  }
}

/** Takes back what `chooseWhy` changed. The form comes from anywhere: what the page could not change is ignored. */
export async function undoWhy(ctx: Context, why: Why, undo: Undo): Promise<void> {
  const patch: PreferencePatch = {}
  for (const { field, before } of undo) {
    if (typeof before !== 'boolean' && before !== null) continue
    const [part, name, own] = field
    if (part === 'muted_threads' && name === why.threadKey && name !== null)
      patch.muted_threads = { [name]: before }
    if (part === 'channels' && name === why.target.channel && field.length === 2)
      patch.channels = { [name]: before }
    const isOwn = own === 'enabled' || channels.some((channel) => channel === own)
    if (part === 'event_types' && name === why.eventType && name !== null && isOwn)
      patch.event_types = { [name]: { ...patch.event_types?.[name], [own!]: before } }
  }
  await change(ctx, why, patch)
}

async function change(ctx: Context, { target }: Why, patch: PreferencePatch): Promise<void> {
  const { workspaceId, subscriberId } = target
  await changePreferences(ctx, { workspaceId, subscriberId, by: { kind: 'why_link' } }, patch)
}
