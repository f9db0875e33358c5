// Where people are: the zones of a workspace and of an audience, and who has moved lately.
import { sql, type Db } from './db.ts'

/** The zones in which the workspace has people, each once: one look into the index for each. */
export async function listZones(db: Db, workspaceId: number): Promise<string[]> {
  const rows = await db.query<{ zone: string }>(sql`
    with recursive zones (zone) as (
      select (
        select s.timezone from belfry.subscribers s
        where s.workspace_id = ${workspaceId} and s.timezone is not null
        order by s.timezone limit 1)
      union all
      select (
        select s.timezone from belfry.subscribers s
        where s.workspace_id = ${workspaceId} and s.timezone > z.zone
        order by s.timezone limit 1)
      from zones z where z.zone is not null
    )
    select zone from zones where zone is not null`)
  return rows.map(({ zone }) => zone)
}

/**
 * Of these zones, those in which somebody of the audience is. `moved` are not looked at. Everybody is looked at once:
 * one zone after the other would go through a topic as often as there are zones without any of its people.
 */
export async function listZonesOf(
  db: Db,
  audience: {
    workspaceId: number
    ids: string[]
    topics: string[]
    zones: string[]
    moved: string[]
  },
): Promise<string[]> {
  const { workspaceId, ids, topics, zones, moved } = audience
  const rows = await db.query<{ zone: string }>(sql`
    with people as (
      select unnest(${ids}::text[]) as id
      union all
      select m.subscriber_id from belfry.topic_members m
      where m.workspace_id = ${workspaceId} and m.topic = any (${topics}::text[])
    )
    select distinct coalesce(s.timezone, 'UTC') as zone
    from people p
    left join lateral (
      select s.timezone from belfry.subscribers s
      where s.workspace_id = ${workspaceId} and s.id = p.id offset 0
    ) s on true
    where coalesce(s.timezone, 'UTC') = any (${zones}::text[]) and p.id <> all (${moved}::text[])`)
  return rows.map(({ zone }) => zone)
}

/** Of these people, those in the audience. */
export async function listAmong(
  db: Db,
  audience: { workspaceId: number; ids: string[]; topics: string[]; people: string[] },
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(sql`
    select p.id from unnest(${audience.people}::text[]) as p (id)
    where p.id = any (${audience.ids}::text[]) or exists (
      select from belfry.topic_members m
      where m.workspace_id = ${audience.workspaceId} and m.topic = any (${audience.topics}::text[])
        and m.subscriber_id = p.id)`)
  return rows.map(({ id }) => id)
}

export type ZoneMoveRow = {
  subscriberId: string
  zone: string | null
  from: string | null
  at: Date
}

/** Who has moved since, from where, in order; and where they are now. Kept while schedules may need it. */
export function listZoneMoves(db: Db, workspaceId: number, since: Date): Promise<ZoneMoveRow[]> {
  return db.query<ZoneMoveRow>(sql`
    -- By itself: for their order the planner might read all changes that there ever were.
    with recent as materialized (
      select c.seq, c.subscriber_id, c.changes, c.changed_at from belfry.preference_changes c
      where c.changed_at >= ${since} and c.workspace_id = ${workspaceId} and c.subscriber_id is not null
    )
    select c.subscriber_id, s.timezone as zone, f.change ->> 'before' as from, c.changed_at as at
    from recent c
    cross join lateral (
      select change from jsonb_array_elements(c.changes) as a (change)
      where change -> 'field' = '["timezone"]' limit 1
    ) f
    cross join lateral (
      select s.timezone from belfry.subscribers s
      where s.workspace_id = ${workspaceId} and s.id = c.subscriber_id offset 0
    ) s
    order by c.seq`)
}
