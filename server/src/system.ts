// One Belfry process, assembled: a database (embedded or given), its schema, a key, the live things,
// and the roles it was asked to play.
import { randomUUIDv7 } from 'node:crypto'
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ClientConfig } from 'pg'
import type { Config } from './config.ts'
import type { Clock, Context } from './context.ts'
import { startEmbedded, type EmbeddedPostgres } from './embedded/embedded.ts'
import type { App } from './http/app.ts'
import type { Log } from './log.ts'
import { hashApiKey, loadOrCreateSecret, newApiKey } from './secrets.ts'
import { openDatabase } from './sql/db.ts'
import { findKeyHolder, insertKey } from './sql/keys.ts'
import { migrate } from './sql/migrate.ts'
import type { SchedulerOptions } from './worker/scheduler.ts'
import type { WorkerOptions } from './worker/worker.ts'

export const roles = ['api', 'worker', 'scheduler'] as const
export type Role = (typeof roles)[number]

/** The workspace of a fresh database. */
export const defaultWorkspaceId = 1

export type SystemOptions = {
  config: Config
  log: Log
  roles: readonly Role[]
  worker?: WorkerOptions & SchedulerOptions
  clock?: Clock
  /** Tells what was done, as it is done. */
  onStep?: (text: string, ms: number) => void
  onNote?: (text: string) => void
  /** Its workspace becomes one for tests, whose clock stands. */
  isTest?: boolean
}

export type ApiKey = {
  key: string
  isNew: boolean
  /** Why it is refused; null when it is good. */
  problem: 'revoked' | 'expired' | null
}

export type System = {
  ctx: Context
  /** Where the API answers; null without the role. */
  url: string | null
  /** Where /metrics and /health answer besides; null without BELFRY_METRICS_PORT. */
  metricsUrl: string | null
  apiKey: ApiKey | null
  embedded: EmbeddedPostgres | null
  /** What is still being worked on. */
  readonly busy: number
  /** Stops taking work, lets what has begun come to its end, closes everything. Idempotent. */
  close(graceMs?: number): Promise<void>
}

/** @throws errors whose message says what to do, for a person to read. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { config, log, onStep = () => {}, onNote = () => {} } = options
  const step: Step = async (work, tell) => {
    const started = performance.now()
    const result = await work()
    const text = tell(result)
    if (text !== null) onStep(text, performance.now() - started)
    return result
  }
  await using undo = new AsyncDisposableStack()
  const loading = loadParts(config, options.roles)
  loading.catch(() => {}) // awaited below, unless the database fails first

  const { connection, embedded } = await step(
    () => connectTo(config, onNote),
    ({ embedded }) => tellDatabase(embedded),
  )
  if (embedded) undo.defer(() => embedded.stop())
  await migrateAll(connection, step)
  const secret = config.secret ?? (await loadOrCreateSecret(config.dataDir))
  const parts = await loading
  const ctx = await parts.createContext({
    config,
    log,
    connection,
    secret,
    whyAway: () => embedded?.away ?? null,
    ...(options.clock && { clock: options.clock }),
  })
  undo.defer(() => ctx.close())
  if (options.isTest) await parts.keepForTests(ctx, defaultWorkspaceId)
  const apiKey = options.roles.includes('api') ? await ensureKey(ctx) : null
  await applyCatalogFolder(ctx, step)
  const running = await startRoles(ctx, options, parts, undo)
  if (running.url) await embedded?.setUrl(running.url)

  const held = undo.move()
  let closing: Promise<void> | null = null
  return {
    ctx,
    url: running.url,
    metricsUrl: running.metricsUrl,
    apiKey,
    embedded,
    get busy() {
      return running.busy()
    },
    close(graceMs) {
      ctx.isDraining = true
      closing ??= running.drain(graceMs).then(() => held.disposeAsync())
      return closing
    },
  }
}

type Parts = Awaited<ReturnType<typeof loadParts>>

/** Loading the program takes about as long as starting PostgreSQL, so the two go side by side. */
async function loadParts(config: Config, roles: readonly Role[]) {
  const [context, clocks, http, metrics, worker, scheduler, heartbeat] = await Promise.all([
    import('./context.ts'),
    import('./workspace-clocks.ts'),
    roles.includes('api') ? import('./http/app.ts') : null,
    config.metricsPort === null ? null : import('./http/metrics-port.ts'),
    roles.includes('worker') ? import('./worker/worker.ts') : null,
    roles.includes('scheduler') ? import('./worker/scheduler.ts') : null,
    import('./worker/heartbeat.ts'),
  ])
  return { ...context, ...clocks, ...http, ...metrics, ...worker, ...scheduler, ...heartbeat }
}

type Step = <T>(work: () => Promise<T>, tell: (result: T) => string | null) => Promise<T>

/** The database the configuration names, the embedded one being started if need be. `isBrief`: for a command. */
export async function connectTo(
  config: Config,
  onNote: (text: string) => void,
  isBrief = false,
): Promise<{ connection: ClientConfig; embedded: EmbeddedPostgres | null }> {
  if (config.databaseUrl)
    return { connection: { connectionString: config.databaseUrl }, embedded: null }
  const embedded = await startEmbedded({ dataDir: config.dataDir, onNote, isBrief })
  for (const note of embedded.notes) onNote(note)
  return { connection: embedded.connection, embedded }
}

/** Null for a given one: nothing has been asked of it so far. */
function tellDatabase(embedded: EmbeddedPostgres | null): string | null {
  if (!embedded) return null
  const verb = embedded.isOwner ? 'Started' : 'Joined'
  return `${verb} embedded PostgreSQL ${embedded.version} (private socket)`
}

