// In-app messages that were to wait: when their moment comes they enter the feed. No provider is asked
// and nothing can fail half way, so one statement does it all.
import { sql, type Db } from './db.ts'

/** Puts up to `limit` messages that are due into their feeds, unless their time is over; answers how many. */
export async function deliverDueInApp(
  db: Db,
  { now, limit, worker }: { now: Date; limit: number; worker: string },
): Promise<number> {
  const rows = await db.query(sql`
    with due as (
      select delivery_id from belfry.queue
      where channel = 'in_app' and lane in (0, 1, 2) and not is_begun and due_at <= ${now}
      order by delivery_id
      limit ${limit}
      for update skip locked
    ),
    gone as (
      delete from belfry.queue q
      where q.delivery_id = any (array(select delivery_id from due))
      returning q.delivery_id, q.workspace_id,
        case when q.expires_at <= ${now} then 'skipped' else 'delivered' end as status
    ),
    done as (
      update belfry.deliveries d
      set status = gone.status, reason = case when gone.status = 'skipped' then 'expired' end,
        finished_at = ${now}
      from gone
      where d.id = any (array(select delivery_id from due))
        and d.workspace_id = gone.workspace_id and d.id = gone.delivery_id
      returning d.workspace_id, d.notification_id, d.content_id, d.status, d.reason
    ),
    told as (
      update belfry.notifications n
      set content_id = case when done.status = 'delivered' then done.content_id end,
        pending = n.pending - 1, outcome = belfry.better(n.outcome, done.status),
        status = case when n.pending = 1 then belfry.better(n.outcome, done.status) else n.status end,
        reason = coalesce(n.reason, done.reason),
        finished_at = case when n.pending = 1 then ${now}::timestamptz end
      from done
      where n.workspace_id = done.workspace_id and n.id = done.notification_id
    ),
    counted as (
      insert into belfry.stats (workspace_id, minute, worker, channel, status, count)
      select workspace_id, date_trunc('minute', ${now}::timestamptz), ${worker}, 'in_app', status,
        count(*)
      from done group by workspace_id, status
      on conflict (workspace_id, minute, worker, channel, status) do update
      set count = belfry.stats.count + excluded.count
    )
    select notification_id from done`)
  return rows.length
}
