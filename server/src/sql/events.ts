// Events, and the queue of those whose audience is not wholly found yet.
import type { AudienceMember } from '../domain/audience.ts'
import type { DataNote, EventData } from '../domain/data-source.ts'
import type { Event, FanOutCursor } from '../domain/event.ts'
import { everywhere, type Reach } from '../domain/reach.ts'
import { pageBytes, sql, type Db } from './db.ts'

export type AcceptedEvent = Event & {
  lane: number
  dueAt: Date
  /** 1: the caller takes it at once and holds it until `dueAt`; 0: anybody may. */
  epoch: 0 | 1
  idempotencyKey: string | null
}

export type IdempotencyRecord = {
  workspaceId: number
  key: string
  fingerprint: string // hex
  status: number
  body: unknown
  eventId: string | null
}

/**
 * Stores events, their place in the queue, and the answers their requests will get, in one
 * statement. Events whose idempotency key was there before are left out.
 * Answers the ids of those that were stored.
 */
export function insertEvents(
  db: Db,
  events: AcceptedEvent[],
  records: IdempotencyRecord[],
): Promise<{ id: string }[]> {
  // Ordered, so that two processes that store the same keys wait for each other instead of dead-locking.
  return db.query<{ id: string }>(sql`
    -- Others wait together with a key that a transaction holds (see isKeyTaken): not for long.
    with patience as materialized (select set_config('lock_timeout', '2s', true)),
    remembered as (
      insert into belfry.idempotency (workspace_id, key, fingerprint, status, body, event_id)
      select "workspaceId", key, decode(fingerprint, 'hex'), status, body, "eventId"
      from patience cross join json_to_recordset(${JSON.stringify(records)}::json)
        as r ("workspaceId" integer, key text, fingerprint text, status smallint, body json, "eventId" uuid)
      order by 1, 2
      on conflict do nothing
      returning workspace_id, key
    ),
    new as (
      select e.*
      from json_to_recordset(${JSON.stringify(events)}::json) as e (
        "workspaceId" integer, id uuid, type text, "typeVersion" integer, level text, audience jsonb,
        params json, message jsonb, "scheduledAt" timestamptz, "scheduledLocal" text,
        timezone text, "expiresAt" timestamptz,
        "threadKey" text, traceparent text, "replayOf" uuid, "createdAt" timestamptz, lane smallint,
        "dueAt" timestamptz, epoch integer, "idempotencyKey" text)
      where e."idempotencyKey" is null
        or (e."workspaceId", e."idempotencyKey") in (select workspace_id, key from remembered)
    ),
    queued as (
      insert into belfry.event_queue (event_id, workspace_id, lane, due_at, epoch)
      select id, "workspaceId", lane, "dueAt", epoch from new
    ),
    counted as (
      insert into belfry.accepted_counts (workspace_id, minute, connection, count)
      select "workspaceId", date_trunc('minute', "createdAt"), pg_backend_pid(), count(*)
      from new group by 1, 2
      on conflict (workspace_id, minute, connection) do update set count = belfry.accepted_counts.count + excluded.count
    ),
    -- Where nobody listens to anything this is over before it looks at the first event.
    heard as (
      insert into belfry.listener_runs (workspace_id, event_id, type, listener, due_at)
      select n."workspaceId", n.id, n.type, l.name, n."createdAt"
      from new n
      cross join lateral (
        select l.name from belfry.listeners l
        where l.workspace_id = n."workspaceId" and l.type = n.type offset 0
      ) l
      where (select exists (select from belfry.listeners))
      returning pg_notify('belfry_listeners', '')
    )
    insert into belfry.events (workspace_id, id, type, type_version, level, audience, params, message,
      scheduled_at, scheduled_local, timezone, expires_at, thread_key, traceparent, replay_of, created_at)
    select "workspaceId", id, type, "typeVersion", level, audience, params, message, "scheduledAt",
      "scheduledLocal", timezone, "expiresAt", "threadKey", traceparent, "replayOf", "createdAt"
    from new
    returning id`)
}

export type ClaimedEvent = Event & {
  epoch: number
  cursor: FanOutCursor | null
  failureCount?: number // how often it could not go on, in a row
  data?: EventData // what its texts read; missing: nothing of it was fetched
  isForced?: boolean // somebody has said "now": it has no schedule any more
}

// What is claimed together is stored together, and a chunk of a broadcast is thousands of people: many
// of them would take longer than the statement and the lease may, and hold up everything urgent.
const mostBroadcasts = 10

/**
 * Takes up to `limit` events whose people are still to be found, urgent lanes first. Another worker
 * may take them again after `leaseUntil`: finding people twice adds nobody twice.
 */
export function claimEvents(
  db: Db,
  claim: { limit: number; now: Date; leaseUntil: Date; reach?: Reach },
): Promise<ClaimedEvent[]> {
  const { reach = everywhere } = claim
  return db.query<ClaimedEvent>(sql`
    with due as (
      select x.event_id
      from (
        values (0, ${claim.limit}::integer), (1, ${claim.limit}), (2, ${mostBroadcasts})
      ) as l (lane, most)
      cross join lateral (
        select q.event_id from belfry.event_queue q
        where q.lane = l.lane and q.due_at <= ${claim.now}
          and (q.workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
        order by q.due_at
        limit l.most
        for update skip locked
      ) x
      limit ${claim.limit}
    ),
    taken as (
      update belfry.event_queue q set epoch = q.epoch + 1, due_at = ${claim.leaseUntil}
      where q.event_id = any (array(select event_id from due))
      returning q.event_id, q.workspace_id, q.epoch, q.cursor, q.failure_count
    )
    select e.workspace_id, e.id, e.type, e.type_version, e.level, e.audience, e.params, e.message,
      case when e.forced_at is null then e.scheduled_at end as scheduled_at,
      case when e.forced_at is null then e.scheduled_local end as scheduled_local, e.timezone, e.expires_at,
      e.thread_key, e.traceparent, e.replay_of, e.created_at, t.epoch, t.cursor,
      t.failure_count, e.forced_at is not null as is_forced
    from taken t
    cross join lateral (
      select * from belfry.events e where e.workspace_id = t.workspace_id and e.id = t.event_id
      offset 0
    ) e
    order by e.id`)
}

