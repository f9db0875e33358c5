// Digests whose time has come: who closes one holds its row, as who adds to it does (digests.ts).
import { everywhere, type DueClaim } from '../domain/reach.ts'
import { sql, type Db } from './db.ts'
import type { BucketName } from './digests.ts'

export type DueBucket = BucketName & { shown: number; failureCount: number }

/** Held until the transaction ends; those that others hold are left for the next time. */
export function lockDueBuckets(tx: Db, due: DueClaim): Promise<DueBucket[]> {
  const { now, limit, reach = everywhere } = due
  return tx.query<DueBucket>(sql`
    select workspace_id, hash, id, shown, failure_count from belfry.digest_buckets
    where due_at <= ${now}
      and (workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
    order by due_at
    limit ${limit}
    for update skip locked`)
}

/** The same with one of them. */
export async function lockDueBucket(
  tx: Db,
  { workspaceId, hash, id }: BucketName,
  now: Date,
): Promise<boolean> {
  const rows = await tx.query(sql`
    select id from belfry.digest_buckets
    where workspace_id = ${workspaceId} and hash = ${hash} and id = ${id} and due_at <= ${now}
    for update skip locked`)
  return rows.length > 0
}

/** Tries to close one again at `dueAt`. */
export async function postponeBucket(
  db: Db,
  { workspaceId, hash, id }: BucketName,
  dueAt: Date,
): Promise<void> {
  await db.query(sql`
    update belfry.digest_buckets b set due_at = ${dueAt}, failure_count = b.failure_count + 1
    where b.workspace_id = ${workspaceId} and b.hash = ${hash} and b.id = ${id}`)
}

/**
 * Closes buckets that the caller holds: the last notification of each, of those that expire last, goes on for all of
 * them, the others end. A statement of its own, so that it sees what was added until the bucket was held. One in which nothing is
 * left just goes.
 */
export async function closeBuckets(tx: Db, buckets: DueBucket[], now: Date): Promise<void> {
  const ids = buckets.map(({ id }) => id)
  await tx.query(sql`
    with bucket as materialized (
      select * from json_to_recordset(${JSON.stringify(buckets)}::json)
        as b ("workspaceId" integer, hash text, id uuid, shown smallint)
    ),
    member as materialized (
      select r.*, b.shown
      from (
        select r.notification_id, r.workspace_id, r.event_id, r.bucket_id, r.position
        from belfry.plan_runs r
        where r.bucket_id = any (${ids}::uuid[])
        order by r.notification_id -- as who cancels holds them
        for update
      ) r
      join bucket b on b.id = r.bucket_id and b."workspaceId" = r.workspace_id
    ),
    item as materialized (
      select m.*, e.params, e.expires_at, e.thread_key,
        case when e.expires_at <= ${now} then 'expired' when ${isMuted} then 'muted' end as left_out
      from member m
      cross join lateral (
        select e.params, e.expires_at, e.thread_key, e.level from belfry.events e
        where e.workspace_id = m.workspace_id and e.id = m.event_id offset 0
      ) e
    ),
    numbered as materialized (
      select i.*, row_number() over (partition by bucket_id, left_out is null order by notification_id) as number
      from item i
    ),
    digest as materialized (
      select bucket_id, workspace_id, count(*)::integer as count,
        -- The one that may be told the longest: what comes after the digest must not lose the others.
        (array_agg(notification_id order by expires_at desc nulls first, number desc))[1] as carrier,
        json_agg(params order by number) filter (where number <= shown) as items,
        case when count(thread_key) > 0 and count(*) > 1 then json_agg(thread_key order by number) end as threads
      from numbered where left_out is null group by bucket_id, workspace_id
    ),
    kept as (
      insert into belfry.digests (workspace_id, notification_id, count, items, threads)
      select workspace_id, carrier, count, items, threads from digest
    ),
    goes_on as (
      update belfry.plan_runs r
      set bucket_id = null, position = r.position + 1, due_at = ${now}, epoch = r.epoch + 1
      from digest d
      where r.notification_id = any (array(select carrier from digest))
        and r.workspace_id = d.workspace_id and r.notification_id = d.carrier
    ),
    other as materialized (
      select n.*, d.carrier, d.count as merged from numbered n
      left join digest d on d.bucket_id = n.bucket_id
      where n.notification_id is distinct from d.carrier
    ),
    gone as (
      delete from belfry.plan_runs r
      where r.notification_id = any (array(select notification_id from other))
    ),
    noted as (
      insert into belfry.plan_notes (workspace_id, notification_id, position, step, decision, because, at)
      select workspace_id, notification_id, position, 'digest',
        case when left_out is null then 'merged' else 'left out' end,
        case left_out when 'expired' then 'its time was over before the digest closed'
          when 'muted' then 'its thread was muted before the digest closed'
          else format('it is one of the %s events of the digest that went on as notification %s', merged,
            carrier) end,
        ${now}::timestamptz
      from other
      union all
      select d.workspace_id, d.carrier, n.position, 'digest', 'went on',
        format('the digest closed with %s %s', d.count, case d.count when 1 then 'event' else 'events' end),
        ${now}
      from digest d join numbered n on n.notification_id = d.carrier
      on conflict do nothing
    ),
    held as materialized (
      select o.left_out, o.workspace_id, o.notification_id, n.id
      from (select * from other order by notification_id) o
      cross join lateral (
        select n.id from belfry.notifications n
        where n.workspace_id = o.workspace_id and n.id = o.notification_id
        for no key update
      ) n
    ),
    told as (
      update belfry.notifications n
      set pending = n.pending - 1,
        outcome = belfry.better(n.outcome, 'skipped'),
        status = case when n.pending = 1 then belfry.better(n.outcome, 'skipped') else n.status end,
        reason = case
          when belfry.better(n.outcome, 'skipped') <> 'skipped' then n.reason
          when h.left_out = 'expired' then 'expired'
          when h.left_out = 'muted' then 'preference_off' else 'digested' end,
        because = case h.left_out when 'muted' then 'muted its thread' else n.because end,
        finished_at = case when n.pending = 1 then ${now}::timestamptz end
      from held h
      where n.id = any (array(select id from held))
        and n.workspace_id = h.workspace_id and n.id = h.id
    )
    delete from belfry.digest_buckets b using bucket w
    where b.workspace_id = w."workspaceId" and b.hash = w.hash`)
}

/** Of an event `e` of a run `m`: its person has muted its thread, and it is not critical. */
export const isMuted = sql`e.level <> 'critical' and (
  select p.document -> 'muted_threads' ? e.thread_key from belfry.preferences p
  where p.workspace_id = m.workspace_id and p.subscriber_id = (
    select n.recipient from belfry.notifications n
    where n.workspace_id = m.workspace_id and n.id = m.notification_id and n.is_subscriber))`
