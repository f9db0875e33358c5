// The database's clock: schedules never depend on what this machine thinks the time is. It is read now
// and then; in between this machine's clock runs, so many milliseconds ahead or behind.
import type { Clock } from './context.ts'
import type { Db } from './sql/db.ts'
import { readClock } from './sql/signals.ts'

const syncMs = 60_000
const firstReadings = 3
const longestReadingMs = 1_000 // what took longer says more about the way than about the time
const negligibleMs = 5 // less than a reading is worth on one machine

/** What the database's clock said, and what ours did when it was asked and when it had answered. */
export type Reading = { askedAtMs: number; theirsMs: number; answeredAtMs: number }

/** @throws when the database cannot be reached. */
export async function createClock(db: Db): Promise<Clock> {
  let offsetMs = 0
  const first: Reading[] = []
  for (let i = 0; i < firstReadings; i++) first.push(await readOnce(db))
  offsetMs = offsetAfter(offsetMs, best(first))

  const sync = async () => {
    const reading = await readOnce(db)
    if (took(reading) <= longestReadingMs) offsetMs = offsetAfter(offsetMs, reading)
  }
  // A reading that fails leaves the last offset; the next one may work.
  const timer = setInterval(() => void sync().catch(() => {}), syncMs).unref()
  return { now: () => new Date(Date.now() + offsetMs), close: () => clearInterval(timer) }
}

/**
 * The offset after a reading: the old one, moved only as far as the reading proves it wrong. The answer
 * may have been given at any moment between asking and hearing it.
 */
export function offsetAfter(offsetMs: number, reading: Reading): number {
  const { askedAtMs, theirsMs, answeredAtMs } = reading
  const middleMs = theirsMs - (askedAtMs + answeredAtMs) / 2
  const doubtMs = Math.max(took(reading) / 2, negligibleMs)
  return Math.round(Math.min(Math.max(offsetMs, middleMs - doubtMs), middleMs + doubtMs))
}

function took({ askedAtMs, answeredAtMs }: Reading): number {
  return answeredAtMs - askedAtMs
}

function best(readings: Reading[]): Reading {
  return readings.toSorted((a, b) => took(a) - took(b))[0]!
}

async function readOnce(db: Db): Promise<Reading> {
  const askedAtMs = Date.now()
  const startedMs = performance.now() // our own clock may be set meanwhile
  const theirs = await readClock(db)
  const tookMs = performance.now() - startedMs
  return { askedAtMs, theirsMs: theirs.getTime(), answeredAtMs: askedAtMs + tookMs }
}
