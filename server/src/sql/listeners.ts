// Code that listens to events: by which names, and what each has made of each event.
import { sql, type Db } from './db.ts'

export type ListenerKey = { workspaceId: number; type: string; name: string }

/** From the commit on, every event of the type is kept for the listener. */
export async function insertListener(
  db: Db,
  { workspaceId, type, name }: ListenerKey,
): Promise<void> {
  await db.query(sql`
    insert into belfry.listeners (workspace_id, type, name)
    values (${workspaceId}, ${type}, ${name})
    on conflict do nothing`)
}

/** Forgets a listener, and what it has not begun. */
export async function deleteListener(
  db: Db,
  { workspaceId, type, name }: ListenerKey,
): Promise<void> {
  await db.query(sql`
    with gone as (
      delete from belfry.listeners
      where workspace_id = ${workspaceId} and type = ${type} and name = ${name}
    )
    delete from belfry.listener_runs
    where type = ${type} and listener = ${name} and workspace_id = ${workspaceId}
      and status = 'waiting' and due_at is not null`)
}

export type Run = {
  workspaceId: number
  listener: string
  epoch: number
  attempt: number // 1 for the first
  event: string // its id
  type: string
  level: string
  params: Record<string, unknown>
  threadKey: string | null
  replayOf: string | null
  createdAt: Date
}

export type RunClaim = ListenerKey & { limit: number; worker: string; now: Date; leaseUntil: Date }

/** Takes up to `limit` due runs of a listener. After `leaseUntil` anybody may take them again. */
export function claimRuns(db: Db, claim: RunClaim): Promise<Run[]> {
  const { workspaceId, type, name, limit, worker, now, leaseUntil } = claim
  return db.query<Run>(sql`
    with due as (
      select r.event_id from belfry.listener_runs r
      where r.type = ${type} and r.listener = ${name} and r.workspace_id = ${workspaceId}
        and r.due_at <= ${now}
      order by r.due_at
      limit ${limit}
      for update skip locked
    ),
    taken as (
      update belfry.listener_runs r
      set status = 'running', due_at = ${leaseUntil}, epoch = r.epoch + 1,
        attempt_count = r.attempt_count + 1, worker = ${worker}, started_at = ${now}
      where r.workspace_id = ${workspaceId} and r.event_id = any (array(select event_id from due))
        and r.listener = ${name}
      returning r.event_id, r.listener, r.epoch, r.attempt_count
    )
    select e.workspace_id, t.listener, t.epoch, t.attempt_count as attempt, e.id as event, e.type,
      e.level, e.params, e.thread_key, e.replay_of, e.created_at
    from taken t
    cross join lateral (
      select * from belfry.events e where e.workspace_id = ${workspaceId} and e.id = t.event_id
      offset 0
    ) e
    order by e.id`)
}

export type RunEnd = {
  workspaceId: number
  eventId: string
  listener: string
  epoch: number
  status: 'waiting' | 'done' | 'failed'
  error: string | null // null: what was there stays
  dueAt: Date | null
  durationMs: number
  now: Date
}

/** Writes down how an attempt ended. False when it came too late: somebody has taken the run again. */
export async function settleRun(db: Db, end: RunEnd): Promise<boolean> {
  const { workspaceId, eventId, listener, epoch, status, error, dueAt, durationMs, now } = end
  const rows = await db.query(sql`
    update belfry.listener_runs
    set status = ${status}, due_at = ${dueAt}, error = coalesce(${error}, error),
      duration_ms = ${durationMs}, finished_at = case when ${dueAt}::timestamptz is null then ${now}::timestamptz end
    where workspace_id = ${workspaceId} and event_id = ${eventId} and listener = ${listener}
      and epoch = ${epoch} and status = 'running'
    returning event_id`)
  return rows.length > 0
}

/** Gives back what was taken and not begun. */
export async function releaseRuns(
  db: Db,
  { workspaceId, name }: ListenerKey,
  runs: { eventId: string; epoch: number }[],
  now: Date,
): Promise<void> {
  await db.query(sql`
    update belfry.listener_runs r
    set status = 'waiting', due_at = ${now}, attempt_count = r.attempt_count - 1
    from json_to_recordset(${JSON.stringify(runs)}::json) as g ("eventId" uuid, epoch integer)
    where r.workspace_id = ${workspaceId} and r.listener = ${name}
      and r.event_id = g."eventId" and r.epoch = g.epoch`)
}

export type RunRow = {
  listener: string
  status: string
  dueAt: Date | null
  attemptCount: number
  error: string | null
  startedAt: Date | null
  finishedAt: Date | null
  durationMs: number | null
}

/** What listeners have made of an event, by name. */
export function listRuns(db: Db, workspaceId: number, eventId: string): Promise<RunRow[]> {
  return db.query<RunRow>(sql`
    select listener, status, due_at, attempt_count, error, started_at, finished_at, duration_ms
    from belfry.listener_runs
    where workspace_id = ${workspaceId} and event_id = ${eventId}
    order by listener`)
}
