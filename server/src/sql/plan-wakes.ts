// What ends waits: what has happened lately, for those that begin to wait only after it; and having runs looked at
// that wait for it.
import { sql, type Db } from './db.ts'
import type { EarlyRun } from './plan-runs.ts'

/** `at`: when the event was accepted. It ends the waits of what was accepted before. */
export type Wake = { workspaceId: number; wake: string; at: Date }

/** No two of the same. */
export async function rememberWakes(db: Db, wakes: Wake[]): Promise<void> {
  await db.query(sql`
    insert into belfry.plan_wakes as p (workspace_id, wake, at)
    select "workspaceId", wake, at
    from json_to_recordset(${JSON.stringify(wakes)}::json)
      as w ("workspaceId" integer, wake text, at timestamptz)
    order by "workspaceId", wake -- one order everywhere, so that nobody waits in a circle
    on conflict (workspace_id, wake) do update set at = excluded.at where p.at < excluded.at`)
}

/** Ends waits for something that has happened. What is being decided about them just now is decided again. */
export async function wakePlanRuns(
  db: Db,
  { workspaceId, wakes, now }: { workspaceId: number; wakes: string[]; now: Date },
): Promise<void> {
  await db.query(sql`
    with held as materialized (
      select r.notification_id from belfry.plan_runs r
      where r.wake = any (${wakes}::text[]) and r.workspace_id = ${workspaceId} and not r.is_woken
      order by r.notification_id
      for update
    )
    update belfry.plan_runs r set is_woken = true, due_at = ${now}, epoch = r.epoch + 1
    where r.notification_id = any (array(select notification_id from held))`)
}

/**
 * Those of which something has changed since they were claimed: their person has done something about them, or a
 * delivery has ended. Nothing can until the transaction ends, and then the run is found free: who could not nudge it
 * while the caller held it has changed it before.
 */
export async function listActedUpon(
  tx: Db,
  runs: readonly Omit<EarlyRun, 'epoch' | 'dueAt'>[],
): Promise<Set<string>> {
  const claimed = runs.map((run) => {
    const { workspaceId, notificationId, seenAt, readAt, acknowledgedAt, pending, outcome } = run
    return { workspaceId, notificationId, seenAt, readAt, acknowledgedAt, pending, outcome }
  })
  const rows = await tx.query<{ id: string; hasChanged: boolean }>(sql`
    select n.id, (n.seen_at, n.read_at, n.acknowledged_at, n.pending, n.outcome)
      is distinct from (w."seenAt", w."readAt", w."acknowledgedAt", w.pending, w.outcome) as has_changed
    from (
      select * from json_to_recordset(${JSON.stringify(claimed)}::json)
        as w ("workspaceId" integer, "notificationId" uuid, "seenAt" timestamptz, "readAt" timestamptz,
          "acknowledgedAt" timestamptz, pending smallint, outcome text)
      order by "notificationId" -- as outcomes are settled
    ) w
    cross join lateral (
      select n.id, n.seen_at, n.read_at, n.acknowledged_at, n.pending, n.outcome from belfry.notifications n
      where n.workspace_id = w."workspaceId" and n.id = w."notificationId"
      for no key update
    ) n`)
  return new Set(rows.flatMap(({ id, hasChanged }) => (hasChanged ? id : [])))
}

/** Has plans that wait looked at now, since somebody has done something about their notification. */
export async function nudgePlanRuns(
  tx: Db,
  { items, now }: { items: { workspaceId: number; id: string }[]; now: Date },
): Promise<void> {
  if (items.length === 0) return
  const ids = items.map(({ id }) => id) // said twice: see db.ts on plans
  // Whoever holds one is storing what they made of it; waiting for them could be a circle.
  await tx.query(sql`
    with held as materialized (
      select r.notification_id
      from json_to_recordset(${JSON.stringify(items)}::json) as w ("workspaceId" integer, id uuid)
      join belfry.plan_runs r on r.workspace_id = w."workspaceId" and r.notification_id = w.id
      where r.notification_id = any (${ids}::uuid[]) and r.ends_at is not null
      for update of r skip locked
    )
    update belfry.plan_runs r set due_at = ${now}, epoch = r.epoch + 1
    where r.notification_id = any (array(select notification_id from held))`)
}

/** In every workspace: those older than `before` and than every plan that is not over. */
export async function pruneWakes(db: Db, before: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    with oldest as materialized (
      select r.workspace_id, r.event_id from belfry.plan_runs r order by r.notification_id limit 1
    ),
    since as materialized (
      select least(${before}::timestamptz, (
        select e.created_at - interval '1 day' from oldest o
        join belfry.events e on e.workspace_id = o.workspace_id and e.id = o.event_id
      )) as at
    ),
    old as (
      select workspace_id, wake from belfry.plan_wakes
      where at < (select at from since)
      order by at
      limit ${limit}
      for update skip locked
    )
    delete from belfry.plan_wakes p using old
    where p.workspace_id = old.workspace_id and p.wake = old.wake
    returning p.wake`)
  return rows.length
}
