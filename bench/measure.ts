// What a measure is, and the arithmetic they have in common.
import { cpus } from 'node:os'
import type { Belfry } from './belfry.ts'
import { cpuMsOf } from './processes.ts'

export type Profile = 'quick' | 'nightly'

export type Row = {
  what: string
  belfry: string
  /** What stands beside it, and its figure. */
  beside: string
  ratio: string
  target: string
  isMet: boolean | null // null: there is no target
}

export type Report = { rows: Row[]; notes: string[] }

export type Measure = {
  name: string
  title: string
  /** `people`: instead of the number that belongs to the profile, where there is one. */
  /** `people` and `rows`: other sizes than those of the profile. */
  run(profile: Profile, people: number | null, rows: number | null): Promise<Report>
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Runs A, B, A, B, …: what else goes on at the machine falls on both. */
export async function alternate<A, B>(
  rounds: number,
  a: () => Promise<A>,
  b: () => Promise<B>,
): Promise<{ a: A[]; b: B[] }> {
  const results: { a: A[]; b: B[] } = { a: [], b: [] }
  for (let round = 0; round < rounds; round++) {
    results.a.push(await a())
    results.b.push(await b())
  }
  return results
}

export function perSecond(value: number): string {
  return `${Math.round(value).toLocaleString('en')}/s`
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** What Belfry and its PostgreSQL take of the machine while `work` runs. */
export type Use = { nodeMs: number; postgresMs: number; nodeShare: number; postgresShare: number }

export async function withUse<T>(
  belfry: Belfry,
  work: () => Promise<T>,
): Promise<{ result: T; use: Use }> {
  const now = () => ({
    atMs: performance.now(),
    nodeMs: cpuMsOf([belfry.process.pid]),
    postgresMs: cpuMsOf(belfry.postgresPids()),
  })
  const before = now()
  const result = await work()
  const after = now()
  const wholeMs = (after.atMs - before.atMs) * cpus().length
  const nodeMs = after.nodeMs - before.nodeMs
  const postgresMs = after.postgresMs - before.postgresMs
  const use = {
    nodeMs,
    postgresMs,
    nodeShare: nodeMs / wholeMs,
    postgresShare: postgresMs / wholeMs,
  }
  return { result, use }
}

/** `count`: the events or deliveries that were worked on. */
export function showUse(use: Use, count: number): string {
  const each = (ms: number) => `${Math.round((ms * 1_000) / count)} µs`
  return (
    `processor time ${each(use.nodeMs)} in Node and ${each(use.postgresMs)} in PostgreSQL each; ` +
    `${percent(use.nodeShare)} and ${percent(use.postgresShare)} of the machine`
  )
}
