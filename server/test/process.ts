// Starts real Belfry processes on a given database, and ends them, kindly or not.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { ClientConfig } from 'pg'
import type { Role } from '../src/system.ts'
import type { SchedulerOptions } from '../src/worker/scheduler.ts'
import type { WorkerOptions } from '../src/worker/worker.ts'
import type { Fault } from './faults.ts'
import { testSecret, type Answer, type TestContext } from './test-context.ts'

export type ProcessOptions = {
  databaseUrl: string | null
  /** Where the embedded database is, when there is no URL. */
  dataDir?: string
  apiKey: string
  secret: string
  roles?: Role[]
  worker?: WorkerOptions & SchedulerOptions
  /** How far its clock is ahead: leases of those before it are over. */
  aheadMs?: number
  /** A clock that runs so many times as fast since a moment. */
  fast?: { since: number; times: number } | null
  faults?: Fault[]
  graceMs?: number
}

export type BelfryProcess = {
  pid: number
  url: string
  ask(
    method: string,
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>
  kill(signal: NodeJS.Signals): void
  /** How it ended. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** What it logged at `warn` and above. */
  logged: Record<string, unknown>[]
  isRunning(): boolean
}

type Options = Omit<ProcessOptions, 'databaseUrl' | 'dataDir' | 'apiKey' | 'secret'>

/** Whose database a process is to work on, with which key. */
type Place = Pick<TestContext, 'connection' | 'key'> | { dataDir: string; key: string }

export async function startProcess(place: Place, options: Options = {}): Promise<BelfryProcess> {
  const { key } = place
  const all: ProcessOptions = {
    ...('dataDir' in place
      ? { databaseUrl: null, dataDir: place.dataDir }
      : { databaseUrl: urlOf(place.connection) }),
    apiKey: key,
    secret: testSecret,
    ...options,
  }
  const child = fork(path.join(import.meta.dirname, 'belfry-process.ts'), [JSON.stringify(all)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { PATH: process.env['PATH'] ?? '' },
  })
  const logged: Record<string, unknown>[] = []
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }))
  const url = await readyUrl(child, logged, exited)

  return {
    pid: child.pid!,
    url,
    logged,
    exited,
    kill: (signal) => void child.kill(signal),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async ask(method, route, body, headers = {}) {
      const response = await fetch(url + route, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json') ?? false
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: isJson && text !== '' ? JSON.parse(text) : text,
      }
    },
  }
}

/** What a process tells us. */
export type Said =
  { kind: 'ready'; url: string | null } | { kind: 'log'; line: Record<string, unknown> }

function readyUrl(
  child: ChildProcess,
  logged: Record<string, unknown>[],
  exited: Promise<{ code: number | null }>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    child.on('message', (said: Said) => {
      if (said.kind === 'ready') resolve(said.url ?? '')
      else logged.push(said.line)
    })
    void exited.then(({ code }) => reject(new Error(`the process ended at its start with ${code}`)))
  })
}

export function urlOf({ host, port, user, password, database }: ClientConfig): string {
  const secret = typeof password === 'string' ? `:${encodeURIComponent(password)}` : ''
  const place = new URLSearchParams({ host: String(host), port: String(port) }).toString()
  return `postgresql://${user}${secret}@localhost/${database}?${place}`
}
