// The breakers of providers, what they go by, and the deliveries that wait for one to close.
import type { Counts, Health } from '../domain/provider-health.ts'
import { sql, type Db } from './db.ts'

export type HealthRow = Health & { workspaceId: number; providerId: string }

/** All that were ever anything but closed: the era counts for those that are well again too. */
export function listHealth(db: Db): Promise<HealthRow[]> {
  return db.query<HealthRow>(sql`
    select workspace_id, provider_id, state, era, since, reason, probe_at, trips
    from belfry.provider_health
    limit 10000`)
}

/** Every provider there is, with its breaker if that was ever anything but closed. */
export async function listProviderStandings(
  db: Db,
): Promise<{ channel: string; name: string; health: HealthRow | null }[]> {
  const rows = await db.query<{ channel: string; name: string } & HealthRow>(sql`
    select p.channel, p.name, p.workspace_id, h.provider_id, h.state, h.era, h.since, h.reason,
      h.probe_at, h.trips
    from belfry.providers p
    left join belfry.provider_health h on h.workspace_id = p.workspace_id and h.provider_id = p.id
    where p.is_enabled
    limit 10000`)
  return rows.map(({ channel, name, ...health }) => {
    return { channel, name, health: (health.state as string | null) === null ? null : health }
  })
}

/** Of some of a workspace; one that was never anything but closed has none. */
export function listHealthOf(
  db: Db,
  workspaceId: number,
  providerIds: string[],
): Promise<HealthRow[]> {
  return db.query<HealthRow>(sql`
    select workspace_id, provider_id, state, era, since, reason, probe_at, trips
    from belfry.provider_health
    where workspace_id = ${workspaceId} and provider_id = any (${providerIds}::uuid[])`)
}

/** The breaker of one, held until the transaction ends; null when it was never anything but closed. */
export async function findHealthForUpdate(
  tx: Db,
  workspaceId: number,
  providerId: string,
): Promise<HealthRow | null> {
  const rows = await tx.query<HealthRow>(sql`
    select workspace_id, provider_id, state, era, since, reason, probe_at, trips
    from belfry.provider_health
    where workspace_id = ${workspaceId} and provider_id = ${providerId}
    for update`)
  return rows[0] ?? null
}

/** False: another process has changed it meanwhile, from the same `era`. */
export async function saveHealth(db: Db, row: HealthRow): Promise<boolean> {
  const { workspaceId, providerId, state, era, since, reason, probeAt, trips } = row
  const rows = await db.query(sql`
    insert into belfry.provider_health as h
      (workspace_id, provider_id, state, era, since, reason, probe_at, trips)
    values (${workspaceId}, ${providerId}, ${state}, ${era}, ${since}, ${reason}, ${probeAt}, ${trips})
    on conflict (workspace_id, provider_id) do update
    set state = excluded.state, era = excluded.era, since = excluded.since, reason = excluded.reason,
      probe_at = excluded.probe_at, trips = excluded.trips
    where h.era = excluded.era - 1
    returning h.era`)
  return rows.length > 0
}

export type NewCounts = Counts & {
  workspaceId: number
  providerId: string
  era: number
  slot: Date
  durationMs: number
}

/** Adds what one process has seen, and forgets what is too old to count. */
export async function addCounts(
  db: Db,
  counts: NewCounts[],
  { worker, oldest }: { worker: string; oldest: Date },
): Promise<void> {
  const workspaceIds = [...new Set(counts.map(({ workspaceId }) => workspaceId))]
  await db.query(sql`
    with forgotten as (
      delete from belfry.provider_counts
      where workspace_id = any (${workspaceIds}::integer[]) and slot < ${oldest}
    )
    insert into belfry.provider_counts as c
      (workspace_id, provider_id, era, slot, worker, answered, failed, slow, duration_ms, code)
    select "workspaceId", "providerId", era, slot, ${worker}, answered, failed, slow, "durationMs", code
    from json_to_recordset(${JSON.stringify(counts)}::json) as i ("workspaceId" integer, "providerId" uuid,
      era integer, slot timestamptz, answered integer, failed integer, slow integer, "durationMs" bigint,
      code text)
    on conflict (workspace_id, provider_id, era, slot, worker) do update
    set answered = c.answered + excluded.answered, failed = c.failed + excluded.failed,
      slow = c.slow + excluded.slow, duration_ms = c.duration_ms + excluded.duration_ms,
      code = coalesce(excluded.code, c.code)`)
}

export type CountsRow = Counts & { providerId: string; durationMs: number }

/** What all processes have seen since then, of the present era of each. */
export function listCounts(
  db: Db,
  workspaceId: number,
  { providerIds, since }: { providerIds: string[]; since: Date },
): Promise<CountsRow[]> {
  return db.query<CountsRow>(sql`
    select c.provider_id, sum(c.answered)::integer as answered, sum(c.failed)::integer as failed,
      sum(c.slow)::integer as slow, sum(c.duration_ms)::float8 as duration_ms,
      (array_agg(c.code order by c.slot desc) filter (where c.code is not null))[1] as code
    from belfry.provider_counts c
    left join belfry.provider_health h
      on h.workspace_id = c.workspace_id and h.provider_id = c.provider_id
    where c.workspace_id = ${workspaceId} and c.provider_id = any (${providerIds}::uuid[])
      and c.slot >= ${since} and c.era = coalesce(h.era, 0)
    group by c.provider_id`)
}

/** Deliveries that wait for a provider. `isBound`: another one must not have them. */
export type Held = {
  workspaceId: number
  providerId: string
  isBound: boolean
  count: number
}

// Enough to show; counting on would only cost more the worse it is.
const mostCounted = 100_000

/** Of one workspace; null: of all. */
export function listHeld(db: Db, workspaceId: number | null, now: Date): Promise<Held[]> {
  return db.query<Held>(sql`
    select workspace_id, provider_id, is_bound, count(*)
    from (
      select q.workspace_id, q.provider_id, coalesce(q.stays_until > ${now}, false) as is_bound
      from belfry.queue q
      where q.is_held and q.provider_id is not null
        and (${workspaceId}::integer is null or q.workspace_id = ${workspaceId})
      limit ${mostCounted}
    ) held
    group by 1, 2, 3`)
}

/** They may begin now, up to `limit` of them, urgent ones first. Answers how many. */
export async function releaseHeld(
  db: Db,
  { workspaceId, providerId, isBound }: Omit<Held, 'count'>,
  { now, limit }: { now: Date; limit: number },
): Promise<number> {
  const rows = await db.query(sql`
    with held as materialized (
      select q.delivery_id from belfry.queue q
      where q.is_held and q.workspace_id = ${workspaceId} and q.provider_id = ${providerId}
        and coalesce(q.stays_until > ${now}, false) = ${isBound}
      order by q.lane, q.due_at
      limit ${limit}
      for update skip locked
    )
    update belfry.queue q set due_at = ${now}, is_held = false
    where q.delivery_id = any (array(select delivery_id from held))
    returning q.delivery_id`)
  return rows.length
}
