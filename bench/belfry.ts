// The Belfry that is measured: a process of its own with the embedded PostgreSQL, fsync on, in a data
// directory on a real disk that goes with it.
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startChild, type Child } from './child.ts'
import { childrenOf } from './processes.ts'

export type Belfry = {
  process: Child
  port: number
  authorization: string
  /** Of Belfry's database. */
  connection: pg.ClientConfig
  /** A connection of the run's own. */
  db: pg.Client
  /** The processes of its PostgreSQL: the postmaster first. */
  postgresPids(): number[]
  /** Asks the API; throws unless it answers 2xx. */
  ask(method: string, path: string, body?: unknown): Promise<unknown>
  stop(): Promise<void>
}

export type BelfryOptions = {
  roles?: string[]
  /** Kept by the caller; without it a fresh one, removed at the end. */
  dataDir?: string
  nodeOptions?: string[]
}

/** A directory on a disk: /tmp may be memory, where fsync costs nothing. */
export async function createDataDir(): Promise<string> {
  const place = existsSync('/var/tmp') ? '/var/tmp' : tmpdir()
  const dataDir = await mkdtemp(join(place, 'belfry-bench-'))
  await chmod(dataDir, 0o755) // under root PostgreSQL runs as another user, who must come through
  return dataDir
}

export const apiKey = `bf_sk_${randomBytes(24).toString('hex')}`

export function belfryEnvironment(dataDir: string, port = 0): Record<string, string> {
  return {
    BELFRY_DATA_DIR: dataDir,
    BELFRY_PORT: String(port),
    BELFRY_API_KEY: apiKey,
    BELFRY_LOG_LEVEL: 'warn',
    BELFRY_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32',
  }
}

export async function startBelfry(options: BelfryOptions = {}): Promise<Belfry> {
  const dataDir = options.dataDir ?? (await createDataDir())
  const process = await startChild('children/belfry.ts', {
    args: options.roles ?? [],
    env: belfryEnvironment(dataDir),
    nodeOptions: options.nodeOptions ?? [],
  })
  const url = await process.call<string>('url')
  const connection = await process.call<pg.ClientConfig>('connection')
  const db = new pg.Client(connection)
  await db.connect()
  const authorization = `Bearer ${apiKey}`

  return {
    process,
    port: Number(new URL(url).port),
    authorization,
    connection,
    db,
    postgresPids() {
      const postmaster = childrenOf(process.pid)
      return [...postmaster, ...postmaster.flatMap(childrenOf)]
    },
    ask: (method, path, body) => ask({ url, authorization }, method, path, body),
    async stop() {
      await db.end()
      await process.stop()
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export async function ask(
  { url, authorization }: { url: string; authorization: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(body) ?? null,
    signal: AbortSignal.timeout(30_000),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
  return text === '' ? null : JSON.parse(text)
}

/** Resolves when nothing waits or is in flight. */
export async function drained(db: pg.Client, patienceMs = 60_000): Promise<void> {
  const until = performance.now() + patienceMs
  for (;;) {
    const { rows } = await db.query<{
      is_empty: boolean
    }>(`select not exists (select from belfry.event_queue)
      and not exists (select from belfry.queue) as is_empty`)
    if (rows[0]?.is_empty) return
    if (performance.now() > until) throw new Error('the queues do not become empty')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export async function queueDepth(db: pg.Client): Promise<number> {
  const { rows } = await db.query<{
    depth: number
  }>(`select ((select count(*) from belfry.event_queue)
    + (select count(*) from belfry.queue))::integer as depth`)
  return rows[0]!.depth
}
