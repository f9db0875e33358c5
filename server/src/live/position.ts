// Positions in a stream: the snapshot up to which everything was sent, and when it was taken. Whoever comes back with
// one gets what that snapshot did not show. A position is not a number that is counted up, because transactions
// do not commit in the order of any number: a reader of numbers must either wait for the slowest
// transaction of the whole cluster, or miss what commits late.
import { parseSnapshot, showSnapshot, type Snapshot } from '../domain/snapshot.ts'
import type { ResultPlace } from '../sql/results.ts'

// Changes and results are kept for an hour (pipeline/prune.ts).
const honouredMs = 50 * 60_000
/** So long a stream that has begun reads on from one place. */
const readMs = 55 * 60_000
const longest = 8_000

export function showPosition(snapshot: Snapshot, takenAt: Date): string {
  return `${seconds(takenAt.getTime()).toString(36)}-${showSnapshot(snapshot)}`
}

/** Null: it is none of ours, or too old to go on from. */
export function readPosition(position: string, now: Date): Snapshot | null {
  const found = honoured(position, now)
  return found && parseSnapshot(found.text)
}

/** `sinceMs`: when `since` of the place was taken, at the earliest. `untilMs`: as much of the page's `until`. */
export type TimedPlace = { place: ResultPlace; sinceMs: number; untilMs: number }

/** The place after a look that was begun at `nowMs`. */
export function placeAfter(before: TimedPlace, next: ResultPlace, nowMs: number): TimedPlace {
  const untilMs = before.place.page === null ? nowMs : before.untilMs
  return { place: next, sinceMs: next.page === null ? untilMs : before.sinceMs, untilMs }
}

/** What came after it may be forgotten by now. */
export function isTooOld({ sinceMs }: TimedPlace, nowMs: number): boolean {
  return nowMs - sinceMs > readMs
}

/** Among results, also between two pages of them: `<time>-<snapshot>~<snapshot>~<xid>~<id>`. */
export function showPlace({ place: { since, page }, sinceMs }: TimedPlace): string {
  const parts = page === null ? [since] : [since, page.until, page.xid, page.id]
  return `${seconds(sinceMs).toString(36)}-${parts.join('~')}`
}

/** Null: as of `readPosition`. */
export function readPlace(position: string, now: Date): TimedPlace | null {
  const found = honoured(position, now)
  const [since = '', until, xid = '', id = '', ...rest] = found?.text.split('~') ?? []
  if (found === null || parseSnapshot(since) === null || rest.length > 0) return null
  const times = { sinceMs: found.takenMs, untilMs: found.takenMs }
  if (until === undefined) return { place: { since, page: null }, ...times }
  const isPlace = parseSnapshot(until) !== null && isNumber(xid) && isNumber(id)
  return isPlace ? { place: { since, page: { until, xid, id } }, ...times } : null
}

function isNumber(text: string): boolean {
  return /^\d{1,19}$/.test(text) && BigInt(text) < 2n ** 63n
}

/** The time, and what comes after it; null when that is too long ago. */
function honoured(position: string, now: Date): { takenMs: number; text: string } | null {
  if (position.length > longest) return null
  const [, time, text] = /^([0-9a-z]{1,10})-(.*)$/.exec(position) ?? []
  if (time === undefined || text === undefined) return null
  const takenMs = Math.min(parseInt(time, 36) * 1_000, now.getTime())
  return now.getTime() - takenMs <= honouredMs ? { takenMs, text } : null
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000)
}
