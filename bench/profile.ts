// Where the time goes: runs (a) or (b) of P2 under Node's profiler and PostgreSQL's statement statistics.
//
//   node bench/profile.ts many|each
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDataDir, startBelfry } from './belfry.ts'
import { broadcast, eventsForEach, setUp, type Stage } from './stage.ts'
import { showUse, withUse } from './measure.ts'

const kind = process.argv[2] === 'many' ? 'many' : 'each'
const sizes = { people: 20_000, durationMs: 8_000 }
const topCount = 30

const dataDir = await createDataDir()
const profileDir = await mkdtemp(join(tmpdir(), 'belfry-profile-'))
await loadStatementStatistics(dataDir)
const stack = new AsyncDisposableStack()
stack.defer(() => rm(dataDir, { recursive: true, force: true }))
const stage = await setUp(sizes, stack, {
  dataDir,
  nodeOptions: ['--cpu-prof', '--cpu-prof-interval=400', `--cpu-prof-dir=${profileDir}`],
})
try {
  await drive(stage) // warm
  await stage.belfry.db.query('select pg_stat_statements_reset()')
  const { result, use } = await withUse(stage.belfry, () => drive(stage))
  console.log(`${Math.round(result.perSecond)}/s; ${showUse(use, result.count)}`)
  await showStatements(stage, result.count)
  await showTables(stage)
} finally {
  await stack.disposeAsync()
}
await showFunctions()
process.exit()

/** The module must be loaded when PostgreSQL starts. */
async function loadStatementStatistics(dataDir: string): Promise<void> {
  const belfry = await startBelfry({ dataDir })
  await belfry.db.query(`alter system set shared_preload_libraries = 'pg_stat_statements'`)
  await belfry.stop()
  const again = await startBelfry({ dataDir })
  await again.db.query('create extension pg_stat_statements')
  await again.stop()
}

async function drive(stage: Stage): Promise<{ perSecond: number; count: number }> {
  if (kind === 'many') return { perSecond: await broadcast(stage), count: sizes.people }
  const { perSecond, accepted } = await eventsForEach(stage, {})
  return { perSecond, count: accepted.answered }
}

async function showStatements({ belfry }: Stage, count: number): Promise<void> {
  const { rows } = await belfry.db.query<Record<string, string>>(`
    select regexp_replace(left(query, 400), '\\s+', ' ', 'g') as query, calls::text, rows::text,
      round(total_exec_time)::text as total, round(mean_exec_time::numeric, 2)::text as mean,
      wal_bytes::text
    from pg_stat_statements where query like '%belfry.%' order by total_exec_time desc limit 12`)
  console.log('\n   calls  rows/call  mean ms  total ms  µs each  WAL B each')
  for (const row of rows) {
    const figures = [
      row.calls!.padStart(8),
      (Number(row.rows) / Number(row.calls)).toFixed(1).padStart(10),
      row.mean!.padStart(8),
      row.total!.padStart(9),
      ((Number(row.total) * 1_000) / count).toFixed(1).padStart(8),
      (Number(row.wal_bytes) / count).toFixed(0).padStart(11),
    ]
    console.log(figures.join(' '), nameOf(row.query!))
  }
}

/** The table a statement ends in tells it from the others. */
function nameOf(query: string): string {
  return query.trim().slice(0, 90)
}

async function showTables({ belfry }: Stage): Promise<void> {
  const { rows } = await belfry.db.query(`
    select relname as name, n_tup_ins as inserted, n_tup_upd as updated, n_tup_hot_upd as hot,
      n_tup_del as deleted, n_dead_tup as dead, autovacuum_count as vacuums,
      pg_size_pretty(pg_table_size(relid)) as size, pg_size_pretty(pg_indexes_size(relid)) as indexes
    from pg_stat_user_tables where schemaname = 'belfry' and n_tup_ins > 0 order by n_tup_ins desc`)
  console.table(rows)
}

type CpuProfile = {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  timeDeltas: number[]
}

async function showFunctions(): Promise<void> {
  const [file] = await readdir(profileDir)
  const text = await readFile(join(profileDir, file!), 'utf8')
  const { nodes, samples, timeDeltas } = JSON.parse(text) as CpuProfile
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName || '(anonymous)'} ${url.split('/').slice(-3).join('/')}:${lineNumber + 1}`,
    ]),
  )
  const self = new Map<string, number>()
  samples.forEach((id, i) => {
    const name = names.get(id)!
    self.set(name, (self.get(name) ?? 0) + timeDeltas[i]!)
  })
  self.delete('(idle) :0')
  const total = self.values().reduce((sum, value) => sum + value, 0)
  console.log(`\nself time in Node, of ${Math.round(total / 1_000)} ms that it was not idle`)
  const sorted = [...self].sort(([, a], [, b]) => b - a)
  for (const [name, value] of sorted.slice(0, topCount))
    console.log(`${((value / total) * 100).toFixed(1).padStart(5)} %  ${name}`)
  console.log(`profile: ${join(profileDir, file!)}`)
}
