// What became of attempts: one statement for a whole batch, fenced by the epoch each began with.
import type { OutcomeKind } from '../domain/outcome.ts'
import type { EndStatus } from '../domain/status.ts'
import { sql, type Db } from './db.ts'

export type Settlement = {
  workspaceId: number
  deliveryId: string
  notificationId: string
  epoch: number
  /** The attempt to record; null when none was made (expired, or unwanted, before it could be). */
  number: number | null
  provider: string
  outcome: OutcomeKind | null
  code: string | null
  detail: string | null
  worker: string
  startedAt: Date
  durationMs: number | null
  /** The end, or null: to be tried again at `dueAt`. */
  status: EndStatus | null
  reason: string | null
  because?: string // the person's wish behind the reason
  dueAt: Date | null
}

export type Settled = { deliveryId: string; status: EndStatus | null }

/**
 * Records attempts and what follows from them. Who comes late (the epoch has moved on) changes
 * nothing, with one exception: a late success still ends the delivery if nobody has begun again,
 * which saves the person a duplicate. A delivery cancelled while in flight is not tried again.
 *
 * Answers what was settled; what is missing from the answer was too late.
 */
export function settleDeliveries(
  db: Db,
  settlements: Settlement[],
  { now, worker }: { now: Date; worker: string },
): Promise<Settled[]> {
  const ids = settlements.map(({ deliveryId }) => deliveryId) // said twice: see db.ts on plans
  return db.query<Settled>(sql`
    with input as (
      select * from json_to_recordset(${JSON.stringify(settlements)}::json) as i (
        "workspaceId" integer, "deliveryId" uuid, "notificationId" uuid, epoch integer,
        number smallint, provider text, outcome text, code text, detail text, worker text, "startedAt" timestamptz,
        "durationMs" integer, status text, reason text, because text,
        "dueAt" timestamptz)
    ),
    -- Rows that others write too are locked in one order everywhere, so that nobody waits in a circle;
    -- and read by the lock, so that what others wrote just before counts.
    held as materialized (
      select q.delivery_id, q.workspace_id, q.channel, q.epoch, q.attempt, q.worker, q.is_cancelled
      from belfry.queue q where q.delivery_id = any (${ids}::uuid[])
      order by q.delivery_id
      for update
    ),
    -- From the input, of which the planner expects a hundred rows: expecting a few it would seek them one
    -- by one below, and sort the whole array of ids for each.
    decided as materialized (
      select h.*, i."notificationId" as notification_id, i.number, i.outcome, i.status, i.reason,
        i.because, i."dueAt",
        case
          when h.epoch = i.epoch then i.status is not null or h.is_cancelled
          when h.epoch > i.epoch and h.worker is null and i.status in ('sent', 'delivered') then true
        end as is_over -- false: once more; null: came too late
      from input i left join held h on h.delivery_id = i."deliveryId"
    ),
    ended as materialized (
      select d.delivery_id, d.notification_id, d.workspace_id, d.channel,
        d.attempt - (d.number is null)::integer as attempt, -- one that was not made does not count
        coalesce(d.status, case when d.outcome = 'ambiguous' then 'unknown' else 'cancelled' end) as status,
        coalesce(d.reason, case when d.status is null then 'cancelled' end) as reason, d.because
      from decided d where d.is_over
    ),
    removed as (
      delete from belfry.queue q where q.delivery_id = any (array(select delivery_id from ended))
    ),
    again as materialized (
      select d.delivery_id, d.workspace_id, d.number, d.reason, d.because, d."dueAt"
      from decided d where not d.is_over
    ),
    returned as (
      update belfry.queue q
      set worker = null, begun_at = null, due_at = a."dueAt", epoch = q.epoch + 1,
        attempt = q.attempt - (a.number is null)::integer -- as above
      from again a
      where q.delivery_id = any (array(select delivery_id from again)) and q.delivery_id = a.delivery_id
    ),
    waiting as (
      update belfry.deliveries d set reason = a.reason, because = a.because
      from again a
      where a.number is null and d.id = any (array(select delivery_id from again))
        and d.workspace_id = a.workspace_id and d.id = a.delivery_id
    ),
    settled as (
      select delivery_id, status from ended union all select delivery_id, null from again
    ),
    made as (
      insert into belfry.attempts (workspace_id, delivery_id, number, provider, outcome, code, detail,
        worker, started_at, duration_ms)
      select i."workspaceId", i."deliveryId", i.number, i.provider, i.outcome, i.code, i.detail,
        i.worker, i."startedAt", i."durationMs"
      from input i join settled s on s.delivery_id = i."deliveryId"
      where i.number is not null
      on conflict (workspace_id, delivery_id, number) do update
      set outcome = excluded.outcome, code = excluded.code, detail = excluded.detail,
        duration_ms = excluded.duration_ms
    ),
    done as (
      update belfry.deliveries d
      set status = e.status, reason = e.reason, because = coalesce(e.because, d.because),
        attempt_count = e.attempt, finished_at = ${now}
      from ended e
      where d.id = any (array(select delivery_id from ended))
        and d.workspace_id = e.workspace_id and d.id = e.delivery_id
    ),
    per_notification as (
      select workspace_id, notification_id, count(*) as count,
        (array_agg(status order by rank desc, reason desc))[1] as best,
        (array_agg(reason order by rank desc, reason desc))[1] as reason -- of the best
      from ended cross join lateral (select array_position(
        '{cancelled,skipped,failed,unknown,sent,delivered}', status) as rank) r
      group by workspace_id, notification_id order by notification_id
    ),
    held_notifications as materialized (
      select p.*, n.id from per_notification p
      cross join lateral (
        select n.id from belfry.notifications n
        where n.workspace_id = p.workspace_id and n.id = p.notification_id
        for no key update
      ) n
    ),
    told as (
      update belfry.notifications n
      set pending = n.pending - p.count,
        outcome = belfry.better(n.outcome, p.best),
        status = case when n.pending = p.count then belfry.better(n.outcome, p.best) else n.status end,
        reason = case
          when n.pending = p.count and belfry.better(n.outcome, p.best) in ('sent', 'delivered') then null
          when belfry.better(n.outcome, p.best) = p.best then coalesce(p.reason, n.reason)
          else coalesce(n.reason, p.reason) end,
        finished_at = case when n.pending = p.count then ${now}::timestamptz end
      from held_notifications p
      where n.id = any (array(select id from held_notifications))
        and n.workspace_id = p.workspace_id and n.id = p.notification_id
    ),
    counted as (
      insert into belfry.stats (workspace_id, minute, worker, channel, status, count)
      select e.workspace_id, date_trunc('minute', ${now}::timestamptz),
        ${worker}, e.channel, e.status, count(*)
      from ended e group by e.workspace_id, e.channel, e.status
      order by 1, 4, 5 -- one order everywhere, as above
      on conflict (workspace_id, minute, worker, channel, status) do update
      set count = belfry.stats.count + excluded.count
    )
    select delivery_id, status from settled`)
}