export type EventRow = {
  id: string
  type: string | null
  typeVersion: number | null
  level: string
  audience: AudienceMember[]
  found: (number | null)[] // people each entry of the audience led to; shorter than it, or null: not looked at
  params: Record<string, unknown>
  message: unknown
  scheduledAt: Date | null
  scheduledLocal: string | null
  timezone: string | null
  expiresAt: Date | null
  threadKey: string | null
  replayOf: string | null
  createdAt: Date
  status: string
  error: string | null
  data?: (Omit<DataNote, 'at'> & { at: string })[] | null // what became of its data sources
  isErased: boolean // its parameters or texts went with a person it named
  recipientCount: number
  processedAt: Date | null
  cancelledAt: Date | null
}

export type EventFilter = {
  workspaceId: number
  type: string | null
  status: string | null
  since: Date | null
  until: Date | null
  before: string | null // an id: only older ones
  offset: number
  limit: number
}

export type ListedEvent = EventRow & { isTooMuch: boolean }

/** A page of events, newest first; see `pageBytes`. */
export function listEvents(db: Db, filter: EventFilter): Promise<ListedEvent[]> {
  return db.query<ListedEvent>(sql`
    with page as (
      select * from belfry.events
      where workspace_id = ${filter.workspaceId}
        and (${filter.type}::text is null or type = ${filter.type})
        and (${filter.status}::text is null or status = ${filter.status})
        and (${filter.since}::timestamptz is null or created_at >= ${filter.since})
        and (${filter.until}::timestamptz is null or created_at < ${filter.until})
        and (${filter.before}::uuid is null or id < ${filter.before})
      order by id desc
      limit ${filter.limit} offset ${filter.offset}
    ),
    weighed as (
      select *, sum(octet_length(params::text) + octet_length(audience::text)
        + coalesce(octet_length(message::text), 0)) over (order by id desc) > ${pageBytes}
        as is_too_much
      from page
    )
    select id, type, type_version, level, case when not is_too_much then audience end as audience,
      case when not is_too_much then params end as params,
      case when not is_too_much then message end as message, scheduled_at, scheduled_local,
      timezone, expires_at, thread_key,
      replay_of, created_at, status, error, found, is_erased, recipient_count, processed_at, cancelled_at,
      is_too_much
    from weighed
    order by id desc`)
}

export async function findEvent(db: Db, workspaceId: number, id: string): Promise<EventRow | null> {
  const rows = await db.query<EventRow>(sql`
    select id, type, type_version, level, audience, params, message, scheduled_at, scheduled_local,
      timezone, expires_at, thread_key, replay_of, created_at, status, error, data, found, is_erased,
      recipient_count, processed_at, cancelled_at
    from belfry.events
    where workspace_id = ${workspaceId} and id = ${id}`)
  return rows[0] ?? null
}

export type EventOutcome = {
  id: string
  status: string
  recipientCount: number
  error: string | null
}

/** Where events stand, in no particular order. */
export function listEventOutcomes(
  db: Db,
  workspaceId: number,
  ids: string[],
): Promise<EventOutcome[]> {
  return db.query<EventOutcome>(sql`
    select id, status, recipient_count, error from belfry.events
    where workspace_id = ${workspaceId} and id = any (${ids}::uuid[])`)
}

/** How many of an event's notifications stand where. */
export function countByStatus(
  db: Db,
  { workspaceId, eventId, now }: { workspaceId: number; eventId: string; now: Date },
): Promise<{ status: string; count: number }[]> {
  return db.query(sql`
    select belfry.status_at(${now}, status, begins_at) as status, count(*)
    from belfry.notifications
    where workspace_id = ${workspaceId} and event_id = ${eventId}
    group by 1 order by 1`)
}

/**
 * Takes an event out of the queue of those whose people are still to be found. Waits for a fan-out
 * that holds it; after the commit nobody adds people. Answers whether it was still there.
 */
export async function stopFanOut(db: Db, workspaceId: number, id: string): Promise<boolean> {
  const rows = await db.query(sql`
    delete from belfry.event_queue where event_id = ${id} and workspace_id = ${workspaceId}
    returning event_id`)
  return rows.length > 0
}

export async function markCancelled(
  db: Db,
  event: { workspaceId: number; eventId: string; now: Date },
): Promise<void> {
  await db.query(sql`
    update belfry.events set status = 'cancelled', cancelled_at = coalesce(cancelled_at, ${event.now})
    where workspace_id = ${event.workspaceId} and id = ${event.eventId}`)
}

/** The leases of events that the caller still holds end at `until`. */
export async function moveLeases(
  db: Db,
  events: { workspaceId: number; id: string; epoch: number }[],
  { now, until }: { now: Date; until: Date },
): Promise<void> {
  const held = events.map(({ workspaceId, id, epoch }) => ({ workspaceId, id, epoch }))
  await db.query(sql`
    update belfry.event_queue q set due_at = ${until}
    from json_to_recordset(${JSON.stringify(held)}::json)
      as e ("workspaceId" integer, id uuid, epoch integer)
    where q.event_id = e.id and q.workspace_id = e."workspaceId" and q.epoch = e.epoch
      and q.due_at > ${now}`)
}
