// Erasing a person: unreachable at once, and then, in batches, everything that was about them. Until that is
// over their id stands in `erasures`, so that nobody who has read them before begins anything for them.
import { sql, type Db } from './db.ts'
import { nextPreferenceSeq } from './preferences.ts'

export type Erasure = { workspaceId: number; subscriberId: string; now: Date }

/**
 * Deletes the subscriber with addresses, topics and preferences, and takes what waits for them out of the
 * queue; what is in flight gets no further attempt. Answers whether anything was known of them.
 */
export async function insertErasure(tx: Db, erasure: Erasure): Promise<boolean> {
  const { workspaceId, subscriberId, now } = erasure
  const known = await tx.query(sql`
    select where exists (
      select from belfry.subscribers where workspace_id = ${workspaceId} and id = ${subscriberId})
    or exists (
      select from belfry.notifications
      where recipient = ${subscriberId} and workspace_id = ${workspaceId} and is_subscriber)`)
  if (known.length === 0) return false

  // Rows first, then the lock: whoever changes preferences, or tells people in-app, does the same.
  await tx.query(sql`
    with gone as (
      delete from belfry.subscribers where workspace_id = ${workspaceId} and id = ${subscriberId}
    ),
    waiting as materialized (
      select d.id
      from belfry.notifications n
      cross join lateral (
        select d.id from belfry.deliveries d where d.notification_id = n.id and d.finished_at is null
        offset 0
      ) d
      where n.recipient = ${subscriberId} and n.workspace_id = ${workspaceId} and n.is_subscriber
        and n.pending > 0
    ),
    held as materialized (
      select q.delivery_id, q.worker from belfry.queue q
      where q.delivery_id = any (array(select id from waiting))
      order by q.delivery_id
      for update
    ),
    running as (
      update belfry.queue q set is_cancelled = true
      where q.delivery_id = any (array(select delivery_id from held where worker is not null))
    )
    delete from belfry.queue q
    where q.delivery_id = any (array(select delivery_id from held where worker is null))`)
  const seq = await nextPreferenceSeq(tx, workspaceId)
  await tx.query(sql`
    insert into belfry.erasures (workspace_id, subscriber_id, erased_at, seq)
    values (${workspaceId}, ${subscriberId}, ${now}, ${seq})
    on conflict (workspace_id, subscriber_id)
      do update set erased_at = excluded.erased_at, seq = excluded.seq`)
  return true
}

export type OpenErasure = { workspaceId: number; subscriberId: string; erasedAt: Date }

export function listErasures(db: Db, limit: number): Promise<OpenErasure[]> {
  return db.query<OpenErasure>(sql`
    select workspace_id, subscriber_id, erased_at from belfry.erasures
    order by erased_at
    limit ${limit}`)
}

/**
 * Deletes up to `limit` notifications of the person with all that hangs on them, and takes the person out
 * of the events they were named in, whose parameters and texts go too. What is in flight is left for the
 * next time, and what came after the erasure is left alone: it is about somebody new. Answers how many went.
 */
export async function eraseNotifications(
  tx: Db,
  { workspaceId, subscriberId, erasedAt }: OpenErasure,
  limit: number,
): Promise<number> {
  const rows = await tx.query(sql`
    with batch as materialized (
      select n.id, n.event_id
      from belfry.notifications n
      where n.recipient = ${subscriberId} and n.workspace_id = ${workspaceId} and n.is_subscriber
        and exists (
          select from belfry.events e
          where e.workspace_id = n.workspace_id and e.id = n.event_id and e.created_at <= ${erasedAt})
        and not exists (
          select from belfry.deliveries d join belfry.queue q on q.delivery_id = d.id
          where d.notification_id = n.id and q.is_begun)
      order by n.id
      limit ${limit}
      for update of n skip locked
    ),
    delivery as materialized (
      select d.id, d.content_id
      from batch b
      cross join lateral (
        select d.id, d.content_id from belfry.deliveries d where d.notification_id = b.id offset 0
      ) d
    ),
    gone as (
      delete from belfry.notifications n
      where n.workspace_id = ${workspaceId} and n.id = any (array(select id from batch))
      returning n.content_id
    ),
    gone_queue as (
      delete from belfry.queue q where q.delivery_id = any (array(select id from delivery))
    ),
    gone_deliveries as (
      delete from belfry.deliveries d
      where d.workspace_id = ${workspaceId} and d.id = any (array(select id from delivery))
    ),
    gone_attempts as (
      delete from belfry.attempts a
      where a.workspace_id = ${workspaceId} and a.delivery_id = any (array(select id from delivery))
    ),
    gone_texts as (
      delete from belfry.contents c
      where c.workspace_id = ${workspaceId} and c.event_id is null
        and c.id = any (array(select content_id from gone union all select content_id from delivery))
    ),
    gone_messages as (
      delete from belfry.sandbox_messages m
      where m.workspace_id = ${workspaceId}
        and m.notification_id = any (array(select id from batch))
    ),
    named as (
      update belfry.events e
      set params = '{}', message = e.message - 'subject' - 'body', is_erased = true, audience = coalesce((
        select jsonb_agg(m order by i)
        from jsonb_array_elements(e.audience) with ordinality as a (m, i)
        where m ->> 'id' is distinct from ${subscriberId}), '[]')
      where e.workspace_id = ${workspaceId} and e.id = any (array(select event_id from batch))
        and e.status <> 'accepted'
        and e.audience @> ${JSON.stringify([{ id: subscriberId }])}::jsonb
      returning e.id, e.recipient_count
    ),
    gone_shared as (
      delete from belfry.contents c
      where c.workspace_id = ${workspaceId}
        and c.event_id = any (array(select id from named where recipient_count = 1))
        and c.id = any (array(select content_id from gone union all select content_id from delivery))
    )
    select id from batch`)
  return rows.length
}

/** Answers whether the person is forgotten: nothing was in flight, and nobody can add anything any more. */
export async function endErasure(
  tx: Db,
  { workspaceId, subscriberId, erasedAt }: OpenErasure,
  erasedBefore: Date,
): Promise<boolean> {
  const rows = await tx.query(sql`
    delete from belfry.erasures x
    where x.workspace_id = ${workspaceId} and x.subscriber_id = ${subscriberId}
      and x.erased_at < ${erasedBefore}
      and not exists (
        select from belfry.notifications n
        where n.recipient = ${subscriberId} and n.workspace_id = ${workspaceId} and n.is_subscriber
          and exists (
            select from belfry.events e
            where e.workspace_id = n.workspace_id and e.id = n.event_id
              and e.created_at <= ${erasedAt}))
    returning x.subscriber_id`)
  return rows.length > 0
}
