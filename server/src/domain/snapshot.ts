// Snapshots of PostgreSQL: which transactions are visible to whoever holds one. In their text form they are
// what a reader of changes remembers (`xmin:xmax:xip,…`).
// @see https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT

export type Snapshot = {
  /** All below are over. */
  xmin: bigint
  /** This one and all above had not begun. */
  xmax: bigint
  /** In between, those that were not over, in order. */
  running: readonly bigint[]
}

const largest = 2n ** 63n
const pattern = /^\d{1,19}:\d{1,19}:(?:\d{1,19}(?:,\d{1,19})*)?$/

/** Null for what is none. */
export function parseSnapshot(text: string): Snapshot | null {
  if (!pattern.test(text)) return null
  const [first, last, rest] = text.split(':')
  const xmin = BigInt(first!)
  const xmax = BigInt(last!)
  const running = rest === '' ? [] : rest!.split(',').map(BigInt)
  const isOrdered = running.every((xid, i) => i === 0 || xid > running[i - 1]!)
  const isWithin = running.every((xid) => xid >= xmin && xid < xmax)
  const isOne =
    isXid(xmin) && isXid(xmax) && xmin <= xmax && xmax < largest && isOrdered && isWithin
  return isOne ? { xmin, xmax, running } : null
}

/** PostgreSQL leaves out the number 0 of each epoch. */
function isXid(xid: bigint): boolean {
  return (xid & 0xffff_ffffn) !== 0n
}

export function showSnapshot({ xmin, xmax, running }: Snapshot): string {
  return `${xmin}:${xmax}:${running.join()}`
}

export function isVisible(xid: bigint, { xmin, xmax, running }: Snapshot): boolean {
  if (xid < xmin) return true
  return xid < xmax && !running.includes(xid)
}

/** Shows only what all of them show: what it does not show is all that any of them may have missed. */
export function leastOf(snapshots: readonly Snapshot[]): Snapshot {
  const [first, ...others] = snapshots
  const least = (a: bigint, b: bigint) => (a < b ? a : b)
  const xmax = others.reduce((xmax, other) => least(xmax, other.xmax), first!.xmax)
  const running = [...new Set(snapshots.flatMap((snapshot) => snapshot.running))]
    .filter((xid) => xid < xmax)
    .toSorted((a, b) => (a < b ? -1 : 1))
  return { xmin: running[0] ?? xmax, xmax, running }
}
