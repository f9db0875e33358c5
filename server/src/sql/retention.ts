// Removing what has served its time. Nothing that is pending goes, whatever its age.
import { sql, type Db } from './db.ts'

export type PrunedEvent = {
  eventId: string
  count: number // notifications looked at; fewer than `most`: there are no more
  removed: number
  last: string | null // the recipient of the last one
  keptUntil: Date | null // the earliest moment from which the time of something kept will count
}

export type Pruning = {
  workspaceId: number
  events: { eventId: string; after: string | null; endedBefore: Date }[]
  most: number // notifications of each event
  now: Date
}

/**
 * Removes the notifications that ended before the given moment, with their deliveries, attempts and the
 * texts that are theirs alone.
 */
export function deleteNotifications(
  tx: Db,
  { workspaceId, events, most, now }: Pruning,
): Promise<PrunedEvent[]> {
  return tx.query<PrunedEvent>(sql`
    with wanted as materialized (
      select "eventId" as id, after, "endedBefore" as ended_before
      from json_to_recordset(${JSON.stringify(events)}::json)
        as w ("eventId" uuid, after text, "endedBefore" timestamptz)
    ),
    page as materialized (
      select n.*, n.pending = 0 and n.finished_at < w.ended_before as is_over
      from wanted w
      cross join lateral (
        select n.id, n.event_id, n.recipient, n.pending, n.finished_at, n.scheduled_at
        from belfry.notifications n
        where n.event_id = w.id and n.recipient > coalesce(w.after, '')
          and n.workspace_id = ${workspaceId}
        order by n.recipient
        limit ${most}
      ) n
    ),
    gone as (
      delete from belfry.notifications n
      where n.workspace_id = ${workspaceId} and n.id = any (array(select id from page where is_over))
        and n.pending = 0
      returning n.id, n.event_id, n.content_id
    ),
    delivery as materialized (
      select d.id, d.content_id
      from gone g
      cross join lateral (
        select d.id, d.content_id from belfry.deliveries d where d.notification_id = g.id offset 0
      ) d
    ),
    gone_deliveries as (
      delete from belfry.deliveries d
      where d.workspace_id = ${workspaceId} and d.id = any (array(select id from delivery))
    ),
    gone_attempts as (
      delete from belfry.attempts a
      where a.workspace_id = ${workspaceId} and a.delivery_id = any (array(select id from delivery))
    ),
    gone_notes as (
      delete from belfry.plan_notes p
      where p.workspace_id = ${workspaceId} and p.notification_id = any (array(select id from gone))
    ),
    gone_digests as (
      delete from belfry.digests g
      where g.workspace_id = ${workspaceId} and g.notification_id = any (array(select id from gone))
    ),
    gone_texts as (
      delete from belfry.contents c
      where c.workspace_id = ${workspaceId} and c.event_id is null
        and c.id = any (array(
          select content_id from gone union all select content_id from delivery))
    )
    select w.id as event_id, coalesce(p.count, 0) as count, coalesce(g.count, 0) as removed, p.last,
      p.kept_until
    from wanted w
    left join (
      select event_id, count(*) as count, max(recipient) as last,
        min(case when pending > 0 then greatest(scheduled_at, ${now}) else finished_at end)
          filter (where is_over is not true) as kept_until
      from page group by event_id
    ) p on p.event_id = w.id
    left join (select event_id, count(*) as count from gone group by event_id) g on g.event_id = w.id`)
}

/** Removes the shared texts of events that have no notifications any more. */
export async function deleteSharedTexts(
  tx: Db,
  workspaceId: number,
  events: { eventId: string; from: string; to: string }[],
): Promise<void> {
  await tx.query(sql`
    with text as materialized (
      select c.id
      from json_to_recordset(${JSON.stringify(events)}::json) as w ("eventId" uuid, "from" uuid, "to" uuid)
      cross join lateral (
        select c.id from belfry.contents c
        where c.workspace_id = ${workspaceId} and c.id between w."from" and w."to"
          and c.event_id = w."eventId"
        offset 0
      ) c
    )
    delete from belfry.contents c
    where c.workspace_id = ${workspaceId} and c.id = any (array(select id from text))`)
}

/** Removes events that nothing refers to any more; answers those that went. */
export function deleteEvents(
  tx: Db,
  workspaceId: number,
  ids: string[],
): Promise<{ eventId: string }[]> {
  return tx.query(sql`
    with free as materialized (
      select w.id
      from unnest(${ids}::uuid[]) as w (id)
      left join lateral (
        select true as is_there from belfry.notifications n where n.event_id = w.id limit 1
      ) n on true
      left join lateral (
        select true as is_there from belfry.event_queue q where q.event_id = w.id offset 0
      ) q on true
      where n.is_there is null and q.is_there is null
    ),
    gone_pins as (
      delete from belfry.plan_pins p
      where p.workspace_id = ${workspaceId} and p.event_id = any (array(select id from free))
    ),
    gone_asks as (
      delete from belfry.asks a
      where a.workspace_id = ${workspaceId} and a.event_id = any (array(select id from free))
    ),
    gone_runs as (
      delete from belfry.listener_runs r
      where r.workspace_id = ${workspaceId} and r.event_id = any (array(select id from free))
    ),
    gone_later as (
      delete from belfry.prune_later l
      where l.workspace_id = ${workspaceId} and l.event_id = any (array(select id from free))
    ),
    gone_names as (
      delete from belfry.failed_recipients f
      where f.workspace_id = ${workspaceId} and f.event_id = any (array(select id from free))
    )
    delete from belfry.events e
    where e.workspace_id = ${workspaceId} and e.id = any (array(select id from free))
    returning e.id as event_id`)
}
