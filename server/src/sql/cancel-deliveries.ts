// Taking what waits out of the queue, for good.
import { sql, type Db } from './db.ts'

export type CancelTarget = {
  workspaceId: number
  notificationIds: string[]
  stoppedPlans?: string[]
  /** Of what is cancelled; left out: cancelled. */
  reason?: 'superseded' | 'answered'
  /** Who did it, for the trace of each; null: it is told elsewhere. */
  because?: string | null
  now: Date
}

export type Stopped = {
  cancelled: number
  inFlight: number
  /** Those of them that nobody had stopped before. */
  newlyInFlight: number
  total: number
}

/**
 * Takes the waiting deliveries of some notifications out of the queue and ends them as cancelled; those
 * in flight get no further attempt. After the commit nothing of them begins. `total` counts all their
 * deliveries, those that had ended before among them; a plan that was stopped counts as one that is cancelled.
 */
export async function cancelDeliveries(db: Db, target: CancelTarget): Promise<Stopped> {
  const { workspaceId, notificationIds, stoppedPlans = [], because = null, now } = target
  const reason = target.reason ?? 'cancelled'
  const rows = await db.query<Stopped>(sql`
    with wanted as materialized (
      select d.id, d.notification_id, d.finished_at from belfry.deliveries d
      where d.notification_id = any (${notificationIds}::uuid[]) and d.workspace_id = ${workspaceId}
    ),
    -- In the order in which outcomes are settled, so that neither waits for the other in a circle.
    held as materialized (
      select q.delivery_id, q.worker, q.is_cancelled from belfry.queue q
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
      set status = 'cancelled', reason = ${reason}, finished_at = ${now}
      where d.workspace_id = ${workspaceId} and d.id = any (array(select delivery_id from stopped))
      returning d.notification_id
    ),
    -- From JSON, of which the planner expects a hundred: expecting a few it would compare each with each below.
    per_notification as (
      select notification_id, count(*) as count
      from (
        select notification_id from ended
        union all select value::uuid from json_array_elements_text(${JSON.stringify(stoppedPlans)}::json)
      ) e
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
        reason = case
          when n.pending > h.count then n.reason
          when belfry.better(n.outcome, 'cancelled') = 'cancelled' then ${reason}
          when n.outcome not in ('sent', 'delivered') then n.reason end,
        finished_at = case when n.pending = h.count then ${now}::timestamptz end
      from held_notifications h
      where n.workspace_id = ${workspaceId} and n.id = any (array(select id from held_notifications))
        and n.id = h.id
    ),
    noted as (
      insert into belfry.plan_notes (workspace_id, notification_id, position, step, decision, because, at)
      select ${workspaceId}, notification_id, -1, 'cancel', 'cancelled', ${because}, ${now}
      from per_notification where ${because}::text is not null
      on conflict do nothing
    )
    select (select count(*) from stopped) + cardinality(${stoppedPlans}::uuid[]) as cancelled, (select count(*) from running) as in_flight,
      (select count(*) from held where worker is not null and not is_cancelled) as newly_in_flight,
      (select count(*) from wanted) + cardinality(${stoppedPlans}::uuid[]) as total`)
  return rows[0]!
}
