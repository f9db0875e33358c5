// The newest notifications that fit a filter, in a table of many millions. Each filter has an index that
// leads to what it asks for; the other conditions are checked on what that finds. `is null or` would hide
// from the planner which it is, so the statement is put together from the parts that are needed.
import { carriedChannels } from '../domain/channel.ts'
import { firstIdAt, timeOfId } from '../domain/id.ts'
import { pendingStatuses, type Status } from '../domain/status.ts'
import { sql, type Db, type Sql } from './db.ts'
import { between, conditions, isAmong, skewMs } from './notification-conditions.ts'
import type { NotificationPage, Scope } from './notification-conditions.ts'

// More than that are not looked up one by one.
const mostLookedUp = 20_000
const mostEvents = 1_000
// Of what is common a page is found among the newest notifications.
const recentShare = 3
const leastRecent = 5_000

/** A statement for the ids of a page, in the order of the page; null: there can be none. */
export async function searchFor(db: Db, page: NotificationPage): Promise<Sql | null> {
  const scope = await findScope(db, page)
  if (scope === 'nothing') return null
  const found = candidates(page, scope, await isOfRareType(db, page))
  return sql`
    with candidate as materialized (${found})
    select id from candidate order by id desc limit ${page.limit} offset ${page.offset}`
}

/** Whether there are fewer of its type than there may be pending. */
async function isOfRareType(db: Db, { workspaceId, statuses, type }: NotificationPage) {
  if (type === null || !statuses?.some(isPending)) return false
  const rows = await db.query<{ count: number }>(sql`
    select count(*) from (
      select from belfry.notifications n
      where n.type = ${type} and n.workspace_id = ${workspaceId} limit ${leastRecent}
    ) n`)
  return rows[0]!.count < leastRecent
}

function isPending(status: Status): boolean {
  return pendingStatuses.includes(status)
}

type ScopeEvent = { id: string; recipientCount: number; processedAt: Date | null }

/** Null: no events are named. `eventIds` null: they are too many people to be looked up. */
async function findScope(db: Db, filter: NotificationPage): Promise<Scope | 'nothing' | null> {
  const { workspaceId, eventId, threadKey } = filter
  if (eventId === null && threadKey === null) return null
  const events = await db.query<ScopeEvent>(sql`
    with named as materialized (
      select e.id, e.recipient_count, e.processed_at from belfry.events e
      where e.workspace_id = ${workspaceId}
        ${eventId === null ? sql`` : sql`and e.id = ${eventId}`}
        ${threadKey === null ? sql`` : sql`and e.thread_key = ${threadKey}`}
    )
    select id, recipient_count, processed_at from named order by id limit ${mostEvents + 1}`)
  const [first] = events
  if (!first) return 'nothing'
  const people = events.reduce((sum, { recipientCount }) => sum + recipientCount, 0)
  const isLong = events.length > mostEvents
  const ends = events.map(({ processedAt }) => processedAt?.getTime() ?? Infinity)
  const lastMs = isLong ? Infinity : Math.max(...ends) + skewMs
  return {
    eventIds: isLong || people > mostLookedUp ? null : events.map(({ id }) => id),
    from: firstIdAt(new Date(timeOfId(first.id) - skewMs)),
    to: lastMs === Infinity ? null : firstIdAt(new Date(lastMs)),
  }
}

/** Ids of what fits, at least the newest that the page may need. */
function candidates(page: NotificationPage, scope: Scope | null, isOfRareType: boolean): Sql {
  const wanted = conditions(page, scope)
  const { statuses, recipient, type, channel, timezone } = page
  if (scope?.eventIds) return ofEvents(page, scope.eventIds, wanted)
  if (recipient !== null) return ofRecipient(page, recipient, wanted)
  if (statuses?.some(isPending) && !isOfRareType) return ofPending(page, scope, wanted)
  const [status] = statuses ?? []
  if (status && unusualStatuses.has(status)) return ofUnusual(page, status, wanted)
  if (timezone !== null) return ofTimezone(page, timezone, wanted)
  if (scope) return newest(page, scope, wanted)
  if (type !== null || channel !== null) return ofTypes(page, scope)
  return newest(page, scope, wanted)
}

/** As the column `unusual` has it. */
const unusualStatuses: ReadonlySet<Status> = new Set<Status>([
  'failed',
  'cancelled',
  'skipped',
  'unknown',
])

/** In the order of ids whatever the planner thinks of the conditions. */
function newest(page: NotificationPage, scope: Scope | null, wanted: Sql): Sql {
  const { workspaceId, limit, offset } = page
  return sql`
    select n.id from (
      select * from belfry.notifications n
      where n.workspace_id = ${workspaceId} and ${between(sql`n.id`, page, scope)}
      order by n.id desc offset 0
    ) n where ${wanted} limit ${limit + offset}`
}

function ofEvents({ workspaceId }: NotificationPage, ids: string[], wanted: Sql): Sql {
  return sql`select n.id from unnest(${ids}::uuid[]) as e (id)
    cross join lateral (
      select n.id from belfry.notifications n where n.workspace_id = ${workspaceId} and n.event_id = e.id and ${wanted} offset 0
    ) n`
}

function ofRecipient({ workspaceId }: NotificationPage, recipient: string, wanted: Sql): Sql {
  return sql`select n.id from belfry.notifications n where n.workspace_id = ${workspaceId} and n.recipient = ${recipient} and ${wanted}`
}

function ofUnusual(
  { workspaceId, limit, offset }: NotificationPage,
  status: Status,
  wanted: Sql,
): Sql {
  return sql`select n.id from belfry.notifications n where n.workspace_id = ${workspaceId} and n.unusual = ${status} and ${wanted}
    order by n.id desc limit ${limit + offset}`
}

