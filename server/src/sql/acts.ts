// What somebody does about deliveries by hand, beside cancelling them (queue.ts): have them begin now, or have
// tried again what failed.
import { sql, type Db } from './db.ts'

/** Counted in deliveries; a plan that waits counts as one. */
export type Acted = { changed: number; inFlight: number; total: number }

export type ActTarget = {
  workspaceId: number
  notificationIds: string[]
  because: string // who did it, for the trace of each
  lane: number // not later than with these others
  now: Date
}

/**
 * Has the waiting deliveries of some notifications begin as soon as somebody is free, whatever they waited for.
 * `total` counts all their deliveries. `forcedPlans`: notifications of which a plan was made to go on.
 */
export async function forceDeliveries(
  tx: Db,
  target: ActTarget & { forcedPlans: string[] },
): Promise<Acted> {
  const { workspaceId, notificationIds, forcedPlans, because, lane, now } = target
  const rows = await tx.query<Acted>(sql`
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
    moved as (
      update belfry.queue q
      set due_at = least(q.due_at, ${now}), lane = least(q.lane, ${lane}::smallint), is_forced = true
      where q.delivery_id = any (array(select delivery_id from held where worker is null))
      returning q.delivery_id
    ),
    -- Put back because it is not the time for it, no attempt made, it begins again at once.
    running as (
      update belfry.queue q set is_forced = true
      where q.delivery_id = any (array(select delivery_id from held where worker is not null))
    ),
    due as (
      update belfry.deliveries d set status = 'processing'
      where d.workspace_id = ${workspaceId} and d.id = any (array(select delivery_id from moved))
        and d.status = 'scheduled'
    ),
    per_notification as (
      select distinct notification_id
      from (
        select w.notification_id from moved m join wanted w on w.id = m.delivery_id
        union all select unnest(${forcedPlans}::uuid[])
      ) e
      order by notification_id
    ),
    held_notifications as materialized (
      select n.id from per_notification p
      cross join lateral (
        select n.id from belfry.notifications n
        where n.workspace_id = ${workspaceId} and n.id = p.notification_id
        for no key update
      ) n
    ),
    told as (
      update belfry.notifications n set status = 'processing'
      where n.workspace_id = ${workspaceId} and n.id = any (array(select id from held_notifications))
        and n.status = 'scheduled'
    ),
    noted as (
      insert into belfry.plan_notes (workspace_id, notification_id, position, step, decision, because, at)
      select ${workspaceId}, notification_id, -1, 'force', 'forced', ${because}, ${now}
      from per_notification
      on conflict do nothing
    )
    select (select count(*) from moved) + cardinality(${forcedPlans}::uuid[]) as changed,
      (select count(*) from held where worker is not null) as in_flight,
      (select count(*) from wanted) + cardinality(${forcedPlans}::uuid[]) as total`)
  return rows[0]!
}

/**
 * Ends the waits of some notifications, open digests left aside; what is being decided about them just now is
 * decided again. Answers which there were.
 */
export async function forcePlanRuns(
  tx: Db,
  { workspaceId, notificationIds, now }: Pick<ActTarget, 'workspaceId' | 'notificationIds' | 'now'>,
): Promise<string[]> {
  const rows = await tx.query<{ notificationId: string }>(sql`
    with held as materialized (
      select r.notification_id, r.bucket_id from belfry.plan_runs r
      where r.notification_id = any (${notificationIds}::uuid[]) and r.workspace_id = ${workspaceId}
      order by r.notification_id
      for update
    )
    update belfry.plan_runs r
    set is_forced = true, due_at = least(r.due_at, ${now}), epoch = r.epoch + 1
    where r.notification_id = any (array(select notification_id from held where num_nulls(bucket_id) = 1))
    returning r.notification_id`)
  return rows.map(({ notificationId }) => notificationId)
}

/** Until the transaction ends nobody else has deliveries of these notifications tried again. */
export async function holdNotifications(tx: Db, workspaceId: number, ids: string[]): Promise<void> {
  await tx.query(sql`
    select n.id from belfry.notifications n
    where n.workspace_id = ${workspaceId} and n.id = any (${ids}::uuid[])
    order by n.id
    for no key update`)
}

// The first epoch of a new round, above those of the rounds before: an outcome of theirs that comes late is
// known by it. Seconds since then, and what a round may have grown by.
const roundsSince = Date.UTC(2026, 0, 1) / 1_000
const roundEpoch = (now: Date) => 1_000_000 + Math.floor(now.getTime() / 1_000) - roundsSince

/**
 * Puts what failed, or may have been sent, back into the queue: the attempts that follow are counted on from
 * those there were. Not what is expired by now. The caller holds the notifications; a statement of its own, so
 * that it sees what others had done until then. Here `inFlight` is whatever has not ended.
 */
