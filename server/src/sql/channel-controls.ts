// How channels are worked where somebody has said so: for all processes and workspaces together.
import type { CarriedChannel } from '../domain/channel.ts'
import { sql, type Db } from './db.ts'

export type ChannelControl = {
  isPaused: boolean
  reason: string | null // of the pause
  concurrency: number | null // attempts at once in each process; null: what it was started with
  perSecond: number | null // attempts begun by all processes together; null: any number
}

export type ChannelControlRow = ChannelControl & { channel: CarriedChannel }

export function listChannelControls(db: Db): Promise<ChannelControlRow[]> {
  return db.query<ChannelControlRow>(sql`
    select channel, is_paused, reason, concurrency, per_second from belfry.channel_controls`)
}

/** Nobody else changes it until the transaction ends. */
export async function findChannelControlForUpdate(
  tx: Db,
  channel: CarriedChannel,
): Promise<ChannelControl> {
  await tx.query(sql`
    insert into belfry.channel_controls (channel) values (${channel}) on conflict do nothing`)
  const rows = await tx.query<ChannelControl>(sql`
    select is_paused, reason, concurrency, per_second from belfry.channel_controls
    where channel = ${channel} for update`)
  return rows[0]!
}

export async function updateChannelControl(tx: Db, row: ChannelControlRow): Promise<void> {
  await tx.query(sql`
    update belfry.channel_controls
    set is_paused = ${row.isPaused}, reason = ${row.reason}, concurrency = ${row.concurrency},
      per_second = ${row.perSecond}
    where channel = ${row.channel}`)
}
