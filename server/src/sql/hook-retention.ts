// What hooks were told, and for how long: what waits too long is given up, what has ended is forgotten.
import { sql, type Db } from './db.ts'

export type GivingUp = {
  /** Waiting since before that. */
  before: Date
  now: Date
  /** For the attempts that say so: as many as may be given up. */
  attemptIds: readonly string[]
  detail: string
}

/** Ends what has waited too long of hooks that are switched on, as failed. Answers how many of which hook. */
export function giveUpHookMessages(
  db: Db,
  { before, now, attemptIds, detail }: GivingUp,
): Promise<{ hookId: string; count: number }[]> {
  const limit = attemptIds.length
  return db.query(sql`
    with oldest as materialized (
      select m.workspace_id, m.id, m.waiting_since
      from belfry.hooks h
      cross join lateral (
        select m.workspace_id, m.id, m.waiting_since from belfry.hook_messages m
        where m.hook_id = h.id and m.workspace_id = h.workspace_id and m.due_at is not null and m.worker is null
          and m.waiting_since < ${before}
        order by m.waiting_since, m.id
        limit ${limit}
        for update skip locked
      ) m
      where h.is_enabled
      limit ${limit}
    ),
    numbered as (
      select o.*, row_number() over (order by o.waiting_since, o.id) as place from oldest o
    ),
    ended as (
      update belfry.hook_messages m
      set status = 'failed', due_at = null, finished_at = ${now}, epoch = m.epoch + 1,
        attempt_count = m.attempt_count + 1
      from numbered n
      where m.workspace_id = n.workspace_id and m.id = n.id
      returning m.workspace_id, m.id, m.hook_id, m.attempt_count, n.place
    ),
    noted as (
      insert into belfry.hook_attempts (workspace_id, id, hook_id, message_id, number, outcome, code, detail,
        started_at, duration_ms)
      select e.workspace_id, (${attemptIds}::uuid[])[e.place], e.hook_id, e.id, e.attempt_count, 'failed', 'given_up',
        ${detail}, ${now}, 0
      from ended e
    )
    select hook_id, count(*) as count from ended group by hook_id`)
}

/** With their attempts. What still waits stays, unless its hook is switched off. Answers how many went. */
export async function deleteOldHookMessages(db: Db, before: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    with oldest as materialized (
      select m.workspace_id, m.id
      from belfry.hooks h
      cross join lateral (
        select m.workspace_id, m.id from belfry.hook_messages m
        where m.hook_id = h.id and m.workspace_id = h.workspace_id and m.created_at < ${before}
          and (m.due_at is null or not h.is_enabled)
        order by m.created_at, m.id
        limit ${limit}
      ) m
      limit ${limit}
    )
    delete from belfry.hook_messages m using oldest o
    where m.workspace_id = o.workspace_id and m.id = o.id
    returning m.id`)
  return rows.length
}