async function migrateAll(connection: ClientConfig, step: Step): Promise<void> {
  const db = openDatabase({ connection, poolSize: 1 })
  try {
    await step(
      () => migrate(db),
      ({ length }) =>
        length === 0
          ? 'Schema is current'
          : `Applied ${length} migration${length === 1 ? '' : 's'}`,
    )
  } finally {
    await db.close()
  }
}

/** Before anything answers or is sent. Every process does it: the first one changes something, if any. */
async function applyCatalogFolder(ctx: Context, step: Step): Promise<void> {
  const folder = ctx.config.catalog
  if (folder === null) return
  const { applyAtStart } = await import('./catalog/start.ts')
  await step(
    () => applyAtStart(ctx, defaultWorkspaceId, folder),
    ({ changes, unchanged }) =>
      `Applied ${folder}: ${changes.length} changed, ${unchanged} unchanged`,
  )
}

const defaultGraceMs = 25_000
const requestGraceMs = 5_000 // of these
const metricsGraceMs = 500

type Running = {
  url: string | null
  metricsUrl: string | null
  busy: () => number
  drain: (graceMs?: number) => Promise<void>
}

async function startRoles(
  ctx: Context,
  { config, roles, worker: workerOptions }: SystemOptions,
  { createApp, createMetricsApp, startWorker, startScheduler, startHeartbeat }: Parts,
  undo: AsyncDisposableStack,
): Promise<Running> {
  // Closed last: until then it tells that this process is stopping.
  const metricsApp = createMetricsApp?.(ctx)
  if (metricsApp) undo.defer(() => closeApp(metricsApp, metricsGraceMs))
  const metricsUrl =
    (await metricsApp?.listen({ host: config.host, port: config.metricsPort ?? 0 })) ?? null
  const scheduler = startScheduler?.(ctx, workerOptions)
  const worker = startWorker?.(ctx, workerOptions)
  const heartbeat = startHeartbeat(ctx, { roles, loads: () => worker?.loads() ?? [] })
  undo.defer(() => heartbeat.stop())
  const app = createApp?.(ctx)
  const running: Running = {
    url: null,
    metricsUrl,
    busy: () => worker?.busy ?? 0,
    // Nothing more is begun, whatever a slow request still brings: that is left to others.
    async drain(graceMs = defaultGraceMs) {
      ctx.waits.release()
      const accepted = app
        ? closeApp(app, Math.min(requestGraceMs, graceMs)).then(() => ctx.intake.idle())
        : ctx.intake.idle()
      await Promise.all([
        worker?.stop(graceMs, accepted),
        within(graceMs, accepted),
        within(graceMs, scheduler?.stop()),
      ])
    },
  }
  undo.defer(() => running.drain(0))
  if (app) running.url = await app.listen({ host: config.host, port: config.port })
  if (running.url && config.publicUrl === null) ctx.links.baseUrl = running.url
  return running
}

/** Requests may end for so long; a body that trickles in, or an answer nobody reads, would never. */
async function closeApp(app: Pick<App, 'close' | 'server'>, graceMs: number): Promise<void> {
  const closed = app.close()
  await within(graceMs, closed)
  app.server.closeAllConnections()
  await closed
}

/** Waits for something, but not for longer. */
async function within(ms: number, work: Promise<unknown> | undefined): Promise<void> {
  const timer = new AbortController()
  const timeout = delay(ms, undefined, { signal: timer.signal }).catch(() => {})
  await Promise.race([work, timeout])
  timer.abort()
}

/** The key of the configuration, or the one in the data directory, made if there is none. */
async function ensureKey(ctx: Context): Promise<ApiKey> {
  const kept = ctx.config.apiKey ?? (await readKey(join(ctx.config.dataDir, 'env')))
  const { key, isNew } =
    kept === null ? await keepNewKey(ctx.config.dataDir) : { key: kept, isNew: false }
  await insertKey(ctx.db, {
    workspaceId: defaultWorkspaceId,
    id: randomUUIDv7(),
    name: 'default',
    hash: hashApiKey(key),
    lastFour: key.slice(-4),
    scopes: ['*'],
    expiresAt: null,
  })
  return { key, isNew, problem: await keyProblem(ctx, key) }
}

async function keyProblem(ctx: Context, key: string): Promise<ApiKey['problem']> {
  const holder = await findKeyHolder(ctx.db, hashApiKey(key))
  if (!holder) return 'revoked'
  return holder.expiresAt && holder.expiresAt <= ctx.clock.now() ? 'expired' : null
}

/** When another process starts for the first time too, the key of whoever was first is both' key. */
async function keepNewKey(dataDir: string): Promise<Omit<ApiKey, 'problem'>> {
  const file = join(dataDir, 'env')
  const key = newApiKey()
  await mkdir(dataDir, { recursive: true })
  // Written aside and linked: the file is there whole or not at all, and never overwritten.
  const draft = `${file}.${randomUUIDv7()}`
  await writeFile(draft, `BELFRY_API_KEY=${key}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, file)
    return { key, isNew: true }
  } catch (error) {
    const theirs = await readKey(file)
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || theirs === null) throw error
    return { key: theirs, isNew: false }
  } finally {
    await unlink(draft)
  }
}

/** The key that a first start has left in a data directory. */
export async function readKey(file: string): Promise<string | null> {
  try {
    return /^BELFRY_API_KEY=(bf_sk_\w+)$/m.exec(await readFile(file, 'utf8'))?.[1] ?? null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
