// Events that may be replayed.
import { sql, type Db } from './db.ts'
import type { EventRow } from './events.ts'

export type ReplayFilter = {
  workspaceId: number
  type: string | null
  status: string | null
  since: Date
  until: Date
  after: string // an id: only later ones
  before: string // an id: only earlier ones
  limit: number
}

/**
 * Events that have come to an end by themselves, oldest first. What was cancelled is left out, and what
 * is a replay itself: its original is there in its own right.
 */
export function listReplayable(db: Db, filter: ReplayFilter): Promise<EventRow[]> {
  return db.query<EventRow>(sql`
    select id, type, type_version, level, audience, params, message, scheduled_at, scheduled_local, timezone, expires_at,
      thread_key, replay_of, created_at, status, error, found, is_erased, recipient_count,
      processed_at,
      cancelled_at
    from belfry.events
    where workspace_id = ${filter.workspaceId} and id > ${filter.after} and id < ${filter.before}
      and created_at >= ${filter.since} and created_at < ${filter.until}
      and (${filter.type}::text is null or type = ${filter.type})
      and (${filter.status}::text is null or status = ${filter.status})
      and status not in ('accepted', 'cancelled') and not is_erased and replay_of is null
    order by id
    limit ${filter.limit}`)
}
