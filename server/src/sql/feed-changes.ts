// What people do with the items of their feed: one statement changes them all.
import type { FeedAction } from '../domain/feed.ts'
import { everywhere, type Reach } from '../domain/reach.ts'
import { sql, type Db } from './db.ts'
import type { FeedOwner } from './feed.ts'

export type FeedChange = {
  action: FeedAction
  /** `position`: where the item stands afterwards, if it comes back from a snooze. */
  items: (FeedOwner & { id: string; position: string })[]
  until: Date | null // of a snooze
  now: Date
}

/**
 * Does it with those of the items that are in the feeds they are said to be in; what is so already stays as
 * it is. Answers what was changed. Notifications are held in the order in which outcomes are settled, so
 * that neither waits for the other in a circle.
 */
export function changeFeedItems(
  tx: Db,
  { action, items, until, now }: FeedChange,
): Promise<(FeedOwner & { id: string })[]> {
  const ids = items.map(({ id }) => id) // said twice: see db.ts on plans
  return tx.query(sql`
    with wanted as (
      select * from json_to_recordset(${JSON.stringify(items)}::json)
        as w ("workspaceId" integer, "subscriberId" text, id uuid, position uuid)
    ),
    held as materialized (
      select n.*, w.position as new_position
      from (select * from wanted order by id) w
      cross join lateral (
        select n.workspace_id, n.id, n.recipient, n.seen_at, n.read_at, n.archived_at, n.snoozed_until,
          n.position
        from belfry.notifications n
        where n.workspace_id = w."workspaceId" and n.id = w.id and n.recipient = w."subscriberId"
          and n.feed > 0
        for no key update
      ) n
    ),
    next as (
      select h.workspace_id, h.id, h.recipient, h.position as old_position,
        h.seen_at as old_seen, h.read_at as old_read, h.archived_at as old_archived,
        h.snoozed_until as old_snoozed,
        case when ${action} in ('seen', 'read') then coalesce(h.seen_at, ${now})
          when ${action} in ('snooze', 'wake') then null else h.seen_at end as seen_at,
        case when ${action} = 'read' then coalesce(h.read_at, ${now})
          when ${action} in ('unread', 'snooze', 'wake') then null else h.read_at end as read_at,
        case when ${action} = 'archive' then coalesce(h.archived_at, ${now})
          when ${action} in ('unarchive', 'snooze') then null else h.archived_at end as archived_at,
        case when ${action} = 'snooze' then ${until}::timestamptz
          when ${action} in ('archive', 'unsnooze', 'wake') then null else h.snoozed_until
        end as snoozed_until,
        case when ${action} in ('unsnooze', 'wake') and h.snoozed_until is not null then h.new_position
          else h.position end as position
      from held h
      -- A snooze that was taken back, or made longer, meanwhile.
      where ${action} <> 'wake' or h.snoozed_until <= ${now}
    )
    update belfry.notifications n
    set seen_at = x.seen_at, read_at = x.read_at, archived_at = x.archived_at,
      snoozed_until = x.snoozed_until, position = x.position,
      feed = case when x.archived_at is not null then 3 when x.snoozed_until is not null then 4
        when x.read_at is not null then 2 else 1 end
    from next x
    where n.id = any (${ids}::uuid[]) and n.workspace_id = x.workspace_id and n.id = x.id
      and (x.seen_at, x.read_at, x.archived_at, x.snoozed_until)
        is distinct from (x.old_seen, x.old_read, x.old_archived, x.old_snoozed)
    returning n.workspace_id, n.recipient as subscriber_id, n.id`)
}

export type ManyItems = FeedOwner & {
  parts: number[]
  /** Null: any; an empty text: none. */
  category: string | null
  /** What has come since is left alone. */
  createdUntil: Date
  limit: number
}

/** Ids of items in these parts of a feed. */
export function listFeedIds(db: Db, many: ManyItems): Promise<{ id: string }[]> {
  const { workspaceId, subscriberId, category } = many
  return db.query(sql`
    with wanted as materialized (
      select array(
        select key from (
          select distinct on (key) key, definition ->> 'category' as category
          from belfry.event_types
          where workspace_id = ${workspaceId} and ${category}::text is not null
          order by key, version desc
        ) t
        where (t.category is not null) = (${category}::text <> '')
          and (t.category = ${category} or ${category} = '')
      ) as types
    )
    select n.id
    from unnest(${many.parts}::smallint[]) as part (feed)
    cross join lateral (
      select n.id from belfry.notifications n
      where n.recipient = ${subscriberId} and n.workspace_id = ${workspaceId} and n.feed = part.feed
        and n.created_at <= ${many.createdUntil}
        and (${category}::text is null or n.type = any ((select types from wanted)::text[])
          or ${category} = '' and n.type is null)
      limit ${many.limit}
    ) n
    limit ${many.limit}`)
}

/** Items whose snooze is over. */
export function listEndedSnoozes(
  db: Db,
  { now, limit, reach = everywhere }: { now: Date; limit: number; reach?: Reach },
): Promise<(FeedOwner & { id: string })[]> {
  return db.query(sql`
    select workspace_id, recipient as subscriber_id, id from belfry.notifications
    where feed = 4 and snoozed_until <= ${now}
      and (workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
    order by snoozed_until
    limit ${limit}`)
}
