// Reading notifications: one with everything that happened to it, and those of an event.
import type { AnswerWay } from '../domain/asking.ts'
import type { Status } from '../domain/status.ts'
import { sql, type Db, type Sql } from './db.ts'

export type NotificationRow = {
  id: string
  eventId: string
  type: string | null
  recipient: string
  isSubscriber: boolean
  via: string[] | null // as domain/reason.ts has it
  level: string
  channel: string
  status: Status
  reason: string | null
  because: string | null // the person's wish behind the reason
  content: unknown // of the in-app part; null without one
  attemptCount: number
  scheduledAt: Date | null
  timezone: string | null
  isInHours: boolean
  /** When it goes out: the next of it that waits; once it has ended well, when that was. */
  estimatedAt: Date | null
  createdAt: Date
  finishedAt: Date | null
  arrivedAt: Date | null // in the feed; null: with its creation, or never
  readAt: Date | null
  acknowledgedAt: Date | null
  acknowledgedVia: AnswerWay | null
  acknowledgedBy: string | null // as it was said; null: its person
  supersededBy: string | null // the newer one of its thread
  retractedAt: Date | null // it was taken out of the feed
}

/** When the next of a notification `n` begins: a delivery that waits or is in flight, or its plan. */
export function nextOf(now: Date): Sql {
  return sql`
    left join lateral (
      select least(
        (select min(coalesce(q.begun_at, greatest(q.due_at, ${now})))
          from belfry.deliveries d join belfry.queue q on q.delivery_id = d.id
          where d.workspace_id = n.workspace_id and d.notification_id = n.id
            and (q.begun_at is not null or (q.due_at < q.expires_at) is not false)),
        (select coalesce(b.due_at, r.ends_at, r.due_at) from belfry.plan_runs r
          left join belfry.digest_buckets b on b.workspace_id = r.workspace_id and b.id = r.bucket_id
          where r.workspace_id = n.workspace_id and r.notification_id = n.id)) as next_at
    ) w on true`
}

export const estimatedAt = sql`
  coalesce(w.next_at, case when n.status in ('sent', 'delivered') then n.finished_at end) as estimated_at`

export async function findNotification(
  db: Db,
  { workspaceId, id, now }: { workspaceId: number; id: string; now: Date },
): Promise<NotificationRow | null> {
  const rows = await db.query<NotificationRow>(sql`
    select n.id, n.event_id, n.type, n.recipient, n.is_subscriber, n.via, n.level, n.channel,
      belfry.status_at(${now}, n.status, n.begins_at) as status, n.reason, n.because,
      c.content, coalesce(a.attempt_count, 0) as attempt_count,
      n.scheduled_at, n.timezone, n.is_in_hours,
      ${estimatedAt}, n.created_at, n.finished_at, n.arrived_at, n.read_at, n.acknowledged_at, n.acknowledged_via, n.acknowledged_by,
      n.superseded_by, n.retracted_at
    from belfry.notifications n
    left join belfry.contents c on c.workspace_id = n.workspace_id and c.id = n.content_id
    left join lateral (
      select sum(coalesce(q.attempt, d.attempt_count))::integer as attempt_count
      from belfry.deliveries d left join belfry.queue q on q.delivery_id = d.id
      where d.workspace_id = n.workspace_id and d.notification_id = n.id
    ) a on true
    ${nextOf(now)}
    where n.workspace_id = ${workspaceId} and n.id = ${id}`)
  return rows[0] ?? null
}

export type DeliveryRow = {
  id: string
  channel: string
  address: string | null
  content: unknown
  status: Status
  reason: string | null
  because: string | null
  createdAt: Date
  finishedAt: Date | null
  /** In the queue: when it may begin, or, begun, since when and through what. */
  dueAt: Date | null
  isTooLate: boolean // it waits, and its time is over before it may begin
  begunAt: Date | null
  begunBy: string | null
  begunProvider: string | null
  attempt: number
}

/** The deliveries of a notification in the order of its plan, those in flight marked as such. */
export function listDeliveries(
  db: Db,
  workspaceId: number,
  notificationId: string,
): Promise<DeliveryRow[]> {
  return db.query<DeliveryRow>(sql`
    select d.id, d.channel, d.address, c.content,
      case when q.worker is not null then 'processing' when q.delivery_id is not null then 'scheduled'
        else d.status end as status,
      d.reason, d.because, d.created_at, d.finished_at, q.due_at, q.begun_at, q.worker as begun_by,
      coalesce(q.worker is null and q.due_at >= q.expires_at, false) as is_too_late,
      case when q.worker is not null then coalesce(p.name, 'sandbox') end as begun_provider,
      coalesce(q.attempt, d.attempt_count) as attempt
    from belfry.deliveries d
    left join belfry.queue q on q.delivery_id = d.id
    left join belfry.providers p on p.workspace_id = d.workspace_id and p.id = q.provider_id
    left join belfry.contents c on c.workspace_id = d.workspace_id and c.id = d.content_id
    where d.workspace_id = ${workspaceId} and d.notification_id = ${notificationId}
    order by d.id`)
}

export type AttemptRow = {
  deliveryId: string
  number: number
  provider: string
  outcome: string
  code: string | null
  detail: string | null
  because: string | null // why through this provider, if another one would have been first
  reference: string | null // the vendor's name for the message
  worker: string | null
  startedAt: Date
  durationMs: number | null
}

/** The attempts that have ended, oldest first. */
export function listAttempts(
  db: Db,
  workspaceId: number,
  notificationId: string,
): Promise<AttemptRow[]> {
  return db.query<AttemptRow>(sql`
    select a.delivery_id, a.number, a.provider, a.outcome, a.code, a.detail, a.because, a.reference,
      a.worker, a.started_at, a.duration_ms
    from belfry.deliveries d
    join belfry.attempts a on a.workspace_id = d.workspace_id and a.delivery_id = d.id
    where d.workspace_id = ${workspaceId} and d.notification_id = ${notificationId}
    order by a.started_at, a.number`)
}

/** The next notifications of an event, in the order of their recipients; '' comes before the first. */
export function listEventNotifications(
  db: Db,
  page: { workspaceId: number; eventId: string; after: string; limit: number },
): Promise<{ id: string; recipient: string }[]> {
  return db.query(sql`
    select id, recipient from belfry.notifications
    where event_id = ${page.eventId} and recipient > ${page.after}
      and workspace_id = ${page.workspaceId}
    order by recipient
    limit ${page.limit}`)
}

/** The notification that somebody has of an event; null: none. */
export async function findEventNotificationId(
  db: Db,
  { workspaceId, eventId, recipient }: { workspaceId: number; eventId: string; recipient: string },
): Promise<string | null> {
  const rows = await db.query<{ id: string }>(sql`
    select id from belfry.notifications
    where event_id = ${eventId} and recipient = ${recipient} and workspace_id = ${workspaceId}`)
  return rows[0]?.id ?? null
}
