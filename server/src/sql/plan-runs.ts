// Notifications whose plan is not over: where each stands, and what follows from a step.
import type { ClosedDigest } from '../domain/closed-digest.ts'
import type { Event, TemplatePin } from '../domain/event.ts'
import type { StepNote } from '../domain/plan-steps.ts'
import { everywhere, type Reach } from '../domain/reach.ts'
import type { EndStatus } from '../domain/status.ts'
import { sql, type Db } from './db.ts'

/** The state of a notification between two steps of its plan. */
export type PlanPlace = {
  position: number
  dueAt: Date | null // null: once something else has happened
  endsAt: Date | null // of a wait that has begun
  wake: string | null // what happens elsewhere to end it
}

export type NewPlanRun = PlanPlace & {
  workspaceId: number
  eventId: string
  notificationId: string
}

export type NewPlanNote = StepNote & { workspaceId: number; notificationId: string }

export type NewPlans = {
  runs: NewPlanRun[]
  notes: NewPlanNote[]
  pins: { workspaceId: number; eventId: string; templates: TemplatePin[] }[]
}

/** For notifications that the same transaction has added; others of `plans` add nothing. */
export async function insertPlans(tx: Db, plans: NewPlans, now: Date): Promise<void> {
  const ids = [...plans.runs, ...plans.notes].map(({ notificationId }) => notificationId)
  await tx.query(sql`
    with known as materialized (
      select n.id, n.workspace_id from belfry.notifications n
      where n.id = any (${ids}::uuid[]) and n.workspace_id = any (
        select "workspaceId" from json_to_recordset(${JSON.stringify([...plans.runs, ...plans.notes])}::json)
          as w ("workspaceId" integer))
    ),
    pinned as (
      insert into belfry.plan_pins (workspace_id, event_id, templates)
      select "workspaceId", "eventId", templates
      from json_to_recordset(${JSON.stringify(plans.pins)}::json)
        as p ("workspaceId" integer, "eventId" uuid, templates jsonb)
      on conflict do nothing
    ),
    noted as (
      insert into belfry.plan_notes (workspace_id, notification_id, position, step, decision, because, at)
      select "workspaceId", "notificationId", position, step, decision, because, ${now}
      from json_to_recordset(${JSON.stringify(plans.notes)}::json)
        as t ("workspaceId" integer, "notificationId" uuid, position smallint, step text, decision text,
          because text)
      join known k on k.id = t."notificationId" and k.workspace_id = t."workspaceId"
      on conflict do nothing
    )
    insert into belfry.plan_runs (notification_id, workspace_id, event_id, position, due_at, ends_at, wake)
    select "notificationId", "workspaceId", "eventId", position, "dueAt", "endsAt", wake
    from json_to_recordset(${JSON.stringify(plans.runs)}::json)
      as r ("notificationId" uuid, "workspaceId" integer, "eventId" uuid, position smallint,
        "dueAt" timestamptz, "endsAt" timestamptz, wake text)
    join known k on k.id = r."notificationId" and k.workspace_id = r."workspaceId"
    on conflict do nothing`)
}

export type ClaimedRun = {
  workspaceId: number
  notificationId: string
  epoch: number
  position: number
  endsAt: Date | null
  isWoken: boolean
  isForced: boolean // somebody has said "now"
  failureCount: number
  recipient: string
  isSubscriber: boolean
  outcome: EndStatus | null // the best so far
  pending: number
  hasInApp: boolean // it is in the feed
  seenAt: Date | null
  readAt: Date | null
  acknowledgedAt: Date | null
  isToMany: boolean
  digest: ClosedDigest | null
  event: Omit<Event, 'audience'>
}

/** One whose wait is not over when it is looked at, and when it is. */
export type EarlyRun = Pick<
  ClaimedRun,
  | 'workspaceId'
  | 'notificationId'
  | 'epoch'
  | 'seenAt'
  | 'readAt'
  | 'acknowledgedAt'
  | 'pending'
  | 'outcome'
> & { dueAt: Date | null }

type ClaimedRow = Omit<ClaimedRun, 'event'> & Omit<Event, 'audience'>

