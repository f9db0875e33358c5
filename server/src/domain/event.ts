// Something that happened (or, without a type, a message somebody wants sent), as it was accepted.
import { levelOf, type AskWords } from './asking.ts'
import type { AudienceMember } from './audience.ts'
import type { Channel } from './channel.ts'
import type { Level, ThreadRule } from './event-type.ts'
import { momentOf } from './local-time.ts'
import type { PartKind } from './template.ts'

/** A message without an event type: its text is taken as it is, or from a template. */
export type DirectMessage = {
  channels: Channel[]
  subject?: string
  body?: string
  thread?: ThreadRule // left out: replace
  template?: string // the event type whose templates are used
  priority?: number // 1 to 10: how soon it is its turn among what waits
  acknowledge?: AskWords // somebody has to answer
} & IfItFails

export type IfItFails = {
  fallback_channels?: Channel[] // one after the other, when all before have failed
  fallback_after?: string // how long each has
  max_retries?: number // how often all of it is tried again
  retry_delay?: string // the pause before that
}

export type Event = {
  workspaceId: number
  id: string
  type: string | null
  typeVersion: number | null
  level: Level
  audience: AudienceMember[]
  params: Record<string, unknown>
  message: DirectMessage | null
  scheduledAt: Date | null
  /** Instead of it, by each person's own clock: '2026-01-15T15:30:00'. */
  scheduledLocal: string | null
  timezone: string | null // as the request gave it
  expiresAt: Date | null
  threadKey: string | null
  traceparent: string | null
  replayOf: string | null // the event of which this is a repetition
  createdAt: Date
}

/** When it is scheduled for somebody whose own zone is `own`; null: not at all. */
export function scheduledFor(
  { scheduledAt, scheduledLocal }: Pick<Event, 'scheduledAt' | 'scheduledLocal'>,
  own: string | null,
): Date | null {
  return scheduledLocal === null ? scheduledAt : momentOf(scheduledLocal, own ?? 'UTC')
}

/** How far the fan-out has come: the member being worked on, and the last person of its topic. */
export type FanOutCursor = {
  member: number
  after: string | null
  found: (number | null)[] // people each member led to so far; null: it was passed over
  templates?: TemplatePin[] // the versions the first chunk was rendered with; left out: those of now
  /** Of those who are asked since nobody answered: which, and why. */
  escalation?: { level: number; because: string }
}

/** With the versions of what it is compiled with. */
export type TemplatePin = { channel: Channel; locale: string; version: number; parts: PartPin[] }
export type PartPin = { kind: PartKind; name: string; version: number }

// Work is taken lane by lane, so that a broadcast never holds up a password reset.
export const lanes = { critical: 0, few: 1, many: 2 } as const
// What came through SQL and is not checked yet (migrations/0002-sql-door.sql): urgent, and other.
export const uncheckedLanes = { critical: 3, other: 4 } as const
const fewPeople = 20
const firstPriority = 8 // and above: before all that is not critical
const lastPriority = 3 // and below: after all else

export function laneOf({
  level,
  audience,
  replayOf,
  message,
}: Pick<Event, 'level' | 'audience' | 'replayOf' | 'message'>): number {
  if (replayOf !== null) return lanes.many // nobody waits for the past
  const priority = message?.priority
  if (level === 'critical' || (priority ?? 0) >= firstPriority) return lanes.critical
  if (priority !== undefined && priority <= lastPriority) return lanes.many
  const first = audience.filter((member) => levelOf(member) === 0)
  const isMany = first.length > fewPeople || first.some((member) => 'topic' in member)
  return isMany ? lanes.many : lanes.few
}
