// What became of attempts: one statement for a whole batch, fenced by the epoch each began with.
import { latencyStepStarts } from '../domain/latency.ts'
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
  reference?: string | null // the vendor's name for the message
  worker: string
  startedAt: Date
  durationMs: number | null
  /** The end, or null: to be tried again at `dueAt`. */
  status: EndStatus | null
  reason: string | null
  because?: string | null // the person's wish behind the reason
  acceptedAt?: Date // for how long it took; who only finds what was left behind does not know
  /** Why through this provider, if another one would have been first. */
  instead?: string | null
  /** As domain/failover.ts has them; of one that was not attempted they stay as they were. */
  tried?: string[] | null
  staysUntil?: Date | null
  /** Not attempted: its provider takes nothing, or no more just now. Nobody can hurry that. */
  waitsFor?: 'provider' | 'place'
  dueAt: Date | null
}

/** `isAwaited`: a plan that waited for it is due now. */
export type Settled = { deliveryId: string; status: EndStatus | null; isAwaited: boolean }

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
        number smallint, provider text, outcome text, code text, detail text, reference text, worker text, "startedAt" timestamptz,
        "durationMs" integer, status text, reason text, because text,
        "dueAt" timestamptz, "acceptedAt" timestamptz, instead text, tried uuid[],
        "staysUntil" timestamptz, "waitsFor" text)
    ),
    -- Rows that others write too are locked in one order everywhere, so that nobody waits in a circle;
    -- and read by the lock, so that what others wrote just before counts.
    held as materialized (
      select q.delivery_id, q.workspace_id, q.channel, q.epoch, q.attempt, q.worker, q.is_cancelled,
        q.is_forced, q.is_awaited
      from belfry.queue q where q.delivery_id = any (${ids}::uuid[])
      order by q.delivery_id
      for update
    ),
    -- From the input, of which the planner expects a hundred rows: expecting a few it would seek them one
    -- by one below, and sort the whole array of ids for each.
    decided as materialized (
      select h.*, i."notificationId" as notification_id, i.number, i.provider, i.outcome, i.code, i.status,
        i.reason, i.because, i."dueAt", i."acceptedAt", i.tried, i."staysUntil", i."waitsFor",
        case
          when h.epoch = i.epoch then i.status is not null or h.is_cancelled
          when h.epoch > i.epoch and h.worker is null and i.status in ('sent', 'delivered') then true
        end as is_over -- false: once more; null: came too late
      from input i left join held h on h.delivery_id = i."deliveryId"
    ),
    ended as materialized (
      select d.delivery_id, d.notification_id, d.workspace_id, d.channel, d.is_awaited,
        coalesce(d.provider, '') as provider, d.outcome, d.code, case when not d.is_forced then d."acceptedAt" end as accepted_at,
        d.attempt - (d.number is null)::integer as attempt, -- one that was not made does not count
        coalesce(d.status, case when d.outcome = 'ambiguous' then 'unknown' else 'cancelled' end) as status,
        coalesce(d.reason, case when d.status is null then 'cancelled' end) as reason, d.because
      from decided d where d.is_over
    ),
    removed as (
      delete from belfry.queue q where q.delivery_id = any (array(select delivery_id from ended))
    ),
    again as materialized (
      -- Of one that was put back somebody may have said "now" since it began.
      select d.delivery_id, d.workspace_id, d.number, d.tried, d."staysUntil", d."waitsFor",
        case when not d.is_hurried then d.reason end as reason,
        case when not d.is_hurried then d.because end as because,
        case when d.is_hurried then least(d."dueAt", ${now}) else d."dueAt" end as due_at
      from (select *, is_forced and number is null and "waitsFor" is null as is_hurried from decided) d where not d.is_over
    ),
    returned as (
      update belfry.queue q
      set worker = null, begun_at = null, due_at = least(a.due_at, q.expires_at), epoch = q.epoch + 1,
        attempt = q.attempt - (a.number is null)::integer, -- as above
        tried = case when a.number is null then q.tried else a.tried end,
        stays_until = case when a.number is null then q.stays_until else a."staysUntil" end,
        is_held = coalesce(a."waitsFor" = 'provider', false)
      from again a
      where q.delivery_id = any (array(select delivery_id from again)) and q.delivery_id = a.delivery_id
    ),
    waiting as (
      update belfry.deliveries d
      set reason = a.reason,
        because = case when a."waitsFor" is null then a.because else d.because end -- what had made it wait before
      from again a
      where a.number is null and d.id = any (array(select delivery_id from again))
        and d.workspace_id = a.workspace_id and d.id = a.delivery_id
    ),
    settled as (
      select delivery_id, status, is_awaited from ended union all select delivery_id, null, false from again
    ),
    made as (
      insert into belfry.attempts (workspace_id, delivery_id, number, provider, outcome, code, detail,
        because, reference, worker, started_at, duration_ms)
      select i."workspaceId", i."deliveryId", i.number, i.provider, i.outcome, i.code, i.detail,
        i.instead, i.reference, i.worker, i."startedAt", i."durationMs"
      from input i join settled s on s.delivery_id = i."deliveryId"
      where i.number is not null
      on conflict (workspace_id, delivery_id, number) do update
      set outcome = excluded.outcome, code = excluded.code, detail = excluded.detail,
        reference = excluded.reference, duration_ms = excluded.duration_ms
    ),
    done as (
      update belfry.deliveries d
      set status = e.status, reason = e.reason, because = coalesce(e.because, d.because),
        attempt_count = e.attempt, finished_at = ${now}
      from ended e
      where d.id = any (array(select delivery_id from ended))
        and d.workspace_id = e.workspace_id and d.id = e.delivery_id
      returning d.id, d.address, case when d.step > 0 then d.created_at end as stepped_at
    ),
    suppressed as (
      insert into belfry.suppressions (workspace_id, channel, hash, reason, code, provider, at)
      select distinct on (1, 2, 3) e.workspace_id, e.channel, belfry.address_hash(e.channel, d.address),
        'gone', e.code, e.provider, ${now}::timestamptz
      from ended e join done d on d.id = e.delivery_id
      where e.outcome = 'gone' and d.address is not null
      order by 1, 2, 3 -- one order everywhere, as above
      on conflict do nothing
    ),
    per_notification as (
      select workspace_id, notification_id, count(*) as count, bool_or(is_awaited) as is_awaited,
        (array_agg(status order by rank desc, reason desc))[1] as best,
        (array_agg(reason order by rank desc, reason desc))[1] as reason -- of the best
      from ended cross join lateral (select array_position(
        '{skipped,cancelled,failed,unknown,sent,delivered}', status) as rank) r
      group by workspace_id, notification_id order by notification_id
    ),
    held_notifications as materialized (
      select p.*, n.id, n.begins_at from per_notification p
      cross join lateral (
        select n.id, n.begins_at from belfry.notifications n
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
    -- A plan that waits for what has ended is looked at now. It comes after the notification was locked: whoever holds
    -- the plan then finds there what has changed, so nobody need wait for them.
    woken as (
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
    counted as (
      insert into belfry.stats (workspace_id, minute, worker, channel, status, provider, count)
      select e.workspace_id, date_trunc('minute', ${now}::timestamptz),
        ${worker}, e.channel, e.status, e.provider, count(*)
      from ended e group by e.workspace_id, e.channel, e.status, e.provider
      order by 1, 4, 5, 6 -- one order everywhere, as above
      on conflict (workspace_id, minute, worker, channel, status, provider) do update
      set count = belfry.stats.count + excluded.count
    ),
    -- Since it was accepted; what was to wait, since it might begin; what a plan sent later, since then.
    timed as (
      insert into belfry.latencies (workspace_id, minute, worker, channel, step, count)
      select e.workspace_id, date_trunc('minute', ${now}::timestamptz), ${worker}, e.channel, width_bucket(
          extract(epoch from ${now}::timestamptz - greatest(e.accepted_at, d.stepped_at, n.begins_at))::float8 * 1000,
          ${latencyStepStarts}::float8[]) as step, count(*)
      from ended e
      join done d on d.id = e.delivery_id
      join held_notifications n on n.workspace_id = e.workspace_id and n.id = e.notification_id
      where e.accepted_at is not null and e.status in ('sent', 'delivered')
      group by e.workspace_id, e.channel, 5
      order by 1, 4, 5 -- as above
      on conflict (workspace_id, minute, worker, channel, step) do update
      set count = belfry.latencies.count + excluded.count
    )
    select delivery_id, status, is_awaited from settled`)
}
