// Local times and moments: which moment a clock on the wall means, what it shows at a moment, and when a daily
// window is over. Everything Belfry knows of daylight saving time is here.

/** Every day from `start` to before `end`, local times 'HH:MM'; over the night when `end` is earlier. */
export type DailyWindow = { start: string; end: string }

/**
 * The moment at which a clock in `zone` shows `local`, such as '2027-03-14T02:30'. A time that is left out when
 * clocks go forward is so much later as they go; of one that comes twice it is the first.
 *
 * @throws RangeError when there is no such time or zone.
 */
export function momentOf(local: string, zone: string): Date {
  const moment = Temporal.PlainDateTime.from(local).toZonedDateTime(zone)
  return new Date(moment.epochMilliseconds)
}

/** What a clock in `zone` shows, with its offset: '2026-01-15T15:30:00-05:00'. @throws RangeError as above. */
export function localTimeOf(at: Date, zone: string): string {
  return zonedAt(at, zone).toString({ smallestUnit: 'second', timeZoneName: 'never' })
}

/** The time of day there: '15:30'. @throws RangeError as above. */
export function timeOfDay(at: Date, zone: string): string {
  return zonedAt(at, zone).toPlainTime().toString({ smallestUnit: 'minute' })
}

/**
 * When the daily window around `at` ends; null outside it. Always later than `at`, and itself outside. Equal start and
 * end are no window.
 *
 * A window begins at its day's first moment that shows `start`, and ends at the last that shows `end`: a clock
 * that is set back does not open it half way. What a clock leaves out is where it jumps.
 *
 * @throws RangeError as above.
 */
export function dailyWindowEnd({ start, end }: DailyWindow, zone: string, at: Date): Date | null {
  if (start === end) return null
  const today = zonedAt(at, zone).toPlainDate()
  const nights = end < start ? 1 : 0
  let until: number | null = null
  // Tomorrow's too: a clock that is set back at midnight shows the day before again.
  for (const days of [-1, 0, 1]) {
    const day = today.add({ days })
    const begins = firstShown(day, start, zone)
    const ends = lastShown(day.add({ days: nights }), end, zone)
    if (begins <= (until ?? at.getTime()) && ends > (until ?? at.getTime())) until = ends
  }
  return until === null ? null : new Date(until)
}

function firstShown(day: Temporal.PlainDate, time: string, zone: string): number {
  return shown(day, time, zone, 'earlier')
}

function lastShown(day: Temporal.PlainDate, time: string, zone: string): number {
  return shown(day, time, zone, 'later')
}

function shown(
  day: Temporal.PlainDate,
  time: string,
  zone: string,
  disambiguation: 'earlier' | 'later',
): number {
  const label = day.toPlainDateTime(Temporal.PlainTime.from(time))
  const moment = label.toZonedDateTime(zone, { disambiguation })
  if (moment.toPlainDateTime().equals(label)) return moment.epochMilliseconds
  // Left out: `earlier` is before the jump.
  const before = label.toZonedDateTime(zone, { disambiguation: 'earlier' })
  return (before.getTimeZoneTransition('next') ?? moment).epochMilliseconds
}

function zonedAt(at: Date, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone)
}
