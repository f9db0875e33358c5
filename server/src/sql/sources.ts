// Inbound webhooks: their definitions. `secrets` is encrypted: only the program that holds the secret
// reads it.
import type { Source, SourceDefinition } from '../domain/source.ts'
import { sql, type Db } from './db.ts'

type SourceRow = {
  workspaceId: number
  workspace: string
  key: string
  definition: SourceDefinition
  secrets: Buffer | null
  createdAt: Date
  updatedAt: Date
}

export async function findSource(db: Db, workspaceId: number, key: string): Promise<Source | null> {
  const rows = await db.query<SourceRow>(sql`
    select s.workspace_id, w.key as workspace, s.key, s.definition, s.secrets, s.created_at, s.updated_at
    from belfry.sources s
    join belfry.workspaces w on w.id = s.workspace_id
    where s.workspace_id = ${workspaceId} and s.key = ${key}`)
  return rows[0] ? fromRow(rows[0]) : null
}

/** By the names in the path of a webhook, which comes without a key that would tell the workspace. */
export async function findSourceByNames(
  db: Db,
  workspace: string,
  key: string,
): Promise<Source | null> {
  const rows = await db.query<SourceRow>(sql`
    select s.workspace_id, w.key as workspace, s.key, s.definition, s.secrets, s.created_at, s.updated_at
    from belfry.workspaces w
    join belfry.sources s on s.workspace_id = w.id
    where w.key = ${workspace} and s.key = ${key}`)
  return rows[0] ? fromRow(rows[0]) : null
}

export type SourceFilter = {
  workspaceId: number
  after: string | null // a key
  offset: number
  limit: number
}

/** A page of sources, by key. */
export async function listSources(db: Db, filter: SourceFilter): Promise<Source[]> {
  const rows = await db.query<SourceRow>(sql`
    select s.workspace_id, w.key as workspace, s.key, s.definition, s.secrets, s.created_at, s.updated_at
    from belfry.sources s
    join belfry.workspaces w on w.id = s.workspace_id
    where s.workspace_id = ${filter.workspaceId}
      and (${filter.after}::text is null or s.key > ${filter.after})
    order by s.key
    limit ${filter.limit} offset ${filter.offset}`)
  return rows.map(fromRow)
}

/** Every key, for suggestions; at most 1,000. */
export async function listSourceKeys(db: Db, workspaceId: number): Promise<string[]> {
  const rows = await db.query<{ key: string }>(sql`
    select key from belfry.sources where workspace_id = ${workspaceId} order by key limit 1000`)
  return rows.map(({ key }) => key)
}

/** Keeps other writers of this source away until the transaction ends, whether it exists or not. */
export async function lockSource(tx: Db, workspaceId: number, key: string): Promise<void> {
  await tx.query(sql`
    select pg_advisory_xact_lock(hashtextextended(${`sources/${workspaceId}/${key}`}, 0))`)
}

export async function upsertSource(
  db: Db,
  row: { workspaceId: number; key: string; definition: SourceDefinition; secrets: Buffer | null },
): Promise<void> {
  await db.query(sql`
    insert into belfry.sources (workspace_id, key, definition, secrets)
    values (${row.workspaceId}, ${row.key}, ${JSON.stringify(row.definition)}, ${row.secrets})
    on conflict (workspace_id, key) do update
    set definition = excluded.definition, secrets = excluded.secrets, updated_at = clock_timestamp()`)
}

/** Answers whether there was one. The requests it got are forgotten with it. */
export async function deleteSource(db: Db, workspaceId: number, key: string): Promise<boolean> {
  const rows = await db.query(sql`
    delete from belfry.sources where workspace_id = ${workspaceId} and key = ${key} returning key`)
  return rows.length > 0
}

function fromRow({ definition, ...row }: SourceRow): Source {
  return { ...definition, ...row }
}
