// Events that one answer is enough for: who was asked by now, the answer, and what is left to be stopped after it.
import type { AnswerWay, Silence } from '../domain/asking.ts'
import type { AudienceMember } from '../domain/audience.ts'
import type { FanOutCursor, TemplatePin } from '../domain/event.ts'
import { everywhere, type Reach } from '../domain/reach.ts'
import { sql, type Db } from './db.ts'

type EventRef = { workspaceId: number; eventId: string }

/** With a part of its people; when all of them are there (`isDone`), it is looked at whether any can be asked. */
export async function upsertAsks(
  tx: Db,
  asks: readonly (EventRef & { isDone: boolean })[],
  now: Date,
): Promise<void> {
  await tx.query(sql`
    insert into belfry.asks as a (workspace_id, event_id, due_at)
    select "workspaceId", "eventId", case when "isDone" then ${now}::timestamptz end
    from json_to_recordset(${JSON.stringify(asks)}::json)
      as w ("workspaceId" integer, "eventId" uuid, "isDone" boolean)
    order by 1, 2 -- one order everywhere, so that nobody waits in a circle
    on conflict (workspace_id, event_id) do update
    set due_at = case when num_nulls(a.answered_at, a.ended_at) = 2 then coalesce(excluded.due_at, a.due_at)
      else a.due_at end`)
}

/** Has those of the events looked at that still wait for an answer: the plan of a person has come to its end. Waits for who is just looking. */
export async function nudgeAsks(tx: Db, events: readonly EventRef[], now: Date): Promise<void> {
  await tx.query(sql`
    with held as materialized (
      select a.workspace_id, a.event_id
      from belfry.asks a
      where a.event_id = any (${events.map(({ eventId }) => eventId)}::uuid[])
        and a.workspace_id = any (${events.map(({ workspaceId }) => workspaceId)}::integer[])
        and num_nulls(a.answered_at, a.ended_at) = 2
      order by 1, 2
      for update
    )
    update belfry.asks a set due_at = ${now}
    from held h
    where a.workspace_id = h.workspace_id and a.event_id = h.event_id`)
}

/** The same with the events of some notifications that were stopped. */
export async function nudgeAsksOf(
  tx: Db,
  {
    workspaceId,
    notificationIds,
    now,
  }: { workspaceId: number; notificationIds: string[]; now: Date },
): Promise<void> {
  const events = await tx.query<EventRef>(sql`
    select distinct a.workspace_id, a.event_id
    from belfry.notifications n
    join belfry.asks a on a.workspace_id = n.workspace_id and a.event_id = n.event_id
    where n.workspace_id = ${workspaceId} and n.id = any (${notificationIds}::uuid[])
      and num_nulls(a.answered_at, a.ended_at) = 2`)
  if (events.length > 0) await nudgeAsks(tx, events, now)
}

export type ClaimedAsk = EventRef & { epoch: number; isAnswered: boolean }

export function claimAsks(
  db: Db,
  {
    limit,
    now,
    leaseUntil,
    reach = everywhere,
  }: { limit: number; now: Date; leaseUntil: Date; reach?: Reach },
): Promise<ClaimedAsk[]> {
  return db.query<ClaimedAsk>(sql`
    with due as (
      select a.workspace_id, a.event_id from belfry.asks a
      where a.due_at <= ${now}
        and (a.workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
      order by a.due_at
      limit ${limit}
      for update skip locked
    )
    update belfry.asks a set epoch = a.epoch + 1, due_at = ${leaseUntil}
    from due
    where a.workspace_id = due.workspace_id and a.event_id = due.event_id
    returning a.workspace_id, a.event_id, a.epoch, a.answered_at is not null as is_answered`)
}

/** Holds one that is still waiting for an answer, and that nobody else has taken since; its level, or null. */
export async function holdAsk(tx: Db, ask: ClaimedAsk): Promise<HeldAsk | null> {
  const rows = await tx.query<HeldAsk>(sql`
    select level, asked -> -1 ->> 'at' as asked_at from belfry.asks
    where workspace_id = ${ask.workspaceId} and event_id = ${ask.eventId} and epoch = ${ask.epoch}
      and answered_at is null
    for update`)
  return rows[0] ?? null
}

