// What is known about the time of day of a message: what it says itself, its event type and the server.
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import type { Event } from '../domain/event.ts'
import type { Hours, Timing } from '../domain/quiet-hours.ts'

/** `typeHours`: of its event type; undefined where that says nothing, or there is none. */
export function timingOf(
  { config }: Context,
  { timezone, scheduledLocal }: Pick<Event, 'timezone' | 'scheduledLocal'>,
  typeHours: Hours | null | undefined,
): Timing {
  const isByWallClock = scheduledLocal !== null
  return { timezone, isByWallClock, typeHours, usualHours: serverHours(config) }
}

/** What holds where a workspace says nothing; null: any time of day. */
export function serverHours({ quietStart: start, quietEnd: end }: Config): Hours | null {
  return start === end ? null : { start, end }
}
