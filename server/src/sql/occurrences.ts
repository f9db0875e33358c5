// What has become of each label of a schedule in each zone.
import { sql, type Db } from './db.ts'

export type OccurrenceRow = {
  label: string
  zone: string
  at: Date
  status: 'made' | 'run' | 'missed' | 'failed'
  eventId: string | null
  error: string | null
}

export type NewOccurrence = OccurrenceRow & {
  workspaceId: number
  schedule: string
  createdAt: Date
}

/** Answers the events of those that were not there before. */
export async function insertOccurrences(db: Db, rows: NewOccurrence[]): Promise<string[]> {
  const stored = await db.query<{ eventId: string | null }>(sql`
    insert into belfry.occurrences (workspace_id, schedule, label, zone, at, status, event_id, error, created_at)
    select "workspaceId", schedule, label, zone, at, status, "eventId", error, "createdAt"
    from json_to_recordset(${JSON.stringify(rows)}::json) as o (
      "workspaceId" integer, schedule text, label text, zone text, at timestamptz, status text,
      "eventId" uuid, error text, "createdAt" timestamptz)
    order by 1, 2, 3, 4
    on conflict do nothing
    returning event_id`)
  return stored.flatMap(({ eventId }) => eventId ?? [])
}

/** The last ones of a schedule, newest first. */
export function listOccurrences(
  db: Db,
  { workspaceId, schedule, limit }: { workspaceId: number; schedule: string; limit: number },
): Promise<OccurrenceRow[]> {
  return db.query<OccurrenceRow>(sql`
    select label, zone, at, status, event_id, error from belfry.occurrences
    where workspace_id = ${workspaceId} and schedule = ${schedule}
    order by at desc, zone
    limit ${limit}`)
}

/** Of which schedule an event is; null when it is of none. */
export async function findOccurrence(
  db: Db,
  workspaceId: number,
  eventId: string,
): Promise<(OccurrenceRow & { schedule: string }) | null> {
  const rows = await db.query<OccurrenceRow & { schedule: string }>(sql`
    select schedule, label, zone, at, status, event_id, error from belfry.occurrences
    where event_id = ${eventId} and workspace_id = ${workspaceId}`)
  return rows[0] ?? null
}

/** Forgets up to `limit` that were due before `before`, of all workspaces; answers how many. */
export async function deleteOldOccurrences(db: Db, before: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.occurrences
    where (workspace_id, schedule, label, zone) in (
      select workspace_id, schedule, label, zone from belfry.occurrences
      where at < ${before}
      order by at
      limit ${limit}
      for update skip locked)
    returning 1`)
  return rows.length
}
