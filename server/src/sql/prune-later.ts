// Events that the clean-up came to too early, or that have more notifications than go at once.
import { sql, type Db } from './db.ts'
import type { PassedEvent } from './prune-marks.ts'

export type PostponedEvent = PassedEvent & {
  workspaceId: number
  after: string | null
  nextAt: Date | null
  takesEvent: boolean
}

/** Events that were put off until now, of one workspace. */
export function listPostponed(
  tx: Db,
  { now, limit }: { now: Date; limit: number },
): Promise<PostponedEvent[]> {
  return tx.query<PostponedEvent>(sql`
    with first as (
      select workspace_id from belfry.prune_later where due_at <= ${now} order by due_at limit 1
    )
    select l.workspace_id, l.event_id, l.after, l.next_at, l.takes_event,
      coalesce(e.recipient_count, 0) as recipient_count, e.created_at, t.retention,
      q.is_waiting is not null as is_waiting
    from (
      select * from belfry.prune_later l
      where l.due_at <= ${now} and l.workspace_id = (select workspace_id from first)
      order by l.due_at
      limit ${limit}
    ) l
    left join lateral (
      select e.type, e.type_version, e.recipient_count, e.created_at from belfry.events e
      where e.workspace_id = l.workspace_id and e.id = l.event_id offset 0
    ) e on true
    left join lateral (
      select t.definition->>'retention' as retention from belfry.event_types t
      where t.workspace_id = l.workspace_id and t.key = e.type and t.version = e.type_version offset 0
    ) t on true
    left join lateral (
      select true as is_waiting from belfry.event_queue q where q.event_id = l.event_id offset 0
    ) q on true`)
}

/** Since when the one that waits longest is due, of all workspaces; null when none is put off. */
export async function findOldestPostponed(db: Db): Promise<Date | null> {
  const rows = await db.query<{ dueAt: Date }>(sql`
    select due_at from belfry.prune_later order by due_at limit 1`)
  return rows[0]?.dueAt ?? null
}

export type Postponement = {
  eventId: string
  dueAt: Date
  after: string | null
  nextAt: Date | null
  takesEvent: boolean
}

/** Puts events off. What was known of one that had been put off before is replaced, its end excepted. */
export async function postpone(tx: Db, workspaceId: number, rows: Postponement[]): Promise<void> {
  await tx.query(sql`
    insert into belfry.prune_later as l (workspace_id, event_id, due_at, after, next_at, takes_event)
    select ${workspaceId}, "eventId", "dueAt", after, "nextAt", "takesEvent"
    from json_to_recordset(${JSON.stringify(rows)}::json) as r ("eventId" uuid, "dueAt" timestamptz,
      after text, "nextAt" timestamptz, "takesEvent" boolean)
    order by 2
    on conflict (workspace_id, event_id) do update
    set due_at = excluded.due_at, after = excluded.after, next_at = excluded.next_at,
      takes_event = l.takes_event or excluded.takes_event`)
}

/** Answers those whose own time is over too. */
export async function deletePostponed(
  tx: Db,
  workspaceId: number,
  ids: string[],
): Promise<string[]> {
  const rows = await tx.query<{ eventId: string; takesEvent: boolean }>(sql`
    delete from belfry.prune_later
    where workspace_id = ${workspaceId} and event_id = any (${ids}::uuid[])
    returning event_id, takes_event`)
  return rows.flatMap(({ eventId, takesEvent }) => (takesEvent ? eventId : []))
}
