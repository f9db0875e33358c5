// API keys. Only the SHA-256 of a key is stored.
import { sql, type Db } from './db.ts'

export type KeyRow = {
  id: string
  name: string
  lastFour: string
  scopes: string[]
  createdAt: Date
  lastUsedAt: Date | null
  expiresAt: Date | null
  revokedAt: Date | null
  /** The version of the API it was pinned to at its first use; null before that. */
  apiVersion: string | null
}

export type KeyHolder = {
  workspaceId: number
  id: string
  name: string
  scopes: string[]
  expiresAt: Date | null
  lastUsedAt: Date | null
  apiVersion: string | null
}

/** Whose key this is; null for unknown and revoked ones. The one read that finds the workspace. */
export async function findKeyHolder(db: Db, hash: Buffer): Promise<KeyHolder | null> {
  const rows = await db.query<KeyHolder>(sql`
    select workspace_id, id, name, scopes, expires_at, last_used_at, api_version
    from belfry.keys
    where hash = ${hash} and revoked_at is null`)
  return rows[0] ?? null
}

export type NewKey = {
  workspaceId: number
  id: string
  name: string
  hash: Buffer
  lastFour: string
  scopes: string[]
  expiresAt: Date | null
}

/** Nothing happens when the very same key is there already. */
export async function insertKey(db: Db, key: NewKey): Promise<KeyRow | null> {
  const rows = await db.query<KeyRow>(sql`
    insert into belfry.keys (workspace_id, id, name, hash, last_four, scopes, expires_at)
    values (${key.workspaceId}, ${key.id}, ${key.name}, ${key.hash}, ${key.lastFour},
      ${key.scopes}, ${key.expiresAt})
    on conflict (hash) do nothing
    returning id, name, last_four, scopes, created_at, last_used_at, expires_at, revoked_at, api_version`)
  return rows[0] ?? null
}

export type KeyFilter = { workspaceId: number; after: string | null; offset: number; limit: number }

/** A page of keys, oldest first, revoked ones included. */
export function listKeys(db: Db, filter: KeyFilter): Promise<KeyRow[]> {
  return db.query<KeyRow>(sql`
    select id, name, last_four, scopes, created_at, last_used_at, expires_at, revoked_at, api_version
    from belfry.keys
    where workspace_id = ${filter.workspaceId}
      and (${filter.after}::uuid is null or id > ${filter.after})
    order by id
    limit ${filter.limit} offset ${filter.offset}`)
}

/** Answers whether there was a key; revoking twice keeps the first time. */
export async function revokeKey(
  db: Db,
  { workspaceId, id, now }: { workspaceId: number; id: string; now: Date },
): Promise<boolean> {
  const rows = await db.query(sql`
    update belfry.keys set revoked_at = coalesce(revoked_at, ${now})
    where workspace_id = ${workspaceId} and id = ${id}
    returning id`)
  return rows.length > 0
}

/** The version of the API the key is pinned to from now on: this one, or that of an earlier use. */
export async function pinKey(
  db: Db,
  { workspaceId, id, apiVersion }: { workspaceId: number; id: string; apiVersion: string },
): Promise<string> {
  const rows = await db.query<{ apiVersion: string }>(sql`
    update belfry.keys set api_version = coalesce(api_version, ${apiVersion})
    where workspace_id = ${workspaceId} and id = ${id}
    returning api_version`)
  return rows[0]?.apiVersion ?? apiVersion
}

export async function updateKeyUse(
  db: Db,
  { workspaceId, id, now }: { workspaceId: number; id: string; now: Date },
): Promise<void> {
  await db.query(sql`
    update belfry.keys set last_used_at = ${now}
    where workspace_id = ${workspaceId} and id = ${id}`)
}
