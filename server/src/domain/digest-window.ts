// When a digest closes: so long after its first event, or at the next of its times in the person's zone.
import { durationMs } from './duration.ts'
import { weekdays, type DigestRule } from './plan-steps.ts'

/** Always after `now`. `timeZone` is an IANA name. */
export function windowEnd(window: DigestRule['window'], timeZone: string, now: Date): Date {
  if (typeof window === 'string') return new Date(now.getTime() + durationMs(window))
  const local = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timeZone)
  if (window.every === 'hour') {
    const hour = local.round({ smallestUnit: 'hour', roundingMode: 'floor' })
    return new Date(hour.add({ hours: 1 }).epochMilliseconds)
  }
  const time = Temporal.PlainTime.from(window.at ?? '09:00')
  const wanted = window.every === 'week' ? weekdays.indexOf(window.on ?? 'monday') + 1 : null
  // A week and a day: the time of today may be over, and a change of the clocks may take an hour.
  for (let days = 0; days <= 8; days++) {
    const day = local.toPlainDate().add({ days })
    if (wanted !== null && day.dayOfWeek !== wanted) continue
    const end = day.toPlainDateTime(time).toZonedDateTime(timeZone, { disambiguation: 'later' })
    if (end.epochMilliseconds > now.getTime()) return new Date(end.epochMilliseconds)
  }
  throw new RangeError('a week has no such day')
}

/** "10m", "every day at 09:00" */
export function tellWindow(window: DigestRule['window']): string {
  if (typeof window === 'string') return window
  const { every, on, at } = window
  if (every === 'hour') return 'every hour'
  return `${every === 'week' ? `every ${on ?? 'monday'}` : 'every day'} at ${at ?? '09:00'}`
}
