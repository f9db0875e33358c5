// Everything there is in the database, in short: what has left it alone leaves these alone.
import type { Look } from './given.ts'

/** A checksum of each table and the place of each sequence. When a key was last used does not count. */
export async function fingerprints(look: Look): Promise<Record<string, string>> {
  const tables = await look.rows(`
    select c.relname as name, c.relkind = 'S' as is_sequence
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'belfry' and c.relkind in ('r', 'S') order by 1`)
  const found: Record<string, string> = {}
  for (const { name, is_sequence } of tables) {
    const [row] = await look.rows(
      is_sequence
        ? `select last_value::text as sum from belfry.${name}`
        : `select count(*) || ' ' || coalesce(md5(string_agg(r, ' ' order by r)), '') as sum
           from (select (to_jsonb(t) - 'last_used_at')::text as r from belfry.${name} t) t`,
    )
    found[name] = row.sum
  }
  return found
}
