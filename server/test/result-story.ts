// Notifications made by hand, and ended when a story wants them to.
import type { Look } from './given.ts'

/** Their ids. */
export async function underWay(look: Look, count: number, workspaceId = 1): Promise<string[]> {
  const rows = await look.rows(
    `insert into belfry.notifications (workspace_id, id, event_id, recipient, is_subscriber, level, channel,
       status, pending, created_at)
     select $2, gen_random_uuid(), gen_random_uuid(), 'ana', true, 'standard', 'webhook', 'processing', 0, now()
     from generate_series(1, $1) returning id`,
    [count, workspaceId],
  )
  return rows.map(({ id }) => id)
}

/** All in one transaction, which waits before it commits. */
export async function end(look: Look, ids: string[], slowlyMs = 0): Promise<void> {
  await look.rows(
    `with done as (
       update belfry.notifications set status = 'sent', finished_at = now() where id = any ($1::uuid[]) returning id
     ) select pg_sleep($2) from (select count(*) from done) c`,
    [ids, slowlyMs / 1_000],
  )
}
