// The registry's entry for one type of event.
import type { Channel } from './channel.ts'

export const levels = ['standard', 'critical'] as const
export type Level = (typeof levels)[number]

/** Who hears: ids and topic names may be Liquid over the event's parameters. */
export type AudienceEntry = string | { topic: string }

export type RetryPolicy = { attempts: number; delay: string; backoff: 'fixed' | 'exponential' }

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
  channels: Channel[]
  opt_in: boolean // heard only by those who have subscribed to it
  retry: RetryPolicy | null // null: each channel's own schedule
  retention: string // a duration: how long notifications are kept once they have ended
  fallback: Fallback | null // null: the usual words
}

export type EventType = EventTypeDefinition & { key: string; version: number; createdAt: Date }

export function isLevel(text: string): text is Level {
  return levels.some((level) => level === text)
}
