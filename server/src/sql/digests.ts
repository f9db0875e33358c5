// Digests. Who adds to one and who closes it (closing-digests.ts) hold its row until they commit, so each event is in
// exactly one: what was added before it closed is in it, what comes later opens the next.
import { sql, type Db } from './db.ts'

export type BucketWish = {
  workspaceId: number
  hash: string // of event type, plan, step, level, person and key
  id: string // of the bucket if there is none yet
  dueAt: Date
  shown: number
  closeAt: number | null // so many close it before its time
}

export type Bucket = BucketName & { isNew: boolean }

/** Opens buckets that are not there, and holds all of them. No two of the same. */
export function openBuckets(tx: Db, wishes: BucketWish[]): Promise<Bucket[]> {
  return tx.query<Bucket>(sql`
    insert into belfry.digest_buckets as b (workspace_id, hash, id, due_at, shown, close_at)
    select "workspaceId", hash, id, "dueAt", shown, "closeAt"
    from json_to_recordset(${JSON.stringify(wishes)}::json) as w ("workspaceId" integer, hash text, id uuid,
      "dueAt" timestamptz, shown smallint, "closeAt" integer)
    order by "workspaceId", hash -- one order everywhere, so that nobody waits in a circle
    on conflict (workspace_id, hash) do update set count = b.count
    returning workspace_id, hash, id, xmax = 0 as is_new`)
}

export type BucketName = { workspaceId: number; hash: string; id: string }

export type BucketEntry = {
  workspaceId: number
  notificationId: string
  bucketId: string
  hash: string
}

/** The caller holds the runs and their buckets. Answers the buckets that seem to be full. */
export function joinBuckets(tx: Db, entries: BucketEntry[]): Promise<BucketName[]> {
  const ids = entries.map(({ notificationId }) => notificationId) // said twice: see db.ts on plans
  return tx.query<BucketName>(sql`
    with entry as materialized (
      select * from json_to_recordset(${JSON.stringify(entries)}::json)
        as e ("workspaceId" integer, "notificationId" uuid, "bucketId" uuid, hash text)
    ),
    joined as (
      update belfry.plan_runs r set bucket_id = e."bucketId", epoch = r.epoch + 1, failure_count = 0
      from entry e
      where r.notification_id = any (${ids}::uuid[])
        and r.workspace_id = e."workspaceId" and r.notification_id = e."notificationId"
    ),
    counted as (
      update belfry.digest_buckets b set count = b.count + w.added
      from (
        select "workspaceId", hash, count(*) as added from entry group by "workspaceId", hash
      ) w
      where b.workspace_id = w."workspaceId" and b.hash = w.hash
      returning b.workspace_id, b.hash, b.id, b.count, b.close_at
    )
    select workspace_id, hash, id from counted where count >= close_at`)
}

/**
 * Has buckets closed at once that are full, not counting what was cancelled or has expired since it was added. The
 * caller holds them.
 */
export async function closeFullBuckets(tx: Db, buckets: BucketName[], now: Date): Promise<void> {
  const ids = buckets.map(({ id }) => id)
  await tx.query(sql`
    with own as materialized (
      select r.bucket_id, r.workspace_id, r.event_id from belfry.plan_runs r
      where r.bucket_id = any (${ids}::uuid[])
        and r.workspace_id = any (${buckets.map(({ workspaceId }) => workspaceId)}::integer[])
    ),
    live as materialized (
      select o.bucket_id, count(*)::integer as count from own o
      cross join lateral (
        select e.expires_at from belfry.events e
        where e.workspace_id = o.workspace_id and e.id = o.event_id offset 0
      ) e
      where e.expires_at is null or e.expires_at > ${now}
      group by o.bucket_id
    )
    update belfry.digest_buckets b
    set count = l.count,
      due_at = case when l.count >= b.close_at then least(b.due_at, ${now}) else b.due_at end
    from live l
    join json_to_recordset(${JSON.stringify(buckets)}::json)
      as w ("workspaceId" integer, hash text, id uuid) on w.id = l.bucket_id
    where b.workspace_id = w."workspaceId" and b.hash = w.hash and b.id = w.id`)
}

/** What a digest with one event shows, whose plan went on without waiting. */
export async function insertDigestsOfOne(
  tx: Db,
  ones: { workspaceId: number; notificationId: string; items: unknown[] }[],
): Promise<void> {
  await tx.query(sql`
    insert into belfry.digests (workspace_id, notification_id, count, items)
    select "workspaceId", "notificationId", 1, items
    from json_to_recordset(${JSON.stringify(ones)}::json)
      as o ("workspaceId" integer, "notificationId" uuid, items json)
    on conflict do nothing`)
}

/** Whether a notification goes on for events of more than one thread. */
export async function tellsOfManyThreads(
  db: Db,
  workspaceId: number,
  notificationId: string,
): Promise<boolean> {
  const rows = await db.query(sql`
    select d.notification_id from belfry.digests d
    where d.workspace_id = ${workspaceId} and d.notification_id = ${notificationId} and (
      select count(distinct coalesce(t.key, '')) from json_array_elements_text(d.threads) as t (key)
    ) > 1`)
  return rows.length > 0
}

/** Which of the notifications go on for others too, since their digest has closed. */
export async function listSharedDigests(
  db: Db,
  workspaceId: number,
  notificationIds: string[],
): Promise<Set<string>> {
  const rows = await db.query<{ notificationId: string }>(sql`
    select d.notification_id from belfry.digests d
    where d.workspace_id = ${workspaceId} and d.notification_id = any (${notificationIds}::uuid[])
      and d.count > 1`)
  return new Set(rows.map(({ notificationId }) => notificationId))
}

/**
 * Has the open digests close now in which some notifications are gathered; what goes on from them goes out at
 * once. Before anything else is held: who closes a digest holds it before what is in it. Answers the notifications.
 */
export async function forceDigests(
  tx: Db,
  target: { workspaceId: number; notificationIds: string[]; now: Date },
): Promise<string[]> {
  const { workspaceId, notificationIds, now } = target
  const ids = await tx.query<{ id: string }>(sql`
    with wanted as materialized (
      select distinct r.bucket_id from belfry.plan_runs r
      where r.notification_id = any (${notificationIds}::uuid[]) and r.workspace_id = ${workspaceId}
        and num_nonnulls(r.bucket_id) = 1 -- not "is not null", which looks like a case for its index
    ),
    held as materialized (
      select b.workspace_id, b.hash, b.id from belfry.digest_buckets b
      where b.workspace_id = ${workspaceId} and b.id = any (array(select bucket_id from wanted))
      order by b.workspace_id, b.hash
      for update
    )
    update belfry.digest_buckets b set due_at = least(b.due_at, ${now})
    from held h
    where b.id = any (array(select id from held))
      and b.workspace_id = h.workspace_id and b.hash = h.hash
    returning b.id`)
  if (ids.length === 0) return []
  const rows = await tx.query<{ notificationId: string }>(sql`
    with held as materialized (
      select r.notification_id from belfry.plan_runs r
      where r.bucket_id = any (${ids.map(({ id }) => id)}::uuid[]) and r.workspace_id = ${workspaceId}
      order by r.notification_id
      for update
    )
    update belfry.plan_runs r set is_forced = true
    where r.notification_id = any (array(select notification_id from held))
    returning r.notification_id`)
  const meant = new Set(notificationIds)
  return rows.map(({ notificationId }) => notificationId).filter((id) => meant.has(id))
}
