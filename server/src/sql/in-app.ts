// In-app messages that were to wait: when their moment comes they enter the feed.
import { everywhere, type Reach } from '../domain/reach.ts'
import { sql, type Db } from './db.ts'

export type DueInApp = {
  workspaceId: number
  deliveryId: string
  notificationId: string
  channel: 'in_app'
  eventType: string | null
  eventTypeVersion: number | null
  scheduledLocal: string | null
  timezone: string | null // of the event
  isForced: boolean
  isExpired: boolean
}

/** Messages that are due, held until the transaction ends; those that others hold are left out. */
export function lockDueInApp(
  tx: Db,
  { now, limit, reach = everywhere }: { now: Date; limit: number; reach?: Reach },
): Promise<DueInApp[]> {
  return tx.query<DueInApp>(sql`
    with due as (
      select delivery_id, workspace_id, is_forced, coalesce(expires_at <= ${now}, false) as is_expired
      from belfry.queue
      where channel = 'in_app' and lane in (0, 1, 2) and not is_begun and due_at <= ${now}
        and (workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
      order by delivery_id
      limit ${limit}
      for update skip locked
    )
    select due.workspace_id, due.delivery_id, d.notification_id, 'in_app' as channel,
      e.type as event_type, e.type_version as event_type_version, e.scheduled_local, e.timezone, due.is_forced,
      due.is_expired
    from due
    cross join lateral (
      select d.notification_id, d.event_id from belfry.deliveries d
      where d.workspace_id = due.workspace_id and d.id = due.delivery_id offset 0
    ) d
    cross join lateral (
      select e.type, e.type_version, e.scheduled_local, e.timezone from belfry.events e
      where e.workspace_id = due.workspace_id and e.id = d.event_id offset 0
    ) e`)
}

/**
 * `because`: why the person does not want it; null puts it into the feed, unless its time is over. There it
 * stands at `position`, as what has come just now.
 */
export async function deliverInApp(
  tx: Db,
  due: readonly {
    workspaceId: number
    deliveryId: string
    position: string
    because: string | null
  }[],
  { now, worker }: { now: Date; worker: string },
): Promise<void> {
  const ids = due.map(({ deliveryId }) => deliveryId) // said twice: see db.ts on plans
  await tx.query(sql`
    with due as (
      select * from json_to_recordset(${JSON.stringify(due)}::json)
        as d ("workspaceId" integer, "deliveryId" uuid, position uuid, because text)
    ),
    gone as (
      delete from belfry.queue q using due
      where q.delivery_id = any (${ids}::uuid[])
        and q.workspace_id = due."workspaceId" and q.delivery_id = due."deliveryId"
      returning q.delivery_id, q.workspace_id, q.is_awaited, due.because, due.position,
        case when q.expires_at <= ${now} then 'expired'
          when due.because is not null then 'preference_off' end as reason
    ),
    done as (
      update belfry.deliveries d
      set status = case when gone.reason is null then 'delivered' else 'skipped' end,
        reason = gone.reason, because = gone.because, finished_at = ${now}
      from gone
      where d.id = any (${ids}::uuid[])
        and d.workspace_id = gone.workspace_id and d.id = gone.delivery_id
      returning d.workspace_id, d.notification_id, d.content_id, d.status, d.reason,
        gone.position, gone.is_awaited
    ),
    -- In the order in which outcomes are settled, so that neither waits for the other in a circle.
    held_notifications as materialized (
      select d.*, n.id from (select * from done order by notification_id) d
      cross join lateral (
        select n.id from belfry.notifications n
        where n.workspace_id = d.workspace_id and n.id = d.notification_id
        for no key update
      ) n
    ),
    told as (
      update belfry.notifications n
      set content_id = case when h.status = 'delivered' then h.content_id end,
        feed = case when h.status = 'delivered' then 1 else 0 end, position = h.position,
        arrived_at = case when h.status = 'delivered' then ${now}::timestamptz end,
        pending = n.pending - 1, outcome = belfry.better(n.outcome, h.status),
        status = case when n.pending = 1 then belfry.better(n.outcome, h.status) else n.status end,
        reason = case
          when n.pending = 1 and belfry.better(n.outcome, h.status) in ('sent', 'delivered') then null
          else coalesce(n.reason, h.reason) end,
        finished_at = case when n.pending = 1 then ${now}::timestamptz end
      from held_notifications h
      where n.id = any (array(select id from held_notifications))
        and n.workspace_id = h.workspace_id and n.id = h.id
      returning n.workspace_id, n.id, n.recipient, n.feed
    ),
    woken as ( -- as where outcomes are settled
      update belfry.plan_runs r set due_at = least(r.due_at, ${now}), epoch = r.epoch + 1
      where r.notification_id = any (array(
        select r.notification_id
        from (select id from held_notifications where is_awaited) n
        cross join lateral (
          select r.notification_id from belfry.plan_runs r where r.notification_id = n.id
          for update skip locked
        ) r
      ))
    ),
    changed as (
      insert into belfry.changes (workspace_id, what, notification_ids, recipients)
      select workspace_id, 'created', array_agg(id), array_agg(recipient)
      from told where feed > 0 group by workspace_id
    )
    insert into belfry.stats (workspace_id, minute, worker, channel, status, count)
    select workspace_id, date_trunc('minute', ${now}::timestamptz), ${worker}, 'in_app', status,
      count(*)
    from done group by workspace_id, status
    on conflict (workspace_id, minute, worker, channel, status, provider) do update
    set count = belfry.stats.count + excluded.count`)
}
