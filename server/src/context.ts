// The live things of one process, built once and handed down as an argument.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { ClientConfig } from 'pg'
import { createOutgoingClient, type OutgoingClient } from './channels/outgoing.ts'
import { readAllowedAddresses } from './channels/public-address.ts'
import { Breakers, listBreakers } from './breakers.ts'
import { createPostSigned, type PostSigned } from './channels/webhook/signed-post.ts'
import { createChannelControls, type ChannelControls } from './channel-controls.ts'
import { createClock } from './clock.ts'
import type { Config } from './config.ts'
import { createHandoff, type Handoff } from './handoff.ts'
import type { Reach } from './domain/reach.ts'
import { createLinks, type Links } from './links.ts'
import { createInterest, type Interest } from './live/interest.ts'
import { ResultStreams } from './live/result-streams.ts'
import { Streams } from './live/streams.ts'
import type { Log } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createDataHeaders } from './pipeline/data-headers.ts'
import { createEventData, type EventDataDesk } from './pipeline/event-data.ts'
import { createConfiguration, type Configuration } from './pipeline/configuration.ts'
import { createIntake, type Intake } from './pipeline/intake.ts'
import { Paces } from './paces.ts'
import { pruneLagMs } from './pipeline/prune-lag.ts'
import { createRenderer, type Renderer } from './pipeline/renderer.ts'
import { createProviders, type Providers } from './providers.ts'
import { createRetryBudget, type RetryBudget } from './retry-budget.ts'
import { createSecrets, type Secrets } from './secrets.ts'
import { createWaits, type Waits } from './waits.ts'
import { createSignals, type Signals } from './signals.ts'
import { openDatabase, type Database } from './sql/db.ts'
import { createSubscriberTokens, type SubscriberTokens } from './subscriber-tokens.ts'
import { countQueueLines } from './sql/queue.ts'
import { insertSandboxMessage } from './sql/sandbox.ts'
import { version } from './version.ts'
import {
  contextIn,
  createWorkspaceClocks,
  reachOf,
  type WorkspaceClocks,
} from './workspace-clocks.ts'

export type Context = {
  config: Config
  version: string
  /** This process among others: host, pid and a few random letters. */
  worker: string
  log: Log
  db: Database
  /** What is known of why the database does not answer: a sentence, null when nothing is. */
  whyAway: () => string | null
  clock: Clock
  /** Test workspaces whose clock stands. */
  clocks: WorkspaceClocks
  /** Whose due work is taken with this context. */
  reach: () => Reach
  /** The context for work of one workspace: a test workspace may have a time of its own. */
  in(workspaceId: number): Context
  secrets: Secrets
  links: Links
  subscriberTokens: SubscriberTokens
  /** Rings between processes: work is waiting, the configuration has changed. */
  signals: Signals
  outgoing: OutgoingClient
  /** Calls hooks. */
  postSigned: PostSigned
  metrics: Metrics
  configuration: Configuration
  renderer: Renderer
  /** Asks data sources. */
  eventData: EventDataDesk
  providers: Providers
  breakers: Breakers
  paces: Paces
  channelControls: ChannelControls
  retryBudget: RetryBudget
  handoff: Handoff
  intake: Intake
  /** Requests that want their answer when the work is done. */
  waits: Waits
  /** Feeds that are followed as they change. */
  streams: Streams
  /** What becomes of notifications, to those who follow it. */
  resultStreams: ResultStreams
  /** Rings for those who want to hear of results as they come. */
  interest: Interest
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
  whyAway?: () => string | null
  /** For tests that own time. */
  clock?: Clock
}

