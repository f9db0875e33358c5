// From when on results are written down. Whoever begins to follow says so, commits, and then waits for those who
// were changing something at that moment: they may not have seen it. Nobody waits for them in turn.
import { setTimeout as delay } from 'node:timers/promises'
import type { Db } from '../sql/db.ts'
import { listWriters } from '../sql/followings.ts'

const lookAgainMs = 5
// Somebody may keep a transaction open for hours: what becomes of that one is not told.
const longestMs = 5_000

/** Resolves when whatever changes from then on is written down. The following itself is committed. */
export async function untilFollowed(db: Db): Promise<void> {
  const startedMs = performance.now()
  let left = await listWriters(db)
  while (left.length > 0 && performance.now() - startedMs < longestMs) {
    await delay(lookAgainMs)
    const writers = new Set(await listWriters(db))
    left = left.filter((name) => writers.has(name))
  }
}
