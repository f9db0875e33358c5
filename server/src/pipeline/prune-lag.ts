// How far the clean-up is behind: how long ago the oldest of what it has still to look at was due.
import { durationMs } from '../domain/duration.ts'
import type { Db } from '../sql/db.ts'
import { listOldestUnpruned } from '../sql/prune-marks.ts'
import { findOldestPostponed } from '../sql/prune-later.ts'

/** Milliseconds; 0 when nothing is due. Some minutes are usual: events are walked a little behind. */
export async function pruneLagMs(db: Db, now: Date): Promise<number> {
  const [oldest, postponedUntil] = await Promise.all([
    listOldestUnpruned(db),
    findOldestPostponed(db),
  ])
  const dueMs = oldest.map(
    ({ createdAt, retention }) => createdAt.getTime() + durationMs(retention),
  )
  if (postponedUntil) dueMs.push(postponedUntil.getTime())
  return Math.max(0, now.getTime() - Math.min(now.getTime(), ...dueMs))
}
