// Lists of notifications, newest first.
import { pageBytes, sql, type Db, type Sql } from './db.ts'
import type { NotificationPage } from './notification-conditions.ts'
import { searchFor } from './notification-search.ts'
import { estimatedAt, nextOf, type NotificationRow } from './notifications.ts'

export type ListedNotification = NotificationRow & { isTooMuch: boolean }

/** A page of notifications; see `pageBytes`. */
export async function listNotifications(
  db: Db,
  page: NotificationPage,
): Promise<ListedNotification[]> {
  const ids = await searchFor(db, page)
  return ids ? db.query<ListedNotification>(listStatement(page, ids)) : []
}

/** The ids of a page. */
export async function listNotificationIds(db: Db, page: NotificationPage): Promise<string[]> {
  const ids = await searchFor(db, page)
  const rows = ids ? await db.query<{ id: string }>(ids) : []
  return rows.map(({ id }) => id)
}

function listStatement(page: NotificationPage, ids: Sql): Sql {
  const { workspaceId, now } = page
  return sql`
    with page as materialized (${ids}),
    weighed as (
      select n.*, c.content,
        coalesce(sum(octet_length(c.content::text)) over (order by n.id desc), 0) > ${pageBytes}
          as is_too_much
      from page p
      cross join lateral (
        select * from belfry.notifications n where n.workspace_id = ${workspaceId} and n.id = p.id offset 0
      ) n
      left join belfry.contents c on c.workspace_id = n.workspace_id and c.id = n.content_id
    )
    select n.id, n.event_id, n.type, n.recipient, n.is_subscriber, n.via, n.level, n.channel,
      belfry.status_at(${now}, n.status, n.begins_at) as status, n.reason, n.because,
      case when not n.is_too_much then n.content end as content,
      coalesce(a.attempt_count, 0) as attempt_count, n.scheduled_at, n.timezone, n.is_in_hours,
      ${estimatedAt}, n.created_at, n.finished_at, n.read_at, n.acknowledged_at, n.acknowledged_via, n.acknowledged_by,
      n.superseded_by, n.retracted_at, n.is_too_much
    from weighed n
    ${nextOf(now)}
    left join lateral (
      select sum(coalesce(q.attempt, d.attempt_count))::integer as attempt_count
      from belfry.deliveries d left join belfry.queue q on q.delivery_id = d.id
      where d.workspace_id = n.workspace_id and d.notification_id = n.id
    ) a on true
    order by n.id desc`
}
