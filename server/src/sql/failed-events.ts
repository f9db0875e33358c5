// Events that came to nothing. No notification leads from a person to them, so who is named in them stands aside.
import { sql, type Db } from './db.ts'
import type { OpenErasure } from './erase.ts'

export type FailedEvent = { workspaceId: number; id: string; epoch: number; error: string }

/**
 * Ends events that can go no further, as far as the caller still holds them: their errors say why. Whom they name is
 * kept aside. One of which the next were being found, since nobody answered, stays what it is: others may still be asked.
 */
export async function failEvents(db: Db, events: FailedEvent[], now: Date): Promise<void> {
  if (events.length === 0) return
  const ids = events.map(({ id }) => id)
  const workspaceIds = events.map(({ workspaceId }) => workspaceId)
  await db.query(sql`
    with refused as (
      select * from json_to_recordset(${JSON.stringify(events)}::json)
        as r ("workspaceId" integer, id uuid, epoch integer, error text)
    ),
    gone as (
      delete from belfry.event_queue q using refused r
      where q.event_id = any (${ids}::uuid[]) and q.event_id = r.id and q.epoch = r.epoch
        and q.workspace_id = r."workspaceId"
      returning q.workspace_id, q.event_id, coalesce(q.cursor ? 'escalation', false) as is_escalation
    ),
    looked_at as (
      update belfry.asks a set due_at = ${now}
      from gone g
      where a.workspace_id = any (${workspaceIds}::integer[]) and a.event_id = any (${ids}::uuid[])
        and a.workspace_id = g.workspace_id and a.event_id = g.event_id and g.is_escalation
        and num_nulls(a.answered_at, a.ended_at) = 2
    ),
    named as (
      insert into belfry.failed_recipients (workspace_id, event_id, subscriber_id)
      select e.workspace_id, e.id, m ->> 'id'
      from belfry.events e cross join lateral jsonb_array_elements(e.audience) as m
      where e.id = any (${ids}::uuid[]) and e.workspace_id = any (${workspaceIds}::integer[]) and m ? 'id'
        and e.id in (select event_id from gone)
      on conflict do nothing
    )
    update belfry.events e
    set status = case when g.is_escalation then e.status else 'failed' end, error = r.error,
      processed_at = case when g.is_escalation then e.processed_at else clock_timestamp() end
    from refused r join gone g on g.event_id = r.id
    where e.id = any (${ids}::uuid[]) and e.workspace_id = r."workspaceId" and e.id = r.id`)
}

/** Up to `limit` events that failed and name the person, whom they stand aside for no more. */
export async function deleteFailedRecipients(
  tx: Db,
  { workspaceId, subscriberId, erasedAt }: OpenErasure,
  limit: number,
): Promise<string[]> {
  const rows = await tx.query<{ eventId: string }>(sql`
    with batch as materialized (
      select f.event_id
      from belfry.failed_recipients f
      cross join lateral (
        select from belfry.events e
        where e.workspace_id = ${workspaceId} and e.id = f.event_id and e.created_at <= ${erasedAt}
        offset 0
      ) e
      where f.subscriber_id = ${subscriberId} and f.workspace_id = ${workspaceId}
      limit ${limit}
    )
    delete from belfry.failed_recipients f
    where f.workspace_id = ${workspaceId} and f.subscriber_id = ${subscriberId}
      and f.event_id = any (array(select event_id from batch))
    returning f.event_id`)
  return rows.map(({ eventId }) => eventId)
}
