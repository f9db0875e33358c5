// A Belfry for tests: a database of its own, the HTTP routes, a key, and a worker when asked for.
import { randomUUIDv7 } from 'node:crypto'
import type { ClientConfig } from 'pg'
import { loadConfig, type Config } from '../src/config.ts'
import { createContext, type Clock, type Context } from '../src/context.ts'
import { createApp, type App } from '../src/http/app.ts'
import { createLog } from '../src/log.ts'
import { hashApiKey, newApiKey } from '../src/secrets.ts'
import { insertKey } from '../src/sql/keys.ts'
import { defaultWorkspaceId } from '../src/system.ts'
import { startScheduler, type SchedulerOptions } from '../src/worker/scheduler.ts'
import { startWorker, type Worker, type WorkerOptions } from '../src/worker/worker.ts'
import { createTestDatabase } from './test-cluster.ts'

export type Answer = {
  status: number
  headers: Record<string, unknown>
  // Whatever the route answers: tests look into it freely.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any
}

export type TestContext = {
  ctx: Context
  app: App
  key: string
  connection: ClientConfig
  clock: TestClock
  /** What was logged at `warn` and above, as objects. */
  logged: Record<string, unknown>[]
  /** Asks a route with the key, without a socket. */
  ask(
    method: string,
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>
  /** Starts a worker and a scheduler in this process; it ends with the context. */
  work(options?: WorkerOptions & SchedulerOptions): Worker
  /** Another process on the same database, as far as anyone can tell. */
  another(): Promise<Context>
  close(): Promise<void>
}

export type TestClock = Clock & {
  /** Moves time on. It keeps running from there. */
  advance(by: { seconds?: number; minutes?: number; hours?: number }): void
}

export type TestOptions = {
  config?: Partial<Config>
  /** Leads Belfry to its database another way, such as through a proxy. */
  route?: (connection: ClientConfig) => Promise<ClientConfig>
}

export const testSecret = 'a secret of the tests, long enough for all'

export async function createTestContext({
  config: given = {},
  route = async (connection) => connection,
}: TestOptions = {}): Promise<TestContext> {
  const database = await createTestDatabase()
  const clock = createTestClock()
  const logged: Record<string, unknown>[] = []
  const log = createLog({
    level: 'warn',
    isTerminal: false,
    write: (line) => logged.push(JSON.parse(line) as Record<string, unknown>),
  })
  // At any time of day: tests run by night too.
  const hours = { quietStart: '00:00', quietEnd: '00:00' }
  const usual = { allowPrivateAddresses: ['127.0.0.1/32'], ...hours }
  const config = loadConfig({ ...usual, ...given }, {})
  const connection = await route(database.connection)
  const open = () => createContext({ config, log, connection, secret: testSecret, clock })
  const contexts = [await open()]
  const ctx = contexts[0]!
  const app = createApp(ctx)
  const key = await createKey(ctx, ['*'])
  const workers: Worker[] = []

  return {
    ctx,
    app,
    key,
    connection,
    clock,
    logged,
    async ask(method, url, body, headers = {}) {
      const response = await app.inject({
        method: method as 'GET',
        url,
        headers: { authorization: `Bearer ${key}`, ...headers },
        ...(body !== undefined && { payload: body as object }),
      })
      const isJson = /\bjson\b/.test(String(response.headers['content-type']))
      return {
        status: response.statusCode,
        headers: response.headers,
        body: isJson && response.body ? response.json() : response.body,
      }
    },
    work(options = {}) {
      const scheduler = startScheduler(ctx, { pollMs: 50, ...options })
      const worker = startWorker(ctx, { pollMs: 50, ...options })
      const both: Worker = {
        get busy() {
          return worker.busy
        },
        loads: () => worker.loads(),
        async stop(graceMs) {
          await scheduler.stop()
          await worker.stop(graceMs)
        },
      }
      workers.push(both)
      return both
    },
    async another() {
      const other = await open()
      contexts.push(other)
      return other
    },
    async close() {
      // All of it, whatever fails on the way: what stays open would keep the test's process.
      await using undo = new AsyncDisposableStack()
      undo.defer(() => database.drop())
      for (const context of contexts) undo.defer(() => context.close())
      for (const worker of workers) undo.defer(() => worker.stop(2_000))
      undo.defer(() => app.close())
    },
  }
}

/** A key with these scopes, of the default workspace if no other is named. */
export async function createKey(
  ctx: Context,
  scopes: string[],
  workspaceId = defaultWorkspaceId,
): Promise<string> {
  const key = newApiKey()
  await insertKey(ctx.db, {
    workspaceId,
    id: randomUUIDv7(),
    name: 'test',
    hash: hashApiKey(key),
    lastFour: key.slice(-4),
    scopes,
    expiresAt: null,
  })
  return key
}

function createTestClock(): TestClock {
  let aheadMs = 0
  return {
    now: () => new Date(Date.now() + aheadMs),
    advance({ seconds = 0, minutes = 0, hours = 0 }) {
      aheadMs += ((hours * 60 + minutes) * 60 + seconds) * 1_000
    },
  }
}
