// One running PostgreSQL: found by its postmaster.pid, started, asked, watched and stopped.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync, openSync, readFileSync, renameSync } from 'node:fs'
import { readFile, readlink, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { spawnIds, type Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { database, superuser } from './cluster.ts'
import { isRunning, processStartedAt } from './processes.ts'
import { settingFlags, type Settings } from './settings.ts'

export type Connection = { host: string; port: number; user: string; database: string }

export type Postmaster = {
  pid: number
  startedAt: string
  connection: Connection
  version: string // '18.4'
}

export type ServerPlan = {
  clusterDir: string
  binaries: Binaries
  account: Account
  settings: Settings
  logPath: string
}

export type Answer =
  | { kind: 'answers'; postmaster: Postmaster }
  | { kind: 'silent'; reason: string; pid: number | null }

/** Asks whatever postmaster.pid names whether it is the PostgreSQL of `clusterDir`. */
export async function findPostmaster(clusterDir: string): Promise<Answer> {
  const file = await readPidFile(clusterDir)
  if (file === null) return { kind: 'silent', reason: 'PostgreSQL is not running', pid: null }
  const { pid, host, port } = file
  const startedAt = processStartedAt(pid)
  if (startedAt === null) {
    return { kind: 'silent', reason: `process ${pid} has ended`, pid: null }
  }
  const connection = { host, port, user: superuser, database }
  try {
    const { version, directory } = await ask(connection)
    if ((await realpath(directory)) === (await realpath(clusterDir))) {
      return { kind: 'answers', postmaster: { pid, startedAt, connection, version } }
    }
    return { kind: 'silent', reason: `${host} serves ${directory}`, pid }
  } catch (error) {
    return { kind: 'silent', reason: String(error), pid }
  }
}

/**
 * What a start came to. `ready` tells when the process ends; `locked` means that the cluster is
 * still in another postmaster's hands.
 */
export type Start =
  | { kind: 'ready'; ended: Promise<void> }
  | { kind: 'locked'; reason: string }
  | { kind: 'failed'; reason: string }

/** Starts PostgreSQL in a process group of its own, and waits until it takes connections. */
export async function startPostmaster(plan: ServerPlan): Promise<Start> {
  const { clusterDir, binaries, account, settings, logPath } = plan
  rotate(logPath)
  const log = openSync(logPath, 'a', 0o600)
  const logStart = fstatSync(log).size
  const args = ['-D', clusterDir, ...settingFlags(settings)]
  const child = spawn(join(binaries.directory, 'postgres'), args, {
    // A Ctrl-C in the terminal is for Belfry, which stops PostgreSQL after its own work is done.
    detached: true,
    cwd: '/',
    stdio: ['ignore', log, log],
    env: { PATH: '/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C', ...binaries.env },
    ...spawnIds(account),
  })
  closeSync(log)
  child.unref()
  const life = { endedWith: '' }
  const ended = new Promise<void>((resolve) => {
    const end = (how: string) => {
      life.endedWith = how
      resolve()
    }
    child.once('error', (error) => end(error.message))
    child.once('exit', (code, signal) => end(`ended with ${signal ?? `exit code ${code}`}`))
  })

  // Crash recovery is part of a start and may take minutes; it ends by itself, either way.
  while (life.endedWith === '') {
    const file = await readPidFile(clusterDir)
    if (file?.pid === child.pid && file?.status === 'ready') return { kind: 'ready', ended }
    await delay(3)
  }
  const said = readFileSync(logPath).subarray(logStart).toString().trim()
  const isLocked = /lock file .* already exists|shared memory block .* still in use/.test(said)
  return { kind: isLocked ? 'locked' : 'failed', reason: said || life.endedWith }
}

/** Ends the postmaster and waits until it is gone. Sessions are cut off, transactions rolled back. */
export async function stopPostmaster(postmaster: Postmaster): Promise<void> {
  const steps = [
    { signal: 'SIGINT', patienceMs: 20_000 }, // "fast": a checkpoint, then out
    { signal: 'SIGQUIT', patienceMs: 10_000 }, // "immediate": recovers at the next start
  ] as const
  for (const { signal, patienceMs } of steps) {
    const until = performance.now() + patienceMs
    if (isRunning(postmaster)) sendSignal(postmaster.pid, signal)
    while (isRunning(postmaster)) {
      if (performance.now() > until) break
      await delay(2)
    }
    if (!isRunning(postmaster)) return
  }
  throw new Error(`PostgreSQL (process ${postmaster.pid}) does not end; see its log`)
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH'
    if (!isGone) throw error
  }
}

/**
 * After a container was killed, the id in postmaster.pid may belong to another process or thread of
 * the next one, and PostgreSQL then refuses to start for good. Where Linux shows that the process
 * works elsewhere (a postmaster works in its data directory), an id that cannot exist takes its
 * place. The file stays: with it PostgreSQL makes sure that no session of the old one is left.
 */
export async function forgetReusedPid(clusterDir: string): Promise<void> {
  const file = await readPidFile(clusterDir)
  if (file === null || process.platform !== 'linux') return
  const workplace = await readlink(`/proc/${file.pid}/cwd`).catch(() => null)
  if (workplace === null || workplace === (await realpath(clusterDir))) return
  const path = join(clusterDir, 'postmaster.pid')
  const text = await readFile(path, 'utf8')
  if (Number.parseInt(text, 10) !== file.pid) return
  await writeFile(path, text.replace(/^\d+/, String(impossiblePid)))
}

const impossiblePid = 4_194_304 // Linux counts to one less

type PidFile = { pid: number; port: number; host: string; status: string }

/** @see https://www.postgresql.org/docs/18/storage-file-layout.html, postmaster.pid */
async function readPidFile(clusterDir: string): Promise<PidFile | null> {
  const path = join(clusterDir, 'postmaster.pid')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const [pid, , , port, host, , , status] = text.split('\n').map((line) => line.trim())
  if (!pid) return null
  return { pid: Number(pid), port: Number(port), host: host ?? '', status: status ?? '' }
}

async function ask(connection: Connection): Promise<{ version: string; directory: string }> {
  const timeouts = { connectionTimeoutMillis: 5_000, query_timeout: 10_000 }
  const client = new pg.Client({ ...connection, ...timeouts })
  client.on('error', () => undefined) // a lost connection fails the query in flight
  await client.connect()
  try {
    const { rows } = await client.query<{ version: string; directory: string }>(
      `select split_part(current_setting('server_version'), ' ', 1) as version,
              current_setting('data_directory') as directory`,
    )
    if (!rows[0]) throw new Error('PostgreSQL answered without a row')
    return rows[0]
  } finally {
    await client.end()
  }
}

const maxLogBytes = 10_000_000

function rotate(logPath: string): void {
  if (!existsSync(logPath)) return
  const log = openSync(logPath, 'r')
  const { size } = fstatSync(log)
  closeSync(log)
  if (size > maxLogBytes) renameSync(logPath, `${logPath}.1`)
}
