// The queue of deliveries. A row waits (`worker` is null) or is in flight; it goes when the delivery
// ends. `epoch` grows at each begin and each end, so that whoever comes late changes nothing.
import { carriedChannels, type CarriedChannel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import type { Device } from '../domain/device.ts'
import type { Level } from '../domain/event-type.ts'
import type { Hold } from '../domain/quiet-hours.ts'
import { everywhere, type Reach } from '../domain/reach.ts'
import type { Suppression } from '../domain/suppression.ts'
import { sql, type Db } from './db.ts'

/** A delivery that has begun. */
export type ClaimedDelivery = {
  workspaceId: number
  deliveryId: string
  notificationId: string
  channel: CarriedChannel
  address: string
  device: Device | null // push: what the address leads to
  contentId: string
  eventType: string | null
  eventTypeVersion: number | null
  scheduledLocal: string | null
  timezone: string | null // of the event
  traceparent: string | null
  acceptedAt: Date
  epoch: number
  attempt: number // 1 for the first
  earlier: number // of them in rounds that had ended before it was tried again by hand
  isForced: boolean // somebody has said "now"
  isAwaited: boolean // a plan waits for what becomes of it
  providerId: string | null // null: the sandbox, or there is none for it
  tried: string[] | null // other providers, which could not take it just now
  staysUntil: Date | null // until then no other provider may have it
  begunAt: Date
  expiresAt: Date | null
  suppressed: Suppression | null // its address gets nothing more
}

/** With its text and who it is for: everything needed to make the attempt. */
export type BegunDelivery = Omit<ClaimedDelivery, 'scheduledLocal' | 'timezone'> & {
  content: Content
  recipient: string
  isSubscriber: boolean
  level: Level
  /** Why no attempt is to be made: the person does not want it, or it is too early until `until`. */
  objection: {
    reason: 'preference_off' | 'quiet_hours' | null
    because: string | null
    until: Date | null
  } | null
  /** What may hold it back at certain times of day. */
  holds: Hold[]
}

export type Claim = {
  channel: CarriedChannel
  limit: number
  worker: string
  now: Date
  reach?: Reach
  leaseUntil: Date // after this, the rescue step may take the delivery to be ambiguous
  /** Which kinds of providers carry which devices, as `kind device`. */
  carriers: readonly string[]
  /** Providers that are not well, and how much of what is theirs they get: see domain/provider-choice.ts. */
  shares?: Shares
}

export type Shares = { ids: readonly string[]; shares: readonly number[] }

const allWell: Shares = { ids: [], shares: [] }

/**
 * Begins up to `limit` due deliveries of a channel, urgent lanes first: once this is committed an
 * attempt may be made, and after a crash it is known that it may have been.
 * Skips rows another worker is taking, so claims never wait on each other.
 */
export function claimDeliveries(db: Db, claim: Claim): Promise<ClaimedDelivery[]> {
  const { channel, limit, worker, now, reach = everywhere, leaseUntil, carriers } = claim
  const { ids, shares } = claim.shares ?? allWell
  return db.query<ClaimedDelivery>(sql`
    with due as (
      select x.delivery_id
      from (values (0), (1), (2)) as l (lane)
      cross join lateral (
        select q.delivery_id from belfry.queue q
        where q.channel = ${channel} and q.lane = l.lane and not q.is_begun and q.due_at <= ${now}
          and (q.workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
        order by q.due_at
        limit ${limit}
        for update skip locked
      ) x
      limit ${limit}
    ),
    begun as (
      update belfry.queue q
      set worker = ${worker}, begun_at = ${now}, due_at = ${leaseUntil}, epoch = q.epoch + 1,
        attempt = q.attempt + 1, is_held = false,
        provider_id = case when q.stays_until > ${now} then q.provider_id else (
          select p.id from belfry.providers p
          where p.workspace_id = q.workspace_id and p.channel = q.channel and p.is_enabled
            and (q.channel <> 'push' or (
              select d.device is null or p.kind || ' ' || d.device = any (${carriers}::text[])
              from belfry.deliveries d where d.workspace_id = q.workspace_id and d.id = q.delivery_id))
          order by random() >= coalesce((${shares}::float8[])[array_position(${ids}::uuid[], p.id)], 1),
            coalesce(p.id = any (q.tried), false), p.priority, -ln(1 - random()) / p.weight
          limit 1) end
      where q.delivery_id = any (array(select delivery_id from due))
      returning q.*
    )
    select b.workspace_id, b.delivery_id, d.notification_id, b.channel, d.address, d.device, d.content_id,
      e.type as event_type, e.type_version as event_type_version, e.scheduled_local,
      e.timezone, e.traceparent, e.created_at as accepted_at, b.epoch, b.attempt, b.earlier, b.is_forced,
      b.is_awaited, b.provider_id, b.tried, b.stays_until, b.begun_at, b.expires_at,
      case when exists (select from belfry.suppressions) then (
        select json_build_object('reason', x.reason, 'at', x.at) from belfry.suppressions x
        where x.workspace_id = b.workspace_id and x.channel = b.channel
          and x.hash = belfry.address_hash(b.channel, d.address)) end as suppressed
    from begun b
    cross join lateral (
      select d.notification_id, d.event_id, d.address, d.device, d.content_id from belfry.deliveries d
      where d.workspace_id = b.workspace_id and d.id = b.delivery_id offset 0
    ) d
    cross join lateral (
      select e.type, e.type_version, e.scheduled_local, e.timezone, e.traceparent, e.created_at
      from belfry.events e
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
  earlier: number
  worker: string
  providerId: string | null
  device: Device | null
  tried: string[] | null
  staysUntil: Date | null
  begunAt: Date
  expiresAt: Date | null
  eventType: string | null
  eventTypeVersion: number | null
}

/** Attempts whose worker has not told in time how they ended. */
export function listExpiredLeases(
  db: Db,
  now: Date,
  limit: number,
  reach = everywhere,
): Promise<ExpiredLease[]> {
  return db.query<ExpiredLease>(sql`
    with expired as (
      select x.*
      from unnest(${carriedChannels}::text[]) as c (channel)
      cross join (values (0), (1), (2)) as l (lane)
      cross join lateral (
        select q.* from belfry.queue q
        where q.channel = c.channel and q.lane = l.lane and q.is_begun and q.due_at <= ${now}
          and (q.workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
        order by q.due_at
        limit ${limit}
      ) x
      limit ${limit}
    )
    select q.workspace_id, q.delivery_id, d.notification_id, q.channel, q.epoch, q.attempt,
      q.earlier, q.worker, q.provider_id, d.device, q.tried, q.stays_until, q.begun_at, q.expires_at,
      e.type as event_type, e.type_version as event_type_version
    from expired q
    cross join lateral (
      select d.notification_id, d.event_id, d.device from belfry.deliveries d
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
