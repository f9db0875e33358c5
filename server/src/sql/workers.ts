// The processes that are at work, as each of them says of itself every few seconds.
import type { CarriedChannel } from '../domain/channel.ts'
import { sql, type Db } from './db.ts'

/** Attempts on a channel: those under way, how many there may be, and those of the last minute. */
export type ChannelLoad = {
  channel: CarriedChannel
  busy: number
  places: number
  ended: number
}

export type WorkerRow = {
  name: string
  version: string
  roles: string[]
  isStopping: boolean
  startedAt: Date
  seenAt: Date
  channels: ChannelLoad[]
}

export async function saveWorker(db: Db, row: WorkerRow): Promise<void> {
  const { name, version, roles, isStopping, startedAt, seenAt, channels } = row
  await db.query(sql`
    insert into belfry.workers (name, version, roles, is_stopping, started_at, seen_at, channels)
    values (${name}, ${version}, ${roles}, ${isStopping}, ${startedAt}, ${seenAt}, ${JSON.stringify(channels)})
    on conflict (name) do update
    set is_stopping = excluded.is_stopping, seen_at = excluded.seen_at, channels = excluded.channels`)
}

export function listWorkers(db: Db): Promise<WorkerRow[]> {
  return db.query<WorkerRow>(sql`
    select name, version, roles, is_stopping, started_at, seen_at, channels from belfry.workers
    order by name`)
}

export async function deleteWorker(db: Db, name: string): Promise<void> {
  await db.query(sql`delete from belfry.workers where name = ${name}`)
}

/** Those that have said nothing since `before`. Answers how many. */
export async function deleteSilentWorkers(db: Db, before: Date): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.workers where seen_at < ${before}
    returning name`)
  return rows.length
}