export async function createContext(options: ContextOptions): Promise<Context> {
  const { config, log, connection, secret } = options
  await using undo = new AsyncDisposableStack() // an open connection would keep the process
  const warn = (words: string) => (err: unknown) => log.warn({ err }, words)
  const onDatabaseError = warn('a database connection was lost')
  const db = openDatabase({ connection, onError: onDatabaseError })
  undo.defer(() => db.close())
  // Configuration is also read by those who hold a connection of `db` meanwhile: from the same pool,
  // they could all wait for the last one, which each of them holds.
  const ownDb = openDatabase({ connection, poolSize: 2, onError: onDatabaseError })
  undo.defer(() => ownDb.close())
  const clock = options.clock ?? (await createClock(db))
  undo.defer(() => clock.close?.())
  const signals = await createSignals(db, warn('ringing is interrupted; polling goes on'))
  undo.defer(() => signals.close())
  const clocks = await createWorkspaceClocks({ db, signals, warn })
  const secrets = createSecrets(secret)
  const allowed = readAllowedAddresses(config.allowPrivateAddresses)
  const outgoing = createOutgoingClient({ allowed, userAgent: `Belfry/${version}` })
  undo.defer(() => outgoing.close())
  const live = createLive({ db, signals, clock, warn })
  const metrics = metricsOf(db, clock, live)
  const around = { outgoing, allowed, now: clock.now }
  const links = createLinks(secrets, config.publicUrl ?? `http://${config.host}:${config.port}`)
  const providers = await loadProviders(options, { db, secrets, signals, clocks, links, around })
  undo.defer(() => providers.close())
  const channelControls = undo.use(await createChannelControls({ db, signals, warn }))
  const worker = workerName()
  const renderer = createRenderer()
  undo.defer(() => renderer.close())
  const nowIn = (workspaceId: number) => clocks.at(workspaceId) ?? clock.now()
  const headersFor = createDataHeaders({ db: ownDb, secrets, log, signals })
  const handoff = createHandoff()
  const waits = createWaits({ db, signals }, warn('it is not known what is done; looking again'))
  const intake = createIntake({ db, clock, handoff, signals, metrics })
  const held = undo.move()
  return {
    config,
    version,
    worker,
    log,
    db,
    whyAway: options.whyAway ?? (() => null),
    clock,
    clocks,
    reach: () => reachOf(clocks),
    in: inWorkspace,
    secrets,
    links,
    subscriberTokens: createSubscriberTokens(secrets.tokenKey),
    signals,
    outgoing,
    postSigned: createPostSigned({ outgoing, now: clock.now }),
    metrics,
    configuration: createConfiguration(ownDb, signals),
    renderer,
    eventData: createEventData({ outgoing, metrics, now: nowIn, headersFor }),
    providers,
    breakers: new Breakers({ db, worker, providers, signals, log }),
    paces: new Paces(db),
    channelControls,
    retryBudget: createRetryBudget(),
    handoff,
    intake,
    waits,
    ...live,
    isDraining: false,
    close: () => intake.idle().then(() => held.disposeAsync()),
  }
}

function workerName(): string {
  return `${hostname()}.${process.pid}.${randomBytes(2).toString('hex')}`
}

type ProviderContext = Parameters<typeof createProviders>[0]['context']
type ForProviders = Pick<Context, 'db' | 'secrets' | 'signals' | 'clocks' | 'links'> & {
  around: Omit<ProviderContext, 'capture'>
}

function loadProviders(
  { config, log }: ContextOptions,
  { db, secrets, signals, clocks, links, around }: ForProviders,
): Promise<Providers> {
  return createProviders({
    db,
    secrets,
    signals,
    context: {
      ...around,
      capture: (message) =>
        insertSandboxMessage(db, message, clocks.at(message.workspaceId) ?? around.now()),
    },
    hasSandbox: config.env !== 'production',
    baseUrl: () => links.baseUrl,
    onError: (err) => log.error({ err }, 'the providers could not be loaded; the old ones stay'),
  })
}

function inWorkspace(this: Context, workspaceId: number): Context {
  return contextIn(this, workspaceId)
}

type Live = Pick<Context, 'streams' | 'resultStreams' | 'interest'>
type ForLive = Pick<Context, 'db' | 'signals' | 'clock'> & {
  warn: (words: string) => (error: unknown) => void
}

function createLive({ db, signals, clock, warn }: ForLive): Live {
  const interest = createInterest(signals)
  const given = { db, signals, clock }
  const onError = warn('streams of results wait; trying again')
  return {
    streams: new Streams({ ...given, onError: warn('streams wait; trying again') }),
    resultStreams: new ResultStreams({ ...given, interest, onError }),
    interest,
  }
}

function metricsOf(db: Database, clock: Clock, { streams, resultStreams }: Live): Metrics {
  return createMetrics({
    version,
    countQueues: () => countQueueLines(db, clock.now()),
    pruneLagMs: () => pruneLagMs(db, clock.now()),
    listBreakers: () => listBreakers(db, clock.now()),
    countStreams() {
      const [a, b] = [streams.counts(), resultStreams.counts()]
      return { sse: a.sse + b.sse, websocket: a.websocket + b.websocket }
    },
  })
}
