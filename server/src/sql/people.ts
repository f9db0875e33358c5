// Reading people for a fan-out: who they are and where they can be reached; and what they want, when
// something that waited is to begin. Addresses that get nothing more say so; while there are none in any
// workspace, nobody looks.
import type { Level } from '../domain/event-type.ts'
import type { Address } from '../domain/plan.ts'
import type { AudienceMember } from '../domain/audience.ts'
import type { PreferenceDefaults, Preferences } from '../domain/preferences.ts'
import { sql, type Db } from './db.ts'

export type PersonRow = {
  id: string
  locale: string | null
  timezone: string | null
  data: Record<string, unknown>
  preferences: Preferences | null
  addresses: Address[]
}

/** Those of `ids` that are subscribers, in no particular order. */
export function findPeople(
  db: Db,
  workspaceId: number,
  ids: string[],
  channels: string[],
): Promise<PersonRow[]> {
  return db.query<PersonRow>(sql`
    select s.id, s.locale, s.timezone, s.data, p.document as preferences,
      coalesce(a.addresses, '[]') as addresses
    from belfry.subscribers s
    left join lateral (
      select json_agg(case when exists (select from belfry.suppressions)
        then json_build_object('channel', channel, 'slot', slot, 'address', address, 'kind', kind, 'suppressed', (
          select json_build_object('reason', x.reason, 'at', x.at) from belfry.suppressions x
          where x.workspace_id = a.workspace_id and x.channel = a.channel
            and x.hash = belfry.address_hash(a.channel, a.address)))
        else json_build_object('channel', channel, 'slot', slot, 'address', address, 'kind', kind) end) as addresses
      from belfry.addresses a
      where a.workspace_id = s.workspace_id and a.subscriber_id = s.id
        and a.channel = any (${channels}::text[])
    ) a on true
    left join lateral (
      select p.document from belfry.preferences p
      where p.workspace_id = s.workspace_id and p.subscriber_id = s.id offset 0
    ) p on true
    where s.workspace_id = ${workspaceId} and s.id = any (${ids}::text[])`)
}

/** The next members of a topic after `after`, in order of their ids. */
export function listTopicPeople(
  db: Db,
  page: {
    workspaceId: number
    topic: string
    channels: string[]
    after: string | null
    limit: number
  },
): Promise<PersonRow[]> {
  return db.query<PersonRow>(sql`
    with members as (
      select m.subscriber_id from belfry.topic_members m
      where m.workspace_id = ${page.workspaceId} and m.topic = ${page.topic}
        and m.subscriber_id > coalesce(${page.after}::text, '')
      order by m.subscriber_id
      limit ${page.limit}
    )
    select s.id, s.locale, s.timezone, s.data, p.document as preferences,
      coalesce(a.addresses, '[]') as addresses
    from members m
    join belfry.subscribers s on s.workspace_id = ${page.workspaceId} and s.id = m.subscriber_id
    left join lateral (
      select json_agg(case when exists (select from belfry.suppressions)
        then json_build_object('channel', channel, 'slot', slot, 'address', address, 'kind', kind, 'suppressed', (
          select json_build_object('reason', x.reason, 'at', x.at) from belfry.suppressions x
          where x.workspace_id = a.workspace_id and x.channel = a.channel
            and x.hash = belfry.address_hash(a.channel, a.address)))
        else json_build_object('channel', channel, 'slot', slot, 'address', address, 'kind', kind) end) as addresses
      from belfry.addresses a
      where a.workspace_id = s.workspace_id and a.subscriber_id = s.id
        and a.channel = any (${page.channels}::text[])
    ) a on true
    left join lateral (
      select p.document from belfry.preferences p
      where p.workspace_id = s.workspace_id and p.subscriber_id = s.id offset 0
    ) p on true
    order by s.id`)
}

/** Who is somewhere: those in the zone who have not moved lately, and those who have and are counted there. */
export type Here = { zone: string; moved: ReadonlySet<string>; counted: ReadonlySet<string> }

/** As `listTopicPeople`, of those who are there. */
export function listTopicPeopleHere(
  db: Db,
  page: Parameters<typeof listTopicPeople>[1] & { here: Here },
): Promise<PersonRow[]> {
  const { here } = page
  return db.query<PersonRow>(sql`
    with members as (
      select s.id, s.locale, s.timezone, s.data
      from belfry.topic_members m
      cross join lateral (
        select s.id, s.locale, s.timezone, s.data from belfry.subscribers s
        where s.workspace_id = ${page.workspaceId} and s.id = m.subscriber_id offset 0
      ) s
      where m.workspace_id = ${page.workspaceId} and m.topic = ${page.topic}
        and m.subscriber_id > coalesce(${page.after}::text, '')
        and ((coalesce(s.timezone, 'UTC') = ${here.zone} and not m.subscriber_id = any (${[...here.moved]}::text[]))
          or m.subscriber_id = any (${[...here.counted]}::text[]))
      order by m.subscriber_id
      limit ${page.limit}
    )
    select s.id, s.locale, s.timezone, s.data, p.document as preferences,
      coalesce(a.addresses, '[]') as addresses
    from members s
    left join lateral (
      select json_agg(case when exists (select from belfry.suppressions)
        then json_build_object('channel', channel, 'slot', slot, 'address', address, 'kind', kind, 'suppressed', (
          select json_build_object('reason', x.reason, 'at', x.at) from belfry.suppressions x
          where x.workspace_id = a.workspace_id and x.channel = a.channel
            and x.hash = belfry.address_hash(a.channel, a.address)))
        else json_build_object('channel', channel, 'slot', slot, 'address', address, 'kind', kind) end) as addresses
      from belfry.addresses a
      where a.workspace_id = ${page.workspaceId} and a.subscriber_id = s.id
        and a.channel = any (${page.channels}::text[])
    ) a on true
    left join lateral (
      select p.document from belfry.preferences p
      where p.workspace_id = ${page.workspaceId} and p.subscriber_id = s.id offset 0
    ) p on true
    order by s.id`)
}

