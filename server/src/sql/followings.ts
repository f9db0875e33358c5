// Whose results are written down. Those of nobody cost no more than the question whether somebody follows.
import { sql, type Db } from './db.ts'

/** Once it is committed, what begins to change is written down, for `ms` from now. */
export async function follow(db: Db, workspaceId: number, ms: number): Promise<void> {
  await db.query(sql`
    insert into belfry.followings as f (workspace_id, until)
    values (${workspaceId}, clock_timestamp() + make_interval(secs => ${ms / 1_000}::float8))
    on conflict (workspace_id) do update set until = greatest(f.until, excluded.until)`)
}

/** Transactions that change notifications or deliveries: they may not have seen yet that somebody follows. */
export async function listWriters(db: Db): Promise<string[]> {
  const rows = await db.query<{ name: string }>(sql`
    select distinct virtualtransaction as name from pg_locks
    where locktype = 'relation' and mode = 'RowExclusiveLock' and pid <> pg_backend_pid()
      and database = (select oid from pg_database where datname = current_database())
      and relation in ('belfry.notifications'::regclass, 'belfry.deliveries'::regclass)`)
  return rows.map(({ name }) => name)
}

/** Answers how many went. */
export async function deleteEndedFollowings(db: Db): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.followings where until < clock_timestamp() returning workspace_id`)
  return rows.length
}
