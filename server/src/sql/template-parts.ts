// What templates share: layouts, partials, translations. Versions are added, never changed: work in
// flight keeps its own.
import type { PartPin } from '../domain/event.ts'
import type { Part, PartKind, PartSource, PartVersion } from '../domain/template.ts'
import { sql, type Db } from './db.ts'

export type PartKey = { workspaceId: number; kind: PartKind; name: string }

/** All current parts of a workspace, at most 1,000. */
export function listCurrentParts(db: Db, workspaceId: number): Promise<Part[]> {
  return db.query<Part>(sql`
    select kind, name, version, content, author, created_at
    from (
      select distinct on (kind, name) kind, name, version, content, author, created_at
      from belfry.template_parts
      where workspace_id = ${workspaceId}
      order by kind, name, version desc
    ) p
    where content is not null
    order by kind, name
    limit 1000`)
}

/** The parts in given versions. */
export function listPinnedParts(db: Db, workspaceId: number, pins: PartPin[]): Promise<Part[]> {
  return db.query<Part>(sql`
    select t.kind, t.name, t.version, t.content, t.author, t.created_at
    from json_to_recordset(${JSON.stringify(pins)}::json) as p (kind text, name text, version integer)
    join belfry.template_parts t on t.workspace_id = ${workspaceId} and t.kind = p.kind
      and t.name = p.name and t.version = p.version
    where t.content is not null
    order by t.kind, t.name
    limit 1000`)
}

/** The last version, also when it ended the part; null when there never was one. */
export async function findLastPart(db: Db, key: PartKey): Promise<PartVersion | null> {
  const rows = await db.query<PartVersion>(sql`
    select kind, name, version, content, author, created_at
    from belfry.template_parts
    where workspace_id = ${key.workspaceId} and kind = ${key.kind} and name = ${key.name}
    order by version desc
    limit 1`)
  return rows[0] ?? null
}

export async function findPartVersion(
  db: Db,
  key: PartKey,
  version: number,
): Promise<PartVersion | null> {
  const rows = await db.query<PartVersion>(sql`
    select kind, name, version, content, author, created_at
    from belfry.template_parts
    where workspace_id = ${key.workspaceId} and kind = ${key.kind} and name = ${key.name}
      and version = ${version}`)
  return rows[0] ?? null
}

export type PartFilter = {
  workspaceId: number
  kind: PartKind
  after: string | null // a name
  offset: number
  limit: number
}

/** A page of current parts of one kind, by name. */
export function listParts(db: Db, filter: PartFilter): Promise<Part[]> {
  return db.query<Part>(sql`
    select kind, name, version, content, author, created_at
    from (
      select distinct on (name) kind, name, version, content, author, created_at
      from belfry.template_parts
      where workspace_id = ${filter.workspaceId} and kind = ${filter.kind}
        and (${filter.after}::text is null or name > ${filter.after})
      order by name, version desc
    ) p
    where content is not null
    order by name
    limit ${filter.limit} offset ${filter.offset}`)
}

export type PartVersionFilter = PartKey & { before: number | null; offset: number; limit: number }

/** A page of all versions of one part, newest first. */
export function listPartVersions(db: Db, filter: PartVersionFilter): Promise<PartVersion[]> {
  return db.query<PartVersion>(sql`
    select kind, name, version, content, author, created_at
    from belfry.template_parts
    where workspace_id = ${filter.workspaceId} and kind = ${filter.kind} and name = ${filter.name}
      and (${filter.before}::integer is null or version < ${filter.before})
    order by version desc
    limit ${filter.limit} offset ${filter.offset}`)
}

/**
 * Adds a version if the content differs from the current one, and answers the version that is now
 * current. `content` null ends the part. The caller holds the lock of the workspace's templates.
 */
export async function insertPartVersion(
  tx: Db,
  key: PartKey,
  { content, author }: { content: PartSource | null; author: string },
): Promise<{ part: PartVersion; isNew: boolean }> {
  const { workspaceId, kind, name } = key
  const current = await findLastPart(tx, key)
  const rows = await tx.query<PartVersion>(sql`
    insert into belfry.template_parts (workspace_id, kind, name, version, content, author)
    select ${workspaceId}::integer, ${kind}::text, ${name}::text,
      ${(current?.version ?? 0) + 1}::integer, new, ${author}::text
    from (select ${content && JSON.stringify(content)}::jsonb as new) n
    where not exists (
      select from belfry.template_parts
      where workspace_id = ${workspaceId} and kind = ${kind} and name = ${name}
        and version = ${current?.version ?? 0} and content is not distinct from new)
    returning kind, name, version, content, author, created_at`)
  if (rows[0]) return { part: rows[0], isNew: true }
  if (!current) throw new Error('a part of templates neither exists nor could be added')
  return { part: current, isNew: false }
}
