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
  // In one order everywhere, so that two batches never wait for each other in a circle.
  const ordered = settlements.toSorted((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1))
  const ids = ordered.map(({ deliveryId }) => deliveryId) // said twice: see db.ts on plans
  const notificationIds = [...new Set(ordered.map(({ notificationId }) => notificationId))]
  return db.query<Settled>(sql`
    with input as (
      select * from json_to_recordset(${JSON.stringify(ordered)}::json) as i (
        "workspaceId" integer, "deliveryId" uuid, epoch integer, number smallint, provider text,
        outcome text, code text, detail text, worker text, "startedAt" timestamptz,
        "durationMs" integer, status text, reason text, because text,
        "dueAt" timestamptz)
    ),
    ended as (
      delete from belfry.queue q using input i
      where q.delivery_id = any (${ids}::uuid[]) and q.delivery_id = i."deliveryId"
        and ((q.epoch = i.epoch and (i.status is not null or q.is_cancelled))
          or (i.status in ('sent', 'delivered') and q.epoch > i.epoch and q.worker is null))
      returning q.delivery_id, q.workspace_id, q.channel,
        q.attempt - (i.number is null)::integer as attempt, -- one that was not made does not count
        coalesce(i.status, case when i.outcome = 'ambiguous' then 'unknown' else 'cancelled' end) as status,
        coalesce(i.reason, case when i.status is null then 'cancelled' end) as reason,
        i.because
    ),
    again as (
      update belfry.queue q
      set worker = null, begun_at = null, due_at = i."dueAt", epoch = q.epoch + 1,
        attempt = q.attempt - (i.number is null)::integer -- as above
      from input i
      where q.delivery_id = any (${ids}::uuid[]) and q.delivery_id = i."deliveryId"
        and q.epoch = i.epoch and i.status is null and not q.is_cancelled
      returning q.delivery_id
    ),
    waiting as (
      update belfry.deliveries d set reason = i.reason, because = i.because
      from input i join again a on a.delivery_id = i."deliveryId"
      where i.number is null and d.id = any (${ids}::uuid[])
        and d.workspace_id = i."workspaceId" and d.id = i."deliveryId"
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
      set status = e.status, reason = e.reason, because = coalesce(e.because, d.because), attempt_count = e.attempt, finished_at = ${now}
      from ended e
      where d.id = any (${ids}::uuid[])
        and d.workspace_id = e.workspace_id and d.id = e.delivery_id
      returning d.workspace_id, d.notification_id, d.status, d.reason, e.channel
    ),
    per_notification as (
      select workspace_id, notification_id, count(*) as count,
        (array_agg(status order by rank desc, reason desc))[1] as best,
        (array_agg(reason order by rank desc, reason desc))[1] as reason -- of the best
      from done cross join lateral (select array_position(
        '{cancelled,skipped,failed,unknown,sent,delivered}', status) as rank) r
      group by workspace_id, notification_id order by notification_id
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
      from per_notification p
      where n.id = any (${notificationIds}::uuid[])
        and n.workspace_id = p.workspace_id and n.id = p.notification_id
    ),
    counted as (
      insert into belfry.stats (workspace_id, minute, worker, channel, status, count)
      select d.workspace_id, date_trunc('minute', ${now}::timestamptz),
        ${worker}, d.channel, d.status, count(*)
      from done d group by d.workspace_id, d.channel, d.status
      order by 1, 4, 5 -- one order everywhere, as above
      on conflict (workspace_id, minute, worker, channel, status) do update
      set count = belfry.stats.count + excluded.count
    )
    select delivery_id, status from settled`)
}
