// Counts for people and dashboards: what waits, and what became of the last deliveries.
import { sql, type Db } from './db.ts'

export type QueueCount = {
  queue: string // a channel, or 'events'
  waitingCount: number
  inFlightCount: number
  oldestDueAgeSeconds: number | null // null when nothing is due
}

/** What waits and what is in flight in one workspace. */
export function countQueues(db: Db, workspaceId: number, now: Date): Promise<QueueCount[]> {
  return db.query<QueueCount>(sql`
    select channel as queue,
      count(*) filter (where worker is null) as waiting_count,
      count(*) filter (where worker is not null) as in_flight_count,
      extract(epoch from ${now}::timestamptz
        - min(due_at) filter (where worker is null and due_at <= ${now}))::float8
        as oldest_due_age_seconds
    from belfry.queue
    where workspace_id = ${workspaceId}
    group by channel
    union all
    select 'events', count(*) filter (where epoch = 0 or due_at <= ${now}),
      count(*) filter (where epoch > 0 and due_at > ${now}),
      extract(epoch from ${now}::timestamptz - min(due_at) filter (where due_at <= ${now}))::float8
    from belfry.event_queue
    where workspace_id = ${workspaceId}
    order by 1
    limit 100`)
}

export type DeliveryCount = { channel: string; status: string; count: number }

/** Deliveries that ended since then, by channel and status. */
export function countDeliveries(
  db: Db,
  workspaceId: number,
  since: Date,
): Promise<DeliveryCount[]> {
  return db.query<DeliveryCount>(sql`
    select channel, status, sum(count)::bigint as count
    from belfry.stats
    where workspace_id = ${workspaceId} and minute >= ${since}
    group by channel, status
    order by channel, status
    limit 1000`)
}

/** Forgets up to `limit` counts of minutes before `before`; answers how many. */
export async function deleteOldStats(db: Db, before: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.stats
    where ctid = any (array(
      select old.ctid from belfry.workspaces w
      cross join lateral (
        select s.ctid from belfry.stats s
        where s.workspace_id = w.id and s.minute < ${before}
        order by s.minute
        limit ${limit}
      ) old
      limit ${limit}
    ))
    returning minute`)
  return rows.length
}
