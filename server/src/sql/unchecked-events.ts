// Events that came through SQL (migrations/0002-sql-door.sql): stored by the caller's own transaction, checked
// afterwards. What is checked goes on as if it had come over HTTP.
import type { Event } from '../domain/event.ts'
import { lanes, uncheckedLanes } from '../domain/event.ts'
import { everywhere, type Reach } from '../domain/reach.ts'
import { sql, type Db } from './db.ts'

/**
 * What was asked for; where it says nothing of `to`, the audience of the event is it. `problem`: why a change of
 * a table can be no event.
 */
export type UncheckedEvent = Event & {
  epoch: number
  request: { level?: Event['level']; to?: unknown[]; problem?: string }
}

/** Takes up to `limit` events that are still to be checked, urgent ones first. */
export function claimUnchecked(
  db: Db,
  claim: { limit: number; now: Date; leaseUntil: Date; reach?: Reach },
): Promise<UncheckedEvent[]> {
  const { reach = everywhere } = claim
  return db.query<UncheckedEvent>(sql`
    with due as (
      select x.event_id
      from (values (${uncheckedLanes.critical}::smallint), (${uncheckedLanes.other})) as l (lane)
      cross join lateral (
        select q.event_id from belfry.event_queue q
        where q.lane = l.lane and q.due_at <= ${claim.now}
          and (q.workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
        order by q.due_at
        limit ${claim.limit}
        for update skip locked
      ) x
      limit ${claim.limit}
    ),
    taken as (
      update belfry.event_queue q set epoch = q.epoch + 1, due_at = ${claim.leaseUntil}
      where q.event_id = any (array(select event_id from due))
      returning q.event_id, q.workspace_id, q.epoch, q.request
    )
    select e.workspace_id, e.id, e.type, e.type_version, e.level, e.audience, e.params, e.message,
      e.scheduled_at, e.scheduled_local, e.timezone, e.expires_at, e.thread_key, e.traceparent, e.replay_of, e.created_at, t.epoch,
      t.request
    from taken t
    cross join lateral (
      select * from belfry.events e where e.workspace_id = t.workspace_id and e.id = t.event_id
      offset 0
    ) e
    order by e.id`)
}

export type CompletedEvent = Event & { epoch: number; lane: number }

/**
 * Puts checked events among the others, for whoever has taken them to go on until `leaseUntil`; a broadcast is for
 * anybody. Answers those that were still there: what was cancelled meanwhile, or taken by somebody else, is not.
 */
export async function completeEvents(
  db: Db,
  events: CompletedEvent[],
  { now, leaseUntil }: { now: Date; leaseUntil: Date },
): Promise<Set<string>> {
  const ids = events.map(({ id }) => id) // said twice: see db.ts on plans
  const rows = await db.query<{ id: string }>(sql`
    with checked as (
      select * from json_to_recordset(${JSON.stringify(events)}::json) as c (
        "workspaceId" integer, id uuid, epoch integer, lane smallint, type text, "typeVersion" integer,
        level text, audience jsonb, "scheduledAt" timestamptz, "scheduledLocal" text)
    ),
    kept as (
      update belfry.event_queue q
      set lane = c.lane, request = null, failure_count = 0,
        due_at = case when c.lane = ${lanes.many} then ${now}::timestamptz else ${leaseUntil} end
      from checked c
      where q.event_id = any (${ids}::uuid[]) and q.event_id = c.id and q.workspace_id = c."workspaceId"
        and q.epoch = c.epoch
      returning q.event_id
    ),
    heard as (
      insert into belfry.listener_runs (workspace_id, event_id, type, listener, due_at)
      select c."workspaceId", c.id, c.type, l.name, ${now}
      from checked c
      cross join lateral (
        select l.name from belfry.listeners l
        where l.workspace_id = c."workspaceId" and l.type = c.type offset 0
      ) l
      where (select exists (select from belfry.listeners)) and c.id in (select event_id from kept)
      returning pg_notify('belfry_listeners', '')
    ),
    completed as (
      update belfry.events e
      set type_version = c."typeVersion", level = c.level, audience = c.audience,
        scheduled_at = c."scheduledAt", scheduled_local = c."scheduledLocal"
      from checked c
      where e.id = any (${ids}::uuid[]) and e.workspace_id = c."workspaceId" and e.id = c.id
        and c.id in (select event_id from kept)
      returning e.id, e.workspace_id, e.created_at
    ),
    counted as (
      insert into belfry.accepted_counts (workspace_id, minute, connection, count)
      select workspace_id, date_trunc('minute', created_at), pg_backend_pid(), count(*)
      from completed group by 1, 2
      on conflict (workspace_id, minute, connection) do update
      set count = belfry.accepted_counts.count + excluded.count
    )
    select id from completed`)
  return new Set(rows.map(({ id }) => id))
}
