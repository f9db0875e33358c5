// How often a plan let something through lately, per event type, step, person and key.
import { sql, type Db } from './db.ts'

export type Throttle = { workspaceId: number; hash: string; count: number }

/** How many each has let through in its time that runs now; held until the transaction ends. */
export function holdThrottles(
  tx: Db,
  wishes: { workspaceId: number; hash: string; until: Date }[],
  now: Date,
): Promise<Throttle[]> {
  return tx.query<Throttle>(sql`
    insert into belfry.throttles as t (workspace_id, hash, count, until)
    select "workspaceId", hash, 0, until
    from json_to_recordset(${JSON.stringify(wishes)}::json)
      as w ("workspaceId" integer, hash text, until timestamptz)
    order by "workspaceId", hash -- one order everywhere, so that nobody waits in a circle
    on conflict (workspace_id, hash) do update
    set count = case when t.until <= ${now} then 0 else t.count end,
      until = case when t.until <= ${now} then excluded.until else t.until end
    returning workspace_id, hash, count`)
}

/** The caller holds them. */
export async function raiseThrottles(
  tx: Db,
  raised: { workspaceId: number; hash: string; by: number }[],
): Promise<void> {
  await tx.query(sql`
    update belfry.throttles t set count = t.count + w."by"
    from json_to_recordset(${JSON.stringify(raised)}::json)
      as w ("workspaceId" integer, hash text, "by" integer)
    where t.workspace_id = w."workspaceId" and t.hash = w.hash`)
}

/** In every workspace: what is over says nothing any more. Where a clock stands behind, it is not over. */
export async function pruneThrottles(db: Db, now: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    with old as (
      select workspace_id, hash from belfry.throttles t
      where until <= ${now} and not exists (
        select from belfry.workspaces w where w.id = t.workspace_id and w.clock_at < t.until)
      order by until
      limit ${limit}
      for update skip locked
    )
    delete from belfry.throttles t using old
    where t.workspace_id = old.workspace_id and t.hash = old.hash
    returning t.hash`)
  return rows.length
}
