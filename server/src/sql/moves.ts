// Moves: whose zone, quiet hours or hours have changed, until what waits for them has been looked at again.
import { everywhere, type DueClaim } from '../domain/reach.ts'
import { sql, type Db } from './db.ts'

/** `subscriberId` is null when it is about everybody of the workspace. */
export type Move = { workspaceId: number; id: number; subscriberId: string | null }

/** Moves that nobody is looking at, oldest first. */
export function listDueMoves(db: Db, due: DueClaim): Promise<Move[]> {
  const { now, limit, reach = everywhere } = due
  return db.query<Move>(sql`
    select workspace_id, id, subscriber_id from belfry.moves
    where not is_done and due_at <= ${now}
      and (workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
    order by due_at, id
    limit ${limit}`)
}

/**
 * Takes moves until `leaseUntil`, counted as the change `seq` of preferences: the caller holds the lock of
 * `changed_preferences`. Who has read these people before plans again from then on, or has stored what it planned.
 */
export function takeMoves(
  tx: Db,
  { workspaceId, ids, seq, now, leaseUntil }: TakenMoves & { now: Date; leaseUntil: Date },
): Promise<Move[]> {
  return tx.query<Move>(sql`
    with taken as materialized (
      select m.id from belfry.moves m
      where m.workspace_id = ${workspaceId} and m.id = any (${ids}::bigint[]) and not m.is_done
        and m.due_at <= ${now}
      order by m.id
      for update skip locked
    )
    update belfry.moves m set seq = ${seq}, due_at = ${leaseUntil}
    where m.workspace_id = ${workspaceId} and m.id = any (array(select id from taken))
    returning m.workspace_id, m.id, m.subscriber_id`)
}

type TakenMoves = { workspaceId: number; ids: number[]; seq: number }

/** They stay taken until `leaseUntil`, but for those that have come again meanwhile, or that others have taken. */
export async function holdMoves(
  db: Db,
  { workspaceId, ids, seq, leaseUntil }: TakenMoves & { leaseUntil: Date },
): Promise<void> {
  await db.query(sql`
    update belfry.moves set due_at = ${leaseUntil}
    where workspace_id = ${workspaceId} and id = any (${ids}::bigint[]) and seq = ${seq}`)
}

/** They are done, unless they have come again meanwhile, and forgotten at `forgetAt`. */
export async function finishMoves(
  db: Db,
  { workspaceId, ids, seq, forgetAt }: TakenMoves & { forgetAt: Date },
): Promise<void> {
  await db.query(sql`
    update belfry.moves set is_done = true, due_at = ${forgetAt}
    where workspace_id = ${workspaceId} and id = any (${ids}::bigint[]) and seq = ${seq}`)
}

