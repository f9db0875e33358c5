// The plan by which a notification goes: that of its event type, or the one a direct message comes with.
import { messageProgram } from '../domain/fallback.ts'
import type { Event } from '../domain/event.ts'
import type { PlannedType } from './configuration.ts'
import type { CompiledPlan } from './plan-texts.ts'

/** Null: all channels are sent to at once, and that is all. */
export function planOf(type: PlannedType | null, message: Event['message']): CompiledPlan | null {
  if (type?.steps) return type.steps
  const program = messageProgram(message)
  return program && { program, holds: () => false, keyOf: () => '' }
}