/** Takes up to `limit` runs that are due. Another process may take them again after `leaseUntil`. */
export async function claimPlanRuns(
  db: Db,
  {
    limit,
    now,
    leaseUntil,
    reach = everywhere,
  }: { limit: number; now: Date; leaseUntil: Date; reach?: Reach },
): Promise<ClaimedRun[]> {
  const rows = await db.query<ClaimedRow>(sql`
    with due as (
      select r.notification_id from belfry.plan_runs r
      where r.bucket_id is null and r.due_at <= ${now}
        and (r.workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
      order by r.due_at
      limit ${limit}
      for update skip locked
    ),
    taken as (
      update belfry.plan_runs r set epoch = r.epoch + 1, due_at = ${leaseUntil}
      where r.notification_id = any (array(select notification_id from due))
      returning r.*
    )
    select t.workspace_id, t.notification_id, t.epoch, t.position, t.ends_at,
      t.is_woken or coalesce(w.at >= e.created_at, false) as is_woken, t.is_forced, t.failure_count, n.recipient, n.is_subscriber, n.outcome, n.pending,
      n.content_id is not null as has_in_app, n.seen_at, n.read_at,
      n.acknowledged_at, d.digest, e.*
    from taken t
    cross join lateral (
      select * from belfry.notifications n
      where n.workspace_id = t.workspace_id and n.id = t.notification_id offset 0
    ) n
    cross join lateral (
      select e.id, e.type, e.type_version, e.level, e.params, e.message, e.scheduled_at, e.scheduled_local, e.timezone, e.expires_at,
        e.thread_key, e.traceparent, e.replay_of, e.created_at,
        e.replay_of is not null or jsonb_array_length(e.audience) > 20
          or jsonb_path_exists(e.audience, '$[*] ? (!exists (@.level)).topic') as is_to_many
      from belfry.events e
      where e.workspace_id = t.workspace_id and e.id = t.event_id offset 0
    ) e
    left join lateral (
      select json_build_object('count', d.count, 'items', d.items, 'threads', d.threads) as digest from belfry.digests d
      where d.workspace_id = t.workspace_id and d.notification_id = t.notification_id offset 0
    ) d on true
    left join lateral (
      select w.at from belfry.plan_wakes w
      where w.workspace_id = t.workspace_id and w.wake = t.wake offset 0
    ) w on true
    order by t.notification_id`)
  return rows.map(toClaimedRun)
}

function toClaimedRun(row: ClaimedRow): ClaimedRun {
  const { id, type, typeVersion, level, params, message, ...rest } = row
  const { scheduledAt, scheduledLocal, timezone, expiresAt, ...others } = rest
  const { threadKey, traceparent, replayOf, createdAt, ...run } = others
  const about = { id, type, typeVersion, level, params, message }
  const times = { scheduledAt, scheduledLocal, timezone, expiresAt }
  const event = { ...about, ...times, threadKey, traceparent, replayOf, createdAt }
  return { ...run, event: { workspaceId: row.workspaceId, ...event } }
}

/** The templates with which the plans of these events began. */
export function listPins(
  db: Db,
  events: readonly { workspaceId: number; eventId: string }[],
): Promise<{ eventId: string; templates: TemplatePin[] }[]> {
  return db.query(sql`
    select p.event_id, p.templates
    from json_to_recordset(${JSON.stringify(events)}::json) as w ("workspaceId" integer, "eventId" uuid)
    cross join lateral (
      select p.event_id, p.templates from belfry.plan_pins p
      where p.workspace_id = w."workspaceId" and p.event_id = w."eventId" offset 0
    ) p`)
}

/**
 * Holds those that nobody else has taken since, in the order in which all are held; answers them. Not those
 * that are in a digest by now: who closes it holds them after it, the other way round.
 */
