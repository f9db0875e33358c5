// What plans wait for: what has become of the deliveries that a step of theirs has sent.
import type { Tried } from '../domain/fallback.ts'
import { sql, type Db } from './db.ts'

/** The deliveries of a notification that were sent from some places of its plan. */
export type SentFrom = { workspaceId: number; notificationId: string; from: number; to: number }

export function listTried(
  db: Db,
  groups: readonly SentFrom[],
): Promise<(Tried & { notificationId: string })[]> {
  return db.query(sql`
    select d.notification_id, d.channel, d.step, d.status, d.reason, d.finished_at is null as is_open
    from json_to_recordset(${JSON.stringify(groups)}::json)
      as w ("workspaceId" integer, "notificationId" uuid, "from" smallint, "to" smallint)
    cross join lateral (
      select d.notification_id, d.channel, d.slot, d.step, d.status, d.reason, d.finished_at
      from belfry.deliveries d
      where d.notification_id = w."notificationId" and d.workspace_id = w."workspaceId"
        and d.step >= w."from" and d.step < w."to"
      offset 0
    ) d
    order by d.notification_id, d.step, d.channel, d.slot`)
}

/**
 * Nobody begins or settles these until the transaction ends. Before preferences are held: who begins one holds it,
 * and then asks for them.
 */
export async function holdSent(tx: Db, groups: readonly SentFrom[]): Promise<void> {
  const ids = groups.map(({ notificationId }) => notificationId)
  await tx.query(sql`
    with sent as materialized (
      select d.id from belfry.deliveries d
      where d.notification_id = any (${ids}::uuid[]) and d.finished_at is null
        and d.workspace_id = any (${groups.map(({ workspaceId }) => workspaceId)}::integer[])
    )
    select q.delivery_id from belfry.queue q
    where q.delivery_id = any (array(select id from sent))
    order by q.delivery_id
    for update`)
}

/** `isLate`: it is out of time; else it is not needed any more. */
export type Withdrawn = { from: number; to: number; isLate: boolean }

/**
 * Ends what waits of what was sent from these places (what an attempt may have brought is unknown); what is in flight
 * gets no further attempt. The caller holds the deliveries and their notifications.
 */
export async function withdrawSent(
  tx: Db,
  groups: readonly (SentFrom & Withdrawn)[],
  { now, worker }: { now: Date; worker: string },
): Promise<void> {
  const ids = groups.map(({ notificationId }) => notificationId) // said twice: see db.ts on plans
  await tx.query(sql`
    with sent as materialized (
      select d.id, w."isLate"
      from json_to_recordset(${JSON.stringify(groups)}::json)
        as w ("workspaceId" integer, "notificationId" uuid, "from" smallint, "to" smallint, "isLate" boolean)
      join belfry.deliveries d on d.workspace_id = w."workspaceId"
        and d.notification_id = w."notificationId" and d.step >= w."from" and d.step < w."to"
      where d.notification_id = any (${ids}::uuid[]) and d.finished_at is null
    ),
    held as materialized (
      select q.delivery_id, q.worker from belfry.queue q
      where q.delivery_id = any (array(select id from sent))
    ),
    stopped as (
      delete from belfry.queue q
      where q.delivery_id = any (array(select delivery_id from held where worker is null))
      returning q.workspace_id, q.delivery_id, q.attempt
    ),
    running as (
      update belfry.queue q set is_cancelled = true
      where q.delivery_id = any (array(select delivery_id from held where worker is not null))
    ),
    ended as (
      update belfry.deliveries d
      set reason = case when w."isLate" then 'timed_out' else 'no_longer_needed' end,
        attempt_count = s.attempt, finished_at = ${now},
        status = case when (
          select a.outcome from belfry.attempts a
          where a.workspace_id = s.workspace_id and a.delivery_id = s.delivery_id
          order by a.number desc limit 1
        ) = 'ambiguous' then 'unknown' when w."isLate" then 'failed' else 'skipped' end
      from stopped s join sent w on w.id = s.delivery_id
      where d.id = any (array(select delivery_id from stopped))
        and d.workspace_id = s.workspace_id and d.id = s.delivery_id
      returning d.workspace_id, d.notification_id, d.channel, d.status, d.reason
    ),
    counted as (
      insert into belfry.stats (workspace_id, minute, worker, channel, status, count)
      select workspace_id, date_trunc('minute', ${now}::timestamptz), ${worker}, channel, status, count(*)
      from ended group by workspace_id, channel, status order by 1, 4, 5 -- as where outcomes are settled
      on conflict (workspace_id, minute, worker, channel, status, provider) do update
      set count = belfry.stats.count + excluded.count
    ),
    per_notification as (
      select workspace_id, notification_id, count(*) as count, max(reason) as reason,
        case when bool_or(status = 'unknown') then 'unknown' else max(status) end as best
      from ended group by workspace_id, notification_id
    )
    update belfry.notifications n
    set pending = n.pending - p.count, reason = coalesce(n.reason, p.reason),
      outcome = belfry.better(n.outcome, p.best)
    from per_notification p
    where n.id = any (array(select notification_id from per_notification))
      and n.workspace_id = p.workspace_id and n.id = p.notification_id`)
}
