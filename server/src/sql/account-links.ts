// Links by which people tell which account of theirs, elsewhere, their messages are to go to. Only a hash of the code in
// each is kept.
import { sql, type Db } from './db.ts'

export type NewAccountLink = {
  workspaceId: number
  hash: Buffer
  subscriberId: string
  channel: 'telegram'
  expiresAt: Date
}

/** Of those that were given to a person before, the newest four still hold. */
export async function insertAccountLink(db: Db, link: NewAccountLink): Promise<void> {
  const { workspaceId, hash, subscriberId, channel, expiresAt } = link
  await db.query(sql`
    delete from belfry.account_links
    where (workspace_id, hash) in (
      select workspace_id, hash from belfry.account_links
      where workspace_id = ${workspaceId} and subscriber_id = ${subscriberId} and channel = ${channel}
      order by expires_at desc
      offset 4)`)
  await db.query(sql`
    insert into belfry.account_links (workspace_id, hash, subscriber_id, channel, expires_at)
    values (${workspaceId}, ${hash}, ${subscriberId}, ${channel}, ${expiresAt})`)
}

/** Whose link it is, once: it is gone then. Null: there is none, or it is over. */
export async function takeAccountLink(
  tx: Db,
  { workspaceId, hash, channel, now }: AccountLinkRef,
): Promise<string | null> {
  const rows = await tx.query<{ subscriberId: string }>(sql`
    delete from belfry.account_links
    where workspace_id = ${workspaceId} and hash = ${hash} and channel = ${channel} and expires_at > ${now}
    returning subscriber_id`)
  return rows[0]?.subscriberId ?? null
}

export type AccountLinkRef = { workspaceId: number; hash: Buffer; channel: string; now: Date }

/** Forgets up to `limit` links, of all workspaces, that were over before; answers how many. */
export async function deleteOldAccountLinks(db: Db, before: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.account_links
    where (workspace_id, hash) in (
      select workspace_id, hash from belfry.account_links
      where expires_at < ${before}
      limit ${limit}
      for update skip locked)
    returning 1`)
  return rows.length
}