/** `askedAt`: when those of the level were asked; null: with the event. */
export type HeldAsk = { level: number; askedAt: string | null }

export type AskedEvent = {
  audience: AudienceMember[]
  found: (number | null)[]
  level: 'standard' | 'critical'
  createdAt: Date
  scheduledAt: Date | null
  /** Somebody is still being asked, or looked for. */
  isOpen: boolean
  /** Nobody else is to be asked: it was cancelled, is over, or says nothing any more. */
  isOver: boolean
  /** Somebody may have heard of it. */
  isHeard: boolean
  pins: TemplatePin[] | null
}

/** How an event stands of which nobody can be asked more until the transaction ends: the caller holds its ask. */
export async function findAskedEvent(
  tx: Db,
  { workspaceId, eventId }: EventRef,
  now: Date,
): Promise<AskedEvent> {
  const rows = await tx.query<AskedEvent>(sql`
    select e.audience, e.found, e.level, e.created_at, e.scheduled_at, p.templates as pins,
      e.status in ('cancelled', 'failed') or e.is_erased or coalesce(e.expires_at <= ${now}, false)
        or a.ended_at is not null or s.is_superseded as is_over,
      r.is_open or exists (
        select from belfry.event_queue q where q.event_id = e.id and q.workspace_id = e.workspace_id
      ) as is_open, r.is_heard
    from belfry.events e
    join belfry.asks a on a.workspace_id = e.workspace_id and a.event_id = e.id
    left join belfry.plan_pins p on p.workspace_id = e.workspace_id and p.event_id = e.id
    cross join lateral (
      select exists (
        select from belfry.notifications n join belfry.plan_runs r on r.notification_id = n.id
        where n.event_id = e.id and n.workspace_id = e.workspace_id and n.pending > 0
      ) as is_open, exists (
        select from belfry.notifications n
        where n.event_id = e.id and n.workspace_id = e.workspace_id
          and (n.outcome in ('sent', 'delivered', 'unknown') or n.pending > 0)
      ) as is_heard
    ) r
    cross join lateral (
      -- Dear, of many people: only once nobody is open.
      select case when r.is_open then false else exists (
        select from belfry.notifications n
        where n.event_id = e.id and n.workspace_id = e.workspace_id and n.superseded_by is not null
      ) end as is_superseded
    ) s
    where e.workspace_id = ${workspaceId} and e.id = ${eventId}`)
  return rows[0]!
}

/** It is looked at again once a plan of it is over. */
export async function letAskWait(tx: Db, { workspaceId, eventId }: EventRef): Promise<void> {
  await tx.query(sql`
    update belfry.asks set due_at = null
    where workspace_id = ${workspaceId} and event_id = ${eventId}`)
}

export type Asked = Silence & { at: Date; level: number | null }

/** Nobody else is asked, and nothing is told of it. */
export async function endAsk(tx: Db, { workspaceId, eventId }: EventRef, now: Date): Promise<void> {
  await tx.query(sql`
    update belfry.asks a set due_at = null, ended_at = coalesce(a.ended_at, ${now})
    where a.workspace_id = ${workspaceId} and a.event_id = ${eventId}`)
}

/** What was decided about those who are asked next; null as the level: it is over. */
export async function noteAsked(
  tx: Db,
  { workspaceId, eventId }: EventRef,
  { at, level, kind, afterMs }: Asked,
): Promise<void> {
  await tx.query(sql`
    update belfry.asks
    set asked = asked || ${JSON.stringify([{ at, level, kind, afterMs }])}::jsonb, due_at = null,
      level = coalesce(${level}::smallint, level),
      ended_at = case when ${level}::smallint is null then ${at}::timestamptz end
    where workspace_id = ${workspaceId} and event_id = ${eventId}`)
}

/** Has those found who are asked next. The event is in no queue. */
export async function queueLevel(
  tx: Db,
  event: {
    workspaceId: number
    eventId: string
    lane: number
    dueAt: Date
    cursor: Omit<FanOutCursor, 'found' | 'templates'> & {
      found: (number | null)[]
      templates?: TemplatePin[]
    }
  },
): Promise<void> {
  await tx.query(sql`
    insert into belfry.event_queue (event_id, workspace_id, lane, due_at, cursor)
    values (${event.eventId}, ${event.workspaceId}, ${event.lane}, ${event.dueAt},
      ${JSON.stringify(event.cursor)}::jsonb)`)
}

