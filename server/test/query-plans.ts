// How PostgreSQL carries out a statement, whatever its values are.
import assert from 'node:assert/strict'
import type { Database, Db, Sql } from '../src/sql/db.ts'

export type Plan = {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  'Recheck Cond'?: string
  Plans?: Plan[]
}

/** The plan a prepared statement is left with on a connection of the pool. */
export async function genericPlan(db: Database, statement: Sql): Promise<Plan> {
  return db.transaction(async (tx) => {
    const say = (text: string) => tx.query<Record<string, unknown>>({ name: '', text, values: [] })
    await say('set local plan_cache_mode = force_generic_plan')
    await say(`prepare looked_at as ${statement.text}`)
    const values = statement.values.map(() => 'null').join()
    const [row] = await say(`explain (format json) execute looked_at${values && `(${values})`}`)
    await say('deallocate looked_at')
    return (Object.values(row!)[0] as [{ Plan: Plan }])[0].Plan
  })
}

/** The plan for these values, as a statement gets it while it is new to its connection. */
export async function ownPlan(db: Database, { text, values }: Sql): Promise<Plan> {
  const explained = `explain (format json) ${text}`
  const [row] = await db.query<Record<string, unknown>>({ name: '', text: explained, values })
  return (Object.values(row!)[0] as [{ Plan: Plan }])[0].Plan
}

const hot = new Set([
  'queue',
  'event_queue',
  'notifications',
  'deliveries',
  'events',
  'attempts',
  'contents',
  'plan_runs',
  'plan_wakes',
  'digest_buckets',
  'digests',
  'throttles',
])

/** Nodes that read one of these tables from its beginning to its end, by an index or without. */
export function wholeReads(plan: Plan, tables: ReadonlySet<string> = hot): string[] {
  const { 'Node Type': type, 'Relation Name': table = '', 'Index Name': index } = plan
  const sought = plan['Index Cond'] ?? plan['Recheck Cond']
  // Every row of a table is in some workspace, and most are in one.
  const isSought = sought !== undefined && !/^\(workspace_id = [^)]*\)$/.test(sought)
  const isWhole = /Scan/.test(type) && tables.has(table) && !isSought
  const here = isWhole ? [`${type} on ${table}${index ? ` by ${index}` : ''}`] : []
  return [...here, ...(plan.Plans ?? []).flatMap((part) => wholeReads(part, tables))]
}

/** Joins that look through a whole list of ids for each row: twice as many take four times as long. */
export function squareJoins(plan: Plan): string[] {
  const parts = plan.Plans ?? []
  const inner = plan['Node Type'] === 'Nested Loop' ? parts[1] : undefined
  return [...(inner ? seekingAny(inner) : []), ...parts.flatMap(squareJoins)]
}

function seekingAny(plan: Plan): string[] {
  const { 'Node Type': type, 'Relation Name': table = '', 'Index Cond': sought = '' } = plan
  const here = sought.includes('= ANY (') ? [`${type} on ${table}: ${sought}`] : []
  return [...here, ...(plan.Plans ?? []).flatMap(seekingAny)]
}

/** The statement a function would run. */
export async function statementOf(work: (db: Db) => Promise<unknown>): Promise<Sql> {
  const seen: Sql[] = []
  const recorder: Db = {
    async query(statement) {
      seen.push(statement)
      return []
    },
  }
  await work(recorder)
  assert.equal(seen.length, 1)
  return seen[0]!
}
