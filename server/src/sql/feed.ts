// The in-app feed of a subscriber. It has no table of its own: whatever has an in-app text is in it.
// `feed` says in which part (domain/feed.ts), so that a part is a range of one index.
import { mostCounted } from '../domain/feed.ts'
import { pageBytes, sql, type Db, type Sql } from './db.ts'

export type FeedItem = {
  id: string
  recipient: string
  eventId: string
  type: string | null
  category: string | null
  level: string
  threadKey: string | null
  content: unknown
  createdAt: Date // when it came to the feed
  seenAt: Date | null
  readAt: Date | null
  acknowledgedAt: Date | null
  /** Of one that a single answer was enough for: when it came, and whose it was; null: nobody's who is known. */
  answeredAt: Date | null
  answeredBy: string | null
  archivedAt: Date | null
  snoozedUntil: Date | null
  /** Where it stands: later ones come first. */
  position: string
}

export type ListedFeedItem = FeedItem & { isTooMuch: boolean }

export type FeedOwner = { workspaceId: number; subscriberId: string }

export type FeedPage = FeedOwner & {
  parts: number[]
  /** Null: any; an empty text: none. */
  category: string | null
  before: string | null // a position
  limit: number
}

/** Whose bare address it was is nobody's to know. */
const answerTo = (workspaceId: Sql, eventId: Sql): Sql => sql`
  select a.answered_at, coalesce(r.acknowledged_by, case when r.is_subscriber then r.recipient end) as answered_by
  from belfry.asks a
  left join lateral (
    select r.acknowledged_by, r.is_subscriber, r.recipient from belfry.notifications r
    where r.workspace_id = a.workspace_id and r.id = a.notification_id offset 0
  ) r on true
  where a.workspace_id = ${workspaceId} and a.event_id = ${eventId} and num_nonnulls(a.answered_at) = 1
  offset 0`

/** A page of a subscriber's in-app feed, newest first; see `pageBytes`. */
export function listFeed(db: Db, page: FeedPage): Promise<ListedFeedItem[]> {
  const { workspaceId, subscriberId, category } = page
  return db.query<ListedFeedItem>(sql`
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
    ),
    page as (
      select n.*, coalesce(n.position, n.id) as place
      from unnest(${page.parts}::smallint[]) as part (feed)
      cross join lateral (
        select n.* from belfry.notifications n
        where n.recipient = ${subscriberId} and n.workspace_id = ${workspaceId} and n.feed = part.feed
          and coalesce(n.position, n.id)
            < coalesce(${page.before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
          and (${category}::text is null or n.type = any ((select types from wanted)::text[])
            or ${category} = '' and n.type is null)
        order by coalesce(n.position, n.id) desc
        limit ${page.limit}
      ) n
      order by coalesce(n.position, n.id) desc
      limit ${page.limit}
    ),
    kinds as (
      select t.type, (
        select e.definition ->> 'category' from belfry.event_types e
        where e.workspace_id = ${workspaceId} and e.key = t.type order by e.version desc limit 1
      ) as category
      from (select distinct type from page) t
    ),
    weighed as (
      select p.*, k.category, c.content, e.thread_key, w.answered_at, w.answered_by,
        sum(octet_length(c.content::text)) over (order by p.place desc) > ${pageBytes} as is_too_much
      from page p
      cross join lateral (
        select c.content from belfry.contents c
        where c.workspace_id = ${workspaceId} and c.id = p.content_id offset 0
      ) c
      left join lateral (
        select e.thread_key from belfry.events e
        where e.workspace_id = ${workspaceId} and e.id = p.event_id offset 0
      ) e on true
      left join lateral (${answerTo(sql`p.workspace_id`, sql`p.event_id`)}) w on true
      left join kinds k on k.type = p.type
    )
    select id, recipient, event_id, type, category, level, thread_key,
      case when not is_too_much then content end as content,
      coalesce(arrived_at, created_at) as created_at, seen_at, read_at,
      acknowledged_at, answered_at, answered_by, archived_at, snoozed_until, place as position, is_too_much
    from weighed
    order by place desc`)
}

