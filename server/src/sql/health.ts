// What readiness asks of the database.
import { sql, type Db } from './db.ts'

/** The newest migration that was applied; 0 before the first. */
export async function findSchemaVersion(db: Db): Promise<number> {
  const rows = await db.query<{ number: number }>(sql`
    select coalesce(max(number), 0) as number from belfry.migrations`)
  return rows[0]?.number ?? 0
}
