// What plans have decided about one notification, and where its plan stands.
import { sql, type Db } from './db.ts'

export type PlanNoteRow = { at: Date; step: string; decision: string; because: string }

/** In the order in which it was decided. */
export function listPlanNotes(
  db: Db,
  workspaceId: number,
  notificationId: string,
): Promise<PlanNoteRow[]> {
  return db.query<PlanNoteRow>(sql`
    select at, step, decision, because from belfry.plan_notes
    where workspace_id = ${workspaceId} and notification_id = ${notificationId}
    order by at, position`)
}

export type OpenPlan = { position: number; until: Date | null }

/** Null when there is no plan, or it is over. `until`: of a wait or a digest; null for what is due now. */
export async function findOpenPlan(
  db: Db,
  workspaceId: number,
  notificationId: string,
): Promise<OpenPlan | null> {
  const rows = await db.query<OpenPlan>(sql`
    select r.position, coalesce(b.due_at, r.ends_at) as until
    from belfry.plan_runs r
    left join belfry.digest_buckets b on b.workspace_id = r.workspace_id and b.id = r.bucket_id
    where r.workspace_id = ${workspaceId} and r.notification_id = ${notificationId}`)
  return rows[0] ?? null
}
