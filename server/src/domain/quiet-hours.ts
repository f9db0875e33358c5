// When a message may go out: the quiet hours of a person, and the hours of event types and workspaces. Rules
// over what is said; the arithmetic is in local-time.ts.
import type { Channel } from './channel.ts'
import { dailyWindowEnd, timeOfDay, type DailyWindow } from './local-time.ts'

/** When a person wants no interruptions. */
export type QuietHours = DailyWindow

/** When deliveries may go out. */
export type Hours = DailyWindow

export const localTimePattern = '^([01][0-9]|2[0-3]):[0-5][0-9]$'

/** Why these cannot be somebody's quiet hours; null when they can. */
export function quietHoursProblem({ start, end }: QuietHours): string | null {
  if (start !== end) return null
  return 'is the time they start. For no quiet hours give null for quiet_hours; for the whole day turn channels off.'
}

/** Why deliveries cannot go out in these hours; null when they can. */
export function hoursProblem({ start, end }: Hours): string | null {
  return start === end ? 'is the time they start. For any time of day give null for hours.' : null
}

/** What is known about the time of day of one message to one person. */
export type Timing = {
  timezone: string | null // of the message
  /** It was scheduled by the clock on the wall: without any zone that is UTC. */
  isByWallClock: boolean
  typeHours: Hours | null | undefined // null: any time; undefined: the event type says nothing
  usualHours: Hours | null // of the workspace, or of the server where that says nothing
  /** `dailyWindowEnd`, or one that remembers what it was asked. */
  windowEnd?: typeof dailyWindowEnd
}

type TimedPerson = { timezone: string | null; quietHours: QuietHours | null }

/** A window in which nothing goes out. */
export type Hold = {
  window: DailyWindow
  timezone: string
  whose: 'person' | 'event_type' | 'workspace'
}

/**
 * What holds a message back that is not critical. A person's quiet hours stand in for the hours of the
 * workspace, beside those of the event type. They are in the person's own zone. Hours are in the zone of the message, else
 * in the person's; where nobody knows what time it is there, they hold nothing back.
 */
export function holdsOf(
  { timezone: own, quietHours }: TimedPerson,
  { timezone: given, isByWallClock, typeHours, usualHours }: Timing,
): Hold[] {
  const holds: Hold[] = []
  if (quietHours)
    holds.push({ window: quietHours, timezone: own ?? given ?? 'UTC', whose: 'person' })
  const timezone = zoneOf(own, { timezone: given, isByWallClock })
  if (timezone === null) return holds
  if (typeHours) holds.push({ window: outside(typeHours), timezone, whose: 'event_type' })
  else if (typeHours === undefined && usualHours && !quietHours)
    holds.push({ window: outside(usualHours), timezone, whose: 'workspace' })
  return holds
}

/** The zone a message is in for a person; null: nobody knows, and nobody has to. */
export function zoneOf(
  own: string | null,
  { timezone, isByWallClock }: Pick<Timing, 'timezone' | 'isByWallClock'>,
): string | null {
  return timezone ?? own ?? (isByWallClock ? 'UTC' : null)
}

function outside({ start, end }: Hours): DailyWindow {
  return { start: end, end: start }
}

/** Until when a delivery waits. `because` goes on from the person's name. */
export type Wait = { until: Date; because: string }

// Each turn is at least a part of a day. More of them mean that all windows together leave no moment.
const mostTurns = 16

/** What a delivery on `channel` that could begin at `at` has to wait for; null: nothing. `until` is outside of all windows. */
export function waitOf(
  holds: readonly Hold[],
  channel: Channel,
  at: Date,
  windowEnd: typeof dailyWindowEnd = dailyWindowEnd,
): Wait | null {
  const held = holds.filter(({ whose }) => holdsOn(channel, whose))
  let until = at
  let last: Hold | null = null
  for (let turn = 0; turn < mostTurns; turn++) {
    const ends = held.map((hold) => windowEnd(hold.window, hold.timezone, until))
    const i = ends.findIndex((end) => end !== null)
    if (i < 0) return last && { until, because: tellWait(last, until) }
    until = ends[i]!
    last = held[i]!
  }
  // Between them no moment is left: what the person said counts.
  const own = held.filter(({ whose }) => whose === 'person')
  return waitOf(own, channel, at, windowEnd)
}

/** In the app nothing interrupts. A webhook reaches a machine, which keeps no hours but those it was given. */
function holdsOn(channel: Channel, whose: Hold['whose']): boolean {
  if (channel === 'in_app') return false
  return channel !== 'webhook' || whose === 'person'
}

function tellWait({ window, timezone, whose }: Hold, until: Date): string {
  const moment = until.toISOString()
  if (whose === 'person') return `had quiet hours until ${moment}`
  const what = whose === 'event_type' ? 'its event type' : 'what is not critical'
  const hours = `${what} goes out from ${window.end} to ${window.start}`
  return `waits for ${timeOfDay(until, timezone)} in ${timezone}, at ${moment}: ${hours}`
}

/** As `dailyWindowEnd`, for many people who mostly share their answers. */
export function rememberWindowEnds(): typeof dailyWindowEnd {
  const known = new Map<string, Date | null>()
  return (window, timezone, at) =>
    known.getOrInsertComputed(`${window.start} ${window.end} ${timezone} ${at.getTime()}`, () =>
      dailyWindowEnd(window, timezone, at),
    )
}
