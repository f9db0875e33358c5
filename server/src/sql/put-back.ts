// What was to begin and was put back, because it is not the time for it: in the queue its row says when it will
// (settle.ts, in-app.ts); this is for how its notification is shown.
import { sql, type Db } from './db.ts'

/** In-app messages that wait until then. They are locked by the caller. */
export async function postponeInApp(
  tx: Db,
  postponed: readonly { workspaceId: number; deliveryId: string; dueAt: Date }[],
): Promise<void> {
  const ids = postponed.map(({ deliveryId }) => deliveryId) // said twice: see db.ts on plans
  await tx.query(sql`
    update belfry.queue q set due_at = least(p."dueAt", q.expires_at)
    from json_to_recordset(${JSON.stringify(postponed)}::json) as p ("workspaceId" integer,
      "deliveryId" uuid, "dueAt" timestamptz)
    where q.delivery_id = any (${ids}::uuid[]) and q.workspace_id = p."workspaceId"
      and q.delivery_id = p."deliveryId"`)
}

/**
 * Those of which nothing has begun yet, or come to an end, are scheduled again, for the first moment at which something
 * of them may begin. The caller holds the notifications; a statement of its own, so that it sees what others did until then.
 */
export async function updatePutBack(
  tx: Db,
  { workspaceId, notificationIds }: { workspaceId: number; notificationIds: string[] },
): Promise<void> {
  await tx.query(sql`
    update belfry.notifications n
    set status = 'scheduled', begins_at = w.begins_at, is_in_hours = n.is_in_hours and w.is_in_hours
    from unnest(${notificationIds}::uuid[]) as i (id)
    cross join lateral (
      select min(q.due_at) as begins_at, bool_and(d.reason is distinct from 'quiet_hours') as is_in_hours,
        bool_or(q.worker is not null or q.attempt > 0) as is_begun
      from (
        select d.id, d.reason from belfry.deliveries d
        where d.workspace_id = ${workspaceId} and d.notification_id = i.id offset 0
      ) d
      join belfry.queue q on q.delivery_id = d.id
    ) w
    where n.workspace_id = ${workspaceId} and n.id = any (${notificationIds}::uuid[]) and n.id = i.id
      and n.pending > 0 and coalesce(n.outcome, 'skipped') = 'skipped' and not w.is_begun`)
}