/** Nobody else is asked about these; answers those of which somebody might have been. */
export async function endAsks(
  tx: Db,
  workspaceId: number,
  eventIds: string[],
  now: Date,
): Promise<string[]> {
  const rows = await tx.query<{ eventId: string }>(sql`
    with held as materialized (
      select a.event_id from belfry.asks a
      where a.workspace_id = ${workspaceId} and a.event_id = any (${eventIds}::uuid[])
        and a.answered_at is null and a.ended_at is null
      order by 1
      for update
    )
    update belfry.asks a set ended_at = ${now}, due_at = null, epoch = a.epoch + 1
    where a.workspace_id = ${workspaceId} and a.event_id = any (array(select event_id from held))
    returning a.event_id`)
  return rows.map(({ eventId }) => eventId)
}

/**
 * Takes the answer; false when there was one before it, null when none is shared. Until `leaseUntil` the caller stops
 * everything else, then anybody may.
 */
export async function answerAsk(
  tx: Db,
  answer: EventRef & { notificationId: string; now: Date; leaseUntil: Date },
): Promise<boolean | null> {
  const { workspaceId, eventId, notificationId, now, leaseUntil } = answer
  const rows = await tx.query<{ isFirst: boolean }>(sql`
    with held as materialized (
      select a.event_id, a.answered_at is null as is_first from belfry.asks a
      where a.workspace_id = ${workspaceId} and a.event_id = ${eventId}
      for update
    ),
    answered as (
      update belfry.asks a
      set answered_at = ${now}, notification_id = ${notificationId}, due_at = ${leaseUntil},
        epoch = a.epoch + 1, ended_at = coalesce(a.ended_at, ${now})
      where a.workspace_id = ${workspaceId} and a.event_id = any (array(select event_id from held where is_first))
    )
    select is_first from held`)
  return rows[0]?.isFirst ?? null
}

/** Whoever stops it goes on with it until `leaseUntil`. */
export async function countStopped(
  tx: Db,
  { workspaceId, eventId, leaseUntil }: EventRef & { leaseUntil: Date },
  { cancelled, newlyInFlight }: { cancelled: number; newlyInFlight: number },
): Promise<void> {
  await tx.query(sql`
    update belfry.asks
    set stopped_count = stopped_count + ${cancelled}, in_flight_count = in_flight_count + ${newlyInFlight},
      due_at = case when is_stopped then due_at else ${leaseUntil}::timestamptz end
    where workspace_id = ${workspaceId} and event_id = ${eventId}`)
}

export async function markStopped(db: Db, { workspaceId, eventId }: EventRef): Promise<void> {
  await db.query(sql`
    update belfry.asks set is_stopped = true, due_at = null
    where workspace_id = ${workspaceId} and event_id = ${eventId} and answered_at is not null`)
}

export type AskRow = {
  level: number
  asked: (Omit<Asked, 'at'> & { at: string })[]
  answeredAt: Date | null
  isStopped: boolean
  stoppedCount: number
  inFlightCount: number
  notificationId: string | null
  /** Who answered; null: they, or what they answered, are no more. */
  recipient: string | null
  isSubscriber: boolean | null
  via: AnswerWay | null
  by: string | null
}

/** Null where each has to answer, or nobody. */
export async function findAsk(db: Db, { workspaceId, eventId }: EventRef): Promise<AskRow | null> {
  const rows = await db.query<AskRow>(sql`
    select a.level, a.asked, a.answered_at, a.is_stopped, a.stopped_count, a.in_flight_count, a.notification_id,
      n.recipient, n.is_subscriber, n.acknowledged_via as via, n.acknowledged_by as by
    from belfry.asks a
    left join belfry.notifications n on n.workspace_id = a.workspace_id and n.id = a.notification_id
    where a.workspace_id = ${workspaceId} and a.event_id = ${eventId}`)
  return rows[0] ?? null
}
