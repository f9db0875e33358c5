// Events that were taken, could not go on, and wait to be taken again.
import type { DataNote } from '../domain/data-source.ts'
import { sql, type Db } from './db.ts'

/** Leaves an event for later, as far as the caller still holds it, and notes why. From then on it is nobody's to renew. */
export async function waitForData(
  db: Db,
  { workspaceId, id, epoch }: { workspaceId: number; id: string; epoch: number },
  { dueAt, notes }: { dueAt: Date; notes: DataNote[] },
): Promise<void> {
  await db.query(sql`
    with waiting as (
      update belfry.event_queue
      set due_at = ${dueAt}, failure_count = failure_count + 1, epoch = epoch + 1
      where event_id = ${id} and workspace_id = ${workspaceId} and epoch = ${epoch}
      returning event_id
    )
    update belfry.events e set data = coalesce(e.data, '[]') || ${JSON.stringify(notes)}::jsonb
    from waiting w
    where e.workspace_id = ${workspaceId} and e.id = ${id} and w.event_id = e.id`)
}

/**
 * Leaves an event for later, twice as long each time it fails in a row. Answers how often that was; 0
 * when somebody else has it by now.
 */
export async function postponeEvent(
  db: Db,
  event: { workspaceId: number; id: string; epoch: number },
  delay: { now: Date; shortestDelayMs: number; longestDelayMs: number },
): Promise<number> {
  const rows = await db.query<{ failureCount: number }>(sql`
    update belfry.event_queue
    set failure_count = failure_count + 1,
      due_at = ${delay.now}::timestamptz + interval '1 millisecond'
        * least(${delay.longestDelayMs}::float8, ${delay.shortestDelayMs} * 2 ^ failure_count)
    where event_id = ${event.id} and workspace_id = ${event.workspaceId} and epoch = ${event.epoch}
    returning failure_count`)
  return rows[0]?.failureCount ?? 0
}
