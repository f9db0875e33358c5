// The last requests that sources got, for whoever connects a sender.
import { sql, type Db } from './db.ts'

export type SourceRequest = {
  id: number
  receivedAt: Date
  outcome: 'accepted' | 'repeated' | 'ignored' | 'refused'
  status: number
  problem: unknown
  eventId: string | null
  headers: Record<string, string>
  query: Record<string, unknown>
  body: string
  bodyBytes: number
}

export type NewSourceRequest = Omit<SourceRequest, 'id'> & {
  workspaceId: number
  source: string
  place: number // in the order they came
}

/** Those of sources that are gone meanwhile are left out. */
export async function insertSourceRequests(db: Db, rows: NewSourceRequest[]): Promise<void> {
  await db.query(sql`
    insert into belfry.source_requests (workspace_id, source, received_at, outcome, status, problem,
      event_id, headers, query, body, body_bytes)
    select r."workspaceId", r.source, r."receivedAt", r.outcome, r.status, r.problem,
      r."eventId", r.headers, r.query, r.body, r."bodyBytes"
    from json_to_recordset(${JSON.stringify(rows)}::json) as r (
      "workspaceId" integer, source text, place integer, "receivedAt" timestamptz, outcome text,
      status smallint, problem jsonb, "eventId" uuid, headers jsonb, query jsonb, body text,
      "bodyBytes" integer)
    join belfry.sources s on s.workspace_id = r."workspaceId" and s.key = r.source
    order by r.place`)
}

/** Keeps the newest of a source: `limit` of those refused, and `limit` of the others. */
export async function deleteAllButNewest(
  db: Db,
  { workspaceId, source, limit }: { workspaceId: number; source: string; limit: number },
): Promise<void> {
  await db.query(sql`
    delete from belfry.source_requests r
    using (
      select id, row_number() over (partition by outcome = 'refused' order by id desc) as place
      from belfry.source_requests
      where workspace_id = ${workspaceId} and source = ${source}
    ) ranked
    where r.workspace_id = ${workspaceId} and r.source = ${source} and r.id = ranked.id
      and ranked.place > ${limit}`)
}

export type SourceRequestFilter = {
  workspaceId: number
  source: string
  outcome: string | null
  before: number | null // an id: only older ones
  offset: number
  limit: number
}

/** A page of them, newest first. */
export function listSourceRequests(db: Db, filter: SourceRequestFilter): Promise<SourceRequest[]> {
  return db.query<SourceRequest>(sql`
    select id, received_at, outcome, status, problem, event_id, headers, query, body, body_bytes
    from belfry.source_requests
    where workspace_id = ${filter.workspaceId} and source = ${filter.source}
      and (${filter.outcome}::text is null or outcome = ${filter.outcome})
      and (${filter.before}::bigint is null or id < ${filter.before})
    order by id desc
    limit ${filter.limit} offset ${filter.offset}`)
}

/** Of all workspaces; answers how many went. */
export async function deleteOldSourceRequests(
  db: Db,
  before: Date,
  limit: number,
): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.source_requests
    where (workspace_id, source, id) in (
      select workspace_id, source, id from belfry.source_requests
      where received_at < ${before}
      order by received_at
      limit ${limit}
      for update skip locked)
    returning 1`)
  return rows.length
}
