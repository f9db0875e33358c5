// The registry's entry for one type of event.
import type { AskRule } from './asking.ts'
import type { CarriedChannel, Channel } from './channel.ts'
import type { DataSources } from './data-source.ts'
import type { Step } from './plan-steps.ts'
import type { Hours } from './quiet-hours.ts'

export const levels = ['standard', 'critical'] as const
export type Level = (typeof levels)[number]

/** Who hears: ids and topic names may be Liquid over the event's parameters. */
export type AudienceEntry = string | { topic: string }

/** Whether a newer message of a thread takes the place of the older ones, or stands beside them. */
export const threadRules = ['replace', 'keep'] as const
export type ThreadRule = (typeof threadRules)[number]

export type RetryPolicy = { attempts: number; delay: string; backoff: 'fixed' | 'exponential' }

/** One for all channels, or one for each of some. */
export type RetryPolicies = RetryPolicy | Partial<Record<CarriedChannel, RetryPolicy>>

/** What people read instead of a text that cannot be written. */
export type Fallback = { title: string; body: string }

/** As it is stored (one JSON document per version) and shown. */
export type EventTypeDefinition = {
  name: string
  category: string | null
  level: string // a Level, or Liquid over the parameters that prints one
  params: Record<string, unknown> | null // JSON Schema 2020-12; null: anything goes
  audience: AudienceEntry[]
  otherwise: AudienceEntry[] // used when the audience finds nobody
  channels: Channel[] // with a plan: those it may send on
  plan?: Step[] // without one: all channels at once
  thread?: ThreadRule // left out: replace
  opt_in: boolean // heard only by those who have subscribed to it
  retry: RetryPolicies | null // null, or not of the channel: the channel's own schedule
  retention: string // a duration: how long notifications are kept once they have ended
  fallback: Fallback | null // null: the usual words
  data?: DataSources // fetched before its texts are written
  acknowledge?: AskRule // one answer is enough, and who is asked when nobody answers
  hours?: Hours | null // when its deliveries may go out; null: any time; absent: as the workspace says
}

export type EventType = EventTypeDefinition & { key: string; version: number; createdAt: Date }

export function isLevel(text: string): text is Level {
  return levels.some((level) => level === text)
}
