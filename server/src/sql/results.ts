// What became of notifications and deliveries, for those who follow it. Triggers write it (0001-init.sql).
import { parseSnapshot } from '../domain/snapshot.ts'
import { sql, type Db } from './db.ts'

/** A place among results: all that `since` shows were read; of the page up to `until` also those up to a row. */
export type ResultPlace = {
  since: string
  page: { until: string; xid: string; id: string } | null
}

export type ResultRow = {
  xid: string
  id: string
  type: string
  at: Date
  reason: string | null
  notificationId: string | null
  eventId: string | null
  eventType: string | null
  recipient: string | null
  isSubscriber: boolean | null
  level: string | null
  notificationChannel: string | null
  notificationStatus: string | null
  scheduledAt: Date | null
  createdAt: Date | null
  finishedAt: Date | null
  readAt: Date | null
  acknowledgedAt: Date | null
  acknowledgedVia: string | null
  acknowledgedBy: string | null
  deliveryId: string | null
  channel: string | null
  address: string | null
  attemptCount: number | null
  provider: string | null
  deliveredFrom: Date | null
  hookId: string | null
  hookUrl: string | null
  hookDescription: string | null
  disabledReason: string | null
  failingSince: Date | null
}

export type ResultPage = {
  results: ResultRow[]
  /** Where to go on. */
  next: ResultPlace
  isMore: boolean
}

/** From now on. */
export async function findResultPlace(db: Db): Promise<ResultPlace> {
  const rows = await db.query<{ since: string }>(sql`select pg_current_snapshot()::text as since`)
  return { since: rows[0]!.since, page: null }
}

/**
 * The next results of a workspace. What becomes visible is told in windows, each from one snapshot to the next, and
 * page by page: each result once, in whatever order transactions commit. Results about what is erased or forgotten
 * are left out.
 */
export async function listResults(
  db: Db,
  workspaceId: number,
  { since, page }: ResultPlace,
  limit: number,
): Promise<ResultPage> {
  const until = page?.until ?? null
  const rows = await db.query<{ snapshot: string } & (ResultRow | { xid: null })>(sql`
    with window_end as (
      select coalesce(${until}::pg_snapshot, pg_current_snapshot()) as snapshot
    ),
    -- Those that were running then, and those that had not begun: not what a slow one keeps open in between.
    late as (
      select r.* from belfry.results r
      where r.workspace_id = ${workspaceId}
        and r.xid = any (array(select pg_snapshot_xip(${since}::pg_snapshot)))
        and (r.xid, r.id) > (${page?.xid ?? '0'}::xid8, ${page?.id ?? '0'}::bigint)
        and pg_visible_in_snapshot(r.xid, (select snapshot from window_end))
      order by r.xid, r.id
      limit ${limit}
    ),
    later as (
      select r.* from belfry.results r
      where r.workspace_id = ${workspaceId}
        and r.xid >= pg_snapshot_xmax(${since}::pg_snapshot)
        and (r.xid, r.id) > (${page?.xid ?? '0'}::xid8, ${page?.id ?? '0'}::bigint)
        and pg_visible_in_snapshot(r.xid, (select snapshot from window_end))
      order by r.xid, r.id
      limit ${limit}
    ),
    page as materialized (
      select * from late union all select * from later
      order by xid, id
      limit ${limit}
    )
    select w.snapshot::text as snapshot, p.xid::text as xid, p.id::text as id, p.type, p.at, p.reason,
      p.notification_id, n.event_id, n.type as event_type, n.recipient, n.is_subscriber, n.level,
      n.channel as notification_channel, n.status as notification_status, n.scheduled_at, n.created_at,
      n.finished_at, n.read_at, n.acknowledged_at, n.acknowledged_via, n.acknowledged_by, p.delivery_id, d.channel, d.address, p.attempt_count, a.provider,
      d.created_at as delivered_from, p.hook_id, h.url as hook_url, h.description as hook_description,
      h.disabled_reason, h.failing_since
    from window_end w
    left join page p on true
    left join lateral (
      select * from belfry.notifications n
      where n.workspace_id = ${workspaceId} and n.id = p.notification_id offset 0
    ) n on true
    left join lateral (
      select * from belfry.deliveries d
      where d.workspace_id = ${workspaceId} and d.id = p.delivery_id offset 0
    ) d on true
    left join lateral (
      select a.provider from belfry.attempts a
      where a.workspace_id = ${workspaceId} and a.delivery_id = p.delivery_id and a.number = p.attempt_count
      offset 0
    ) a on true
    left join belfry.hooks h on h.workspace_id = ${workspaceId} and h.id = p.hook_id
    order by p.xid, p.id`)
  const { snapshot } = rows[0]!
  const read = rows.filter((row): row is { snapshot: string } & ResultRow => row.xid !== null)
  const last = read.at(-1)
  const isMore = read.length === limit && last !== undefined
  const next: ResultPlace = isMore
    ? { since, page: { until: snapshot, xid: last.xid, id: last.id } }
    : { since: snapshot, page: null }
  return { results: read.toSorted(inOrder).filter(isThere), next, isMore }
}

/** Whether a place was found to be of another database, or of this one before it was restored: it shows nothing here. */
export function isOfElsewhere({ since }: ResultPlace, { next }: ResultPage): boolean {
  return parseSnapshot(since)!.xmax > parseSnapshot(next.page?.until ?? next.since)!.xmax
}

/** As they were written: of one notification, what came later comes later. */
function inOrder(a: ResultRow, b: ResultRow): number {
  const [first, second] = [BigInt(a.id), BigInt(b.id)]
  return first < second ? -1 : first > second ? 1 : 0
}

function isThere({ notificationId, eventId, deliveryId, channel }: ResultRow): boolean {
  return (notificationId === null || eventId !== null) && (deliveryId === null || channel !== null)
}

/** Those about notifications that are no more. */
export async function eraseResults(
  tx: Db,
  { workspaceId }: { workspaceId: number },
): Promise<void> {
  await tx.query(sql`
    delete from belfry.results r
    where r.workspace_id = ${workspaceId} and r.notification_id is not null and not exists (
      select from belfry.notifications n where n.workspace_id = r.workspace_id and n.id = r.notification_id)`)
}

/**
 * Those that every hook has read, and that nobody may come back for: older than so many hours by the clock of
 * the database. Answers how many went.
 */
export async function deleteOldResults(db: Db, hours: number, limit: number): Promise<number> {
  const rows = await db.query(sql`
    with oldest as materialized (
      select r.workspace_id, r.xid, r.id
      from belfry.workspaces w
      cross join lateral (
        select r.workspace_id, r.xid, r.id, r.written_at from belfry.results r
        where r.workspace_id = w.id
        order by r.xid, r.id
        limit ${limit}
      ) r
      where r.written_at < now() - make_interval(hours => ${hours}) and not exists (
        select from belfry.hooks h
        where h.workspace_id = w.id and h.is_enabled and not pg_visible_in_snapshot(r.xid, h.since))
      limit ${limit}
    )
    delete from belfry.results r using oldest o
    where r.workspace_id = o.workspace_id and r.xid = o.xid and r.id = o.id
    returning r.id`)
  return rows.length
}
