// Statistics for the planner while tables are young. PostgreSQL collects them by itself, but only
// after a minute or more, and until then it plans as if our tables were empty.
import { sql, type Db } from './db.ts'

/** Whether some table has grown and was never looked at. */
export async function lacksStatistics(db: Db): Promise<boolean> {
  const rows = await db.query(sql`
    select relname from pg_stat_user_tables
    where schemaname = 'belfry' and relname <> 'migrations' and n_live_tup > 500
      and last_analyze is null and last_autoanalyze is null
    limit 1`)
  return rows.length > 0
}

/**
 * Looks at all tables: one left out would seem never looked at, again and again. Everybody's
 * plans are made anew after it.
 */
export async function collectStatistics(db: Db): Promise<void> {
  await db.query(sql`
    analyze belfry.workspaces, belfry.keys, belfry.event_types, belfry.templates, belfry.template_parts,
      belfry.providers, belfry.provider_health, belfry.provider_counts, belfry.paces, belfry.sources, belfry.source_requests,
      belfry.subscribers, belfry.addresses, belfry.account_links, belfry.suppressions,
      belfry.topics, belfry.topic_members, belfry.preferences, belfry.preference_heads,
      belfry.preference_changes, belfry.erasures, belfry.events, belfry.event_queue,
      belfry.failed_recipients, belfry.listeners, belfry.listener_runs, belfry.notifications,
      belfry.changes, belfry.contents, belfry.deliveries, belfry.queue, belfry.attempts, belfry.receipts,
      belfry.plan_runs, belfry.plan_notes, belfry.plan_pins, belfry.plan_wakes, belfry.awaited_events,
      belfry.digest_buckets,
      belfry.asks, belfry.digests, belfry.throttles, belfry.threads, belfry.idempotency, belfry.sandbox_messages, belfry.stats,
      belfry.latencies, belfry.accepted_counts,
      belfry.prune_marks, belfry.prune_later, belfry.sql_roles, belfry.moves, belfry.schedules,
      belfry.occurrences, belfry.timezone_rules, belfry.workers, belfry.channel_controls, belfry.followings, belfry.results, belfry.hooks,
      belfry.hook_messages, belfry.hook_attempts`)
}