/** Forgets up to `limit` moves, of all workspaces, that were done long enough ago; answers how many. */
export async function deleteOldMoves(db: Db, now: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.moves
    where (workspace_id, id) in (
      select workspace_id, id from belfry.moves
      where is_done and due_at <= ${now}
      limit ${limit}
      for update skip locked)
    returning 1`)
  return rows.length
}

/** What may still begin of the notifications of these people, by notification. */
export async function listPendingOf(
  db: Db,
  workspaceId: number,
  subscriberIds: string[],
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(sql`
    select n.id from unnest(${subscriberIds}::text[]) as w (id)
    cross join lateral (
      select n.id from belfry.notifications n
      where n.recipient = w.id and n.workspace_id = ${workspaceId} and n.pending > 0
        and n.is_subscriber offset 0
    ) n
    order by n.id`)
  return rows.map(({ id }) => id)
}

/** A page of all notifications of the workspace with a delivery that waits, in the order of their ids. */
export async function listWaitingNotifications(
  db: Db,
  { workspaceId, after, limit }: { workspaceId: number; after: string; limit: number },
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(sql`
    select distinct q.notification_id as id from belfry.queue q
    where q.worker is null and q.workspace_id = ${workspaceId} and q.notification_id > ${after}
    order by 1
    limit ${limit}`)
  return rows.map(({ id }) => id)
}

export type WaitingRow = {
  id: string
  eventType: string | null
  eventTypeVersion: number | null
  scheduledLocal: string | null
  timezone: string | null // of the event
  scheduledAt: Date | null
  before: string // its times as they are shown
  deliveries: WaitingDelivery[]
}

export type WaitingDelivery = {
  id: string
  channel: string
  epoch: number
  attempt: number
  step: number
  dueAt: string
  createdAt: string
  reason: string | null
}

/** Notifications, each with its deliveries that wait in the queue; none of which somebody has said "now". */
export function listWaiting(
  db: Db,
  workspaceId: number,
  notificationIds: string[],
): Promise<WaitingRow[]> {
  return db.query<WaitingRow>(sql`
    select n.id, e.type as event_type, e.type_version as event_type_version, e.scheduled_local, e.timezone,
      n.scheduled_at, n.before, coalesce(w.deliveries, '[]') as deliveries
    from unnest(${notificationIds}::uuid[]) as i (id)
    cross join lateral (
      select n.id, n.event_id, n.scheduled_at, row(n.scheduled_at, n.timezone, n.begins_at)::text as before
      from belfry.notifications n
      where n.workspace_id = ${workspaceId} and n.id = i.id offset 0
    ) n
    cross join lateral (
      select e.type, e.type_version, e.scheduled_local, e.timezone from belfry.events e
      where e.workspace_id = ${workspaceId} and e.id = n.event_id offset 0
    ) e
    left join lateral (
      select json_agg(json_build_object('id', q.delivery_id, 'channel', q.channel, 'epoch', q.epoch,
        'attempt', q.attempt, 'step', d.step, 'dueAt', q.due_at, 'createdAt', d.created_at,
        'reason', d.reason)) as deliveries
      from belfry.queue q
      join belfry.deliveries d on d.workspace_id = q.workspace_id and d.id = q.delivery_id
      where q.worker is null and q.workspace_id = ${workspaceId} and q.notification_id = i.id
    ) w on true
    where not exists (
      select from belfry.queue q
      where q.worker is null and q.workspace_id = ${workspaceId} and q.notification_id = i.id and q.is_forced)`)
}

export type MovedDelivery = {
  id: string
  epoch: number
  before: string // when it was due
  dueAt: Date
  reason: string | null
  because: string | null
}

export type MovedNotification = {
  id: string
  before: string // as it was read
  scheduledAt: Date | null
  timezone: string | null
  beginsAt: Date | null
  isInHours: boolean
  laterMs: number // so much later its plan goes on
}

/** Moves what since it was read has not begun, nobody else has moved, and nobody has said "now" of. */
export async function moveWaiting(
  tx: Db,
  workspaceId: number,
  {
    deliveries,
    notifications,
  }: { deliveries: MovedDelivery[]; notifications: MovedNotification[] },
): Promise<void> {
  // Plans, queue, notifications: locked in the order in which a cancel and outcomes lock them. Plans in a statement of
  // their own: what others have moved until then is seen by the next.
  const later = notifications.filter(({ laterMs }) => laterMs !== 0)
  const plans = await tx.query<{ notificationId: string }>(sql`
    select r.notification_id from belfry.plan_runs r
    where r.notification_id = any (${later.map(({ id }) => id)}::uuid[]) and r.workspace_id = ${workspaceId}
      and r.bucket_id is null and not r.is_forced
    order by r.notification_id
    for update`)
  if (plans.length > 0)
    await tx.query(sql`
      with w as (
        select * from json_to_recordset(${JSON.stringify(later)}::json)
          as w (id uuid, before text, "laterMs" float8)
      )
      update belfry.plan_runs r
      set due_at = r.due_at + make_interval(secs => w."laterMs" / 1000),
        ends_at = r.ends_at + make_interval(secs => w."laterMs" / 1000)
      from w
      where r.notification_id = any (${plans.map(({ notificationId }) => notificationId)}::uuid[])
        and r.workspace_id = ${workspaceId} and r.notification_id = w.id and exists (
          select from belfry.notifications n
          where n.workspace_id = ${workspaceId} and n.id = w.id
            and row(n.scheduled_at, n.timezone, n.begins_at)::text = w.before)`)
  await tx.query(sql`
    with w as materialized (
      select * from json_to_recordset(${JSON.stringify(deliveries)}::json) as w (id uuid, epoch integer,
        before timestamptz, "dueAt" timestamptz, reason text, because text)
    ),
    held as materialized (
      select q.delivery_id from belfry.queue q
      where q.delivery_id = any (array(select id from w)) and q.workspace_id = ${workspaceId}
      order by q.delivery_id
      for update
    ),
    moved as (
      update belfry.queue q set due_at = least(w."dueAt", q.expires_at)
      from w
      where q.delivery_id = any (array(select delivery_id from held)) and q.delivery_id = w.id
        and q.workspace_id = ${workspaceId} and q.worker is null and q.epoch = w.epoch
        and q.due_at = w.before and not q.is_forced
      returning q.delivery_id, w.reason, w.because
    )
    update belfry.deliveries d set reason = m.reason, because = m.because
    from moved m
    where d.workspace_id = ${workspaceId} and d.id = any (array(select delivery_id from moved))
      and d.id = m.delivery_id`)
  await tx.query(sql`
    with w as materialized (
      select * from json_to_recordset(${JSON.stringify(notifications)}::json) as w (id uuid,
        before text, "scheduledAt" timestamptz, timezone text, "beginsAt" timestamptz, "isInHours" boolean)
    ),
    held as materialized (
      select n.id from belfry.notifications n
      where n.workspace_id = ${workspaceId} and n.id = any (array(select id from w)) and n.pending > 0
      order by n.id
      for no key update
    )
    update belfry.notifications n
    set scheduled_at = w."scheduledAt", timezone = w.timezone, begins_at = w."beginsAt",
      is_in_hours = w."isInHours"
    from w
    where n.workspace_id = ${workspaceId} and n.id = any (array(select id from held)) and n.id = w.id
      and row(n.scheduled_at, n.timezone, n.begins_at)::text = w.before
      and not exists (
        select from belfry.queue q
        where q.workspace_id = ${workspaceId} and q.notification_id = n.id and q.is_forced)`)
}