/**
 * How many people an audience comes to, each counted once, up to `limit` of its topics. `given` are ids
 * of subscribers who are not stored yet.
 */
export async function countPeople(
  db: Db,
  workspaceId: number,
  { audience, given, limit }: { audience: AudienceMember[]; given: string[]; limit: number },
): Promise<number> {
  const { ids, topics } = namesOf(audience)
  const rows = await db.query<{ count: number }>(sql`
    select count(*) from (
      select unnest(${given}::text[])
      union
      select id from belfry.subscribers where workspace_id = ${workspaceId} and id = any (${ids}::text[])
      union
      (select subscriber_id from belfry.topic_members
      where workspace_id = ${workspaceId} and topic = any (${topics}::text[])
      limit ${limit})
    ) people`)
  return rows[0]?.count ?? 0
}

/** Whether an audience has anybody in it at this moment. */
export async function hasPeople(
  db: Db,
  workspaceId: number,
  audience: AudienceMember[],
): Promise<boolean> {
  const { ids, topics } = namesOf(audience)
  const rows = await db.query<{ found: boolean }>(sql`
    select exists (
      select from belfry.subscribers where workspace_id = ${workspaceId} and id = any (${ids}::text[])
    ) or exists (
      select from belfry.topic_members
      where workspace_id = ${workspaceId} and topic = any (${topics}::text[])
    ) as found`)
  return rows[0]?.found ?? false
}

function namesOf(audience: AudienceMember[]): { ids: string[]; topics: string[] } {
  return {
    ids: audience.flatMap((member) => ('id' in member ? [member.id] : [])),
    topics: audience.flatMap((member) => ('topic' in member ? [member.topic] : [])),
  }
}

export type ListenerRow = {
  notificationId: string
  recipient: string
  isSubscriber: boolean
  isKnown: boolean // false: the subscriber is there no more
  level: Level
  threadKey: string | null // asked only for those who have muted any
  timezone: string | null
  scheduledAt: Date | null // of the notification; null: nothing to wait for, as of those asked since nobody answered
  preferences: Preferences | null
  defaults: PreferenceDefaults | null
}

/** Who notifications are for, and what these people want now. */
export function findListeners(
  db: Db,
  notifications: readonly { workspaceId: number; notificationId: string }[],
): Promise<ListenerRow[]> {
  const ids = notifications.map(({ workspaceId, notificationId: id }) => ({ workspaceId, id }))
  return db.query<ListenerRow>(sql`
    select n.id as notification_id, n.recipient, n.is_subscriber, n.level, s.id is not null as is_known,
      s.timezone, n.scheduled_at,
      p.document as preferences, h.defaults,
      case when p.document ? 'muted_threads' and not exists (
        -- What tells of several threads is heard while one of them is.
        select from belfry.digests d cross join json_array_elements_text(d.threads) as t (key)
        where d.workspace_id = w."workspaceId" and d.notification_id = n.id
          and (p.document -> 'muted_threads' ? t.key) is not true
      ) then (
        select e.thread_key from belfry.events e
        where e.workspace_id = w."workspaceId" and e.id = n.event_id) end as thread_key
    from json_to_recordset(${JSON.stringify(ids)}::json) as w ("workspaceId" integer, id uuid)
    cross join lateral (
      select n.id, n.event_id, n.recipient, n.is_subscriber, n.level, n.scheduled_at from belfry.notifications n
      where n.workspace_id = w."workspaceId" and n.id = w.id offset 0
    ) n
    left join lateral (
      select p.document from belfry.preferences p
      where p.workspace_id = w."workspaceId" and p.subscriber_id = n.recipient offset 0
    ) p on true
    left join lateral (
      select s.id, s.timezone from belfry.subscribers s
      where n.is_subscriber and s.workspace_id = w."workspaceId" and s.id = n.recipient offset 0
    ) s on true
    left join lateral (
      select h.defaults from belfry.preference_heads h
      where h.workspace_id = w."workspaceId" offset 0
    ) h on true`)
}
