// Counts for people and dashboards: what waits, and what became of the last deliveries.
import type { LatencyCount } from '../domain/latency.ts'
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

export type SeriesOptions = { workspaceId: number; since: Date; stepSeconds: number }

export type DeliveryPoint = DeliveryCount & { at: Date; worker: string; provider: string | null }

export const mostPoints = 100_000

/** Deliveries that ended since then, by steps of so many seconds, oldest first; at most one more than `mostPoints`. */
export function listDeliveryPoints(
  db: Db,
  { workspaceId, since, stepSeconds }: SeriesOptions,
): Promise<DeliveryPoint[]> {
  // A worker counts under several names, one for each of its connections: host.pid.letters/number.
  return db.query<DeliveryPoint>(sql`
    select date_bin(make_interval(secs => ${stepSeconds}), minute, timestamptz '2000-01-01 00:00Z') as at,
      channel, status, nullif(provider, '') as provider, split_part(worker, '/', 1) as worker,
      sum(count)::bigint as count
    from belfry.stats
    where workspace_id = ${workspaceId} and minute >= ${since}
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4, 5
    limit ${mostPoints + 1}`)
}

export type AcceptedPoint = { at: Date; count: number }

/** Events that were accepted since then, as above. */
export function listAcceptedPoints(
  db: Db,
  { workspaceId, since, stepSeconds }: SeriesOptions,
): Promise<AcceptedPoint[]> {
  return db.query<AcceptedPoint>(sql`
    select date_bin(make_interval(secs => ${stepSeconds}), minute, timestamptz '2000-01-01 00:00Z') as at,
      sum(count)::bigint as count
    from belfry.accepted_counts
    where workspace_id = ${workspaceId} and minute >= ${since}
    group by 1
    order by 1
    limit 2000`)
}

export type LatencyPoint = { at: Date; channel: string; steps: LatencyCount[] }

/** How long those took that got through since then, over all workers, as above. */
export function listLatencyPoints(
  db: Db,
  { workspaceId, since, stepSeconds }: SeriesOptions,
): Promise<LatencyPoint[]> {
  return db.query<LatencyPoint>(sql`
    select at, channel, json_agg(json_build_object('step', step, 'count', count) order by step) as steps
    from (
      select date_bin(make_interval(secs => ${stepSeconds}), minute, timestamptz '2000-01-01 00:00Z') as at,
        channel, step, sum(count)::bigint as count
      from belfry.latencies
      where workspace_id = ${workspaceId} and minute >= ${since}
      group by 1, 2, 3
    ) s
    group by at, channel
    order by at, channel
    limit 100000`)
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

/** As above, of events. */
export async function deleteOldAcceptedCounts(
  db: Db,
  before: Date,
  limit: number,
): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.accepted_counts
    where ctid = any (array(
      select old.ctid from belfry.workspaces w
      cross join lateral (
        select s.ctid from belfry.accepted_counts s
        where s.workspace_id = w.id and s.minute < ${before}
        order by s.minute
        limit ${limit}
      ) old
      limit ${limit}
    ))
    returning minute`)
  return rows.length
}

/** As above, of how long deliveries took. */
export async function deleteOldLatencies(db: Db, before: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.latencies
    where ctid = any (array(
      select old.ctid from belfry.workspaces w
      cross join lateral (
        select s.ctid from belfry.latencies s
        where s.workspace_id = w.id and s.minute < ${before}
        order by s.minute
        limit ${limit}
      ) old
      limit ${limit}
    ))
    returning minute`)
  return rows.length
}
