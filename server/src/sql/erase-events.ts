// What events, requests and the log of changes say of a person who is being erased.
import { sql, type Db, type Sql } from './db.ts'
import type { OpenErasure } from './erase.ts'

/** Those who are asked next, since nobody answered, are just being found, or it is to be looked at whether there are any. */
const isAskingNext = (workspaceId: number, eventId: Sql): Sql => sql`(exists (
  select from belfry.event_queue q
  where q.event_id = ${eventId} and q.workspace_id = ${workspaceId} and q.cursor ? 'escalation')
  or exists (
    select from belfry.asks a
    where a.event_id = ${eventId} and a.workspace_id = ${workspaceId}
      and a.due_at is not null and num_nulls(a.answered_at, a.ended_at) = 2))`

export type PassedEvent = {
  id: string
  isNamed: boolean
  /** Somebody else is still to be told more of it, in words that its parameters are needed for. */
  isNeeded: boolean
}

/**
 * The next events of the workspace in the order of their ids, up to `before`, and which of them name the person: in
 * the audience, or, where nobody was ever told, anywhere in what they say.
 */
export function listEventsNaming(
  db: Db,
  { workspaceId, subscriberId, erasedAt, position }: OpenErasure,
  { before, limit }: { before: string; limit: number },
): Promise<PassedEvent[]> {
  return db.query<PassedEvent>(sql`
    with passed as materialized (
      select e.id, e.created_at <= ${erasedAt} and (
        e.audience @> ${JSON.stringify([{ id: subscriberId }])}::jsonb
        or (e.status in ('failed', 'no_audience', 'cancelled') and not e.is_erased
          and (strpos(concat(e.params, e.message), ${asText(subscriberId)}) > 0
            or concat(e.params, e.message) ~ ${asNumber(subscriberId)})
          and not exists (
            select from belfry.notifications n
            where n.event_id = e.id and n.workspace_id = ${workspaceId}
              and n.reason is distinct from 'unknown_recipient'))) as is_named
      from belfry.events e
      where e.workspace_id = ${workspaceId} and e.id > ${position} and e.id < ${before}
      order by e.id
      limit ${limit}
    )
    select p.id, p.is_named, p.is_named and (exists (
      select from belfry.notifications n join belfry.plan_runs r on r.notification_id = n.id
      where n.event_id = p.id and n.workspace_id = ${workspaceId} and n.pending > 0) or ${isAskingNext(workspaceId, sql`p.id`)})
      as is_needed
    from passed p
    order by p.id`)
}

/**
 * Takes the person out of those of the events that named them or were for nobody else, with the parameters and
 * texts; `areTheirs`: out of all of them. One that somebody else is still to be told more of is left as it is, for
 * the time when they have been.
 */
export async function eraseFromEvents(
  tx: Db,
  { workspaceId, subscriberId }: OpenErasure,
  { ids, areTheirs }: { ids: string[]; areTheirs: boolean },
): Promise<void> {
  if (ids.length === 0) return
  await tx.query(sql`
    with about as materialized (
      select e.id from belfry.events e
      where e.workspace_id = ${workspaceId} and e.id = any (${ids}::uuid[])
        and (${areTheirs}::boolean or e.recipient_count = 1 or e.audience @> ${JSON.stringify([{ id: subscriberId }])}::jsonb)
        and not exists (
          select from belfry.notifications n join belfry.plan_runs r on r.notification_id = n.id
          where n.event_id = e.id and n.workspace_id = ${workspaceId} and n.pending > 0)
        and not ${isAskingNext(workspaceId, sql`e.id`)}
    ),
    heard as (
      -- Code that has not heard it yet would hear it without its parameters.
      update belfry.listener_runs r
      set error = 'It went with a person who was erased.',
        status = case when r.status = 'done' then r.status else 'failed' end,
        due_at = null, epoch = r.epoch + 1
      where r.workspace_id = ${workspaceId} and r.event_id = any (array(select id from about))
        and (r.status <> 'done' or r.error is not null)
    )
    update belfry.events e
    set params = '{}', message = e.message - 'subject' - 'body', is_erased = true,
      error = case when e.error is not null then 'It went with a person who was erased.' end,
      thread_key = case when e.recipient_count > 1 and strpos(e.thread_key, ${subscriberId}) = 0
        then e.thread_key end,
      (audience, found) = (
        select coalesce(jsonb_agg(a.m order by a.i), '[]'),
          coalesce(array_agg(e.found[a.i] order by a.i) filter (where e.found[a.i] is not null), '{}')
        from jsonb_array_elements(e.audience) with ordinality as a (m, i)
        where a.m ->> 'id' is distinct from ${subscriberId})
    where e.workspace_id = ${workspaceId} and e.id = any (array(select id from about))`)
}

/** What sources were sent of events that lost their parameters, and whatever has the id as a value of JSON, of a query or a header. */
export async function eraseSourceRequests(
  tx: Db,
  { workspaceId, subscriberId }: OpenErasure,
): Promise<void> {
  await tx.query(sql`
    delete from belfry.source_requests r
    where r.workspace_id = ${workspaceId}
      and (strpos(concat(r.body, r.query, r.headers), ${asText(subscriberId)}) > 0
        or r.body ~ ${asNumber(subscriberId)}
        or exists (
          select from belfry.events e
          where e.workspace_id = r.workspace_id and e.id = r.event_id and e.is_erased))`)
}

/** How an id stands in JSON as a text. */
function asText(id: string): string {
  return JSON.stringify(id)
}

/** A pattern for an id that stands in JSON as a number; null when it cannot. */
function asNumber(id: string): string | null {
  return /^(0|[1-9][0-9]*)$/.test(id) ? `[,:[[:space:]]${id}[],}[:space:]]` : null
}

/**
 * Takes the person out of what is told to those who follow. A part of a broadcast, whose ends are people, gets
 * wider ends: whoever comes back may hear of an item once more.
 */
export async function eraseFromChanges(
  tx: Db,
  { workspaceId, subscriberId }: OpenErasure,
): Promise<void> {
  await tx.query(sql`
    with about as materialized (
      select c.id, c.what, c.event_id from belfry.changes c
      where c.workspace_id = ${workspaceId} and ${subscriberId} = any (c.recipients)
    ),
    gone as (
      delete from belfry.changes c
      where c.workspace_id = ${workspaceId} and c.id = any (array(select id from about where what = 'many'))
    ),
    widened as (
      update belfry.changes c
      set recipients = array[
        case when c.recipients[1] = ${subscriberId} then '' else c.recipients[1] end,
        case when c.recipients[2] = ${subscriberId} then ${'\uffff'} else c.recipients[2] end]
      where c.workspace_id = ${workspaceId}
        and c.id = any (array(select id from about where what <> 'many' and event_id is not null))
    )
    update belfry.changes c
    set (notification_ids, recipients) = (
      select coalesce(array_agg(p.id order by p.i), '{}'), coalesce(array_agg(p.recipient order by p.i), '{}')
      from unnest(c.notification_ids, c.recipients) with ordinality as p (id, recipient, i)
      where p.recipient <> ${subscriberId})
    where c.workspace_id = ${workspaceId}
      and c.id = any (array(select id from about where what <> 'many' and event_id is null))`)
}
