// What became of notifications, in the few words a line has room for.
import type { Status } from '../domain/status.ts'
import { sql, type Db } from './db.ts'

export type Outcome = {
  id: string
  eventId: string
  type: string | null
  recipient: string
  status: Status
  reason: string | null
  isInApp: boolean
  isFinished: boolean
  deliveries: DeliveryOutcome[] // in the order of the plan
}

export type DeliveryOutcome = {
  channel: string
  status: Status
  reason: string | null
  provider: string | null // of the last attempt that has ended; null before the first
  detail: string | null
  durationMs: number | null
}

export function listOutcomes(db: Db, workspaceId: number, ids: string[]): Promise<Outcome[]> {
  return db.query<Outcome>(sql`
    select n.id, n.event_id, n.type, n.recipient, n.status, n.reason,
      n.content_id is not null as is_in_app, n.pending = 0 as is_finished,
      coalesce(d.deliveries, '[]') as deliveries
    from belfry.notifications n
    left join lateral (
      select json_agg(json_build_object('channel', d.channel, 'status', d.status, 'reason', d.reason,
        'provider', a.provider, 'detail', a.detail, 'durationMs', a.duration_ms) order by d.id)
        as deliveries
      from belfry.deliveries d
      left join lateral (
        select a.provider, a.detail, a.duration_ms from belfry.attempts a
        where a.workspace_id = d.workspace_id and a.delivery_id = d.id
        order by a.number desc limit 1
      ) a on true
      where d.workspace_id = n.workspace_id and d.notification_id = n.id
    ) d on true
    where n.workspace_id = ${workspaceId} and n.id = any (${ids}::uuid[])
    order by n.id
    limit 5000`)
}

/** The first notifications of an event, in the order its people were found. */
export async function listNotificationIdsOf(
  db: Db,
  { workspaceId, eventId, limit }: { workspaceId: number; eventId: string; limit: number },
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(sql`
    select id from belfry.notifications
    where workspace_id = ${workspaceId} and event_id = ${eventId}
    order by id limit ${limit}`)
  return rows.map(({ id }) => id)
}

/** The notifications made since an id, which tells the time; oldest first. */
export async function listNotificationIdsSince(
  db: Db,
  { workspaceId, from, limit }: { workspaceId: number; from: string; limit: number },
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(sql`
    select id from belfry.notifications
    where workspace_id = ${workspaceId} and id >= ${from}
    order by id limit ${limit}`)
  return rows.map(({ id }) => id)
}

export type EventEnd = { id: string; type: string | null; status: string; error: string | null }

/** The events since an id that reached nobody, or failed; oldest first. */
export function listLostEventsSince(
  db: Db,
  { workspaceId, from, limit }: { workspaceId: number; from: string; limit: number },
): Promise<EventEnd[]> {
  return db.query<EventEnd>(sql`
    select id, type, status, error from belfry.events
    where workspace_id = ${workspaceId} and id >= ${from}
      and status in ('failed', 'no_audience')
    order by id limit ${limit}`)
}
