// How much providers may be given, where that is limited: what was given out already, to all processes together.
import type { CarriedChannel } from '../domain/channel.ts'
import { sql, type Db } from './db.ts'

export type PlacesWanted = {
  workspaceId: number
  hash: string // of the provider, or of one of its addresses
  want: number
  perSecond: number
  burst: number // how many at once after a pause
  now: Date
}

export type PlacesGiven = { hash: string; given: number; nextAt: Date }

/**
 * Takes as many of the places as there are now. `nextAt` is when all that was ever given out has had its time: with
 * a burst of one, when the next one may begin.
 */
export function takePlaces(db: Db, wanted: PlacesWanted[]): Promise<PlacesGiven[]> {
  return db.query<PlacesGiven>(sql`
    insert into belfry.paces as p (workspace_id, hash, per_second, burst, given, asked_at, next_at)
    select w."workspaceId", w.hash, w."perSecond", w.burst, g.given, w.now,
      w.now + g.given / w."perSecond" * interval '1 second'
    from json_to_recordset(${JSON.stringify(wanted)}::json) as w ("workspaceId" integer, hash text,
      want integer, "perSecond" float8, burst float8, now timestamptz)
    cross join lateral (select least(w.want, floor(w.burst))::integer as given) g
    order by w."workspaceId", w.hash -- one order everywhere, so that nobody waits in a circle
    on conflict (workspace_id, hash) do update
    set (per_second, burst, asked_at, given, next_at) = (
      select excluded.per_second, excluded.burst, excluded.asked_at, g.given,
        greatest(g.next_at, excluded.asked_at) + g.given / excluded.per_second * interval '1 second'
      from (
        -- A thousandth more: moments are rounded on their way.
        select greatest(0, least(excluded.given, floor(0.001 + excluded.burst - excluded.per_second
          * greatest(0, extract(epoch from e.next_at - excluded.asked_at)::float8))))::integer as given,
          e.next_at
        -- What was given out under another limit does not count.
        from (select case when p.per_second = excluded.per_second then p.next_at else excluded.asked_at end as next_at) e
      ) g)
    returning hash, given, next_at`)
}

/**
 * Up to `limit` deliveries of a channel, in all workspaces but `except`, that were told to come back later because of
 * a limit may ask again now. Answers how many.
 */
export async function hurryLimited(
  db: Db,
  channel: CarriedChannel,
  { now, except, limit }: { now: Date; except: readonly number[]; limit: number },
): Promise<number> {
  const rows = await db.query(sql`
    with limited as materialized (
      select q.delivery_id from belfry.queue q
      cross join lateral (
        select d.reason from belfry.deliveries d
        where d.workspace_id = q.workspace_id and d.id = q.delivery_id offset 0
      ) d
      where q.channel = ${channel} and not q.is_begun and q.due_at > ${now}
        and q.workspace_id <> all (${except}::integer[]) and d.reason = 'rate_limited'
      limit ${limit}
      for update of q skip locked
    )
    update belfry.queue q set due_at = ${now}
    where q.delivery_id = any (array(select delivery_id from limited)) and not q.is_begun
    returning q.delivery_id`)
  return rows.length
}

/** In every workspace: who was given nothing for so long may be given anything. */
export async function prunePaces(db: Db, before: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    with old as (
      select workspace_id, hash from belfry.paces
      where next_at < ${before}
      order by next_at
      limit ${limit}
      for update skip locked
    )
    delete from belfry.paces p using old
    where p.workspace_id = old.workspace_id and p.hash = old.hash
    returning p.hash`)
  return rows.length
}
