// What a fan-out writes: notifications, contents, deliveries and their place in the queue.
import type { DataNote } from '../domain/data-source.ts'
import type { FanOutCursor } from '../domain/event.ts'
import type { PlannedDelivery } from '../domain/plan.ts'
import type { Status } from '../domain/status.ts'
import { packed } from './likeness.ts'
import { newItems } from './new-items.ts'
import { sql, type Db } from './db.ts'

/** One event's part of a chunk: how far it has come, and what all its notifications share. */
export type EventChunk = {
  workspaceId: number
  eventId: string
  epoch: number
  isDone: boolean
  isFirst: boolean // the first chunk of the event: nobody can have a notification for it yet
  peopleCount: number
  found: (number | null)[] // people each entry of the audience has led to so far; null: it was passed over
  cursor: FanOutCursor | null // null when done
  error: string | null
  data?: DataNote[] // what became of its data sources
  type: string | null
  level: string
  lane: number
  channel: string // the first of the plan
  otherChannels: string // the others, with commas between them
  expiresAt: Date | null
  now: Date
  dueAt: Date // when deliveries that have not begun may begin
  isForced?: boolean // somebody has said "now"
}

export type NewNotification = {
  id: string
  eventId: string
  recipient: string
  isSubscriber: boolean
  via: string[] | null // as domain/reason.ts has it
  status: Status
  reason: string | null
  because?: string | undefined
  outcome: Status | null
  pending: number
  contentId: string | null
  scheduledAt: Date | null
  timezone: string | null
  beginsAt: Date | null // of one that is scheduled
  isInHours: boolean
}

export type NewDelivery = PlannedDelivery & {
  id: string
  eventId: string
  notificationId: string
  contentId: string | null
  step: number // the place in its plan that sent it, if that waits for it; else 0
  isAwaited: boolean
  /** Null: it waits. Otherwise it has begun with the worker, and this is the end of its lease. */
  leaseUntil: Date | null
  providerId: string | null
}

export type NewContent = { id: string; eventId: string; isShared: boolean; content: unknown }

/** How the preferences of a workspace stood when its people were read. */
export type PreferencesRead = { workspaceId: number; since: number }

export type FanOutRows = {
  worker: string | null // who makes the deliveries that have begun
  events: EventChunk[]
  notifications: NewNotification[]
  contents: NewContent[]
  deliveries: NewDelivery[]
  preferencesRead: PreferencesRead[]
}

export type StoredFanOut = {
  /** Deliveries that are now in the queue. */
  deliveryIds: string[]
  /** Events of which nothing was stored, because someone of theirs wants something else by now. */
  outdatedEventIds: string[]
}

/**
 * Stores one chunk of one or many events, all or nothing per event: an event that was cancelled or
 * taken over by another worker (its epoch has moved on) adds nothing, and a person who already has a
 * notification for the event gets no second one, but the reasons that are new. Whoever adds to an
 * event holds its row in the queue, so looking before inserting is enough; that is much cheaper than
 * `on conflict`. People of one chunk are different people.
 *
 * What begins here begins before the next change of preferences is answered: see changed_preferences in
 * the migration. Events of which a person has changed theirs since they were read are left as they were.
 */
