// Reading people for a fan-out: who they are and where they can be reached.
import type { Address } from '../domain/plan.ts'
import type { AudienceMember } from '../domain/audience.ts'
import { sql, type Db } from './db.ts'

export type PersonRow = {
  id: string
  locale: string | null
  timezone: string | null
  data: Record<string, unknown>
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
    select s.id, s.locale, s.timezone, s.data, coalesce(a.addresses, '[]') as addresses
    from belfry.subscribers s
    left join lateral (
      select json_agg(json_build_object('channel', channel, 'slot', slot, 'address', address)) as addresses
      from belfry.addresses a
      where a.workspace_id = s.workspace_id and a.subscriber_id = s.id
        and a.channel = any (${channels}::text[])
    ) a on true
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
    select s.id, s.locale, s.timezone, s.data, coalesce(a.addresses, '[]') as addresses
    from members m
    join belfry.subscribers s on s.workspace_id = ${page.workspaceId} and s.id = m.subscriber_id
    left join lateral (
      select json_agg(json_build_object('channel', channel, 'slot', slot, 'address', address)) as addresses
      from belfry.addresses a
      where a.workspace_id = s.workspace_id and a.subscriber_id = s.id
        and a.channel = any (${page.channels}::text[])
    ) a on true
    order by s.id`)
}

/** How many people an audience comes to, each counted once, up to `limit` of its topics. */
export async function countPeople(
  db: Db,
  workspaceId: number,
  { audience, limit }: { audience: AudienceMember[]; limit: number },
): Promise<number> {
  const { ids, topics } = namesOf(audience)
  const rows = await db.query<{ count: number }>(sql`
    select count(*) from (
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
