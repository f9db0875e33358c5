// Erasing a person: unreachable at once, and then, in batches, everything that was about them. Until that is
// over their id stands in `erasures`, so that nobody who has read them before begins anything for them.
import { uncheckedLanes } from '../domain/event.ts'
import { nudgeAsks } from './asks.ts'
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
      where recipient = ${subscriberId} and workspace_id = ${workspaceId} and is_subscriber)
    or exists (
      select from belfry.failed_recipients
      where subscriber_id = ${subscriberId} and workspace_id = ${workspaceId})`)
  if (known.length === 0) return false

  // Who was asked cannot answer any more: perhaps somebody else is to be asked.
  const asked = await tx.query<{ eventId: string }>(sql`
    select n.event_id from belfry.notifications n
    join belfry.asks a on a.workspace_id = n.workspace_id and a.event_id = n.event_id
    where n.recipient = ${subscriberId} and n.workspace_id = ${workspaceId} and n.is_subscriber
      and n.pending > 0`)
  // Rows first, then the lock: whoever changes preferences, or tells people in-app, does the same.
  await tx.query(sql`
    with gone as (
      delete from belfry.subscribers where workspace_id = ${workspaceId} and id = ${subscriberId}
    ),
    planned as materialized (
      select r.notification_id
      from belfry.notifications n
      join belfry.plan_runs r on r.notification_id = n.id
      where n.recipient = ${subscriberId} and n.workspace_id = ${workspaceId} and n.is_subscriber
        and n.pending > 0
      order by r.notification_id
      for update of r
    ),
    gone_plans as (
      delete from belfry.plan_runs r
      where r.notification_id = any (array(select notification_id from planned))
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
    unchecked as (
      -- What came through SQL with their addresses would bring them back.
      update belfry.event_queue q
      set request = jsonb_set(q.request, '{to}', (
        select jsonb_agg(case when t ->> 'id' = ${subscriberId} then t -> 'id' else t end order by i)
        from jsonb_array_elements(q.request -> 'to') with ordinality as a (t, i)))
      where q.lane = any (${Object.values(uncheckedLanes)}::smallint[]) and q.workspace_id = ${workspaceId}
        and q.request -> 'to' @> ${JSON.stringify([{ id: subscriberId }])}::jsonb
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
  const events = asked.map(({ eventId }) => ({ workspaceId, eventId }))
  if (events.length > 0) await nudgeAsks(tx, events, now) // after preferences, as a fan-out does
  await tx.query(sql`
    insert into belfry.erasures (workspace_id, subscriber_id, erased_at, seq, due_at)
    values (${workspaceId}, ${subscriberId}, ${now}, ${seq}, ${now})
    on conflict (workspace_id, subscriber_id)
      do update set erased_at = excluded.erased_at, seq = excluded.seq, due_at = excluded.due_at,
        position = default`)
  return true
}

export type OpenErasure = {
  workspaceId: number
  subscriberId: string
  erasedAt: Date
  position: string // an id: events before it do not name them
}

/** Those that are due, longest due first. */
export function listErasures(db: Db, now: Date, limit: number): Promise<OpenErasure[]> {
  return db.query<OpenErasure>(sql`
    select workspace_id, subscriber_id, erased_at, position from belfry.erasures
    where due_at <= ${now}
    order by due_at
    limit ${limit}`)
}

/** An erasure that was asked for again meanwhile begins anew, and stays so. */
export async function updateErasure(
  db: Db,
  { workspaceId, subscriberId, erasedAt, position }: OpenErasure,
  dueAt: Date,
): Promise<void> {
  await db.query(sql`
    update belfry.erasures set due_at = ${dueAt}, position = ${position}
    where workspace_id = ${workspaceId} and subscriber_id = ${subscriberId} and erased_at = ${erasedAt}`)
}

/**
 * Deletes up to `limit` notifications of the person with all that hangs on them. What is in flight, and
 * what is of an event that still looks for its people, is left for the next time; what came after the
 * erasure is left alone: it is about somebody new. Answers the events they were of, one for each.
 */
export async function eraseNotifications(
  tx: Db,
  { workspaceId, subscriberId, erasedAt }: OpenErasure,
  limit: number,
): Promise<string[]> {
  const rows = await tx.query<{ eventId: string }>(sql`
    with batch as materialized (
      select n.id, n.event_id
      from belfry.notifications n
      where n.recipient = ${subscriberId} and n.workspace_id = ${workspaceId} and n.is_subscriber
        and exists (
          select from belfry.events e
          where e.workspace_id = n.workspace_id and e.id = n.event_id and e.created_at <= ${erasedAt}
            and e.status <> 'accepted')
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
    gone_receipts as (
      delete from belfry.receipts r
      where r.workspace_id = ${workspaceId} and r.delivery_id = any (array(select id from delivery))
    ),
    gone_texts as (
      delete from belfry.contents c
      where c.workspace_id = ${workspaceId} and c.event_id is null
        and c.id = any (array(select content_id from gone union all select content_id from delivery))
    ),
    gone_notes as (
      delete from belfry.plan_notes p
      where p.workspace_id = ${workspaceId}
        and p.notification_id = any (array(select id from batch))
    ),
    gone_runs as (
      delete from belfry.plan_runs r where r.notification_id = any (array(select id from batch))
    ),
    gone_digests as (
      delete from belfry.digests g
      where g.workspace_id = ${workspaceId}
        and g.notification_id = any (array(select id from batch))
    ),
    gone_messages as (
      delete from belfry.sandbox_messages m
      where m.workspace_id = ${workspaceId}
        and m.notification_id = any (array(select id from batch))
    ),
    gone_shared as (
      delete from belfry.contents c
      where c.workspace_id = ${workspaceId}
        and c.id = any (array(select content_id from gone union all select content_id from delivery))
        and c.event_id = any (array(
          select e.id from belfry.events e
          where e.workspace_id = ${workspaceId} and e.id = any (array(select event_id from batch))
            and e.recipient_count = 1))
    )
    select event_id from batch`)
  return rows.map(({ eventId }) => eventId)
}

/** Answers whether anything of the person is left that was in flight, or on its way, when they were erased. */
export async function isOnItsWay(
  db: Db,
  { workspaceId, subscriberId, erasedAt }: OpenErasure,
  before: string,
): Promise<boolean> {
  const rows = await db.query(sql`
    select where exists (
      select from belfry.notifications n
      where n.recipient = ${subscriberId} and n.workspace_id = ${workspaceId} and n.is_subscriber
        and exists (
          select from belfry.events e
          where e.workspace_id = n.workspace_id and e.id = n.event_id
            and e.created_at <= ${erasedAt}))
    or exists (
      select from belfry.failed_recipients f
      where f.subscriber_id = ${subscriberId} and f.workspace_id = ${workspaceId}
        and exists (
          select from belfry.events e
          where e.workspace_id = f.workspace_id and e.id = f.event_id
            and e.created_at <= ${erasedAt}))
    or exists (
      select from belfry.event_queue q
      cross join lateral (
        select from belfry.events e
        where e.workspace_id = q.workspace_id and e.id = q.event_id and e.created_at <= ${erasedAt}
          and e.audience @> ${JSON.stringify([{ id: subscriberId }])}::jsonb
        offset 0
      ) e
      where q.event_id < ${before} and q.workspace_id = ${workspaceId})`)
  return rows.length > 0
}

/** Answers false when the erasure was asked for again meanwhile. */
export async function deleteErasure(
  tx: Db,
  { workspaceId, subscriberId, erasedAt }: OpenErasure,
): Promise<boolean> {
  const rows = await tx.query(sql`
    delete from belfry.erasures
    where workspace_id = ${workspaceId} and subscriber_id = ${subscriberId} and erased_at = ${erasedAt}
    returning subscriber_id`)
  return rows.length > 0
}
