// When something that recurs is due. A pattern (cron, five fields) says which labels there are: what a clock on
// the wall shows, to the minute, '2027-03-14T02:30'. Each label happens once in each zone, whatever the clock
// there does: a label that is skipped by a gap is due that much later, of one that comes twice only the first
// counts. Where two labels fall on the same moment (02:00, skipped, and 03:00), it is the latter that is due.
//
// croner reads the patterns and walks the labels, as if they were times in UTC; it has rules of its own for the
// moments at which clocks change, and they are not these. Zones are left to Temporal.
import { Cron } from 'croner'
import { momentOf } from './local-time.ts'

export type Occurrence = { label: string; at: Date }

/** The label that comes after another one; null when none does. */
export type Labels = (label: string) => string | null

/** After `after` and up to `until`; without `until`, up to where the calendar ends. */
export type Span = { zone: string; after: Date; until?: Date }

const fieldNames = 'minute, hour, day of the month, month, day of the week'

/** Why this cannot be a pattern; null when it can. */
export function patternProblem(cron: string): string | null {
  const count = cron.trim().split(/\s+/).length
  if (count > 5)
    return `has ${count} fields, but takes 5 (${fieldNames}): nothing is sent more than once a minute.`
  // Anything else without spaces would be read as a moment.
  if (count < 5 && !/^@[a-z]+$/i.test(cron.trim()))
    return `must have 5 fields (${fieldNames}), as in "0 9 * * MON", or be a nickname such as @daily.`
  try {
    if (labelsOf(cron)('2000-01-01T00:00') !== null) return null
  } catch (error) {
    return `cannot be read: ${(error as Error).message.replace(/^CronPattern: /, '')}`
  }
  return 'never comes: no day is like that.'
}

/** Those of a pattern. Zones mostly ask for the same ones, and to find one is slow: they are remembered. */
export function labelsOf(cron: string): Labels {
  const pattern = new Cron(cron.trim(), { utcOffset: 0, mode: '5-part', paused: true })
  const known = new Map<string, string | null>()
  const find = (label: string) => {
    const next = pattern.nextRun(asUtc(label))
    return next === null ? null : textOf(next)
  }
  return (label) => known.getOrInsertComputed(label, find)
}

/** In the order of time, each moment once. */
export function* occurrences(labels: Labels, { zone, after, until }: Span): Generator<Occurrence> {
  let last = after
  for (;;) {
    const next = nextOccurrence(labels, zone, last)
    if (next === null || (until && next.at > until)) return
    yield next
    last = next.at
  }
}

/** The next moment at which a label may come in any zone there is. */
export function nextAnywhere(labels: Labels, after: Date): Date | null {
  let next: number | null = null
  for (const offsetMs of worldOffsetsMs(after)) {
    const label = labels(textOf(new Date(after.getTime() + offsetMs)))
    if (label === null) continue
    const atMs = asUtc(label).getTime() - offsetMs
    if (next === null || atMs < next) next = atMs
  }
  return next === null ? null : new Date(next)
}

/** The first moment anywhere on Earth at which a clock shows the label. */
export function firstMomentOf(label: string): Date {
  return new Date(asUtc(label).getTime() - 14 * hourMs)
}

function nextOccurrence(labels: Labels, zone: string, after: Date): Occurrence | null {
  const from = Temporal.Instant.fromEpochMilliseconds(after.getTime()).toZonedDateTimeISO(zone)
  const shown = nextShown(labels, zone, from)
  const skipped = nextSkipped(labels, from, shown?.at ?? null)
  return skipped !== null && (shown === null || skipped.at < shown.at) ? skipped : shown
}

/** The next label that the clock of the zone really shows, for the first time. */
function nextShown(labels: Labels, zone: string, from: Temporal.ZonedDateTime): Occurrence | null {
  for (let label = labels(shownAt(from)); label !== null; label = labels(label)) {
    const at = momentOf(label, zone)
    if (at.getTime() > from.epochMilliseconds && isShown(label, at, zone)) return { label, at }
  }
  return null
}

function isShown(label: string, at: Date, zone: string): boolean {
  return (
    shownAt(Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone)) === label
  )
}

/** The next label that a gap skips, if it is due before `before`. */
function nextSkipped(
  labels: Labels,
  from: Temporal.ZonedDateTime,
  before: Date | null,
): Occurrence | null {
  // What an earlier gap skipped may be due still: a gap is a day at most.
  let change = from.subtract({ hours: 25 }).getTimeZoneTransition('next')
  const end = from.add({ years: 10 })
  while (change !== null && Temporal.ZonedDateTime.compare(change, end) < 0) {
    if (before && change.epochMilliseconds >= before.getTime()) return null
    const found = skippedAt(labels, change, from.epochMilliseconds)
    if (found !== null) return found
    change = change.getTimeZoneTransition('next')
  }
  return null
}

function skippedAt(
  labels: Labels,
  change: Temporal.ZonedDateTime,
  afterMs: number,
): Occurrence | null {
  const gapNs = change.offsetNanoseconds - change.subtract({ nanoseconds: 1 }).offsetNanoseconds
  if (gapNs <= 0) return null
  const end = asUtc(shownAt(change)).getTime()
  const start = end - gapNs / 1_000_000
  for (let label = labels(textOf(new Date(start - minuteMs))); label; label = labels(label)) {
    const ms = asUtc(label).getTime()
    if (ms >= end) return null
    const atMs = change.epochMilliseconds + (ms - start)
    if (atMs > afterMs) return { label, at: new Date(atMs) }
  }
  return null
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** How far clocks are from UTC, anywhere, within a day: what a gap has skipped is due by the offset before it. */
function worldOffsetsMs(at: Date): Set<number> {
  const offsets = new Set<number>()
  // Those of Etc/GMT+12 to Etc/GMT-14, which no list of places has.
  for (let hours = -12; hours <= 14; hours++) offsets.add(hours * hourMs)
  const moment = Temporal.Instant.fromEpochMilliseconds(at.getTime())
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const local = moment.toZonedDateTimeISO(zone)
    for (const hours of [-25, 0, 25])
      offsets.add(local.add({ hours }).offsetNanoseconds / 1_000_000)
  }
  return offsets
}

function asUtc(label: string): Date {
  return new Date(`${label}:00Z`)
}

function textOf(utc: Date): string {
  return utc.toISOString().slice(0, 16)
}

function shownAt(local: Temporal.ZonedDateTime): string {
  return local.toPlainDateTime().toString({ smallestUnit: 'minute' })
}
