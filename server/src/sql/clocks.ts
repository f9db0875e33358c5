// The clocks of test workspaces: they stand still, at moments that are asked for, from the first move on.
import { sql, type Db } from './db.ts'

/** `clockAt`: null until it was moved. `clockTarget`: of a move that was not finished. */
export type ClockRow = { isTest: boolean; clockAt: Date | null; clockTarget: Date | null }

export async function findClock(db: Db, workspaceId: number): Promise<ClockRow> {
  const rows = await db.query<ClockRow>(sql`
    select is_test, clock_at, clock_target from belfry.workspaces where id = ${workspaceId}`)
  return rows[0]!
}

/** All clocks that stand. */
export function listClocks(db: Db): Promise<{ id: number; clockAt: Date }[]> {
  return db.query(sql`select id, clock_at from belfry.workspaces where clock_at is not null`)
}

/** It never goes back. `target`: where the move ends; null: here. */
export async function updateClock(
  db: Db,
  workspaceId: number,
  { at, target }: { at: Date; target: Date | null },
): Promise<void> {
  await db.query(sql`
    update belfry.workspaces set clock_at = greatest(clock_at, ${at}), clock_target = ${target}
    where id = ${workspaceId} and is_test`)
}

/**
 * From now on it has a clock that stands, unless it has one already: answers when it is there. Null when it is no
 * test workspace, and people or events are in it.
 */
export async function startTestClock(db: Db, workspaceId: number, now: Date): Promise<Date | null> {
  const rows = await db.query<{ clockAt: Date }>(sql`
    update belfry.workspaces w set is_test = true, clock_at = coalesce(w.clock_at, ${now})
    where w.id = ${workspaceId} and (w.is_test or not exists (
      select from belfry.subscribers s where s.workspace_id = ${workspaceId}
    ) and not exists (
      select from belfry.events e where e.workspace_id = ${workspaceId}
    ) and not exists (
      select from belfry.schedules s where s.workspace_id = ${workspaceId}
    ))
    returning w.clock_at`)
  return rows[0]?.clockAt ?? null
}

const lockSpace = 1_648_001

/** One process at a time works for a test workspace: until the transaction ends. False: another one does. */
export async function holdTestWorkspace(tx: Db, workspaceId: number): Promise<boolean> {
  const rows = await tx.query<{ isHeld: boolean }>(sql`
    select pg_try_advisory_xact_lock(${lockSpace}::integer, ${workspaceId}::integer) as is_held`)
  return rows[0]!.isHeld
}

/** The first moment after `now` at which something in the workspace is due; null when nothing waits. */
export async function findNextMoment(db: Db, workspaceId: number, now: Date): Promise<Date | null> {
  const rows = await db.query<{ at: Date | null }>(sql`
    select min(at) as at from (
      select due_at as at from belfry.event_queue where workspace_id = ${workspaceId}
      union all select due_at from belfry.queue where workspace_id = ${workspaceId}
      union all select due_at from belfry.plan_runs
        where workspace_id = ${workspaceId} and bucket_id is null
      union all select due_at from belfry.asks
        where workspace_id = ${workspaceId} and due_at is not null
      union all select due_at from belfry.digest_buckets where workspace_id = ${workspaceId}
      union all select due_at from belfry.moves
        where workspace_id = ${workspaceId} and not is_done
      union all select next_at from belfry.schedules where workspace_id = ${workspaceId}
      union all select due_at from belfry.receipts where workspace_id = ${workspaceId}
      union all select due_at from belfry.listener_runs where workspace_id = ${workspaceId}
      union all select greatest(m.due_at, h.not_before) from belfry.hooks h
        join belfry.hook_messages m on m.hook_id = h.id and m.workspace_id = h.workspace_id
        where h.workspace_id = ${workspaceId} and h.is_enabled
      union all select snoozed_until from belfry.notifications
        where workspace_id = ${workspaceId} and feed = 4
    ) due where at > ${now}`)
  return rows[0]!.at
}

/** Attempts that were begun by the time of the world, `now`, and whose leases are not over by it. */
export async function countUnderWay(db: Db, workspaceId: number, now: Date): Promise<number> {
  const rows = await db.query<{ count: number }>(sql`
    select count(*) as count from belfry.queue
    where workspace_id = ${workspaceId} and begun_at <= ${now} and due_at > ${now}`)
  return rows[0]!.count
}

/** Work for code that listens, of this program or of others: what is due and nobody has taken, and what was taken. */
export async function countDueListening(
  db: Db,
  workspaceId: number,
  now: Date,
): Promise<{ waiting: number; running: number }> {
  const rows = await db.query<{ waiting: number; running: number }>(sql`
    select count(*) filter (where status = 'waiting' and due_at <= ${now}) as waiting,
      count(*) filter (where status = 'running') as running
    from belfry.listener_runs
    where workspace_id = ${workspaceId} and due_at is not null`)
  return rows[0]!
}