export async function holdPlanRuns(
  tx: Db,
  runs: readonly { workspaceId: number; notificationId: string; epoch: number }[],
): Promise<Set<string>> {
  const ids = runs.map(({ notificationId }) => notificationId)
  const rows = await tx.query<{ notificationId: string; epoch: number }>(sql`
    select r.notification_id, r.epoch from belfry.plan_runs r
    where r.notification_id = any (${ids}::uuid[])
      and r.workspace_id = any (${runs.map(({ workspaceId }) => workspaceId)}::integer[])
      and num_nulls(r.bucket_id) = 1 -- not "is null", which looks like a case for the index of what is due
    order by r.notification_id
    for update`)
  const epochs = new Map(rows.map(({ notificationId, epoch }) => [notificationId, epoch]))
  const held = runs.filter(({ notificationId, epoch }) => epochs.get(notificationId) === epoch)
  return new Set(held.map(({ notificationId }) => notificationId))
}

/**
 * Who changed their preferences after `since`, null among them for everybody. Nobody can change any until the
 * transaction ends.
 */
export async function listChangedPreferences(
  tx: Db,
  workspaceId: number,
  since: number,
): Promise<Set<string | null>> {
  const rows = await tx.query<{ subscriberId: string | null }>(sql`
    select subscriber_id from belfry.changed_preferences(${workspaceId}::integer, ${since}::bigint)`)
  return new Set(rows.map(({ subscriberId }) => subscriberId))
}

export type PostponedRun = {
  workspaceId: number
  notificationId: string
  epoch: number
  dueAt: Date | null
  isFailure: boolean
}

/** Gives runs back, to be looked at again at `dueAt`. */
export async function postponePlanRuns(db: Db, runs: readonly PostponedRun[]): Promise<void> {
  const ids = runs.map(({ notificationId }) => notificationId) // said twice: see db.ts on plans
  await db.query(sql`
    update belfry.plan_runs r
    set due_at = w."dueAt", failure_count = r.failure_count + w."isFailure"::integer, epoch = r.epoch + 1
    from json_to_recordset(${JSON.stringify(runs)}::json)
      as w ("workspaceId" integer, "notificationId" uuid, epoch integer, "dueAt" timestamptz,
        "isFailure" boolean)
    where r.notification_id = any (${ids}::uuid[]) and r.workspace_id = w."workspaceId"
      and r.notification_id = w."notificationId" and r.epoch = w.epoch`)
}

/** The leases of runs that the caller still holds, and has not put off, end at `until`. */
export async function renewPlanRuns(
  db: Db,
  runs: readonly { workspaceId: number; notificationId: string; epoch: number }[],
  { now, until }: { now: Date; until: Date },
): Promise<void> {
  const ids = runs.map(({ notificationId }) => notificationId) // said twice: see db.ts on plans
  const held = runs.map(({ workspaceId, notificationId, epoch }) => {
    return { workspaceId, notificationId, epoch }
  })
  await db.query(sql`
    update belfry.plan_runs r set due_at = ${until}
    from json_to_recordset(${JSON.stringify(held)}::json)
      as w ("workspaceId" integer, "notificationId" uuid, epoch integer)
    where r.notification_id = any (${ids}::uuid[]) and r.workspace_id = w."workspaceId"
      and r.notification_id = w."notificationId" and r.epoch = w.epoch
      and r.due_at > ${now} and r.due_at < ${until}`)
}

/** Waits for whoever is storing what follows from a run, and holds them all. */
export async function lockPlanRuns(
  tx: Db,
  workspaceId: number,
  notificationIds: string[],
): Promise<void> {
  await tx.query(sql`
    select r.notification_id from belfry.plan_runs r
    where r.notification_id = any (${notificationIds}::uuid[]) and r.workspace_id = ${workspaceId}
    order by r.notification_id
    for update`)
}

/**
 * Takes the runs of some notifications away for good, waiting for whoever is storing what follows from one.
 * Answers which there were: their notifications still count them as pending.
 */
export async function deletePlanRuns(
  tx: Db,
  workspaceId: number,
  notificationIds: string[],
): Promise<string[]> {
  const rows = await tx.query<{ notificationId: string }>(sql`
    with held as materialized (
      select r.notification_id from belfry.plan_runs r
      where r.notification_id = any (${notificationIds}::uuid[]) and r.workspace_id = ${workspaceId}
      order by r.notification_id
      for update
    )
    delete from belfry.plan_runs r
    where r.notification_id = any (array(select notification_id from held))
    returning r.notification_id`)
  return rows.map(({ notificationId }) => notificationId)
}
