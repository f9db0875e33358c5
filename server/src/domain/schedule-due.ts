// What of a schedule is due, and when to look at it again.
import { durationMs } from './duration.ts'
import { labelsOf, nextAnywhere, occurrences, type Labels, type Occurrence } from './recurrence.ts'
import type { Schedule } from './schedule.ts'

type Timed = Pick<Schedule, 'cron' | 'timezone' | 'startsAt' | 'endsAt'>

/** What came while nobody looked: the last one is made if it is not too late for it; the others are not. */
export type Due = { made: Occurrence | null; missed: Occurrence[] }

export const mostMissed = 100
const firstLookMs = 3_600_000

/** `labels`: of its pattern, the same for all zones. */
export function dueIn(
  zone: string,
  schedule: Timed & Pick<Schedule, 'catchUp' | 'doneAt'>,
  { labels, now }: { labels: Labels; now: Date },
): Due {
  const due = lastOnes(zone, schedule, { labels, now })
  const last = due.at(-1)
  const isLate =
    last !== undefined && now.getTime() - last.at.getTime() > durationMs(schedule.catchUp)
  const made = last && !isLate ? last : null
  return { made, missed: (made ? due.slice(0, -1) : due).slice(-mostMissed) }
}

/** The moment from which on something of it may be due in any zone; null when it is over. */
export function nextLook(schedule: Timed, after: Date): Date | null {
  const { cron, timezone, endsAt } = schedule
  const labels = labelsOf(cron)
  const next =
    timezone === null
      ? nextAnywhere(labels, beginning(schedule, after))
      : (nextOnes(timezone, schedule, { labels, after, most: 1 })[0]?.at ?? null)
  return next && (!endsAt || next < endsAt) ? next : null
}

/** The next ones in a zone. */
export function nextOnes(
  zone: string,
  schedule: Timed,
  { labels, after, most }: { labels: Labels; after: Date; most: number },
): Occurrence[] {
  const until = lastMoment(schedule)
  const span = { zone, after: beginning(schedule, after), ...(until && { until }) }
  const found: Occurrence[] = []
  for (const one of occurrences(labels, span)) {
    found.push(one)
    if (found.length === most) break
  }
  return found
}

/**
 * The last that are due by now, as many as are remembered, and some before. Looks back further and further: of a
 * long standstill most would be found for nothing.
 */
function lastOnes(
  zone: string,
  schedule: Timed & { doneAt: Date },
  { labels, now }: { labels: Labels; now: Date },
): Occurrence[] {
  const last = lastMoment(schedule)
  const until = last && last < now ? last : now
  const from = beginning(schedule, schedule.doneAt)
  for (let backMs = firstLookMs; ; backMs *= 2) {
    const after = new Date(Math.max(from.getTime(), until.getTime() - backMs))
    const found = [...occurrences(labels, { zone, after, until })]
    if (found.length > mostMissed || after <= from) return found
  }
}

/** The moment after which it begins: that of `starts_at` itself counts. */
function beginning({ startsAt }: Timed, after: Date): Date {
  const before = startsAt && new Date(startsAt.getTime() - 1)
  return before && before > after ? before : after
}

/** That of `ends_at` itself does not count. */
function lastMoment({ endsAt }: Timed): Date | null {
  return endsAt && new Date(endsAt.getTime() - 1)
}
