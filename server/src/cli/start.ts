// `belfry start`: the server. Runs until a signal, then lets what has begun come to its end.
import { setTimeout as delay } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { loadConfig, type Config } from '../config.ts'
import { carriedChannels, type CarriedChannel } from '../domain/channel.ts'
import { findOwner } from '../join.ts'
import { createLog } from '../log.ts'
import { roles, startSystem, type Role, type System } from '../system.ts'
import { examples, dataDirOption, jsonOption, parseListOf, parsePort } from './options.ts'
import { portProblem } from './port.ts'
import { createScreen, type Screen } from './start-screen.ts'

export type StartOptions = {
  roles: Role[]
  channels?: CarriedChannel[]
  host?: string
  port?: number
  dataDir?: string
  json?: boolean
}

export function startCommand(): Command {
  return new Command('start')
    .description(
      'Start Belfry: API, worker and scheduler in one process. Brings the schema up to date.',
    )
    .addOption(
      new Option(
        '--roles <roles>',
        `what this process does (some process has to play each), of ${roles.join(', ')}`,
      )
        .argParser(parseListOf(roles))
        .default([...roles], 'all'),
    )
    .option(
      '--channels <channels>',
      'what the worker delivers (default: all)',
      parseListOf(carriedChannels),
    )
    .option('--host <address>', 'the address to listen on [BELFRY_HOST, 127.0.0.1]')
    .option(
      '--port <port>',
      'the port to listen on, 0 for a free one [BELFRY_PORT, 4000]',
      parsePort,
    )
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'belfry start',
        'belfry start --port 0 --data-dir /var/lib/belfry',
        'belfry start --roles worker --channels email,sms',
      ),
    )
    .action(start)
}

async function start(options: StartOptions): Promise<void> {
  const config = configOf(options)
  const screen = createScreen(config, options.json ?? false)
  screen.header()
  if (options.roles.includes('api')) {
    const running = await findServer(config, screen)
    if (running) return screen.alreadyRunning(running)
  }
  await checkPorts(config, options.roles)

  const startedAt = performance.now()
  const stop = firstSignal()
  const log = createLog({ level: config.logLevel })
  let isRunning = false
  const system = await startSystem({
    config,
    log,
    roles: options.roles,
    ...(options.channels && { worker: { channels: options.channels } }),
    onStep: (text, ms) => screen.step(text, ms),
    onNote: (note) => (isRunning ? log.warn({ note }, 'news of the database') : screen.note(note)),
  })
  isRunning = true
  screen.ready(system, options.roles, performance.now() - startedAt)
  await stop
  await drain(system, screen, performance.now() - startedAt)
}

function configOf({ host, port, dataDir }: StartOptions): Config {
  return loadConfig({
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(dataDir !== undefined && { dataDir }),
  })
}

/** Before anything is made: a first start that fails later would have shown its key to nobody. */
async function checkPorts({ host, port, metricsPort }: Config, roles: Role[]): Promise<void> {
  const problem =
    (roles.includes('api') ? await portProblem(host, port) : null) ??
    (metricsPort === null ? null : await portProblem(host, metricsPort, 'BELFRY_METRICS_PORT'))
  if (problem) throw new Error(`${problem.text}\n  ${problem.fix}`)
}

const commandPatienceMs = 5_000

/**
 * The server that runs on this data directory already. An owner without an address is a command that
 * ends soon and takes the database with it, a server still starting, or a worker that stays.
 */
async function findServer(
  config: Config,
  screen: Screen,
): Promise<{ pid: number; url: string } | null> {
  const giveUpAt = performance.now() + commandPatienceMs
  let isTold = false
  for (;;) {
    const owner = await findOwner(config)
    if (owner === null) return null
    if (owner.url !== undefined) return { pid: owner.pid, url: owner.url }
    if (performance.now() > giveUpAt) return null
    if (!isTold) screen.note(`Waiting for pid ${owner.pid}, which uses the database.`)
    isTold = true
    await delay(50)
  }
}

/** Resolves with the first signal; while Belfry is still starting, a second one ends the process. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}

const graceMs = 25_000
const forcedMs = 500
const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const

async function drain(system: System, screen: Screen, ranMs: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.removeAllListeners(signal).once(signal, () => void force(system, screen, signal))
  screen.stopping(system.busy, graceMs)
  await system.close(graceMs)
  await screen.stopped(system, ranMs)
  // An attempt that outlives its grace must not hold the process: its lease tells what it was.
  process.exit(0)
}

/** At once, but for the moment PostgreSQL needs to hear of it. */
async function force(system: System, screen: Screen, signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
  screen.forced()
  await Promise.race([system.embedded?.stop(), delay(forcedMs)])
  process.exit(128 + signalNumbers[signal])
}
