// First answers to requests that carried an Idempotency-Key.
import type { DatabaseError } from 'pg'
import { sql, sqlState, type Db } from './db.ts'

export type IdempotencyAnswer = { fingerprint: Buffer; status: number; body: unknown }

/** `eventId`: the event that was made, if it was one; not known of work in a transaction of its own. */
export type FoundAnswer = IdempotencyAnswer & { eventId: string | null }

/** The status of a key whose work is under way, outside of any transaction. */
export const underWay = 0

export type NewIdempotencyRow = IdempotencyAnswer & { workspaceId: number; key: string }

/**
 * Claims a key for the transaction. False when it is taken; waits for a transaction that holds it
 * and has not ended (SQLSTATE 55P03 when that takes longer than two seconds).
 */
export async function insertIdempotency(db: Db, row: NewIdempotencyRow): Promise<boolean> {
  await db.query(sql`select set_config('lock_timeout', '2s', true)`)
  const rows = await db.query(sql`
    insert into belfry.idempotency (workspace_id, key, fingerprint, status, body)
    values (${row.workspaceId}, ${row.key}, ${row.fingerprint}, ${row.status},
      ${JSON.stringify(row.body)})
    on conflict do nothing
    returning key`)
  return rows.length > 0
}

/** Whether a statement failed because another transaction held an idempotency key for too long. */
export function isKeyTaken(error: unknown): boolean {
  if (sqlState(error) !== '55P03') return false
  // Tells it from a lock on a whole table; the name of the relation is in it in every language.
  return /\bidempotency\b/.test((error as DatabaseError).where ?? '')
}

export async function updateIdempotency(
  db: Db,
  row: { workspaceId: number; key: string; status: number; body: unknown },
): Promise<void> {
  await db.query(sql`
    update belfry.idempotency set status = ${row.status}, body = ${JSON.stringify(row.body)}
    where workspace_id = ${row.workspaceId} and key = ${row.key}`)
}

/** Takes over the work of a key that has been under way for so long that nobody can be at it any more. */
export async function reclaimIdempotency(
  db: Db,
  { workspaceId, key, before, now }: { workspaceId: number; key: string; before: Date; now: Date },
): Promise<boolean> {
  const rows = await db.query(sql`
    update belfry.idempotency set created_at = ${now}
    where workspace_id = ${workspaceId} and key = ${key} and status = ${underWay}
      and created_at < ${before}
    returning key`)
  return rows.length > 0
}

/** Gives a key back whose work was refused: only successes are kept. */
export async function releaseIdempotency(
  db: Db,
  { workspaceId, key }: { workspaceId: number; key: string },
): Promise<void> {
  await db.query(sql`
    delete from belfry.idempotency
    where workspace_id = ${workspaceId} and key = ${key} and status = ${underWay}`)
}

export async function findIdempotency(
  db: Db,
  workspaceId: number,
  key: string,
): Promise<FoundAnswer | null> {
  const rows = await db.query<FoundAnswer>(sql`
    select fingerprint, status, body, event_id from belfry.idempotency
    where workspace_id = ${workspaceId} and key = ${key}`)
  return rows[0] ?? null
}

/**
 * Forgets up to `limit` answers given longer ago than so many hours, by the clock of the database, which
 * stamped them; answers how many.
 */
export async function deleteOldIdempotency(db: Db, hours: number, limit: number): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.idempotency i
    using (
      select workspace_id, key from belfry.idempotency
      where created_at < now() - make_interval(hours => ${hours})
      order by created_at limit ${limit}
    ) old
    where i.workspace_id = old.workspace_id and i.key = old.key
    returning i.key`)
  return rows.length
}
