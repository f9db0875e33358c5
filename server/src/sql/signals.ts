// Rings over NOTIFY.
import { sql, type Db } from './db.ts'

/** `sender` tells a listener its own rings. */
export async function notify(db: Db, signal: string, sender = ''): Promise<void> {
  await db.query(sql`select pg_notify(${signal}, ${sender})`)
}

/** The database's own clock. */
export async function readClock(db: Db): Promise<Date> {
  const rows = await db.query<{ now: Date }>(sql`select clock_timestamp() as now`)
  return rows[0]!.now
}
