// What follows from a step of a plan: deliveries, the next place, or the end.
import type { Status, EndStatus } from '../domain/status.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import { sql, type Db } from './db.ts'
import type { NewContent, NewDelivery } from './fan-out.ts'
import type { NewPlanNote, PlanPlace } from './plan-runs.ts'

/** One notification's turn; null as its `next` place when its plan is over. */
export type PlanTurn = {
  workspaceId: number
  notificationId: string
  next: PlanPlace | null
  /** The text of its in-app part, if that begins now. */
  contentId: string | null
  feedPosition: string | null // where it then stands in the feed
  /** Deliveries that have not ended. */
  opened: number
  /** Where it stands by what begins now; null when nothing does. */
  status: Status | null
  outcome: EndStatus | null
  reason: string | null
  because: string | null
  /** That somebody has said "now" holds for what follows too. */
  staysForced?: boolean
  /** Something else is sent instead of what failed: the places that had sent it. */
  replaces?: { from: number; to: number } | null
}

export type TurnDelivery = NewDelivery & {
  workspaceId: number
  lane: number
  isForced: boolean
  expiresAt: Date | null
}

export type TurnRows = {
  turns: PlanTurn[]
  deliveries: TurnDelivery[]
  contents: (NewContent & { workspaceId: number })[]
  notes: NewPlanNote[]
}

/** The caller holds the runs. Answers the channels on which something waits now. */
export async function storePlanTurns(
  tx: Db,
  { turns, deliveries, contents, notes }: TurnRows,
  now: Date,
): Promise<CarriedChannel[]> {
  const ids = turns.map(({ notificationId }) => notificationId) // said twice: see db.ts on plans
  const flat = turns.map(({ next, replaces, ...turn }) => {
    return { ...turn, ...next, ...replaces, isOver: next === null }
  })
  const rows = await tx.query<{ channel: CarriedChannel }>(sql`
    with turn as materialized (
      select * from json_to_recordset(${JSON.stringify(flat)}::json) as t ("workspaceId" integer,
        "notificationId" uuid, "isOver" boolean, position smallint, "dueAt" timestamptz,
        "endsAt" timestamptz, wake text, "contentId" uuid, "feedPosition" uuid, opened smallint, status text, outcome text,
        reason text, because text, "staysForced" boolean, "from" smallint, "to" smallint)
    ),
    over as (
      delete from belfry.plan_runs r
      where r.notification_id = any (array(select "notificationId" from turn where "isOver"))
    ),
    moved as (
      update belfry.plan_runs r
      set position = t.position, due_at = t."dueAt", ends_at = t."endsAt", wake = t.wake,
        is_woken = false, is_forced = r.is_forced and coalesce(t."staysForced", false), epoch = r.epoch + 1, failure_count = 0
      from turn t
      where r.notification_id = any (${ids}::uuid[])
        and r.workspace_id = t."workspaceId" and r.notification_id = t."notificationId" and not t."isOver"
    ),
    replaced as (
      update belfry.deliveries d set is_replaced = true
      from turn t
      where d.notification_id = any (array(select "notificationId" from turn where "from" is not null))
        and d.workspace_id = t."workspaceId" and d.notification_id = t."notificationId"
        and d.step >= t."from" and d.step < t."to"
    ),
    texts as (
      insert into belfry.contents (workspace_id, id, event_id, content)
      select "workspaceId", id, case when "isShared" then "eventId" end, content
      from json_to_recordset(${JSON.stringify(contents)}::json)
        as c ("workspaceId" integer, id uuid, "eventId" uuid, "isShared" boolean, content json)
      order by id
      on conflict do nothing
    ),
    delivery as materialized (
      select * from json_to_recordset(${JSON.stringify(deliveries)}::json) as d ("workspaceId" integer,
        id uuid, "notificationId" uuid, "eventId" uuid, channel text, slot smallint, step smallint,
        address text, device text, "contentId" uuid, status text, reason text, because text, "notBefore" timestamptz,
        lane smallint, "isForced" boolean, "expiresAt" timestamptz, "isAwaited" boolean)
    ),
    stored as (
      insert into belfry.deliveries (workspace_id, id, notification_id, event_id, channel, slot, step,
        address, device, content_id, status, reason, because, created_at, finished_at)
      select "workspaceId", id, "notificationId", "eventId", channel, slot, step, address, device,
        "contentId", status, reason, because, ${now}, case when status in ('skipped', 'failed') then ${now}::timestamptz end
      from delivery
    ),
    queued as (
      insert into belfry.queue (delivery_id, workspace_id, notification_id, channel, lane, due_at,
        expires_at, is_forced, is_awaited)
      select id, "workspaceId", "notificationId", channel, lane, least(coalesce("notBefore", ${now}), "expiresAt"), "expiresAt",
        "isForced", "isAwaited"
      from delivery where status not in ('skipped', 'failed')
      returning channel
    ),
    noted as (
      insert into belfry.plan_notes (workspace_id, notification_id, position, step, decision, because, at)
      select "workspaceId", "notificationId", position, step, decision, because, ${now}
      from json_to_recordset(${JSON.stringify(notes)}::json)
        as t ("workspaceId" integer, "notificationId" uuid, position smallint, step text, decision text,
          because text)
      on conflict do nothing
    ),
    -- In the order in which outcomes are settled, so that neither waits for the other in a circle.
    held as materialized (
      select t.*, n.id, n.pending + t.opened - t."isOver"::integer as left_over
      from (select * from turn order by "notificationId") t
      cross join lateral (
        select n.id, n.pending from belfry.notifications n
        where n.workspace_id = t."workspaceId" and n.id = t."notificationId"
        for no key update
      ) n
    ),
    told as (
      update belfry.notifications n
      set content_id = coalesce(h."contentId", n.content_id),
        feed = case when h."contentId" is null then n.feed else 1 end,
        position = coalesce(h."feedPosition", n.position),
        arrived_at = case when h."contentId" is null then n.arrived_at else ${now} end,
        pending = h.left_over,
        outcome = belfry.better(n.outcome, h.outcome),
        status = case
          when h.left_over = 0 then coalesce(belfry.better(n.outcome, h.outcome), 'skipped')
          when h.status = 'processing' or h."contentId" is not null then 'processing'
          else n.status end,
        reason = case
          when h.left_over = 0 and belfry.better(n.outcome, h.outcome) in ('sent', 'delivered') then null
          when h.left_over = 0 then coalesce(n.reason, h.reason)
          else n.reason end,
        because = coalesce(n.because, h.because),
        finished_at = case when h.left_over = 0 then ${now}::timestamptz end
      from held h
      where n.id = any (array(select id from held))
        and n.workspace_id = h."workspaceId" and n.id = h.id
    )
    select distinct channel from queued`)
  return rows.map(({ channel }) => channel)
}
