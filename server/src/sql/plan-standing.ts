// How throttles and digests stand, for who asks before anything happens.
import { isMuted } from './closing-digests.ts'
import { sql, type Db } from './db.ts'

export type ThrottleState = { hash: string; count: number; until: Date }

export function listThrottles(
  db: Db,
  workspaceId: number,
  hashes: string[],
): Promise<ThrottleState[]> {
  return db.query<ThrottleState>(sql`
    select t.hash, t.count, t.until from belfry.throttles t
    where t.workspace_id = ${workspaceId} and t.hash = any (${hashes}::text[])`)
}

export type OpenBucket = { hash: string; dueAt: Date; count: number; items: unknown[] }

/** Digests that are open, with what will be left in them when they close; `items`: the first, oldest first. */
export function listOpenBuckets(
  db: Db,
  workspaceId: number,
  hashes: string[],
): Promise<OpenBucket[]> {
  return db.query<OpenBucket>(sql`
    select b.hash, b.due_at, m.count, m.items
    from belfry.digest_buckets b
    cross join lateral (
      select count(*)::integer as count,
        coalesce(json_agg(params order by number) filter (where number <= b.shown), '[]') as items
      from (
        select e.params, row_number() over (order by m.notification_id) as number
        from belfry.plan_runs m
        cross join lateral (
          select e.params, e.expires_at, e.thread_key, e.level from belfry.events e
          where e.workspace_id = m.workspace_id and e.id = m.event_id offset 0
        ) e
        where m.bucket_id = b.id and m.workspace_id = b.workspace_id
          and (e.expires_at is null or e.expires_at > b.due_at) and (${isMuted}) is not true
      ) n
    ) m
    where b.workspace_id = ${workspaceId} and b.hash = any (${hashes}::text[])`)
}
