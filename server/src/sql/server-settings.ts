// What must be true of a PostgreSQL server for a stored message to survive a power cut.
import { sql, type Db } from './db.ts'

export type ServerSettings = {
  version: string // '18.4'
  versionNumber: number // 180004
  fsync: string
  fullPageWrites: string
  synchronousCommit: string
}

export async function findServerSettings(db: Db): Promise<ServerSettings> {
  const rows = await db.query<ServerSettings>(sql`
    select current_setting('server_version') as version,
      current_setting('server_version_num')::integer as version_number,
      current_setting('fsync') as fsync,
      current_setting('full_page_writes') as full_page_writes,
      current_setting('synchronous_commit') as synchronous_commit`)
  return rows[0]!
}