export async function retryDeliveries(
  tx: Db,
  { workspaceId, notificationIds, because, lane, now }: ActTarget,
): Promise<Acted> {
  const rows = await tx.query<Acted>(sql`
    with wanted as materialized (
      select d.id, d.notification_id, d.event_id, d.channel, d.status, d.attempt_count, d.finished_at,
        d.address is not null and d.content_id is not null and not d.is_replaced as is_whole
      from belfry.deliveries d
      where d.notification_id = any (${notificationIds}::uuid[]) and d.workspace_id = ${workspaceId}
    ),
    again as materialized (
      select w.id, w.notification_id, w.channel, w.attempt_count, n.level, e.expires_at
      from wanted w
      cross join lateral (
        select n.level from belfry.notifications n
        where n.workspace_id = ${workspaceId} and n.id = w.notification_id offset 0
      ) n
      cross join lateral (
        select e.expires_at from belfry.events e
        where e.workspace_id = ${workspaceId} and e.id = w.event_id offset 0
      ) e
      where w.status in ('failed', 'unknown') and w.is_whole
        and (e.expires_at is null or e.expires_at > ${now})
    ),
    queued as (
      insert into belfry.queue (delivery_id, workspace_id, notification_id, channel, lane, due_at, epoch,
        attempt, earlier, expires_at, is_awaited)
      select id, ${workspaceId}, notification_id, channel, case level when 'critical' then 0 else ${lane}::smallint end,
        ${now}, ${roundEpoch(now)}, attempt_count, attempt_count, expires_at,
        exists (select from belfry.plan_runs r where r.notification_id = again.notification_id)
      from again order by id
      on conflict do nothing
      returning delivery_id
    ),
    opened as (
      update belfry.deliveries d
      set status = 'processing', reason = null, because = null, finished_at = null
      where d.workspace_id = ${workspaceId} and d.id = any (array(select delivery_id from queued))
      returning d.notification_id
    ),
    per_notification as (
      select notification_id, count(*) as count from opened group by notification_id
    ),
    told as (
      update belfry.notifications n
      set pending = n.pending + p.count, status = 'processing', finished_at = null
      from per_notification p
      where n.workspace_id = ${workspaceId} and n.id = any (${notificationIds}::uuid[])
        and n.id = p.notification_id
    ),
    noted as (
      insert into belfry.plan_notes (workspace_id, notification_id, position, step, decision, because, at)
      select ${workspaceId}, notification_id, -1, 'retry', 'tried again', ${because}, ${now}
      from per_notification
      on conflict do nothing
    )
    select (select count(*) from queued) as changed,
      (select count(*) from wanted where finished_at is null) as in_flight,
      (select count(*) from wanted) as total`)
  return rows[0]!
}

export type ActPreview = {
  waiting: number // deliveries that have not begun, and plans that wait
  inFlight: number
  failed: number // of which a retry would try again
  total: number
}

/** What an act would find. */
export async function countActs(
  db: Db,
  { workspaceId, notificationIds, now }: Pick<ActTarget, 'workspaceId' | 'notificationIds' | 'now'>,
): Promise<ActPreview> {
  const rows = await db.query<ActPreview>(sql`
    with plans as (
      select count(*) as count from belfry.plan_runs r
      where r.notification_id = any (${notificationIds}::uuid[]) and r.workspace_id = ${workspaceId}
    ),
    wanted as (
      select d.status, d.address, d.content_id, d.is_replaced, d.finished_at, q.worker, q.delivery_id, e.expires_at
      from belfry.deliveries d
      left join lateral (
        select q.delivery_id, q.worker from belfry.queue q
        where q.workspace_id = ${workspaceId} and q.delivery_id = d.id offset 0
      ) q on true
      left join lateral (
        select e.expires_at from belfry.events e
        where e.workspace_id = ${workspaceId} and e.id = d.event_id offset 0
      ) e on true
      where d.notification_id = any (${notificationIds}::uuid[]) and d.workspace_id = ${workspaceId}
    )
    select (count(*) filter (where w.delivery_id is not null and w.worker is null)
        + (select count from plans))::integer as waiting,
      count(*) filter (where w.worker is not null)::integer as in_flight,
      count(*) filter (where w.status in ('failed', 'unknown') and not w.is_replaced and w.address is not null
        and w.content_id is not null and (w.expires_at is null or w.expires_at > ${now}))::integer as failed,
      (count(*) + (select count from plans))::integer as total
    from wanted w`)
  return rows[0]!
}

export type ThreadPage = { workspaceId: number; threadKey: string; after: string; limit: number }

/** The next notifications of a thread in the order of their ids. */
export function listThreadNotifications(db: Db, page: ThreadPage): Promise<{ id: string }[]> {
  return db.query(sql`
    select n.id
    from belfry.events e
    join belfry.notifications n on n.event_id = e.id and n.workspace_id = e.workspace_id
    where e.thread_key = ${page.threadKey} and e.workspace_id = ${page.workspaceId}
      and n.id > ${page.after}
    order by n.id
    limit ${page.limit}`)
}

/** The events of a thread whose people are not all found, or asked, or, without one of these, whether it has any. */
export async function listThreadEvents(
  db: Db,
  { workspaceId, threadKey }: Pick<ThreadPage, 'workspaceId' | 'threadKey'>,
): Promise<{ id: string; isOpen: boolean }[]> {
  return db.query(sql`
    select e.id, q.event_id is not null or exists (
        select from belfry.asks a
        where a.workspace_id = e.workspace_id and a.event_id = e.id
          and num_nulls(a.answered_at, a.ended_at) = 2
      ) as is_open
    from belfry.events e
    left join lateral (
      select q.event_id from belfry.event_queue q
      where q.event_id = e.id and q.workspace_id = ${workspaceId} offset 0
    ) q on true
    where e.thread_key = ${threadKey} and e.workspace_id = ${workspaceId}
    order by is_open desc, e.id
    limit 10_000`)
}

/**
 * Whoever is found for the event from now on hears at once. Waits for a fan-out that stores people of it;
 * one that has read them before has to begin again. Answers whether people were still to be found.
 */
export async function forceFanOut(
  tx: Db,
  { workspaceId, eventId, now }: { workspaceId: number; eventId: string; now: Date },
): Promise<boolean> {
  const rows = await tx.query(sql`
    with held as (
      update belfry.event_queue q set due_at = least(q.due_at, ${now}), epoch = q.epoch + 1
      where q.event_id = ${eventId} and q.workspace_id = ${workspaceId}
      returning q.event_id
    )
    update belfry.events e set forced_at = ${now}
    where e.workspace_id = ${workspaceId} and e.id = any (array(select event_id from held))
    returning e.id`)
  return rows.length > 0
}
