// Answers of people to what was asked of them.
import type { AnswerWay } from '../domain/asking.ts'
import type { DirectMessage } from '../domain/event.ts'
import type { Status } from '../domain/status.ts'
import { sql, type Db } from './db.ts'

export type Answerable = {
  id: string
  eventId: string
  recipient: string
  isSubscriber: boolean
  status: Status
  reason: string | null
  createdAt: Date
  beginsAt: Date | null // when the first of it could begin; null: at once
  acknowledgedAt: Date | null
  via: AnswerWay | null
  by: string | null
  isSuperseded: boolean
  type: string | null
  typeVersion: number | null
  message: DirectMessage | null
  eventCreatedAt: Date
  isCancelled: boolean
  isExpired: boolean
}

const noEvent = { eventId: null, recipient: null }

/** By its id, or by the event and the person it is for. */
export async function findAnswerable(
  db: Db,
  workspaceId: number,
  wanted: { id: string } | { eventId: string; recipient: string },
  now: Date,
): Promise<Answerable | null> {
  const id = 'id' in wanted ? wanted.id : null
  const { eventId, recipient } = 'id' in wanted ? noEvent : wanted
  const rows = await db.query<Answerable>(sql`
    select n.id, n.event_id, n.recipient, n.is_subscriber, belfry.status_at(${now}, n.status, n.begins_at) as status,
      n.reason, n.created_at, n.begins_at, n.acknowledged_at, n.acknowledged_via as via, n.acknowledged_by as by,
      n.superseded_by is not null as is_superseded, n.type, e.type_version, e.message,
      e.created_at as event_created_at, e.cancelled_at is not null as is_cancelled,
      coalesce(e.expires_at <= ${now}, false) as is_expired
    from belfry.notifications n
    join belfry.events e on e.workspace_id = n.workspace_id and e.id = n.event_id
    where n.workspace_id = ${workspaceId}
      and (n.id = ${id}::uuid or n.event_id = ${eventId}::uuid and n.recipient = ${recipient})`)
  return rows[0] ?? null
}

/** Waits for whoever is storing what follows in its plan, and holds that; whether there is anything to follow. */
export async function holdPlanRun(tx: Db, workspaceId: number, id: string): Promise<boolean> {
  const rows = await tx.query(sql`
    select r.notification_id from belfry.plan_runs r
    where r.notification_id = ${id} and r.workspace_id = ${workspaceId}
    for update`)
  return rows.length > 0
}

/**
 * Has a plan that the caller holds looked at now; what is being decided about it is decided again. It leaves the digest
 * it waits in.
 */
export async function hurryPlanRun(
  tx: Db,
  { workspaceId, id, now }: { workspaceId: number; id: string; now: Date },
): Promise<void> {
  await tx.query(sql`
    update belfry.plan_runs r set due_at = ${now}, bucket_id = null, epoch = r.epoch + 1
    where r.notification_id = ${id} and r.workspace_id = ${workspaceId}`)
}

export type NewAnswer = {
  workspaceId: number
  id: string
  via: AnswerWay
  by: string | null
  now: Date
}

/** What was answered is also seen and read, in the feed it is in. Null when it had been answered before. */
export async function acknowledgeNotification(
  tx: Db,
  { workspaceId, id, via, by, now }: NewAnswer,
): Promise<{ isInFeed: boolean } | null> {
  const rows = await tx.query<{ isInFeed: boolean }>(sql`
    update belfry.notifications n
    set acknowledged_at = ${now}, acknowledged_via = ${via}, acknowledged_by = ${by},
      seen_at = case when n.feed > 0 then coalesce(n.seen_at, ${now}) else n.seen_at end,
      read_at = case when n.feed > 0 then coalesce(n.read_at, ${now}) else n.read_at end,
      feed = case when n.feed = 1 then 2 else n.feed end
    where n.workspace_id = ${workspaceId} and n.id = ${id} and n.acknowledged_at is null
    returning n.feed > 0 as is_in_feed`)
  return rows[0] ?? null
}

/** Of what somebody else was asked, that this person answered it. */
export async function eraseAnswerer(
  tx: Db,
  { workspaceId, subscriberId }: { workspaceId: number; subscriberId: string },
): Promise<void> {
  await tx.query(sql`
    update belfry.notifications n set acknowledged_by = null
    where n.acknowledged_by = ${subscriberId} and n.workspace_id = ${workspaceId}`)
}

/** Those of the notifications that some feed shows. */
export function listShown(
  tx: Db,
  workspaceId: number,
  ids: string[],
): Promise<{ id: string; recipient: string }[]> {
  return tx.query(sql`
    select n.id, n.recipient from belfry.notifications n
    where n.workspace_id = ${workspaceId} and n.id = any (${ids}::uuid[]) and n.feed > 0
    order by n.id`)
}
