// Workspaces: the wall between tenants. Everything else belongs to exactly one of them.
import { sql, type Db } from './db.ts'

export type WorkspaceRow = { id: number; key: string; name: string; createdAt: Date }

export async function findWorkspace(db: Db, key: string): Promise<WorkspaceRow | null> {
  const rows = await db.query<WorkspaceRow>(sql`
    select id, key, name, created_at from belfry.workspaces where key = ${key}`)
  return rows[0] ?? null
}

export async function findWorkspaceById(db: Db, id: number): Promise<WorkspaceRow | null> {
  const rows = await db.query<WorkspaceRow>(sql`
    select id, key, name, created_at from belfry.workspaces where id = ${id}`)
  return rows[0] ?? null
}

/** All of them, in the order of their keys. */
export function listWorkspaces(db: Db): Promise<WorkspaceRow[]> {
  return db.query<WorkspaceRow>(sql`
    select id, key, name, created_at from belfry.workspaces order by key`)
}

/** Null when the key is taken. */
export async function insertWorkspace(
  db: Db,
  { key, name }: { key: string; name: string },
): Promise<WorkspaceRow | null> {
  const rows = await db.query<WorkspaceRow>(sql`
    insert into belfry.workspaces (key, name) values (${key}, ${name})
    on conflict (key) do nothing
    returning id, key, name, created_at`)
  return rows[0] ?? null
}
