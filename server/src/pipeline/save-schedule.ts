// Saving a schedule: what lies behind stays behind.
import { nextLook } from '../domain/schedule-due.ts'
import {
  isSameRhythm,
  statusOf,
  type Schedule,
  type ScheduleDefinition,
} from '../domain/schedule.ts'
import type { Db } from '../sql/db.ts'
import { lockSchedule, upsertSchedule } from '../sql/schedules.ts'

export type SavedSchedule = {
  workspaceId: number
  key: string
  definition: ScheduleDefinition
  /** Null: as it was; a new one is not. */
  isPaused: boolean | null
  now: Date
}

/**
 * With another rhythm, after a pause, or after its end, only what comes from now on counts. Holds the row until the transaction
 * ends: after that nothing comes of it as it was before.
 */
export async function saveSchedule(
  tx: Db,
  { workspaceId, key, definition, isPaused: given, now }: SavedSchedule,
): Promise<{ saved: Schedule; isNew: boolean }> {
  const before = await lockSchedule(tx, workspaceId, key)
  const isPaused = given ?? before?.isPaused ?? false
  const goesOn = before && statusOf(before) === 'active' && isSameRhythm(before, definition)
  const doneAt = goesOn ? before.doneAt : now
  const saved: Schedule = {
    ...definition,
    workspaceId,
    key,
    isPaused,
    doneAt,
    nextAt: isPaused ? null : nextLook(definition, doneAt),
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  }
  await upsertSchedule(tx, saved)
  return { saved, isNew: before === null }
}
