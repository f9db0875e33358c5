// What people want to hear, and on which channels. One rule decides, and says which of their words
// (or which default) it went by.
import { channels, type Channel } from './channel.ts'
import type { Level } from './event-type.ts'
import {
  holdsOf,
  waitOf,
  type Hold,
  type Hours,
  type QuietHours,
  type Timing,
  type Wait,
} from './quiet-hours.ts'

export type Switches = Partial<Record<Channel, boolean>>
export type EventTypeSwitches = Switches & { enabled?: boolean }

/** What one person said, in the words of the API. What is absent was never said. */
export type Preferences = {
  level?: Level
  channels?: Switches
  categories?: Record<string, Switches>
  event_types?: Record<string, EventTypeSwitches>
  quiet_hours?: QuietHours
  muted_threads?: Record<string, boolean>
}

/** What holds for everybody who has said nothing about it. */
export type PreferenceDefaults = {
  channels?: Switches
  categories?: Record<string, Switches>
  event_types?: Record<string, Switches>
  hours?: Hours | null // when deliveries may go out; null: any time; absent: as the server is set up
}

/** What a message is about, as far as preferences go. A direct message has no event type. */
export type Subject = {
  level: Level
  eventType: string | null
  category: string | null
  isOptIn: boolean
  threadKey: string | null // what belongs together, such as one conversation
}

export type Rule =
  | 'mandatory'
  | 'level'
  | 'thread'
  | 'event_type_channel'
  | 'event_type'
  | 'opt_in'
  | 'category'
  | 'channel'
  | 'event_type_default'
  | 'category_default'
  | 'channel_default'
  | 'nothing_said'

/** `because` goes on from the person's name: "ana" + "turned off email for orders". */
export type Decision = { isOn: boolean; rule: Rule; because: string }

/**
 * Whether a message may go to a person on a channel. The most specific word wins, any word of the
 * person before any default. `enabled: true` is how one subscribes to an event type; it says nothing
 * about channels, so it does not bring back one that was turned off.
 */
export function decide(
  channel: Channel,
  subject: Subject,
  said: Preferences,
  defaults: PreferenceDefaults,
): Decision {
  const { level, eventType, category, isOptIn, threadKey } = subject
  if (level === 'critical') return on('mandatory', 'hears what is critical in any case')
  if (said.level === 'critical') return off('level', 'wants only critical events')
  if (threadKey !== null && said.muted_threads?.[threadKey] === true)
    return off('thread', 'muted its thread')

  const aboutType = eventType === null ? undefined : said.event_types?.[eventType]
  const forType = aboutType?.[channel]
  if (forType !== undefined) return turned(forType, 'event_type_channel', channel, eventType)
  if (aboutType?.enabled === false) return off('event_type', `turned off ${eventType}`)
  if (isOptIn && aboutType?.enabled !== true)
    return off('opt_in', `has not subscribed to ${eventType}`)

  const forCategory = category === null ? undefined : said.categories?.[category]?.[channel]
  if (forCategory !== undefined) return turned(forCategory, 'category', channel, category)
  const forAll = said.channels?.[channel]
  if (forAll !== undefined) return turned(forAll, 'channel', channel, null)
  return byDefault(channel, subject, defaults)
}

function byDefault(
  channel: Channel,
  { eventType, category }: Subject,
  defaults: PreferenceDefaults,
): Decision {
  const forType = eventType === null ? undefined : defaults.event_types?.[eventType]?.[channel]
  if (forType !== undefined) return kept(forType, 'event_type_default', channel, eventType)
  const forCategory = category === null ? undefined : defaults.categories?.[category]?.[channel]
  if (forCategory !== undefined) return kept(forCategory, 'category_default', channel, category)
  const forAll = defaults.channels?.[channel]
  if (forAll !== undefined) return kept(forAll, 'channel_default', channel, null)
  return on('nothing_said', `has said nothing against ${channel}`)
}

const on = (rule: Rule, because: string): Decision => ({ isOn: true, rule, because })
const off = (rule: Rule, because: string): Decision => ({ isOn: false, rule, because })

function turned(isOn: boolean, rule: Rule, channel: Channel, about: string | null): Decision {
  const what = about === null ? channel : `${channel} for ${about}`
  return { isOn, rule, because: `turned ${isOn ? 'on' : 'off'} ${what}` }
}

function kept(isOn: boolean, rule: Rule, channel: Channel, about: string | null): Decision {
  const what = about === null ? '' : ` for ${about}`
  return { isOn, rule, because: `kept the default: ${channel} is ${isOn ? 'on' : 'off'}${what}` }
}

/** What preferences have to say about one message to one person, and the time of day. */
export type Wishes = {
  on: (channel: Channel) => Decision
  /** What a delivery has to wait for that could begin when the message would go out; null: nothing. */
  waitOn: (channel: Channel) => Wait | null
  holds: Hold[]
}

export type Listener = {
  isSubscriber: boolean
  timezone: string | null
  preferences: Preferences | null
}

/**
 * Null when there is nothing to consider, which is so for most messages and costs next to nothing.
 * `at`: when the message would go out.
 */
export function wishesOf(
  { isSubscriber, timezone, preferences }: Listener,
  subject: Subject,
  { defaults, timing, at }: { defaults: PreferenceDefaults | null; timing: Timing; at: Date },
): Wishes | null {
  if (subject.level === 'critical') return null
  const quietHours = preferences?.quiet_hours ?? null
  const usualHours = defaults?.hours === undefined ? timing.usualHours : defaults.hours
  const holds = holdsOf({ timezone, quietHours }, { ...timing, usualHours })
  const hasSaid = preferences !== null || defaults !== null || subject.isOptIn
  if (holds.length === 0 && !(isSubscriber && hasSaid)) return null
  return {
    on: (channel) =>
      isSubscriber ? decide(channel, subject, preferences ?? {}, defaults ?? {}) : unasked(channel),
    waitOn: (channel) => waitOf(holds, channel, at, timing.windowEnd),
    holds,
  }
}

function unasked(channel: Channel): Decision {
  return on('nothing_said', `has said nothing against ${channel}`)
}

/** The same for what somebody has forced: it may go out now, but nowhere it is not wanted. */
export function atOnce(wishes: Wishes | null): Wishes | null {
  return wishes && { ...wishes, waitOn: () => null, holds: [] }
}

/** An entry of the registry, as far as preferences go. `level` may be something worked out per event. */
export type PreferenceSubject = {
  key: string
  name: string
  category: string | null
  level: string
  channels: Channel[]
  isOptIn: boolean
}

export function isMandatory({ level }: Pick<PreferenceSubject, 'level'>): boolean {
  return level === 'critical'
}

/** What a person hears of one event type, on each of its channels. */
export type EffectivePreference = PreferenceSubject & {
  isMandatory: boolean
  decisions: { channel: Channel; decision: Decision }[]
}

export function effectivePreference(
  type: PreferenceSubject,
  said: Preferences,
  defaults: PreferenceDefaults,
): EffectivePreference {
  const subject: Subject = {
    level: isMandatory(type) ? 'critical' : 'standard',
    eventType: type.key,
    category: type.category,
    isOptIn: type.isOptIn,
    threadKey: null,
  }
  const decisions = channels
    .filter((channel) => type.channels.includes(channel))
    .map((channel) => ({ channel, decision: decide(channel, subject, said, defaults) }))
  return { ...type, isMandatory: isMandatory(type), decisions }
}
