// What a fan-out writes: notifications, contents, deliveries and their place in the queue.
import type { FanOutCursor } from '../domain/event.ts'
import type { PlannedDelivery } from '../domain/plan.ts'
import type { Status } from '../domain/status.ts'
import { sql, type Db } from './db.ts'

/** How far an event has come with this chunk. */
export type EventProgress = {
  workspaceId: number
  eventId: string
  epoch: number
  isDone: boolean
  cursor: FanOutCursor | null // null when done
  dueAt: Date // when not done: when the next chunk may be taken
  error: string | null
}

export type NewNotification = {
  workspaceId: number
  id: string
  eventId: string
  recipient: string
  isSubscriber: boolean
  via: string | null
  type: string | null
  level: string
  channel: string
  status: Status
  reason: string | null
  outcome: Status | null
  pending: number
  contentId: string | null
  scheduledAt: Date | null
  createdAt: Date
}

export type NewDelivery = PlannedDelivery & {
  workspaceId: number
  id: string
  notificationId: string
  contentId: string | null
  createdAt: Date
  lane: number
  dueAt: Date // begun: the end of the lease
  worker: string | null // begun: by whom
  begunAt: Date | null
  providerId: string | null
  expiresAt: Date | null
}

export type NewContent = { workspaceId: number; id: string; eventId: string; content: unknown }

export type FanOutRows = {
  events: EventProgress[]
  notifications: NewNotification[]
  contents: NewContent[]
  deliveries: NewDelivery[]
}

/**
 * Stores one chunk of one or many events, all or nothing per event: an event that was cancelled or
 * taken over by another worker (its epoch has moved on) adds nothing, and a person who already has a
 * notification for the event gets no second one. Deliveries that carry a `worker` have begun with it.
 *
 * Answers the ids of the deliveries that are now in the queue.
 */
export function insertFanOut(db: Db, rows: FanOutRows): Promise<{ deliveryId: string }[]> {
  const { events, notifications, contents, deliveries } = rows
  return db.query(sql`
    with chunk as (
      select * from json_to_recordset(${JSON.stringify(events)}::json) as e (
        "workspaceId" integer, "eventId" uuid, epoch integer, "isDone" boolean, cursor jsonb,
        "dueAt" timestamptz, error text)
    ),
    finished as (
      delete from belfry.event_queue q using chunk c
      where q.event_id = c."eventId" and q.epoch = c.epoch and c."isDone"
      returning q.event_id
    ),
    unfinished as (
      update belfry.event_queue q set cursor = c.cursor, due_at = c."dueAt"
      from chunk c
      where q.event_id = c."eventId" and q.epoch = c.epoch and not c."isDone"
      returning q.event_id
    ),
    live as (
      select event_id from finished union all select event_id from unfinished
    ),
    texts as (
      insert into belfry.contents (workspace_id, id, content)
      select t."workspaceId", t.id, t.content
      from json_to_recordset(${JSON.stringify(contents)}::json)
        as t ("workspaceId" integer, id uuid, "eventId" uuid, content jsonb)
      join live l on l.event_id = t."eventId"
      on conflict do nothing
    ),
    new as (
      insert into belfry.notifications (workspace_id, id, event_id, recipient, is_subscriber, via,
        type, level, channel, status, reason, outcome, pending, content_id, scheduled_at,
        created_at, finished_at)
      select n."workspaceId", n.id, n."eventId", n.recipient, n."isSubscriber", n.via, n.type,
        n.level, n.channel, n.status, n.reason, n.outcome, n.pending, n."contentId",
        n."scheduledAt", n."createdAt", case when n.pending = 0 then n."createdAt" end
      from json_to_recordset(${JSON.stringify(notifications)}::json) as n (
        "workspaceId" integer, id uuid, "eventId" uuid, recipient text, "isSubscriber" boolean,
        via text, type text, level text, channel text, status text, reason text, outcome text,
        pending smallint, "contentId" uuid, "scheduledAt" timestamptz, "createdAt" timestamptz)
      join live l on l.event_id = n."eventId"
      on conflict do nothing
      returning id, event_id
    ),
    counted as (
      update belfry.events e
      set recipient_count = e.recipient_count + p.count,
        error = coalesce(e.error, c.error),
        processed_at = case when c."isDone" then now() end,
        status = case when not c."isDone" then e.status
          when e.recipient_count + p.count = 0 then 'no_audience' else 'processed' end
      from chunk c
      join live l on l.event_id = c."eventId"
      cross join lateral (select count(*)::integer as count from new n where n.event_id = c."eventId") p
      where e.workspace_id = c."workspaceId" and e.id = c."eventId"
    ),
    delivery as (
      select d.* from json_to_recordset(${JSON.stringify(deliveries)}::json) as d (
        "workspaceId" integer, id uuid, "notificationId" uuid, channel text, slot smallint,
        address text, "contentId" uuid, status text, reason text, "createdAt" timestamptz,
        lane smallint, "dueAt" timestamptz, worker text, "begunAt" timestamptz,
        "providerId" uuid, "expiresAt" timestamptz)
      join new on new.id = d."notificationId"
    ),
    stored as (
      insert into belfry.deliveries (workspace_id, id, notification_id, channel, slot, address,
        content_id, status, reason, created_at, finished_at)
      select "workspaceId", id, "notificationId", channel, slot, address, "contentId", status,
        reason, "createdAt", case when status = 'skipped' then "createdAt" end
      from delivery
    )
    insert into belfry.queue (delivery_id, workspace_id, channel, lane, due_at, epoch, attempt,
      worker, begun_at, provider_id, expires_at)
    select id, "workspaceId", channel, lane, "dueAt", (worker is not null)::integer,
      (worker is not null)::integer, worker, "begunAt", "providerId", "expiresAt"
    from delivery
    where status <> 'skipped'
    returning delivery_id`)
}
