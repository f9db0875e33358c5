// Names for what belongs together: the digest or the throttle of a step, and what a wait waits for.
import { createHash } from 'node:crypto'
import type { Event } from '../domain/event.ts'
import type { Level } from '../domain/event-type.ts'
import type { Program, Unless } from '../domain/plan-steps.ts'
import { eventKey } from './plan-texts.ts'

/**
 * Of one step for one person. Another plan is another step, so that what waits goes on by the plan it came
 * with; other changes of the event type make no difference. What is critical is apart: it is heard where the
 * others are not.
 */
export function stepHash(
  type: string | null,
  program: Program,
  place: { workspaceId: number; position: number; level: Level; recipient: string; key: string },
): string {
  const { workspaceId, position, level, recipient, key } = place
  return hash([workspaceId, type, program, position, level, recipient, key])
}

/**
 * Both sides come to the same name: who waits, from their own parameters, and the event they wait for, from
 * its own. Without a key it has to be about the same person. Null: nothing elsewhere ends the wait.
 */
export function wakeOf(
  unless: Unless | null,
  params: Event['params'],
  recipient: string,
): string | null {
  if (unless === null || typeof unless === 'string') return null
  if (unless.key === undefined) return hash([unless.event, null, recipient])
  const key = eventKey(unless.key, params)
  return key === '' ? null : hash([unless.event, unless.key, key])
}

function hash(parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
