// The checks of `belfry doctor`, in the order in which one depends on another.
import { access, constants, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { version } from '../version.ts'
import { ConfigError, type Config } from '../config.ts'
import { maskAddress } from '../domain/address.ts'
import { everywhere } from '../domain/reach.ts'
import { findOwner, join, joinDatabase } from '../join.ts'
import type { Database } from '../sql/db.ts'
import { listChannelControls } from '../sql/channel-controls.ts'
import { hasHooks, listHookTroubles } from '../sql/hooks.ts'
import { listKeys } from '../sql/keys.ts'
import { migrationStatus } from '../sql/migrate.ts'
import { listEnabledProviders, type ProviderRow } from '../sql/providers.ts'
import { findServerSettings } from '../sql/server-settings.ts'
import { readClock } from '../sql/signals.ts'
import type { Context } from '../context.ts'
import { defaultWorkspaceId } from '../system.ts'
import { tellError } from './failure.ts'
import { configOf, type JoinOptions } from './options.ts'
import { portProblem } from './port.ts'

export type Check = {
  name: string
  state: 'good' | 'bad' | 'skipped'
  text: string
  fix?: string
}

const leastFreeBytes = 500e6
const mostClockOffsetMs = 2_000
const verifyMs = 5_000
const waitingMs = 3_600_000

const good = (name: string, text: string): Check => ({ name, state: 'good', text })
const bad = (name: string, text: string, fix?: string): Check => ({
  name,
  state: 'bad',
  text,
  ...(fix !== undefined && { fix }),
})
const skipped = (name: string, text: string, fix?: string): Check => ({
  ...bad(name, text, fix),
  state: 'skipped',
})

/** Never throws: what goes wrong is what it reports. */
export async function* checkAll(options: JoinOptions): AsyncGenerator<Check> {
  yield good(
    'program',
    `Belfry ${version} on Node ${process.versions.node}, ${process.platform}-${process.arch}`,
  )
  let config: Config
  try {
    config = configOf(options)
  } catch (error) {
    for (const problem of error instanceof ConfigError ? error.problems : [String(error)])
      yield bad('settings', problem)
    return yield skipped('the rest', 'not looked at: it depends on the settings')
  }
  yield good('settings', `environment "${config.env}", log level "${config.logLevel}"`)
  yield await checkDataDirectory(config)
  yield await checkPort(config)
  yield* checkDatabase(config)
}

async function checkDataDirectory({ dataDir }: Config): Promise<Check> {
  const name = 'data directory'
  const wanted = resolve(dataDir)
  const folder = await nearestExisting(wanted)
  try {
    await access(folder, constants.W_OK)
  } catch {
    return bad(name, `${folder} cannot be written to.`, 'Set BELFRY_DATA_DIR to a folder of yours.')
  }
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const text = `${wanted}, ${(free / 1e9).toFixed(1)} GB free`
  return free < leastFreeBytes
    ? bad(name, text, 'Make room: a full disk stops the database.')
    : good(name, text)
}

async function nearestExisting(folder: string): Promise<string> {
  let at = folder
  while (dirname(at) !== at) {
    const exists = await access(at).then(
      () => true,
      () => false,
    )
    if (exists) return at
    at = dirname(at)
  }
  return at
}

async function checkPort(config: Config): Promise<Check> {
  const { host, port } = config
  const problem = await portProblem(host, port)
  if (!problem) return good('port', port === 0 ? 'any that is free' : `${port} on ${host} is free`)
  const owner = await findOwner(config)
  if (owner?.url !== undefined && Number(new URL(owner.url).port) === port)
    return good('port', `the Belfry of this data directory runs at ${owner.url} (pid ${owner.pid})`)
  return bad('port', problem.text, problem.fix)
}

async function* checkDatabase(config: Config): AsyncGenerator<Check> {
  try {
    await using joined = await joinDatabase(config)
    yield* checkServer(joined.db)
    const missing = (await migrationStatus(joined.db)).filter((row) => row.appliedAt === null)
    if (missing.length > 0) {
      const fix = 'belfry migrate (or belfry start, which does it first)'
      yield skipped('migrations', `${missing.length} are not applied yet`, fix)
      return yield skipped('keys, providers', 'not looked at: the schema is not current')
    }
    yield good('migrations', 'the schema is current')
    yield* checkContents(config)
  } catch (error) {
    yield bad('database', tellError(error, config).text)
  }
}

async function* checkServer(db: Database): AsyncGenerator<Check> {
  const settings = await findServerSettings(db)
  const { version, versionNumber } = settings
  if (versionNumber < 150_000)
    yield bad('database', `PostgreSQL ${version} is too old.`, 'Use 15 or newer.')
  else yield good('database', `PostgreSQL ${version} answers`)

  const unsafe = [
    ...(settings.fsync === 'on' ? [] : ['fsync']),
    ...(settings.fullPageWrites === 'on' ? [] : ['full_page_writes']),
    ...(settings.synchronousCommit === 'off' ? ['synchronous_commit'] : []),
  ]
  if (unsafe.length === 0) yield good('durability', 'a stored message survives a power cut')
  else
    yield bad(
      'durability',
      `${unsafe.join(', ')} is off: stored messages can be lost in a power cut.`,
      unsafe.map((name) => `alter system set ${name} = on; select pg_reload_conf();`).join(' '),
    )

  const before = Date.now()
  const theirs = (await readClock(db)).getTime()
  const offsetMs = Math.round(theirs - (before + Date.now()) / 2)
  const offset = `${Math.abs(offsetMs)} ms ${offsetMs < 0 ? 'behind' : 'ahead of'} this machine`
  if (Math.abs(offsetMs) < mostClockOffsetMs) yield good('clock', `the database is ${offset}`)
  else yield bad('clock', `The database is ${offset}.`, 'Let NTP set the clocks of both machines.')
}

async function* checkContents(config: Config): AsyncGenerator<Check> {
  await using joined = await join(config)
  const { ctx } = joined
  const filter = { workspaceId: defaultWorkspaceId, after: null, offset: 0, limit: 500 }
  const keys = (await listKeys(ctx.db, filter)).filter((key) => key.revokedAt === null)
  yield keys.length > 0
    ? good('keys', `${keys.length} API key${keys.length === 1 ? '' : 's'}`)
    : skipped(
        'keys',
        'there is no API key yet',
        'belfry start makes one; so does belfry keys create',
      )

  const rows = await listEnabledProviders(ctx.db)
  if (rows.length === 0)
    yield config.env === 'production'
      ? skipped(
          'providers',
          'none, and in production there is no sandbox: only in_app works',
          'POST /providers',
        )
      : skipped('providers', 'none: every message goes to the sandbox (GET /sandbox/messages)')
  yield* await Promise.all(rows.map((row) => checkProvider(ctx, row)))
  yield* checkHooks(ctx)
  yield* await checkChannels(ctx)
}

async function* checkHooks({ db, clock }: Context): AsyncGenerator<Check> {
  const troubles = await listHookTroubles(db, new Date(clock.now().getTime() - waitingMs))
  if (troubles.length === 0 && (await hasHooks(db, everywhere)))
    yield good('hooks', 'all of them are told')
  for (const { id, url, description, isEnabled, ...how } of troubles) {
    const name = `hook "${description || maskAddress('webhook', url)}"`
    const { disabledReason, failingSince, waitingSince } = how
    if (!isEnabled)
      yield bad(name, `It was switched off: ${disabledReason}.`, `belfry hooks enable ${id}`)
    else {
      const text = failingSince
        ? `Calls fail since ${failingSince.toISOString()}.`
        : `It takes less than it is told: something waits since ${waitingSince?.toISOString()}.`
      yield bad(name, text, `belfry hooks attempts ${id}`)
    }
  }
}

/** Those that somebody has paused: nobody might remember. */
async function checkChannels({ db }: Context): Promise<Check[]> {
  const paused = (await listChannelControls(db)).filter(({ isPaused }) => isPaused)
  return paused.map(({ channel, reason }) =>
    bad(
      `channel ${channel}`,
      `It is paused${reason === null ? '' : `: ${reason}`}.`,
      `belfry channels resume ${channel}`,
    ),
  )
}

async function checkProvider({ providers }: Context, row: ProviderRow): Promise<Check> {
  const name = `${row.channel} provider "${row.name}"`
  const active = providers.byId(row.id)
  if (!active) return bad(name, `There is no kind "${row.kind}" here.`, 'Update Belfry.')
  if (!active.provider.verify) return skipped(name, `${row.kind} can only be checked by sending`)
  const outcome = await active.provider.verify(AbortSignal.timeout(verifyMs))
  if (outcome.kind === 'sent' || outcome.kind === 'delivered')
    return good(name, `${row.kind} answers`)
  const why = 'detail' in outcome && outcome.detail ? outcome.detail : outcome.kind
  return bad(name, why, `Correct its settings: PATCH /providers/${row.id}`)
}