export async function insertFanOut(db: Db, rows: FanOutRows): Promise<StoredFanOut> {
  const { worker, events, contents, preferencesRead } = rows
  const people = packed(rows.notifications, notificationLikeness)
  const recipients = rows.notifications.map(({ recipient }) => recipient)
  const ways = packed(rows.deliveries, deliveryLikeness)
  const eventIds = events.map(({ eventId }) => eventId) // said twice: see db.ts on plans
  const stored = await db.query<{ deliveryId: string | null; outdatedId: string | null }>(sql`
    with chunk as (
      select * from json_to_recordset(${JSON.stringify(events)}::json) as e (
        "workspaceId" integer, "eventId" uuid, epoch integer, "isDone" boolean, cursor jsonb, error text, data jsonb,
        type text, level text, lane smallint, channel text, "otherChannels" text, "expiresAt" timestamptz,
        now timestamptz, "dueAt" timestamptz, "isFirst" boolean, "peopleCount" integer, found integer[], "isForced" boolean)
    ),
    changed as materialized (
      select r."workspaceId" as workspace_id, p.subscriber_id
      from json_to_recordset(${JSON.stringify(preferencesRead)}::json)
        as r ("workspaceId" integer, since bigint)
      cross join lateral belfry.changed_preferences(r."workspaceId", r.since) p
    ),
    outdated as materialized (
      -- lateral: the people are looked at only if anybody changed anything
      select distinct n."eventId" as event_id
      from changed p
      cross join lateral (
        select a."eventId"
        from unnest(${recipients}::text[], ${people.numbers}::integer[]) as n (recipient, number)
        join json_to_recordset(${people.likenesses}::json)
          as a (number integer, "eventId" uuid, "isSubscriber" boolean) on a.number = n.number
        where (p.subscriber_id is null or n.recipient = p.subscriber_id) and a."isSubscriber" offset 0
      ) n
      join chunk c on c."eventId" = n."eventId" and c."workspaceId" = p.workspace_id
    ),
    finished as (
      delete from belfry.event_queue q using chunk c
      where q.event_id = any (${eventIds}::uuid[])
        and q.event_id = c."eventId" and q.epoch = c.epoch and c."isDone"
        and q.event_id not in (select event_id from outdated)
      returning q.event_id
    ),
    unfinished as (
      update belfry.event_queue q set cursor = c.cursor, due_at = c.now, failure_count = 0
      from chunk c
      where q.event_id = any (${eventIds}::uuid[])
        and q.event_id = c."eventId" and q.epoch = c.epoch and not c."isDone"
        and q.event_id not in (select event_id from outdated)
      returning q.event_id
    ),
    live as (
      select c.* from chunk c
      where c."eventId" in (select event_id from finished union all select event_id from unfinished)
    ),
    texts as (
      insert into belfry.contents (workspace_id, id, event_id, content)
      select l."workspaceId", t.id, case when t."isShared" then t."eventId" end, t.content
      from json_to_recordset(${JSON.stringify(contents)}::json)
        as t (id uuid, "eventId" uuid, "isShared" boolean, content json)
      join live l on l."eventId" = t."eventId"
      left join lateral (
        select true as is_there from belfry.contents c
        where not l."isFirst" and c.workspace_id = l."workspaceId" and c.id = t.id offset 0
      ) c on true
      where c.is_there is null
    ),
    alike as (
      select a.*, l."workspaceId", l.type, l.level, l.channel, l."otherChannels",
        l.now, l."isFirst"
      from json_to_recordset(${people.likenesses}::json) as a (
        number integer, "eventId" uuid, "isSubscriber" boolean, via text[], status text, reason text,
        because text, outcome text, pending smallint, "contentId" uuid,
        "scheduledAt" timestamptz, timezone text, "beginsAt" timestamptz, "isInHours" boolean)
      join live l on l."eventId" = a."eventId"
    ),
    told as (
      insert into belfry.changes (workspace_id, what, event_id, notification_ids, recipients)
      select "workspaceId", 'created', "eventId", "notificationIds", recipients
      from json_to_recordset(${JSON.stringify(newItems(rows))}::json) as c (
        "workspaceId" integer, "eventId" uuid, "notificationIds" uuid[], recipients text[])
    ),
    person as (
      select n.id, n.recipient, a.*, o.id as "knownId"
      from unnest(${uuids(rows.notifications, 'id')}::uuid[], ${recipients}::text[],
        ${people.numbers}::integer[]) as n (id, recipient, number)
      join alike a on a.number = n.number
      left join lateral (
        select o.id from belfry.notifications o
        where not a."isFirst" and o.event_id = a."eventId" and o.recipient = n.recipient offset 0
      ) o on true
    ),
    new as (
      insert into belfry.notifications (workspace_id, id, event_id, recipient, is_subscriber, via,
        type, level, channel, other_channels, status, reason, because, outcome, pending, content_id,
        feed, scheduled_at, timezone, begins_at, is_in_hours, created_at, finished_at)
      select "workspaceId", id, "eventId", recipient, "isSubscriber", via, type, level, channel,
        "otherChannels", status, reason, because, outcome, pending, "contentId",
        case when "contentId" is null then 0 else 1 end, "scheduledAt", timezone, "beginsAt", "isInHours", now,
        case when pending = 0 then now end
      from person where "knownId" is null
      returning id, event_id
    ),
    again as (
      update belfry.notifications n
      set via = coalesce(n.via, '{request}') || array(
        select r from unnest(coalesce(p.via, '{request}')) r
        where r <> all (coalesce(n.via, '{request}')))
      from (select * from person where "knownId" is not null order by "knownId") p
      where n.id = any (array(select "knownId" from person where "knownId" is not null))
        and n.workspace_id = p."workspaceId" and n.id = p."knownId"
        and not coalesce(n.via, '{request}') @> coalesce(p.via, '{request}')
    ),
    counted as (
      update belfry.events e
      set recipient_count = e.recipient_count + p.count, found = l.found,
        error = coalesce(e.error, l.error),
        data = case when l.data is null then e.data else coalesce(e.data, '[]') || l.data end,
        processed_at = case when l."isDone" then coalesce(e.processed_at, clock_timestamp()) end,
        status = case when not l."isDone" then e.status
          -- Who was named and is not known has a notification that says so, and is nobody.
          when e.recipient_count + p.count = 0 or (l.found <> '{}' and 0 = all (l.found))
            then 'no_audience'
          else 'processed' end
      from live l
      cross join lateral (
        select case when l."isFirst" then l."peopleCount"
          else (select count(*)::integer from new n where n.event_id = l."eventId") end as count
      ) p
      where e.id = any (${eventIds}::uuid[])
        and e.workspace_id = l."workspaceId" and e.id = l."eventId"
    ),
    way as (
      select a.*, l."workspaceId", l.lane, l.now, l."dueAt", l."expiresAt", l."isForced"
      from json_to_recordset(${ways.likenesses}::json) as a (
        number integer, "eventId" uuid, channel text, slot smallint, step smallint, device text, "contentId" uuid,
        status text, reason text, because text, "notBefore" timestamptz, "leaseUntil" timestamptz, "providerId" uuid,
        "isAwaited" boolean)
      join live l on l."eventId" = a."eventId"
    ),
    delivery as (
      select d.id, d."notificationId", d.address, w.*
      from unnest(${uuids(rows.deliveries, 'id')}::uuid[],
        ${uuids(rows.deliveries, 'notificationId')}::uuid[],
        ${rows.deliveries.map(({ address }) => address)}::text[], ${ways.numbers}::integer[])
        as d (id, "notificationId", address, number)
      join way w on w.number = d.number where d."notificationId" in (select id from new)
    ),
    stored as (
      insert into belfry.deliveries (workspace_id, id, notification_id, event_id, channel, slot, step,
        address, device, content_id, status, reason, because, created_at, finished_at)
      select "workspaceId", id, "notificationId", "eventId", channel, slot, step, address, device,
        "contentId", status, reason, because, now, case when status in ('skipped', 'failed') then now end
      from delivery
    ),
    queued as (
      insert into belfry.queue (delivery_id, workspace_id, notification_id, channel, lane, due_at, epoch,
        attempt, worker, begun_at, provider_id, expires_at, is_forced, is_awaited)
      select id, "workspaceId", "notificationId", channel, lane,
        -- What is over before its time ends when it is over: it is looked at then.
        coalesce("leaseUntil", least(coalesce("notBefore", "dueAt"), "expiresAt")),
        ("leaseUntil" is not null)::integer, ("leaseUntil" is not null)::integer,
        case when "leaseUntil" is not null then ${worker}::text end,
        case when "leaseUntil" is not null then now end, "providerId", "expiresAt",
        coalesce("isForced", false), "isAwaited"
      from delivery where status not in ('skipped', 'failed') returning delivery_id
    )
    select delivery_id, null::uuid as outdated_id from queued
    union all select null, event_id from outdated`)
  return {
    deliveryIds: stored.flatMap(({ deliveryId }) => deliveryId ?? []),
    outdatedEventIds: stored.flatMap(({ outdatedId }) => outdatedId ?? []),
  }
}

const notificationLikeness = [
  'eventId',
  'isSubscriber',
  'via',
  'status',
  'reason',
  'because',
  'outcome',
  'pending',
  'contentId',
  'scheduledAt',
  'timezone',
  'beginsAt',
  'isInHours',
] as const satisfies (keyof NewNotification)[]

const deliveryLikeness = [
  'eventId',
  'channel',
  'slot',
  'device',
  'step',
  'isAwaited',
  'contentId',
  'status',
  'reason',
  'because',
  'notBefore',
  'leaseUntil',
  'providerId',
] as const satisfies (keyof NewDelivery)[]

/** As the text of an array: there is nothing in a uuid that would have to be escaped. */
function uuids<Name extends string>(rows: Record<Name, string>[], name: Name): string {
  return `{${rows.map((row) => row[name]).join()}}`
}
