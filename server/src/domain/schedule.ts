// What recurs: an event or a message that is made again and again, by a pattern.
import type { Channel } from './channel.ts'
import type { IfItFails } from './event.ts'
import type { Level } from './event-type.ts'

/** Who hears of it: subscribers and topics. Empty: whom the event type names. */
export type ScheduleTo = string | { topic: string }

export type ScheduledEvent = {
  type: string
  params?: Record<string, unknown>
  level?: Level
  thread_key?: string
}

export type ScheduledMessage = {
  channels: Channel[]
  subject?: string
  body?: string
  template?: string
  params?: Record<string, unknown>
  level?: Level
  thread_key?: string
} & IfItFails

export type ScheduleContent = {
  event: ScheduledEvent | null
  message: ScheduledMessage | null
  to: ScheduleTo[]
}

export type ScheduleDefinition = ScheduleContent & {
  cron: string
  timezone: string | null // null: each person's own
  startsAt: Date | null
  endsAt: Date | null
  catchUp: string // a duration
}

export type Schedule = ScheduleDefinition & {
  workspaceId: number
  key: string
  isPaused: boolean
  doneAt: Date // what was due up to then is done
  nextAt: Date | null // when to look again; null: paused, or over
  createdAt: Date
  updatedAt: Date
}

/** Of people who have not said where they are. */
export const defaultZone = 'UTC'

export type ScheduleStatus = 'active' | 'paused' | 'ended'

export function statusOf({
  isPaused,
  nextAt,
}: Pick<Schedule, 'isPaused' | 'nextAt'>): ScheduleStatus {
  if (isPaused) return 'paused'
  return nextAt === null ? 'ended' : 'active'
}

/** Whether the same moments are meant: what was done of the one is done of the other. */
export function isSameRhythm(a: ScheduleDefinition, b: ScheduleDefinition): boolean {
  return a.cron === b.cron && a.timezone === b.timezone
}
