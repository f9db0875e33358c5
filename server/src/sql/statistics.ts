// Statistics for the planner while tables are young. PostgreSQL collects them by itself, but only
// after a minute or more, and until then it plans as if our tables were empty.
import { sql, type Db } from './db.ts'

/** Whether some table has grown and was never looked at. */
export async function lacksStatistics(db: Db): Promise<boolean> {
  const rows = await db.query(sql`
    select relname from pg_stat_user_tables
    where schemaname = 'belfry' and relname not in ('workspaces', 'migrations') and n_live_tup > 500
      and last_analyze is null and last_autoanalyze is null
    limit 1`)
  return rows.length > 0
}

/**
 * Looks at all tables that grow: one left out would seem never looked at, again and again. Everybody's
 * plans are made anew after it.
 */
export async function collectStatistics(db: Db): Promise<void> {
  await db.query(sql`
    analyze belfry.subscribers, belfry.addresses, belfry.topic_members, belfry.events,
      belfry.event_queue, belfry.notifications, belfry.contents, belfry.deliveries, belfry.queue,
      belfry.attempts, belfry.idempotency, belfry.sandbox_messages, belfry.stats, belfry.topics,
      belfry.event_types, belfry.templates, belfry.providers, belfry.keys, belfry.prune_marks,
      belfry.prune_later, belfry.listeners, belfry.listener_runs`)
}
