// Reading notifications: lists, and one with everything that happened to it.
import type { Status } from '../domain/status.ts'
import { pageBytes, sql, type Db } from './db.ts'

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
  createdAt: Date
  finishedAt: Date | null
  readAt: Date | null
}

export type NotificationFilter = {
  workspaceId: number
  statuses: string[] | null
  channel: string | null
  recipient: string | null
  eventId: string | null
  type: string | null
  threadKey: string | null
  since: Date | null
  until: Date | null
  before: string | null // an id: only older ones
  offset: number
  limit: number
  now: Date
}

export type ListedNotification = NotificationRow & { isTooMuch: boolean }

/** A page of notifications, newest first; see `pageBytes`. */
export function listNotifications(
  db: Db,
  filter: NotificationFilter,
): Promise<ListedNotification[]> {
  return db.query<ListedNotification>(sql`
    with page as (
      select * from belfry.notifications n
      where n.workspace_id = ${filter.workspaceId}
        and (${filter.statuses}::text[] is null
          or belfry.status_at(${filter.now}, n.status, n.scheduled_at) = any (${filter.statuses}))
        and (${filter.channel}::text is null or n.channel = ${filter.channel} or exists (
          select 1 from belfry.deliveries d where d.workspace_id = n.workspace_id
            and d.notification_id = n.id and d.channel = ${filter.channel}))
        and (${filter.recipient}::text is null or n.recipient = ${filter.recipient})
        and (${filter.eventId}::uuid is null or n.event_id = ${filter.eventId})
        and (${filter.type}::text is null or n.type = ${filter.type})
        and (${filter.threadKey}::text is null or n.event_id in (
          select e.id from belfry.events e
          where e.thread_key = ${filter.threadKey} and e.workspace_id = ${filter.workspaceId}))
        and (${filter.since}::timestamptz is null or n.created_at >= ${filter.since})
        and (${filter.until}::timestamptz is null or n.created_at < ${filter.until})
        and (${filter.before}::uuid is null or n.id < ${filter.before})
      order by n.id desc
      limit ${filter.limit} offset ${filter.offset}
    ),
    weighed as (
      select n.*, c.content,
        coalesce(sum(octet_length(c.content::text)) over (order by n.id desc), 0) > ${pageBytes}
          as is_too_much
      from page n
      left join belfry.contents c on c.workspace_id = n.workspace_id and c.id = n.content_id
    )
    select n.id, n.event_id, n.type, n.recipient, n.is_subscriber, n.via, n.level, n.channel,
      belfry.status_at(${filter.now}, n.status, n.scheduled_at) as status, n.reason, n.because,
      case when not n.is_too_much then n.content end as content,
      coalesce(a.attempt_count, 0) as attempt_count, n.scheduled_at, n.created_at, n.finished_at,
      n.read_at, n.is_too_much
    from weighed n
    left join lateral (
      select sum(coalesce(q.attempt, d.attempt_count))::integer as attempt_count
      from belfry.deliveries d left join belfry.queue q on q.delivery_id = d.id
      where d.workspace_id = n.workspace_id and d.notification_id = n.id
    ) a on true
    order by n.id desc`)
}

export async function findNotification(
  db: Db,
  { workspaceId, id, now }: { workspaceId: number; id: string; now: Date },
): Promise<NotificationRow | null> {
  const rows = await db.query<NotificationRow>(sql`
    select n.id, n.event_id, n.type, n.recipient, n.is_subscriber, n.via, n.level, n.channel,
      belfry.status_at(${now}, n.status, n.scheduled_at) as status, n.reason, n.because,
      c.content, coalesce(a.attempt_count, 0) as attempt_count,
      n.scheduled_at, n.created_at, n.finished_at, n.read_at
    from belfry.notifications n
    left join belfry.contents c on c.workspace_id = n.workspace_id and c.id = n.content_id
    left join lateral (
      select sum(coalesce(q.attempt, d.attempt_count))::integer as attempt_count
      from belfry.deliveries d left join belfry.queue q on q.delivery_id = d.id
      where d.workspace_id = n.workspace_id and d.notification_id = n.id
    ) a on true
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
    select a.delivery_id, a.number, a.provider, a.outcome, a.code, a.detail, a.worker, a.started_at,
      a.duration_ms
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
