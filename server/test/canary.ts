// Where a word stands that must not be anywhere any more: every table there is, whoever added it.
import type { Look } from './given.ts'

export async function listTables(look: Look): Promise<string[]> {
  const rows = await look.rows(
    `select table_name from information_schema.tables
     where table_schema = 'belfry' and table_type = 'BASE TABLE' order by 1`,
  )
  return rows.map(({ table_name: name }) => name)
}

/** The tables in which any row has one of the words anywhere. */
export async function tablesWith(look: Look, ...words: string[]): Promise<string[]> {
  const found: string[] = []
  for (const table of await listTables(look)) {
    const rows = await look.rows(
      `select 1 from belfry.${table} x cross join unnest($1::text[]) word
       where strpos(lower(x::text), lower(word)) > 0 limit 1`,
      [words],
    )
    if (rows.length > 0) found.push(table)
  }
  return found
}
