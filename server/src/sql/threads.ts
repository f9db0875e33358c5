// The newest notification of each person in each thread whose messages replace each other. Whoever adds to a thread
// holds its row until the commit: of two that come at once the later one sees the other.
import { sql, type Db } from './db.ts'

export type ThreadEntry = {
  workspaceId: number
  recipient: string
  threadKey: string
  notificationId: string
  eventId: string
}

/**
 * Holds the threads of these people, and the plans of what was the newest there so far: plans before preferences, as
 * everywhere.
 */
export async function holdThreads(tx: Db, entries: ThreadEntry[], now: Date): Promise<void> {
  await tx.query(sql`
    with held as (
      insert into belfry.threads as t (workspace_id, recipient, thread_key, at)
      select distinct "workspaceId", recipient, "threadKey", ${now}::timestamptz
      from json_to_recordset(${JSON.stringify(entries)}::json)
        as e ("workspaceId" integer, recipient text, "threadKey" text)
      order by 1, 2, 3 -- one order everywhere, so that nobody waits in a circle
      on conflict (workspace_id, recipient, thread_key) do update set at = excluded.at
      returning t.workspace_id, t.notification_id
    ),
    newest as materialized (select * from held where notification_id is not null)
    select r.notification_id
    from belfry.plan_runs r
    where r.notification_id = any (array(select notification_id from newest))
      and r.workspace_id = any (array(select workspace_id from newest))
    order by r.notification_id
    for update`)
}

export type Superseded = { workspaceId: number; notificationId: string; newest: string }
type Retracted = Pick<Superseded, 'notificationId' | 'newest'>

/**
 * Of the entries that were stored and of what was there, the newest stays the newest; answers the others, but what
 * waits in a digest or tells of a whole one. The caller holds the threads.
 */
export function replaceNewest(tx: Db, entries: ThreadEntry[]): Promise<Superseded[]> {
  return tx.query<Superseded>(sql`
    with entry as materialized (
      select "workspaceId" as workspace_id, recipient, "threadKey" as thread_key,
        "notificationId" as notification_id, "eventId" as event_id
      from json_to_recordset(${JSON.stringify(entries)}::json) as e ("workspaceId" integer, recipient text,
        "threadKey" text, "notificationId" uuid, "eventId" uuid)
    ),
    stored as (
      select e.* from entry e
      cross join lateral (
        select from belfry.notifications n
        where n.workspace_id = e.workspace_id and n.id = e.notification_id offset 0
      ) n
    ),
    candidate as (
      select * from stored
      union
      select t.workspace_id, t.recipient, t.thread_key, t.notification_id, t.event_id
      from (select distinct workspace_id, recipient, thread_key from entry) k
      cross join lateral (
        select * from belfry.threads t
        where t.workspace_id = k.workspace_id and t.recipient = k.recipient
          and t.thread_key = k.thread_key and t.notification_id is not null
        offset 0
      ) t
    ),
    ranked as materialized (
      select c.*, first_value(notification_id) over (
        partition by workspace_id, recipient, thread_key order by event_id desc, notification_id desc
      ) as newest
      from candidate c
    ),
    kept as (
      update belfry.threads t set notification_id = r.notification_id, event_id = r.event_id
      from ranked r
      where r.notification_id = r.newest and t.workspace_id = r.workspace_id
        and t.recipient = r.recipient and t.thread_key = r.thread_key
    )
    select r.workspace_id, r.notification_id, r.newest
    from ranked r
    left join lateral (
      select true as is_gathered from belfry.plan_runs p
      where p.notification_id = r.notification_id and p.workspace_id = r.workspace_id
        and num_nonnulls(p.bucket_id) = 1
      offset 0
    ) p on true
    left join lateral (
      select true as is_shared from belfry.digests d
      where d.workspace_id = r.workspace_id and d.notification_id = r.notification_id and d.count > 1
      offset 0
    ) d on true
    where r.notification_id <> r.newest and p.is_gathered is null and d.is_shared is null
    order by r.notification_id`)
}

/**
 * Says of notifications what has taken their place, and takes them out of the feeds they are in, the archive left
 * aside; those who follow are told. What had long been over stays as it was.
 */
export async function retract(
  tx: Db,
  { workspaceId, superseded, now }: { workspaceId: number; superseded: Retracted[]; now: Date },
): Promise<void> {
  await tx.query(sql`
    with held as materialized (
      select n.*, s.newest
      from (
        select * from json_to_recordset(${JSON.stringify(superseded)}::json)
          as s ("notificationId" uuid, newest uuid)
        order by "notificationId"
      ) s
      cross join lateral (
        select n.id, n.recipient, n.feed in (1, 2, 4) as is_shown, n.pending, n.finished_at
        from belfry.notifications n
        where n.workspace_id = ${workspaceId} and n.id = s."notificationId"
        for no key update
      ) n
    ),
    told as (
      update belfry.notifications n
      set superseded_by = h.newest, feed = case when h.is_shown then 0 else n.feed end,
        retracted_at = case when h.is_shown then ${now} else n.retracted_at end
      from held h
      where n.workspace_id = ${workspaceId} and n.id = any (array(select id from held)) and n.id = h.id
        and (h.is_shown or h.pending > 0 or h.finished_at = ${now})
    )
    insert into belfry.changes (workspace_id, what, notification_ids, recipients)
    select ${workspaceId}, 'removed', array_agg(id), array_agg(recipient)
    from held where is_shown having count(*) > 0`)
}

/** Threads to which nothing has been added for so long that nothing of them can wait any more. */
export async function pruneThreads(db: Db, before: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    with old as (
      select workspace_id, recipient, thread_key from belfry.threads
      where at < ${before}
      order by at
      limit ${limit}
      for update skip locked
    )
    delete from belfry.threads t using old
    where t.workspace_id = old.workspace_id and t.recipient = old.recipient
      and t.thread_key = old.thread_key
    returning t.thread_key`)
  return rows.length
}

/** All threads of a person. */
export async function eraseThreads(
  db: Db,
  { workspaceId, subscriberId }: { workspaceId: number; subscriberId: string },
): Promise<void> {
  await db.query(sql`
    delete from belfry.threads where workspace_id = ${workspaceId} and recipient = ${subscriberId}`)
}
