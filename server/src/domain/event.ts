// Something that happened (or, without a type, a message somebody wants sent), as it was accepted.
import type { AudienceMember } from './audience.ts'
import type { Channel } from './channel.ts'
import type { Level } from './event-type.ts'
import type { PartKind } from './template.ts'

/** A message without an event type: its text is taken as it is, or from a template. */
export type DirectMessage = {
  channels: Channel[]
  subject?: string
  body?: string
  template?: string // the event type whose templates are used
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
  expiresAt: Date | null
  threadKey: string | null
  traceparent: string | null
  replayOf: string | null // the event of which this is a repetition
  createdAt: Date
}

/** How far the fan-out has come: the member being worked on, and the last person of its topic. */
export type FanOutCursor = {
  member: number
  after: string | null
  found: number[] // people each member led to so far
  templates: TemplatePin[] // the versions the first chunk was rendered with
}

/** With the versions of what it is compiled with. */
export type TemplatePin = { channel: Channel; locale: string; version: number; parts: PartPin[] }
export type PartPin = { kind: PartKind; name: string; version: number }

// Work is taken lane by lane, so that a broadcast never holds up a password reset.
export const lanes = { critical: 0, few: 1, many: 2 } as const
const fewPeople = 20

export function laneOf({
  level,
  audience,
  replayOf,
}: Pick<Event, 'level' | 'audience' | 'replayOf'>): number {
  if (replayOf !== null) return lanes.many // nobody waits for the past
  if (level === 'critical') return lanes.critical
  const isMany = audience.length > fewPeople || audience.some((member) => 'topic' in member)
  return isMany ? lanes.many : lanes.few
}
