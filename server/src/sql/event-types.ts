// The registry of event types. Versions are added, never changed: work in flight keeps its own.
import type { EventType, EventTypeDefinition } from '../domain/event-type.ts'
import { sql, type Db } from './db.ts'

type EventTypeRow = {
  key: string
  version: number
  definition: EventTypeDefinition
  createdAt: Date
}

/** The current version; null also when the event type was deleted. */
export async function findEventType(
  db: Db,
  workspaceId: number,
  key: string,
): Promise<EventType | null> {
  const rows = await db.query<EventTypeRow>(sql`
    select key, version, definition, created_at
    from (
      select key, version, definition, created_at, deleted_at
      from belfry.event_types
      where workspace_id = ${workspaceId} and key = ${key}
      order by version desc
      limit 1
    ) last
    where deleted_at is null`)
  return rows[0] ? fromRow(rows[0]) : null
}

export async function findEventTypeVersion(
  db: Db,
  workspaceId: number,
  key: string,
  version: number,
): Promise<EventType | null> {
  const rows = await db.query<EventTypeRow>(sql`
    select key, version, definition, created_at
    from belfry.event_types
    where workspace_id = ${workspaceId} and key = ${key} and version = ${version}`)
  return rows[0] ? fromRow(rows[0]) : null
}

/** Null for an event type that is there, and for one that never was. */
export async function findDeletedAt(
  db: Db,
  workspaceId: number,
  key: string,
): Promise<Date | null> {
  const rows = await db.query<{ deletedAt: Date | null }>(sql`
    select deleted_at from belfry.event_types
    where workspace_id = ${workspaceId} and key = ${key}
    order by version desc
    limit 1`)
  return rows[0]?.deletedAt ?? null
}

export type EventTypeFilter = {
  workspaceId: number
  after: string | null // a key
  offset: number
  limit: number
}

/** A page of current versions, by key, without those that were deleted. */
export async function listEventTypes(db: Db, filter: EventTypeFilter): Promise<EventType[]> {
  const rows = await db.query<EventTypeRow>(sql`
    select key, version, definition, created_at
    from (
      select distinct on (key) key, version, definition, created_at, deleted_at
      from belfry.event_types
      where workspace_id = ${filter.workspaceId}
        and (${filter.after}::text is null or key > ${filter.after})
      order by key, version desc
    ) last
    where deleted_at is null
    order by key
    limit ${filter.limit} offset ${filter.offset}`)
  return rows.map(fromRow)
}

export type VersionFilter = {
  workspaceId: number
  key: string
  before: number | null
  offset: number
  limit: number
}

/** A page of all versions of one event type, newest first. */
export async function listEventTypeVersions(db: Db, filter: VersionFilter): Promise<EventType[]> {
  const rows = await db.query<EventTypeRow>(sql`
    select key, version, definition, created_at
    from belfry.event_types
    where workspace_id = ${filter.workspaceId} and key = ${filter.key}
      and (${filter.before}::integer is null or version < ${filter.before})
    order by version desc
    limit ${filter.limit} offset ${filter.offset}`)
  return rows.map(fromRow)
}

/** Every key, for suggestions; at most 1,000. */
export async function listEventTypeKeys(db: Db, workspaceId: number): Promise<string[]> {
  const rows = await db.query<{ key: string }>(sql`
    select key
    from (
      select distinct on (key) key, deleted_at from belfry.event_types
      where workspace_id = ${workspaceId}
      order by key, version desc
    ) last
    where deleted_at is null
    order by key
    limit 1000`)
  return rows.map(({ key }) => key)
}

/** The headers of data sources, sealed: one for all versions. Null also when the event type was deleted. */
export async function findDataSecrets(
  db: Db,
  workspaceId: number,
  key: string,
): Promise<Buffer | null> {
  const rows = await db.query<{ dataSecrets: Buffer | null }>(sql`
    select data_secrets from belfry.event_types
    where workspace_id = ${workspaceId} and key = ${key}
    order by version desc
    limit 1`)
  return rows[0]?.dataSecrets ?? null
}

/** The same, to be changed: until the transaction ends nobody else changes the event type. */
export async function holdDataSecrets(
  tx: Db,
  workspaceId: number,
  key: string,
): Promise<Buffer | null> {
  await lockEventType(tx, workspaceId, key)
  return findDataSecrets(tx, workspaceId, key)
}

/** `dataSecrets`: those of its data sources from then on. */
export type NewVersion = {
  key: string
  definition: EventTypeDefinition
  dataSecrets?: Buffer | null
}

/**
 * Adds a version if the definition differs from the current one or the event type was deleted, and
 * answers the version that is now current. The lock keeps two writers from taking the same number; it
 * ends with the transaction.
 */
export async function insertEventTypeVersion(
  tx: Db,
  workspaceId: number,
  { key, definition, dataSecrets = null }: NewVersion,
): Promise<{ eventType: EventType; isNew: boolean }> {
  await lockEventType(tx, workspaceId, key)
  const rows = await tx.query<EventTypeRow>(sql`
    with added as (
      insert into belfry.event_types (workspace_id, key, version, definition, data_secrets)
      select ${workspaceId}::integer, ${key}::text, coalesce(last.version, 0) + 1, new, ${dataSecrets}::bytea
      from (select ${JSON.stringify(definition)}::jsonb as new) n
      left join lateral (
        select version, definition, deleted_at from belfry.event_types
        where workspace_id = ${workspaceId} and key = ${key}
        order by version desc
        limit 1
      ) last on true
      where last.version is null or last.deleted_at is not null or last.definition <> new
      returning workspace_id, key, version, definition, created_at
    ),
    awaiting as (
      insert into belfry.awaited_events (workspace_id, event, type, key)
      select a.workspace_id, u ->> 'event', a.key, u ->> 'key'
      from added a cross join lateral jsonb_path_query(a.definition -> 'plan', 'lax $.**.unless') u
      where jsonb_typeof(u) = 'object'
      on conflict do nothing
    )
    select key, version, definition, created_at from added`)
  if (rows[0]) return { eventType: fromRow(rows[0]), isNew: true }
  const current = await findEventType(tx, workspaceId, key)
  if (!current) throw new Error('an event type neither exists nor could be added')
  await tx.query(sql`
    update belfry.event_types set data_secrets = ${dataSecrets}
    where workspace_id = ${workspaceId} and key = ${key} and version = ${current.version}`)
  return { eventType: current, isNew: false }
}

/** Its versions stay, for what is under way and for the record. Answers whether there was one. */
export async function deleteEventType(
  tx: Db,
  { workspaceId, key, now }: { workspaceId: number; key: string; now: Date },
): Promise<boolean> {
  await lockEventType(tx, workspaceId, key)
  const rows = await tx.query(sql`
    update belfry.event_types t set deleted_at = ${now}, data_secrets = null
    where t.workspace_id = ${workspaceId} and t.key = ${key} and t.deleted_at is null
      and t.version = (
        select max(version) from belfry.event_types
        where workspace_id = ${workspaceId} and key = ${key})
    returning key`)
  return rows.length > 0
}

async function lockEventType(tx: Db, workspaceId: number, key: string): Promise<void> {
  await tx.query(sql`
    select pg_advisory_xact_lock(hashtextextended(${`event_types/${workspaceId}/${key}`}, 0))`)
}

function fromRow({ key, version, definition, createdAt }: EventTypeRow): EventType {
  return { ...definition, key, version, createdAt }
}
