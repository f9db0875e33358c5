// Holding the whole configuration of a workspace still, while a catalog is applied to it.
import { sql, type Db } from './db.ts'

/**
 * Keeps writers of these event types, sources and schedules away until the transaction ends. They take the
 * same locks by the same names: see sql/event-types.ts, sql/sources.ts and sql/schedules.ts.
 */
export async function lockParts(
  tx: Db,
  workspaceId: number,
  {
    eventTypes,
    sources,
    schedules,
  }: { eventTypes: string[]; sources: string[]; schedules: string[] },
): Promise<void> {
  const names = [
    ...eventTypes.map((key) => `event_types/${workspaceId}/${key}`),
    ...sources.map((key) => `sources/${workspaceId}/${key}`),
    ...schedules.map((key) => `schedules/${workspaceId}/${key}`),
  ]
  // One after the other, in an order that is everybody's: two of these never wait for each other.
  await tx.query(sql`
    select pg_advisory_xact_lock(hashtextextended(name, 0))
    from (select name from unnest(${names.toSorted()}::text[]) as n (name) order by name offset 0) n`)
}

/** Keeps writers of all providers of the workspace away until the transaction ends. */
export async function lockProviders(tx: Db, workspaceId: number): Promise<void> {
  await tx.query(sql`
    select id from belfry.providers where workspace_id = ${workspaceId} order by id for update`)
}
