// The times of a request: when something is to go out, by which clock, and until when it is worth saying.
import { momentOf } from './local-time.ts'
import { timezoneProblem } from './time-zone.ts'

export type RequestedTimes = {
  /** A moment with its offset; without one, a time on the wall. */
  scheduled_time?: string
  timezone?: string
  expires_at?: string
}

export type Times = {
  scheduledAt: Date | null
  /** Instead of it: by each person's own clock. */
  scheduledLocal: string | null
  timezone: string | null
  expiresAt: Date | null
}

export type TimeProblem = { pointer: string; detail: string }

const furthestDays = 366
const pastToleranceMs = 60_000
const dayMs = 86_400_000

// RFC 3339, the offset left out or not.
const written = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?$/

/**
 * Reads the times of a request that comes at `now`. `zones` are those of everybody it is for, null for who has
 * none; where nobody knows yet who that is, it is null itself, and a time on the wall may be meant in any zone.
 */
export function readTimes(
  request: RequestedTimes,
  now: Date,
  zones: readonly (string | null)[] | null,
): { times: Times; problems: TimeProblem[] } {
  const problems: TimeProblem[] = []
  const add = (pointer: string, detail: string | null) => {
    if (detail !== null) problems.push({ pointer, detail })
  }
  const { timezone = null } = request
  const zoneProblem = timezone === null ? null : timezoneProblem(timezone)
  add('/timezone', zoneProblem)
  const scheduled = readScheduled(
    request.scheduled_time,
    zoneProblem === null ? timezone : null,
    zones,
  )
  if (scheduled === 'malformed')
    add(
      '/scheduled_time',
      'must be a time such as 2026-11-21T09:30:00Z, or 2026-11-21T09:30:00 by the clock on the wall.',
    )
  const { first, last, ...at } = scheduled === 'malformed' ? unscheduled : scheduled
  if (last !== null && last < now.getTime() - pastToleranceMs)
    add('/scheduled_time', 'is in the past; leave it out to send now')
  if (first !== null && first > now.getTime() + furthestDays * dayMs)
    add('/scheduled_time', `is more than ${furthestDays} days ahead`)
  const expiresAt = request.expires_at === undefined ? null : new Date(request.expires_at)
  if (expiresAt && Number.isNaN(expiresAt.getTime())) add('/expires_at', 'is no RFC 3339 time')
  if (expiresAt && expiresAt.getTime() <= (first ?? now.getTime()))
    add('/expires_at', 'is over before anything could be sent')
  return { times: { ...at, timezone, expiresAt }, problems }
}

export function isRequestedTime(text: string): boolean {
  return readScheduled(text, null, null) !== 'malformed'
}

/** `first` and `last`: between which moments it is, for whoever it may be for. */
type Scheduled = Pick<Times, 'scheduledAt' | 'scheduledLocal'> & {
  first: number | null
  last: number | null
}

const unscheduled: Scheduled = { scheduledAt: null, scheduledLocal: null, first: null, last: null }

function readScheduled(
  text: string | undefined,
  timezone: string | null,
  zones: readonly (string | null)[] | null,
): Scheduled | 'malformed' {
  if (text === undefined) return unscheduled
  const [, , , offset] = written.exec(text) ?? []
  if (!written.test(text)) return 'malformed'
  try {
    if (offset !== undefined) return scheduledAt(Temporal.Instant.from(text).epochMilliseconds)
    const local = Temporal.PlainDateTime.from(text)
    if (timezone !== null) return scheduledAt(momentOf(local.toString(), timezone).getTime())
    return { scheduledAt: null, scheduledLocal: local.toString(), ...reach(local, zones) }
  } catch (error) {
    if (error instanceof RangeError) return 'malformed' // such as 30 February
    throw error
  }
}

function scheduledAt(ms: number): Scheduled {
  return { scheduledAt: new Date(ms), scheduledLocal: null, first: ms, last: ms }
}

// Clocks go from 14 hours before UTC to 12 behind it.
const earliestMs = -14 * 3_600_000
const latestMs = 12 * 3_600_000

function reach(local: Temporal.PlainDateTime, zones: readonly (string | null)[] | null) {
  const moments = zones?.length
    ? zones.map((zone) => momentOf(local.toString(), zone ?? 'UTC').getTime())
    : [earliestMs, latestMs].map((ms) => momentOf(local.toString(), 'UTC').getTime() + ms)
  return { first: Math.min(...moments), last: Math.max(...moments) }
}
