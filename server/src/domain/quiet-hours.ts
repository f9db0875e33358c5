// Quiet hours: the daily window in which a subscriber wants no interruptions.

export type QuietHours = {
  start: string // local time 'HH:MM', inclusive
  end: string // local time 'HH:MM', exclusive; earlier than start if spanning midnight
}

export const localTimePattern = '^([01][0-9]|2[0-3]):[0-5][0-9]$'

/**
 * When the quiet window around `now` ends; null outside it. Never earlier than `now`.
 * `timeZone` is an IANA name. Equal start and end mean no quiet hours.
 *
 * @throws RangeError on a malformed time or unknown zone. Both are refused on save.
 */
export function quietUntil(quiet: QuietHours, timeZone: string, now: Date): Date | null {
  const local = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timeZone)
  const start = Temporal.PlainTime.from(quiet.start)
  const end = Temporal.PlainTime.from(quiet.end)

  const spansMidnight = isBefore(end, start)
  const afterStart = !isBefore(local.toPlainTime(), start)
  const beforeEnd = isBefore(local.toPlainTime(), end)
  const isQuiet = spansMidnight ? afterStart || beforeEnd : afterStart && beforeEnd
  if (!isQuiet) return null

  const endDay = local.toPlainDate().add({ days: spansMidnight && afterStart ? 1 : 0 })
  // 'later': on an autumn night the clock shows `end` twice, and the first may be past.
  const until = endDay.toPlainDateTime(end).toZonedDateTime(timeZone, { disambiguation: 'later' })
  return new Date(until.epochMilliseconds)
}

function isBefore(a: Temporal.PlainTime, b: Temporal.PlainTime): boolean {
  return Temporal.PlainTime.compare(a, b) < 0
}