function ofTimezone(
  { workspaceId, limit, offset }: NotificationPage,
  timezone: string,
  wanted: Sql,
): Sql {
  return sql`select n.id from belfry.notifications n
    where lower(n.timezone) = lower(${timezone}) and n.workspace_id = ${workspaceId} and ${wanted}
    order by n.id desc limit ${limit + offset}`
}

/** What is pending waits in the queue, is in flight (as many as there are places for), or waits in its plan. */
function ofPending(page: NotificationPage, scope: Scope | null, wanted: Sql): Sql {
  const { workspaceId, limit, offset } = page
  const bounds = between(sql`x.notification_id`, page, scope)
  const newest = (ids: Sql) =>
    isPendingAlone(page, scope)
      ? sql`select x.id from (${ids}) x order by x.id desc limit ${limit + offset}`
      : sql`select x.id from (${ids}) x cross join lateral (
          select from belfry.notifications n
          where n.workspace_id = ${workspaceId} and n.id = x.id and ${wanted} offset 0
        ) n order by x.id desc limit ${limit + offset}`
  const waiting = sql`select distinct x.notification_id as id from belfry.queue x
    where x.worker is null and x.workspace_id = ${workspaceId} and ${bounds} order by 1 desc`
  const inFlight = sql`select distinct x.notification_id as id
    from unnest(${carriedChannels}::text[]) as c (channel) cross join (values (0), (1), (2)) as l (lane)
    cross join lateral (
      select x.notification_id from belfry.queue x
      where x.channel = c.channel and x.lane = l.lane and x.is_begun and x.workspace_id = ${workspaceId} offset 0
    ) x
    where ${bounds} order by 1 desc`
  const inPlans = sql`select x.notification_id as id from belfry.plan_runs x
    where x.workspace_id = ${workspaceId} and ${bounds} order by 1 desc`
  return sql`(${newest(waiting)}) union (${newest(inFlight)}) union (${newest(inPlans)})`
}

/** What is in a queue is pending: there is nothing else to be looked up. */
function isPendingAlone(page: NotificationPage, scope: Scope | null): boolean {
  const { statuses, channel, type, timezone, since, until } = page
  const others = [channel, type, timezone, since, until, scope]
  return statuses?.length === pendingStatuses.length && others.every((other) => other === null)
}

/**
 * What is common is found among the newest. What is rare: each type and set of channels has a place of its
 * own in the index, and the newest of every such place are enough.
 */
function ofTypes(page: NotificationPage, scope: Scope | null): Sql {
  const { workspaceId, limit, offset, type } = page
  const most = limit + offset
  const types =
    type !== null
      ? sql`select ${type}::text as type`
      : sql`select distinct t.key as type from belfry.event_types t where t.workspace_id = ${workspaceId}`
  const typed = placesOf(page, sql`typed`, types, (of) => sql`n.type = ${of}.type`)
  const direct = placesOf(
    page,
    sql`direct`,
    sql`select null::text as type`,
    () => sql`n.type is null`,
  )
  const rest = conditions({ ...page, type: null, channel: null }, scope)
  return sql`
    with recursive recent as materialized (
      select n.id from (
        select * from belfry.notifications n
        where n.workspace_id = ${workspaceId} and ${between(sql`n.id`, page, scope)}
        order by n.id desc limit ${Math.max(leastRecent, recentShare * most)}
      ) n where ${conditions(page, scope)} order by n.id desc limit ${most}
    ),
    ${typed.places} ${type === null ? sql`, ${direct.places}` : sql``}
    select id from recent where (select count(*) from recent) >= ${most}
    union (${typed.newest(rest)})
    ${type === null ? sql`union (${direct.newest(rest)})` : sql``}`
}

type Places = { places: Sql; newest: (wanted: Sql) => Sql }

/**
 * Types and sets of channels there are, from one to the next by seeking; none if enough is found already.
 * Orders name the whole index: the planner takes `is null` for no equality.
 */
function placesOf(
  { workspaceId, limit, offset, channel }: NotificationPage,
  name: Sql,
  types: Sql,
  isOf: (row: Sql) => Sql,
): Places {
  const most = limit + offset
  return {
    places: sql`${name} as (
      select t.type, p.channel, p.other_channels
      from (${types}) t cross join lateral (
        select n.channel, n.other_channels from belfry.notifications n
        where n.workspace_id = ${workspaceId} and ${isOf(sql`t`)}
          and (select count(*) from recent) < ${most}
        order by n.type, n.workspace_id, n.channel, n.other_channels limit 1
      ) p
      union all
      select b.type, p.channel, p.other_channels
      from ${name} b cross join lateral (
        select n.channel, n.other_channels from belfry.notifications n
        where n.workspace_id = ${workspaceId} and ${isOf(sql`b`)}
          and (n.channel, n.other_channels) > (b.channel, b.other_channels)
        order by n.type, n.workspace_id, n.channel, n.other_channels limit 1
      ) p
    )`,
    newest: (wanted) => sql`
      select n.id from ${name} p cross join lateral (
        select n.id from belfry.notifications n
        where n.workspace_id = ${workspaceId} and ${isOf(sql`p`)} and n.channel = p.channel
          and n.other_channels = p.other_channels and ${wanted}
        order by n.type desc, n.workspace_id desc, n.channel desc, n.other_channels desc, n.id desc
        limit ${most}
      ) n
      where ${channel === null ? sql`true` : isAmong(sql`p`, channel)}`,
  }
}
