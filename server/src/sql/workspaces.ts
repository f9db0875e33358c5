// Workspaces: the wall between tenants. Everything else belongs to exactly one of them.
import { sql, type Db } from './db.ts'

export type WorkspaceRow = {
  id: number
  key: string
  name: string
  createdAt: Date
  /** Its clock may be moved. */
  isTest: boolean
}

export async function findWorkspace(db: Db, key: string): Promise<WorkspaceRow | null> {
  const rows = await db.query<WorkspaceRow>(sql`
    select id, key, name, created_at, is_test from belfry.workspaces where key = ${key}`)
  return rows[0] ?? null
}

export async function findWorkspaceById(db: Db, id: number): Promise<WorkspaceRow | null> {
  const rows = await db.query<WorkspaceRow>(sql`
    select id, key, name, created_at, is_test from belfry.workspaces where id = ${id}`)
  return rows[0] ?? null
}

/** All of them, in the order of their keys. */
export function listWorkspaces(db: Db): Promise<WorkspaceRow[]> {
  return db.query<WorkspaceRow>(sql`
    select id, key, name, created_at, is_test from belfry.workspaces order by key`)
}

/** Null when the key is taken. */
export async function insertWorkspace(
  db: Db,
  { key, name, isTest = false }: { key: string; name: string; isTest?: boolean },
): Promise<WorkspaceRow | null> {
  const rows = await db.query<WorkspaceRow>(sql`
    insert into belfry.workspaces (key, name, is_test) values (${key}, ${name}, ${isTest})
    on conflict (key) do nothing
    returning id, key, name, created_at, is_test`)
  return rows[0] ?? null
}