/** Those of the notifications that are in the feed of the person they are said to be of. */
export function findFeedItems(
  db: Db,
  wanted: { workspaceId: number; subscriberId: string; id: string }[],
): Promise<(FeedItem & { workspaceId: number })[]> {
  const ids = wanted.map(({ id }) => id) // said twice: see db.ts on plans
  return db.query<FeedItem & { workspaceId: number }>(sql`
    with wanted as (
      select * from json_to_recordset(${JSON.stringify(wanted)}::json)
        as w ("workspaceId" integer, "subscriberId" text, id uuid)
    ),
    item as (
      select n.*
      from wanted w
      join belfry.notifications n on n.workspace_id = w."workspaceId" and n.id = w.id
        and n.recipient = w."subscriberId" and n.feed > 0
      where n.id = any (${ids}::uuid[])
    ),
    kinds as (
      select t.workspace_id, t.type, (
        select e.definition ->> 'category' from belfry.event_types e
        where e.workspace_id = t.workspace_id and e.key = t.type order by e.version desc limit 1
      ) as category
      from (select distinct workspace_id, type from item) t
    )
    select n.workspace_id, n.id, n.recipient, n.event_id, n.type, k.category, n.level, e.thread_key,
      c.content, coalesce(n.arrived_at, n.created_at) as created_at, n.seen_at, n.read_at, n.acknowledged_at,
      w.answered_at, w.answered_by, n.archived_at, n.snoozed_until, coalesce(n.position, n.id) as position
    from item n
    cross join lateral (
      select c.content from belfry.contents c
      where c.workspace_id = n.workspace_id and c.id = n.content_id offset 0
    ) c
    left join lateral (
      select e.thread_key from belfry.events e
      where e.workspace_id = n.workspace_id and e.id = n.event_id offset 0
    ) e on true
    left join lateral (${answerTo(sql`n.workspace_id`, sql`n.event_id`)}) w on true
    left join kinds k on k.workspace_id = n.workspace_id and k.type = n.type`)
}

export type FeedCount = FeedOwner & {
  category: string | null
  unreadCount: number
  unseenCount: number
}

/** What is unread in each of the feeds, by category, among the newest `mostCounted`. */
export function countFeeds(db: Db, owners: FeedOwner[]): Promise<FeedCount[]> {
  return db.query<FeedCount>(sql`
    with counted as (
      select o."workspaceId" as workspace_id, o."subscriberId" as subscriber_id, n.type,
        count(*) as unread_count, count(*) filter (where n.seen_at is null) as unseen_count
      from json_to_recordset(${JSON.stringify(owners)}::json)
        as o ("workspaceId" integer, "subscriberId" text)
      cross join lateral (
        select n.type, n.seen_at from belfry.notifications n
        where n.recipient = o."subscriberId" and n.workspace_id = o."workspaceId" and n.feed = 1
        order by coalesce(n.position, n.id) desc
        limit ${mostCounted}
      ) n
      group by o."workspaceId", o."subscriberId", n.type
    ),
    kinds as (
      select t.workspace_id, t.type, (
        select e.definition ->> 'category' from belfry.event_types e
        where e.workspace_id = t.workspace_id and e.key = t.type order by e.version desc limit 1
      ) as category
      from (select distinct workspace_id, type from counted) t
    )
    select c.workspace_id, c.subscriber_id, k.category, sum(c.unread_count)::integer as unread_count,
      sum(c.unseen_count)::integer as unseen_count
    from counted c
    left join kinds k on k.workspace_id = c.workspace_id and k.type = c.type
    group by c.workspace_id, c.subscriber_id, k.category
    order by c.workspace_id, c.subscriber_id, k.category nulls last`)
}
