// What the sandbox caught instead of sending it.
import { randomUUIDv7 } from 'node:crypto'
import type { Channel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import { pageBytes, sql, type Db } from './db.ts'

export type CaughtMessage = {
  workspaceId: number
  deliveryId: string
  notificationId: string
  channel: Channel
  address: string
  content: Content
}

export type SandboxMessage = {
  id: string
  deliveryId: string
  notificationId: string
  channel: Channel
  address: string
  content: Content
  createdAt: Date
}

export async function insertSandboxMessage(
  db: Db,
  message: CaughtMessage,
  createdAt: Date,
): Promise<void> {
  await db.query(sql`
    insert into belfry.sandbox_messages
      (workspace_id, id, delivery_id, notification_id, channel, address, content, created_at)
    values (${message.workspaceId}, ${randomUUIDv7()}, ${message.deliveryId},
      ${message.notificationId}, ${message.channel}, ${message.address},
      ${JSON.stringify(message.content)}, ${createdAt})`)
}

export type SandboxFilter = {
  workspaceId: number
  to: string | null
  channel: string | null
  since: Date | null
  before: string | null // an id: only older ones
  offset: number
  limit: number
}

export type ListedMessage = SandboxMessage & { isTooMuch: boolean }

/** A page of messages, newest first; see `pageBytes`. */
export function listSandboxMessages(db: Db, filter: SandboxFilter): Promise<ListedMessage[]> {
  return db.query<ListedMessage>(sql`
    with page as (
      select * from belfry.sandbox_messages
      where workspace_id = ${filter.workspaceId}
        and (${filter.to}::text is null or address = ${filter.to})
        and (${filter.channel}::text is null or channel = ${filter.channel})
        and (${filter.since}::timestamptz is null or created_at >= ${filter.since})
        and (${filter.before}::uuid is null or id < ${filter.before})
      order by id desc
      limit ${filter.limit} offset ${filter.offset}
    ),
    weighed as (
      select *, sum(octet_length(content::text)) over (order by id desc) > ${pageBytes} as is_too_much
      from page
    )
    select id, delivery_id, notification_id, channel, address,
      case when not is_too_much then content end as content, created_at, is_too_much
    from weighed
    order by id desc`)
}

/** Deletes up to `limit` messages of a workspace and answers how many. */
export async function deleteSandboxMessages(
  db: Db,
  workspaceId: number,
  limit: number,
): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.sandbox_messages
    where (workspace_id, id) in (
      select workspace_id, id from belfry.sandbox_messages
      where workspace_id = ${workspaceId}
      order by id
      limit ${limit})
    returning 1`)
  return rows.length
}

/** Of all workspaces, oldest first; answers how many went. */
export async function deleteOldSandboxMessages(
  db: Db,
  before: Date,
  limit: number,
): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.sandbox_messages
    where (workspace_id, id) in (
      select workspace_id, id from belfry.sandbox_messages
      where created_at < ${before}
      limit ${limit}
      for update skip locked)
    returning 1`)
  return rows.length
}
