// The queue of deliveries. A row waits (`worker` is null) or is in flight; it goes when the delivery
// ends. `epoch` grows at each begin and each end, so that whoever comes late changes nothing.
import { carriedChannels, type CarriedChannel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import type { Level } from '../domain/event-type.ts'
import { sql, type Db } from './db.ts'

/** A delivery that has begun. */
export type ClaimedDelivery = {
  workspaceId: number
  deliveryId: string
  notificationId: string
  channel: CarriedChannel
  address: string
  contentId: string
  eventType: string | null
  eventTypeVersion: number | null
  traceparent: string | null
  acceptedAt: Date
  epoch: number
  attempt: number // 1 for the first
  providerId: string | null // null: the sandbox
  begunAt: Date
  expiresAt: Date | null
}

/** With its text and who it is for: everything needed to make the attempt. */
export type BegunDelivery = ClaimedDelivery & {
  content: Content
  recipient: string
  isSubscriber: boolean
  level: Level
  /** Why no attempt is to be made: the person does not want it, or not before `until`. */
  objection: { because: string; until: Date | null } | null
}

export type Claim = {
  channel: CarriedChannel
  limit: number
  worker: string
  now: Date
  leaseUntil: Date // after this, the rescue step may take the delivery to be ambiguous
}

/**
 * Begins up to `limit` due deliveries of a channel, urgent lanes first: once this is committed an
 * attempt may be made, and after a crash it is known that it may have been.
 * Skips rows another worker is taking, so claims never wait on each other.
 */
export function claimDeliveries(db: Db, claim: Claim): Promise<ClaimedDelivery[]> {
  const { channel, limit, worker, now, leaseUntil } = claim
  return db.query<ClaimedDelivery>(sql`
    with due as (
      select x.delivery_id
      from (values (0), (1), (2)) as l (lane)
      cross join lateral (
        select q.delivery_id from belfry.queue q
        where q.channel = ${channel} and q.lane = l.lane and not q.is_begun and q.due_at <= ${now}
        order by q.due_at
        limit ${limit}
        for update skip locked
      ) x
      limit ${limit}
    ),
    begun as (
      update belfry.queue q
      set worker = ${worker}, begun_at = ${now}, due_at = ${leaseUntil}, epoch = q.epoch + 1,
        attempt = q.attempt + 1,
        provider_id = (
          select p.id from belfry.providers p
          where p.workspace_id = q.workspace_id and p.channel = q.channel and p.is_enabled
          order by p.priority, p.id limit 1)
      where q.delivery_id = any (array(select delivery_id from due))
      returning q.*
    )
    select b.workspace_id, b.delivery_id, d.notification_id, b.channel, d.address, d.content_id,
      e.type as event_type, e.type_version as event_type_version, e.traceparent,
      e.created_at as accepted_at, b.epoch, b.attempt, b.provider_id, b.begun_at, b.expires_at
    from begun b
    cross join lateral (
      select d.notification_id, d.event_id, d.address, d.content_id from belfry.deliveries d
      where d.workspace_id = b.workspace_id and d.id = b.delivery_id offset 0
    ) d
    cross join lateral (
      select e.type, e.type_version, e.traceparent, e.created_at from belfry.events e
      where e.workspace_id = b.workspace_id and e.id = d.event_id offset 0
    ) e`)
}

/**
 * Gives back what was begun but not attempted: no byte has left, so the attempt does not count. What was
 * cancelled meanwhile stays as it is. Answers what was given back.
 */
export function releaseDeliveries(
  db: Db,
  begun: { deliveryId: string; epoch: number }[],
  dueAt: Date, // when they may begin again
): Promise<{ deliveryId: string }[]> {
  // Locked in the order in which outcomes are settled, so that neither waits for the other in a circle.
  return db.query(sql`
    with held as materialized (
      select q.delivery_id from belfry.queue q
      where q.delivery_id = any (${begun.map(({ deliveryId }) => deliveryId)}::uuid[])
      order by q.delivery_id
      for update
    )
    update belfry.queue q
    set worker = null, begun_at = null, due_at = ${dueAt}, epoch = q.epoch + 1, attempt = q.attempt - 1
    from json_to_recordset(${JSON.stringify(begun)}::json) as b ("deliveryId" uuid, epoch integer)
    where q.delivery_id = any (array(select delivery_id from held))
      and q.delivery_id = b."deliveryId" and q.epoch = b.epoch and not q.is_cancelled
    returning q.delivery_id`)
}

export type ExpiredLease = {
  workspaceId: number
  deliveryId: string
  notificationId: string
  channel: CarriedChannel
  epoch: number
  attempt: number
  worker: string
  providerId: string | null
  begunAt: Date
  expiresAt: Date | null
  eventType: string | null
  eventTypeVersion: number | null
}

/** Attempts whose worker has not told in time how they ended. */
export function listExpiredLeases(db: Db, now: Date, limit: number): Promise<ExpiredLease[]> {
  return db.query<ExpiredLease>(sql`
    with expired as (
      select x.*
      from unnest(${carriedChannels}::text[]) as c (channel)
      cross join (values (0), (1), (2)) as l (lane)
      cross join lateral (
        select q.* from belfry.queue q
        where q.channel = c.channel and q.lane = l.lane and q.is_begun and q.due_at <= ${now}
        order by q.due_at
        limit ${limit}
      ) x
      limit ${limit}
    )
    select q.workspace_id, q.delivery_id, d.notification_id, q.channel, q.epoch, q.attempt,
      q.worker, q.provider_id, q.begun_at, q.expires_at, e.type as event_type,
      e.type_version as event_type_version
    from expired q
    cross join lateral (
      select d.notification_id, d.event_id from belfry.deliveries d
      where d.workspace_id = q.workspace_id and d.id = q.delivery_id offset 0
    ) d
    left join lateral (
      select e.type, e.type_version from belfry.events e
      where e.workspace_id = q.workspace_id and e.id = d.event_id offset 0
    ) e on true`)
}

export type QueueLine = {
  queue: string // a channel, or 'events'
  state: 'waiting' | 'in_flight'
  count: number
  oldestAgeSeconds: number | null // of what is due; null when nothing is
}

/** All work that waits or is in flight, in every workspace: for the metrics of the whole system. */
export function countQueueLines(db: Db, now: Date): Promise<QueueLine[]> {
  return db.query<QueueLine>(sql`
    select channel as queue, case when worker is null then 'waiting' else 'in_flight' end as state,
      count(*), extract(epoch from ${now}::timestamptz
        - min(due_at) filter (where worker is null and due_at <= ${now}))::float8 as oldest_age_seconds
    from belfry.queue group by 1, 2
    union all
    select 'events', 'waiting', count(*),
      extract(epoch from ${now}::timestamptz - min(due_at) filter (where due_at <= ${now}))::float8
    from belfry.event_queue`)
}

/**
 * Takes the waiting deliveries of some notifications out of the queue and ends them as cancelled; those
 * in flight get no further attempt. After the commit nothing of them begins. `total` counts all their
 * deliveries, those that had ended before among them.
 */
export async function cancelDeliveries(
  db: Db,
  target: { workspaceId: number; notificationIds: string[]; now: Date },
): Promise<{ cancelled: number; inFlight: number; total: number }> {
  const { workspaceId, notificationIds, now } = target
  const rows = await db.query<{ cancelled: number; inFlight: number; total: number }>(sql`
    with wanted as materialized (
      select d.id, d.notification_id, d.finished_at from belfry.deliveries d
      where d.notification_id = any (${notificationIds}::uuid[]) and d.workspace_id = ${workspaceId}
    ),
    -- In the order in which outcomes are settled, so that neither waits for the other in a circle.
    held as materialized (
      select q.delivery_id, q.worker from belfry.queue q
      where q.delivery_id = any (array(select id from wanted where finished_at is null))
      order by q.delivery_id
      for update
    ),
    stopped as (
      delete from belfry.queue q
      where q.delivery_id = any (array(select delivery_id from held where worker is null))
      returning q.delivery_id
    ),
    running as (
      update belfry.queue q set is_cancelled = true
      where q.delivery_id = any (array(select delivery_id from held where worker is not null))
      returning q.delivery_id
    ),
    ended as (
      update belfry.deliveries d
      set status = 'cancelled', reason = 'cancelled', finished_at = ${now}
      where d.workspace_id = ${workspaceId} and d.id = any (array(select delivery_id from stopped))
      returning d.notification_id
    ),
    per_notification as (
      select notification_id, count(*) as count from ended
      group by notification_id order by notification_id
    ),
    held_notifications as materialized (
      select n.id, p.count from per_notification p
      cross join lateral (
        select n.id from belfry.notifications n
        where n.workspace_id = ${workspaceId} and n.id = p.notification_id
        for no key update
      ) n
    ),
    told as (
      update belfry.notifications n
      set pending = n.pending - h.count,
        outcome = belfry.better(n.outcome, 'cancelled'),
        status = case when n.pending = h.count then belfry.better(n.outcome, 'cancelled') else n.status end,
        reason = case when n.pending = h.count and n.outcome is null then 'cancelled' else n.reason end,
        finished_at = case when n.pending = h.count then ${now}::timestamptz end
      from held_notifications h
      where n.workspace_id = ${workspaceId} and n.id = any (array(select id from held_notifications))
        and n.id = h.id
    )
    select (select count(*) from stopped) as cancelled, (select count(*) from running) as in_flight,
      (select count(*) from wanted) as total`)
  return rows[0]!
}

/** Frozen texts by their ids, in no particular order. */
export function findContents(
  db: Db,
  ids: { workspaceId: number; id: string }[],
): Promise<{ id: string; content: Content }[]> {
  return db.query(sql`
    select c.id, c.content
    from json_to_recordset(${JSON.stringify(ids)}::json) as w ("workspaceId" integer, id uuid)
    join belfry.contents c on c.workspace_id = w."workspaceId" and c.id = w.id`)
}
