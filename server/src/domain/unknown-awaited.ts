// Waits for an event of a type that is not there: nothing ends them early until it is.
import type { EventTypeDefinition } from './event-type.ts'
import { didYouMean } from './nearest.ts'
import { programOf } from './plan-steps.ts'

/** `pointer`: into the event type. */
export type Awaited = { pointer: string; event: string }

/** The events that waits of a plan may be ended by. */
export function awaitedOf({ plan }: Pick<EventTypeDefinition, 'plan'>): Awaited[] {
  return programOf(plan ?? []).flatMap((step) =>
    step.kind === 'wait' && typeof step.unless === 'object' && step.unless !== null
      ? [{ pointer: `/plan${step.pointer}/wait/unless/event`, event: step.unless.event }]
      : [],
  )
}

export function tellUnknownAwaited({ pointer, event }: Awaited, known: readonly string[]) {
  const hint = didYouMean(event, known)
  const detail = `There is no event type "${event}" yet; until there is, nothing ends this wait early.${hint}`
  return { pointer, detail }
}
