// `belfry worker`: a process that delivers on the channels it is given, and does nothing else.
import { Argument, Command, InvalidArgumentError } from 'commander'
import { loadConfig } from '../config.ts'
import { carriedChannels, type CarriedChannel } from '../domain/channel.ts'
import { dataDirOption, examples, jsonOption, parsePort } from './options.ts'
import { createScreen } from './start-screen.ts'
import { stay } from './stay.ts'

type Options = { concurrency?: number; port?: number; dataDir?: string; json?: boolean }

export function workerCommand(): Command {
  return new Command('worker')
    .description(
      'Deliver on these channels, beside `belfry start`. Any number of them, on any number of machines that reach the same database.',
    )
    .addArgument(new Argument('<channel...>', 'what it delivers').choices([...carriedChannels]))
    .option('--concurrency <count>', 'attempts at once on each channel', parseConcurrency)
    .option(
      '--port <port>',
      'the port of its /metrics and /health, 0 for a free one [BELFRY_METRICS_PORT, none]',
      parsePort,
    )
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples('belfry worker email', 'belfry worker push sms --concurrency 16 --port 9101'),
    )
    .action(work)
}

async function work(channels: CarriedChannel[], options: Options): Promise<void> {
  const { concurrency, port, dataDir, json = false } = options
  const config = loadConfig({
    ...(port !== undefined && { metricsPort: port }),
    ...(dataDir !== undefined && { dataDir }),
  })
  const screen = createScreen(config, json)
  screen.header()
  const worker = { channels, ...(concurrency !== undefined && { concurrency }) }
  await stay(config, screen, { roles: ['worker'], worker })
}

const mostAtOnce = 4_096

function parseConcurrency(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || count > mostAtOnce)
    throw new InvalidArgumentError(`Use a count, 1 to ${mostAtOnce}.`)
  return count
}
