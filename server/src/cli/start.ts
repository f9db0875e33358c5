// `belfry start`: the server.
import { setTimeout as delay } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { loadConfig, type Config } from '../config.ts'
import { carriedChannels, type CarriedChannel } from '../domain/channel.ts'
import { findOwner } from '../join.ts'
import { roles, type Role } from '../system.ts'
import { examples, dataDirOption, jsonOption, parseListOf, parsePort } from './options.ts'
import { createScreen, type Screen } from './start-screen.ts'
import { stay } from './stay.ts'

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
  await stay(config, screen, {
    roles: options.roles,
    ...(options.channels && { worker: { channels: options.channels } }),
  })
}

function configOf({ host, port, dataDir }: StartOptions): Config {
  return loadConfig({
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(dataDir !== undefined && { dataDir }),
  })
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
