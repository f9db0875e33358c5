// The live things of one process, built once and handed down as an argument.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { ClientConfig } from 'pg'
import { createOutgoingClient, type OutgoingClient } from './channels/outgoing.ts'
import { readAllowedAddresses } from './channels/public-address.ts'
import { createClock } from './clock.ts'
import type { Config } from './config.ts'
import { createHandoff, type Handoff } from './handoff.ts'
import { createLinks, type Links } from './links.ts'
import type { Log } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createConfiguration, type Configuration } from './pipeline/configuration.ts'
import { createIntake, type Intake } from './pipeline/intake.ts'
import { createRenderer, type Renderer } from './pipeline/renderer.ts'
import { createProviders, type Providers } from './providers.ts'
import { createSecrets, type Secrets } from './secrets.ts'
import { createWaits, type Waits } from './waits.ts'
import { createSignals, type Signals } from './signals.ts'
import { openDatabase, type Database } from './sql/db.ts'
import { createSubscriberTokens, type SubscriberTokens } from './subscriber-tokens.ts'
import { countQueueLines } from './sql/queue.ts'
import { insertSandboxMessage } from './sql/sandbox.ts'
import { version } from './version.ts'

export type Context = {
  config: Config
  version: string
  /** This process among others: host, pid and a few random letters. */
  worker: string
  log: Log
  db: Database
  clock: Clock
  secrets: Secrets
  links: Links
  subscriberTokens: SubscriberTokens
  /** Rings between processes: work is waiting, the configuration has changed. */
  signals: Signals
  outgoing: OutgoingClient
  metrics: Metrics
  configuration: Configuration
  renderer: Renderer
  providers: Providers
  handoff: Handoff
  intake: Intake
  /** Requests that want their answer when the work is done. */
  waits: Waits
  /** True from the moment the process was told to stop: /health/ready says so. */
  isDraining: boolean
  close(): Promise<void>
}

/** The database's clock: schedules never depend on what this machine thinks the time is. */
export type Clock = { now: () => Date; close?: () => void }

export type ContextOptions = {
  config: Config
  log: Log
  connection: ClientConfig
  secret: string
  /** For tests that own time. */
  clock?: Clock
}

export async function createContext(options: ContextOptions): Promise<Context> {
  const { config, log, connection, secret } = options
  await using undo = new AsyncDisposableStack() // an open connection would keep the process
  const onDatabaseError = (err: Error) => log.warn({ err }, 'a database connection was lost')
  const db = openDatabase({ connection, onError: onDatabaseError })
  undo.defer(() => db.close())
  // Configuration is also read by those who hold a connection of `db` meanwhile: from the same pool,
  // they could all wait for the last one, which each of them holds.
  const ownDb = openDatabase({ connection, poolSize: 2, onError: onDatabaseError })
  undo.defer(() => ownDb.close())
  const clock = options.clock ?? (await createClock(db))
  undo.defer(() => clock.close?.())
  const signals = await createSignals(db, (err) =>
    log.warn({ err }, 'ringing is interrupted; polling goes on'),
  )
  undo.defer(() => signals.close())
  const secrets = createSecrets(secret)
  const allowed = readAllowedAddresses(config.allowPrivateAddresses)
  const outgoing = createOutgoingClient({ allowed, userAgent: `Belfry/${version}` })
  undo.defer(() => outgoing.close())
  const metrics = createMetrics({ version, countQueues: () => countQueueLines(db, clock.now()) })
  const providers = await createProviders({
    db,
    secrets,
    signals,
    context: {
      outgoing,
      allowed,
      now: clock.now,
      capture: (message) => insertSandboxMessage(db, message),
    },
    hasSandbox: config.env !== 'production',
    onError: (err) => log.error({ err }, 'the providers could not be loaded; the old ones stay'),
  })
  undo.defer(() => providers.close())
  const renderer = createRenderer()
  undo.defer(() => renderer.close())
  const handoff = createHandoff()
  const waits = createWaits({ db, signals }, (err) =>
    log.warn({ err }, 'it is not known what is done; looking again'),
  )
  const intake = createIntake({ db, clock, handoff, signals, metrics })

  const held = undo.move()
  return {
    config,
    version,
    worker: `${hostname()}.${process.pid}.${randomBytes(2).toString('hex')}`,
    log,
    db,
    clock,
    secrets,
    links: createLinks(secrets, config.publicUrl ?? `http://${config.host}:${config.port}`),
    subscriberTokens: createSubscriberTokens(secrets.tokenKey),
    signals,
    outgoing,
    metrics,
    configuration: createConfiguration(ownDb, signals),
    renderer,
    providers,
    handoff,
    intake,
    waits,
    isDraining: false,
    async close() {
      await intake.idle()
      await held.disposeAsync()
    },
  }
}
