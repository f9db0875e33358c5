// How far the clean-up has come. Events are walked in the order of their ids, which is that of time, by the
// primary key; a mark for each retention says how far.
import { sql, type Db } from './db.ts'

export type Mark = {
  workspaceId: number
  what: 'notifications' | 'events'
  retention: string // a duration: '72h'
}

export type Retentions = { notifications: string; events: string }

/** Adds the marks that are missing: a retention that an event type says is walked by itself. */
export async function addMarks(db: Db, defaults: Retentions): Promise<void> {
  await db.query(sql`
    insert into belfry.prune_marks (workspace_id, what, retention)
    select w.id, r.what, r.retention
    from belfry.workspaces w
    cross join lateral (
      select 'notifications' as what, ${defaults.notifications}::text as retention
      union select 'events', ${defaults.events}
      union select 'notifications', t.definition->>'retention' from belfry.event_types t
        where t.workspace_id = w.id and t.definition->>'retention' is not null
    ) r
    on conflict do nothing`)
}

/** The retentions there are marks of. */
export function listRetentions(db: Db): Promise<Omit<Mark, 'workspaceId'>[]> {
  return db.query(sql`
    select distinct what, retention from belfry.prune_marks order by what, retention`)
}

export type Cutoff = Omit<Mark, 'workspaceId'> & { before: string } // an id

/** Marks behind which there are events older than the cutoff of their retention. */
export function listMarksWithWork(db: Db, cutoffs: Cutoff[], limit: number): Promise<Mark[]> {
  return db.query<Mark>(sql`
    select m.workspace_id, m.what, m.retention
    from json_to_recordset(${JSON.stringify(cutoffs)}::json) as c (what text, retention text, before uuid)
    join belfry.prune_marks m on m.what = c.what and m.retention = c.retention
    where exists (
      select from belfry.events e
      where e.workspace_id = m.workspace_id and e.id > m.position and e.id < c.before)
    limit ${limit}`)
}

export type Unpruned = Omit<Mark, 'workspaceId'> & { createdAt: Date }

/** For each retention the oldest event that the clean-up has not passed yet, of all workspaces. */
export function listOldestUnpruned(db: Db): Promise<Unpruned[]> {
  return db.query<Unpruned>(sql`
    select distinct on (m.what, m.retention) m.what, m.retention, e.created_at
    from belfry.prune_marks m
    cross join lateral (
      select e.created_at from belfry.events e
      where e.workspace_id = m.workspace_id and e.id > m.position
      order by e.id
      limit 1
    ) e
    order by m.what, m.retention, e.created_at`)
}

export type PassedEvent = {
  eventId: string
  recipientCount: number
  createdAt: Date
  retention: string | null // of its type
  isWaiting: boolean // people are still to be found
}

/** Whether the clean-up is ours until the end of the transaction: one at a time is enough. */
export async function tryToPrune(tx: Db): Promise<boolean> {
  const rows = await tx.query<{ isOurs: boolean }>(sql`
    select pg_try_advisory_xact_lock(hashtextextended('belfry/prune', 0)) as is_ours`)
  return rows[0]!.isOurs
}

/** The next events behind a mark, oldest first. */
export function listNextEvents(
  tx: Db,
  { workspaceId, what, retention }: Mark,
  { before, limit }: { before: string; limit: number },
): Promise<PassedEvent[]> {
  return tx.query<PassedEvent>(sql`
    with mark as (
      select position from belfry.prune_marks
      where workspace_id = ${workspaceId} and what = ${what} and retention = ${retention}
    )
    select e.id as event_id, e.recipient_count, e.created_at, t.retention, q.is_waiting is not null as is_waiting
    from mark m
    cross join lateral (
      select e.id, e.type, e.type_version, e.recipient_count, e.created_at from belfry.events e
      where e.workspace_id = ${workspaceId} and e.id > m.position and e.id < ${before}
      order by e.id
      limit ${limit}
    ) e
    left join lateral (
      select t.definition->>'retention' as retention from belfry.event_types t
      where t.workspace_id = ${workspaceId} and t.key = e.type and t.version = e.type_version offset 0
    ) t on true
    left join lateral (
      select true as is_waiting from belfry.event_queue q where q.event_id = e.id offset 0
    ) q on true
    order by e.id`)
}

export async function moveMark(tx: Db, mark: Mark, position: string): Promise<void> {
  await tx.query(sql`
    update belfry.prune_marks set position = ${position}
    where workspace_id = ${mark.workspaceId} and what = ${mark.what} and retention = ${mark.retention}`)
}

/** Whether somebody else is using the database at this moment. */
export async function isBusy(db: Db): Promise<boolean> {
  const rows = await db.query(sql`
    select from pg_stat_activity
    where datname = current_database() and state = 'active' and backend_type = 'client backend'
      and pid <> pg_backend_pid()
    limit 1`)
  return rows.length > 0
}
