// The in-app feed of a subscriber. It has no table of its own: whatever has an in-app text is in it.
import { pageBytes, sql, type Db } from './db.ts'

export type FeedItem = {
  id: string
  eventId: string
  type: string | null
  level: string
  content: unknown
  createdAt: Date
  readAt: Date | null
}

export type ListedFeedItem = FeedItem & { isTooMuch: boolean }

/** A page of a subscriber's in-app feed, newest first; see `pageBytes`. */
export function listFeed(
  db: Db,
  page: { workspaceId: number; subscriberId: string; before: string | null; limit: number },
): Promise<ListedFeedItem[]> {
  return db.query<ListedFeedItem>(sql`
    with page as (
      select n.id, n.event_id, n.type, n.level, c.content, n.created_at, n.read_at
      from belfry.notifications n
      join belfry.contents c on c.workspace_id = n.workspace_id and c.id = n.content_id
      where n.workspace_id = ${page.workspaceId} and n.recipient = ${page.subscriberId}
        and n.is_subscriber and (${page.before}::uuid is null or n.id < ${page.before})
      order by n.id desc
      limit ${page.limit}
    ),
    weighed as (
      select *, sum(octet_length(content::text)) over (order by id desc) > ${pageBytes} as is_too_much
      from page
    )
    select id, event_id, type, level, case when not is_too_much then content end as content,
      created_at, read_at, is_too_much
    from weighed
    order by id desc`)
}

/**
 * Says when an item was read, null for never; the first time is kept. Answers what holds now, null when
 * the feed has no such item.
 */
export async function updateReadAt(
  db: Db,
  item: { workspaceId: number; subscriberId: string; id: string; readAt: Date | null },
): Promise<{ readAt: Date | null } | null> {
  const { workspaceId, subscriberId, id, readAt } = item
  const rows = await db.query<{ readAt: Date | null }>(sql`
    update belfry.notifications
    set read_at = case when ${readAt}::timestamptz is null then null else coalesce(read_at, ${readAt}) end
    where workspace_id = ${workspaceId} and id = ${id} and recipient = ${subscriberId}
      and is_subscriber and content_id is not null
    returning read_at`)
  return rows[0] ?? null
}
