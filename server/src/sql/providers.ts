// Configured providers. `secrets` is encrypted: only the program that holds the secret reads it.
import type { CarriedChannel } from '../domain/channel.ts'
import { sql, type Db } from './db.ts'

export type ProviderRow = {
  workspaceId: number
  id: string
  channel: CarriedChannel
  kind: string
  name: string
  priority: number
  weight: number
  perSecond: number | null
  mayDouble: boolean
  settings: Record<string, unknown>
  secrets: Buffer | null
  isEnabled: boolean
  createdAt: Date
  updatedAt: Date
}

/** The providers of every workspace that may be used, best first. What a worker sends through. */
export function listEnabledProviders(db: Db): Promise<ProviderRow[]> {
  return db.query<ProviderRow>(sql`
    select workspace_id, id, channel, kind, name, priority, weight, per_second, may_double, settings,
      secrets, is_enabled, created_at, updated_at
    from belfry.providers
    where is_enabled
    order by workspace_id, channel, priority, id
    limit 10000`)
}

export type ProviderFilter = {
  workspaceId: number
  channel: string | null
  after: string | null // an id
  offset: number
  limit: number
}

/** A page of providers, oldest first. */
export function listProviders(db: Db, filter: ProviderFilter): Promise<ProviderRow[]> {
  return db.query<ProviderRow>(sql`
    select workspace_id, id, channel, kind, name, priority, weight, per_second, may_double, settings,
      secrets, is_enabled, created_at, updated_at
    from belfry.providers
    where workspace_id = ${filter.workspaceId}
      and (${filter.channel}::text is null or channel = ${filter.channel})
      and (${filter.after}::uuid is null or id > ${filter.after})
    order by id
    limit ${filter.limit} offset ${filter.offset}`)
}

export async function findProvider(
  db: Db,
  workspaceId: number,
  id: string,
): Promise<ProviderRow | null> {
  const rows = await db.query<ProviderRow>(sql`
    select workspace_id, id, channel, kind, name, priority, weight, per_second, may_double, settings,
      secrets, is_enabled, created_at, updated_at
    from belfry.providers
    where workspace_id = ${workspaceId} and id = ${id}`)
  return rows[0] ?? null
}

/** By its id alone: vendors say no workspace. */
export async function findReceiver(db: Db, id: string): Promise<ProviderRow | null> {
  const rows = await db.query<ProviderRow>(sql`
    select workspace_id, id, channel, kind, name, priority, settings, secrets, is_enabled,
      created_at, updated_at
    from belfry.providers where id = ${id}`)
  return rows[0] ?? null
}

/** Holds the row until the transaction ends, so that what is read is what is changed. */
export async function findProviderForUpdate(
  tx: Db,
  workspaceId: number,
  id: string,
): Promise<ProviderRow | null> {
  const rows = await tx.query<ProviderRow>(sql`
    select workspace_id, id, channel, kind, name, priority, weight, per_second, may_double, settings,
      secrets, is_enabled, created_at, updated_at
    from belfry.providers
    where workspace_id = ${workspaceId} and id = ${id}
    for update`)
  return rows[0] ?? null
}

export type NewProvider = Omit<ProviderRow, 'createdAt' | 'updatedAt'>

/** Null when the channel has a provider of that name already. */
export async function insertProvider(db: Db, row: NewProvider): Promise<ProviderRow | null> {
  const rows = await db.query<ProviderRow>(sql`
    insert into belfry.providers
      (workspace_id, id, channel, kind, name, priority, weight, per_second, may_double, settings, secrets,
        is_enabled)
    values (${row.workspaceId}, ${row.id}, ${row.channel}, ${row.kind}, ${row.name}, ${row.priority},
      ${row.weight}, ${row.perSecond}, ${row.mayDouble}, ${JSON.stringify(row.settings)}, ${row.secrets}, ${row.isEnabled})
    on conflict (workspace_id, channel, name) do nothing
    returning workspace_id, id, channel, kind, name, priority, weight, per_second, may_double, settings,
      secrets, is_enabled, created_at, updated_at`)
  return rows[0] ?? null
}

/**
 * Writes what may change of a provider.
 *
 * @throws a unique violation (23505) when another one of the channel has that name.
 */
export async function updateProvider(
  db: Db,
  row: Omit<NewProvider, 'channel' | 'kind'>,
): Promise<ProviderRow | null> {
  const rows = await db.query<ProviderRow>(sql`
    update belfry.providers
    set name = ${row.name}, priority = ${row.priority}, weight = ${row.weight},
      per_second = ${row.perSecond}, may_double = ${row.mayDouble}, settings = ${JSON.stringify(row.settings)},
      secrets = ${row.secrets}, is_enabled = ${row.isEnabled}, updated_at = clock_timestamp()
    where workspace_id = ${row.workspaceId} and id = ${row.id}
    returning workspace_id, id, channel, kind, name, priority, weight, per_second, may_double, settings,
      secrets, is_enabled, created_at, updated_at`)
  return rows[0] ?? null
}

/** Answers whether there was one. */
export async function deleteProvider(db: Db, workspaceId: number, id: string): Promise<boolean> {
  const rows = await db.query(sql`
    with health as (
      delete from belfry.provider_health where workspace_id = ${workspaceId} and provider_id = ${id}
    ),
    counts as (
      delete from belfry.provider_counts where workspace_id = ${workspaceId} and provider_id = ${id}
    )
    delete from belfry.providers where workspace_id = ${workspaceId} and id = ${id} returning id`)
  return rows.length > 0
}
