// Subscribers and the addresses they can be reached at.
import type { InlineSubscriber } from '../domain/audience.ts'
import { subscriberChange, type KeptAddress } from '../domain/subscriber.ts'
import type { Suppression } from '../domain/suppression.ts'
import { sql, type Db } from './db.ts'

/** `suppressed`: why it gets nothing more; null: it does. */
export type ShownAddress = KeptAddress & {
  suppressed: (Suppression & { code: string | null; provider: string | null }) | null
}

export type SubscriberRow = {
  id: string
  locale: string | null
  timezone: string | null
  data: Record<string, unknown>
  addresses: ShownAddress[] // by channel and slot
  createdAt: Date
  updatedAt: Date
}

/**
 * Adds subscribers and changes those that are there, in one statement. Fields that are given replace,
 * fields that are absent stay, null removes; `data` is replaced whole. The caller has checked them
 * (`subscriberProblems`).
 */
export async function upsertSubscribers(
  db: Db,
  workspaceId: number,
  subscribers: InlineSubscriber[],
): Promise<{ id: string; isNew: boolean }[]> {
  const changes = mergeById(subscribers).map(subscriberChange)
  // What stays as it is, looked up by id: `excluded` has only values, and a value says too little.
  const idsWithout = (field: 'locale' | 'timezone' | 'data') =>
    JSON.stringify(
      Object.fromEntries(
        changes.filter((change) => change[field] === undefined).map(({ id }) => [id, 1]),
      ),
    )
  const people = changes.map(({ id, locale, timezone, data }) => ({ id, locale, timezone, data }))
  const replaced = changes.flatMap(({ id, replaced, addresses }) =>
    replaced.map((channel) => ({
      id,
      channel,
      count: addresses.filter((address) => address.channel === channel).length,
    })),
  )
  const addresses = changes.flatMap(({ id, addresses }) =>
    addresses.map((address) => ({ id, ...address })),
  )
  return db.query<{ id: string; isNew: boolean }>(sql`
    with saved as (
      insert into belfry.subscribers as s (workspace_id, id, locale, timezone, data)
      select ${workspaceId}::integer, id, locale, timezone, coalesce(data, '{}')
      from json_to_recordset(${JSON.stringify(people)}::json)
        as g (id text, locale text, timezone text, data jsonb)
      order by id -- two requests with the same people wait for each other instead of dead-locking
      on conflict (workspace_id, id) do update set
        locale = case when ${idsWithout('locale')}::jsonb ? s.id then s.locale else excluded.locale end,
        timezone =
          case when ${idsWithout('timezone')}::jsonb ? s.id then s.timezone else excluded.timezone end,
        data = case when ${idsWithout('data')}::jsonb ? s.id then s.data else excluded.data end,
        updated_at = now()
      returning s.id, s.xmax = 0 as is_new
    ),
    fewer as (
      delete from belfry.addresses a
      using json_to_recordset(${JSON.stringify(replaced)}::json)
        as r (id text, channel text, count integer)
      where a.workspace_id = ${workspaceId} and a.subscriber_id = r.id and a.channel = r.channel
        and a.slot >= r.count and exists (select from saved)
    ),
    kept as (
      insert into belfry.addresses (workspace_id, subscriber_id, channel, slot, kind, address)
      select ${workspaceId}::integer, g.id, g.channel, g.slot, g.kind, g.address
      from json_to_recordset(${JSON.stringify(addresses)}::json)
        as g (id text, channel text, slot smallint, kind text, address text)
      join saved on saved.id = g.id
      order by g.id, g.channel, g.slot
      on conflict (workspace_id, subscriber_id, channel, slot)
        do update set kind = excluded.kind, address = excluded.address
    )
    select id, is_new from saved`)
}

/** Of an id that comes twice the later one is taken on top of the earlier. */
export function mergeById(subscribers: InlineSubscriber[]): InlineSubscriber[] {
  const byId = new Map<string, InlineSubscriber>()
  for (const subscriber of subscribers) {
    const before = byId.get(subscriber.id)
    const addresses = { ...before?.addresses, ...subscriber.addresses }
    byId.set(subscriber.id, { ...before, ...subscriber, addresses })
  }
  return [...byId.values()]
}

export async function findSubscriber(
  db: Db,
  workspaceId: number,
  id: string,
): Promise<SubscriberRow | null> {
  const rows = await db.query<SubscriberRow>(sql`
    select s.id, s.locale, s.timezone, s.data, s.created_at, s.updated_at,
      coalesce((
        select json_agg(json_build_object(
          'channel', a.channel, 'slot', a.slot, 'kind', a.kind, 'address', a.address, 'suppressed', (
            select json_build_object('reason', x.reason, 'at', x.at, 'code', x.code, 'provider', x.provider)
            from belfry.suppressions x
            where x.workspace_id = a.workspace_id and x.channel = a.channel
              and x.hash = belfry.address_hash(a.channel, a.address)))
          order by a.channel, a.slot)
        from belfry.addresses a
        where a.workspace_id = s.workspace_id and a.subscriber_id = s.id), '[]') as addresses
    from belfry.subscribers s
    where s.workspace_id = ${workspaceId} and s.id = ${id}`)
  return rows[0] ?? null
}

export type SubscriberFilter = {
  workspaceId: number
  after: string | null // an id
  offset: number
  limit: number
}

/** A page of subscribers, by id. */
export function listSubscribers(db: Db, filter: SubscriberFilter): Promise<SubscriberRow[]> {
  return db.query<SubscriberRow>(sql`
    select s.id, s.locale, s.timezone, s.data, s.created_at, s.updated_at,
      coalesce((
        select json_agg(json_build_object(
          'channel', a.channel, 'slot', a.slot, 'kind', a.kind, 'address', a.address, 'suppressed', (
            select json_build_object('reason', x.reason, 'at', x.at, 'code', x.code, 'provider', x.provider)
            from belfry.suppressions x
            where x.workspace_id = a.workspace_id and x.channel = a.channel
              and x.hash = belfry.address_hash(a.channel, a.address)))
          order by a.channel, a.slot)
        from belfry.addresses a
        where a.workspace_id = s.workspace_id and a.subscriber_id = s.id), '[]') as addresses
    from belfry.subscribers s
    where s.workspace_id = ${filter.workspaceId}
      and s.id > coalesce(${filter.after}::text, '')
    order by s.id
    limit ${filter.limit} offset ${filter.offset}`)
}

/** Takes the subscriber out of its topics too. Answers whether there was one. */
export async function deleteSubscriber(db: Db, workspaceId: number, id: string): Promise<boolean> {
  const rows = await db.query(sql`
    delete from belfry.subscribers where workspace_id = ${workspaceId} and id = ${id} returning id`)
  return rows.length > 0
}
