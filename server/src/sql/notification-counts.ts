// How many notifications of the last while stand where, by who delivers them.
import { firstIdAt } from '../domain/id.ts'
import { sql, type Db } from './db.ts'
import { idLagMs } from './notification-conditions.ts'

export type PartCount = {
  channel: string
  status: string
  /** Who made the last attempt, or makes it; null: nobody had to, or has yet. */
  worker: string | null
  count: number
}

export type Counted = { parts: PartCount[]; isTooMany: boolean }

/**
 * Notifications made since then, once on each of their channels (several addresses on one of them count as
 * one), by where they stand now. Nothing but `isTooMany` when there are more than `most`.
 */
export async function countNotifications(
  db: Db,
  { workspaceId, since, now, most }: { workspaceId: number; since: Date; now: Date; most: number },
): Promise<Counted> {
  const firstId = firstIdAt(new Date(since.getTime() - idLagMs(now)))
  const parts = await db.query<PartCount & { made: number }>(sql`
    with made as materialized (
      select n.id, n.channel, n.content_id, n.feed, n.scheduled_at,
        belfry.status_at(${now}, n.status, n.scheduled_at) as status
      from belfry.notifications n
      where n.workspace_id = ${workspaceId} and n.id >= ${firstId} and n.created_at >= ${since}
      order by n.id desc limit ${most + 1}
    ),
    part as (
      select m.id, d.channel,
        case when q.worker is not null then 'processing'
          when q.delivery_id is not null and q.attempt = 0 and q.due_at > ${now} then 'scheduled'
          when q.delivery_id is not null then 'processing' else d.status end as status,
        coalesce(q.worker, a.worker) as worker
      from made m
      cross join lateral (
        select d.id, d.channel, d.status from belfry.deliveries d
        where d.workspace_id = ${workspaceId} and d.notification_id = m.id offset 0
      ) d
      left join lateral (
        select q.delivery_id, q.worker, q.attempt, q.due_at from belfry.queue q where q.delivery_id = d.id offset 0
      ) q on true
      left join lateral (
        select a.worker from belfry.attempts a
        where a.workspace_id = ${workspaceId} and a.delivery_id = d.id order by a.number desc limit 1
      ) a on true
      where (select count(*) from made) <= ${most}
    ),
    whole as (
      select id, channel, status, worker from part
      union all
      -- In-app needs no delivery; and what nobody was to get has neither.
      select m.id, case when m.content_id is null then m.channel else 'in_app' end,
        case when m.content_id is null then m.status else 'delivered' end, null
      from made m
      where (select count(*) from made) <= ${most}
        and not exists (select from part p where p.id = m.id and (m.content_id is null or p.channel = 'in_app'))
    ),
    best as (
      select distinct on (id, channel) channel, status, worker from whole
      order by id, channel,
        array_position('{processing,scheduled,delivered,sent,unknown,failed,cancelled,skipped}', status), worker
    )
    select channel, status, worker, count(*), 0 as made from best group by channel, status, worker
    union all
    select '', '', null, 0, count(*) from made`)
  const isTooMany = parts.some(({ made }) => made > most)
  return { parts: parts.filter(({ count }) => count > 0), isTooMany }
}
