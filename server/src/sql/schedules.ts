// Schedules: what recurs, and when to look at each of them next.
import { everywhere } from '../domain/reach.ts'
import type { Schedule, ScheduleContent } from '../domain/schedule.ts'
import { sql, type Db } from './db.ts'

type ScheduleRow = Omit<Schedule, keyof ScheduleContent> & { definition: ScheduleContent }

export async function findSchedule(
  db: Db,
  workspaceId: number,
  key: string,
): Promise<Schedule | null> {
  const rows = await db.query<ScheduleRow>(sql`
    select workspace_id, key, definition, cron, timezone, starts_at, ends_at, catch_up, is_paused,
      done_at, next_at, created_at, updated_at
    from belfry.schedules
    where workspace_id = ${workspaceId} and key = ${key}`)
  return rows[0] ? fromRow(rows[0]) : null
}

/** Keeps everybody else away from it until the transaction ends, whether it exists or not. */
export async function lockSchedule(
  tx: Db,
  workspaceId: number,
  key: string,
): Promise<Schedule | null> {
  await tx.query(sql`
    select pg_advisory_xact_lock(hashtextextended(${`schedules/${workspaceId}/${key}`}, 0))`)
  const rows = await tx.query<ScheduleRow>(sql`
    select workspace_id, key, definition, cron, timezone, starts_at, ends_at, catch_up, is_paused,
      done_at, next_at, created_at, updated_at
    from belfry.schedules
    where workspace_id = ${workspaceId} and key = ${key}
    for update`)
  return rows[0] ? fromRow(rows[0]) : null
}

export type ScheduleFilter = {
  workspaceId: number
  isPaused: boolean | null
  after: string | null // a key
  offset: number
  limit: number
}

/** A page of schedules, by key. */
export async function listSchedules(db: Db, filter: ScheduleFilter): Promise<Schedule[]> {
  const rows = await db.query<ScheduleRow>(sql`
    select workspace_id, key, definition, cron, timezone, starts_at, ends_at, catch_up, is_paused,
      done_at, next_at, created_at, updated_at
    from belfry.schedules
    where workspace_id = ${filter.workspaceId}
      and (${filter.isPaused}::boolean is null or is_paused = ${filter.isPaused})
      and key > coalesce(${filter.after}::text, '')
    order by key
    limit ${filter.limit} offset ${filter.offset}`)
  return rows.map(fromRow)
}

/** Every key, for suggestions; at most 1,000. */
export async function listScheduleKeys(db: Db, workspaceId: number): Promise<string[]> {
  const rows = await db.query<{ key: string }>(sql`
    select key from belfry.schedules where workspace_id = ${workspaceId} order by key limit 1000`)
  return rows.map(({ key }) => key)
}

export async function upsertSchedule(
  db: Db,
  { workspaceId, key, event, message, to, ...schedule }: Schedule,
): Promise<void> {
  await db.query(sql`
    insert into belfry.schedules (workspace_id, key, definition, cron, timezone, starts_at, ends_at, catch_up,
      is_paused, done_at, next_at, created_at, updated_at)
    values (${workspaceId}, ${key}, ${JSON.stringify({ event, message, to })}, ${schedule.cron},
      ${schedule.timezone}, ${schedule.startsAt}, ${schedule.endsAt}, ${schedule.catchUp},
      ${schedule.isPaused}, ${schedule.doneAt}, ${schedule.nextAt}, ${schedule.createdAt}, ${schedule.updatedAt})
    on conflict (workspace_id, key) do update
    set definition = excluded.definition, cron = excluded.cron, timezone = excluded.timezone,
      starts_at = excluded.starts_at, ends_at = excluded.ends_at, catch_up = excluded.catch_up,
      is_paused = excluded.is_paused, done_at = excluded.done_at, next_at = excluded.next_at,
      updated_at = excluded.updated_at`)
}

/** Answers whether there was one. What is known of its past goes with it; the events stay. */
export async function deleteSchedule(db: Db, workspaceId: number, key: string): Promise<boolean> {
  const rows = await db.query(sql`
    delete from belfry.schedules where workspace_id = ${workspaceId} and key = ${key} returning key`)
  return rows.length > 0
}

/** Those that are due, longest due first, held until the transaction ends; not those that somebody else holds. */
export async function lockDueSchedules(
  tx: Db,
  now: Date,
  limit: number,
  reach = everywhere,
): Promise<Schedule[]> {
  const rows = await tx.query<ScheduleRow>(sql`
    select workspace_id, key, definition, cron, timezone, starts_at, ends_at, catch_up, is_paused,
      done_at, next_at, created_at, updated_at
    from belfry.schedules
    where next_at <= ${now}
      and (workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
    order by next_at
    limit ${limit}
    for update skip locked`)
  return rows.map(fromRow)
}

export type ScheduleMove = {
  workspaceId: number
  key: string
  doneAt: Date
  nextAt: Date | null
}

export async function moveSchedules(db: Db, moves: ScheduleMove[]): Promise<void> {
  await db.query(sql`
    update belfry.schedules s set done_at = m."doneAt", next_at = m."nextAt"
    from json_to_recordset(${JSON.stringify(moves)}::json)
      as m ("workspaceId" integer, key text, "doneAt" timestamptz, "nextAt" timestamptz)
    where s.workspace_id = m."workspaceId" and s.key = m.key`)
}

/** Has it looked at later, unless somebody has changed it by now. */
export async function postponeSchedule(
  db: Db,
  { workspaceId, key, nextAt }: Schedule,
  later: Date,
): Promise<void> {
  await db.query(sql`
    update belfry.schedules set next_at = ${later}
    where workspace_id = ${workspaceId} and key = ${key} and next_at = ${nextAt}`)
}

/**
 * Has every schedule of every workspace looked at again if the rules of time zones are others than those the
 * moments were worked out with. Answers whether they are.
 */
export async function renewWhenRulesChange(db: Db, version: string, now: Date): Promise<boolean> {
  const rows = await db.query(sql`
    with renewed as (
      insert into belfry.timezone_rules as r (version) values (${version})
      on conflict (is_only) do update set version = excluded.version where r.version <> excluded.version
      returning version
    ),
    due as (
      update belfry.schedules s set next_at = ${now}
      where s.next_at > ${now} and exists (select from renewed)
    )
    select version from renewed`)
  return rows.length > 0
}

/** Removes a person from all who are named by schedules of the workspace. */
export async function eraseFromSchedules(
  db: Db,
  { workspaceId, subscriberId }: { workspaceId: number; subscriberId: string },
): Promise<void> {
  await db.query(sql`
    update belfry.schedules s
    set definition = jsonb_set(s.definition, '{to}', (
      select coalesce(jsonb_agg(t order by i), '[]')
      from jsonb_array_elements(s.definition -> 'to') with ordinality as a (t, i)
      where t <> to_jsonb(${subscriberId}::text)))
    where s.workspace_id = ${workspaceId}
      and s.definition -> 'to' @> jsonb_build_array(${subscriberId}::text)`)
}

/** The keys of those that name a person. */
export async function listSchedulesNaming(
  db: Db,
  workspaceId: number,
  subscriberId: string,
): Promise<string[]> {
  const rows = await db.query<{ key: string }>(sql`
    select key from belfry.schedules
    where workspace_id = ${workspaceId} and definition -> 'to' @> jsonb_build_array(${subscriberId}::text)
    order by key`)
  return rows.map(({ key }) => key)
}

function fromRow({ definition, ...row }: ScheduleRow): Schedule {
  return { ...definition, ...row }
}
