// Positions in a stream: when, and the snapshot up to which everything was sent. Whoever comes back with one
// gets what that snapshot did not show. A position is not a number that is counted up, because transactions
// do not commit in the order of any number: a reader of numbers must either wait for the slowest
// transaction of the whole cluster, or miss what commits late.
import { parseSnapshot, showSnapshot, type Snapshot } from '../domain/snapshot.ts'
import type { ResultPlace } from '../sql/results.ts'

// Changes are kept for an hour (pipeline/prune.ts).
const honouredMs = 50 * 60_000
const longest = 8_000

export function showPosition(snapshot: Snapshot, now: Date): string {
  return `${seconds(now).toString(36)}-${showSnapshot(snapshot)}`
}

/** Null: it is none of ours, or too old to go on from. */
export function readPosition(position: string, now: Date): Snapshot | null {
  const text = honoured(position, now)
  return text === null ? null : parseSnapshot(text)
}

/** Among results, also between two pages of them: `<time>-<snapshot>~<snapshot>~<xid>~<id>`. */
export function showPlace({ since, page }: ResultPlace, now: Date): string {
  const parts = page === null ? [since] : [since, page.until, page.xid, page.id]
  return `${seconds(now).toString(36)}-${parts.join('~')}`
}

/** Null: as of `readPosition`. */
export function readPlace(position: string, now: Date): ResultPlace | null {
  const [since = '', until, xid = '', id = '', ...rest] = honoured(position, now)?.split('~') ?? []
  if (parseSnapshot(since) === null || rest.length > 0) return null
  if (until === undefined) return { since, page: null }
  const isPlace = parseSnapshot(until) !== null && isNumber(xid) && isNumber(id)
  return isPlace ? { since, page: { until, xid, id } } : null
}

function isNumber(text: string): boolean {
  return /^\d{1,19}$/.test(text) && BigInt(text) < 2n ** 63n
}

/** What comes after the time; null when that is too long ago. */
function honoured(position: string, now: Date): string | null {
  if (position.length > longest) return null
  const [, time, text] = /^([0-9a-z]{1,10})-(.*)$/.exec(position) ?? []
  if (time === undefined || text === undefined) return null
  const ageMs = now.getTime() - parseInt(time, 36) * 1_000
  return ageMs <= honouredMs ? text : null
}

function seconds(now: Date): number {
  return Math.floor(now.getTime() / 1_000)
}
