// `belfry channels`: how channels are worked, and a hand on them, in all workspaces and processes.
import { Argument, Command, InvalidArgumentError } from 'commander'
import { carriedChannels } from '../domain/channel.ts'
import { createApi, type Api, type ApiOptions } from './api.ts'
import { UsageError } from './failure.ts'
import { examples, withJoinOptions } from './options.ts'
import { print, printJson, say, table } from './output.ts'

export type Channel = {
  channel: string
  status: string
  reason: string | null
  concurrency: number | null
  rate_limit: { per_second: number } | null
  workers: number
  busy: number
  places: number
  per_second: number
  waiting: number
  oldest_age_seconds: number | null
}

type Options = ApiOptions & {
  reason?: string
  concurrency?: number | 'default'
  rate?: number | 'none'
}

export function channelsCommand(): Command {
  const channels = new Command('channels').description(
    'Show how channels are worked, pause one, let one go on, or change its pace.',
  )
  const list = new Command('list')
    .description('List the channels, how they are worked, and what waits on them.')
    .addHelpText('after', examples('belfry channels list'))
    .action(listAll)
  const pause = act('pause', 'Begin nothing on a channel until it is resumed: what is due waits.')
    .option('--reason <words>', 'shown to those who look at it')
    .addHelpText('after', examples('belfry channels pause sms --reason "the gateway is moved"'))
    .action((channel: string, { reason, ...options }: Options) =>
      changeBy(channel, options, { paused: true, ...(reason && { reason }) }),
    )
  const resume = act('resume', 'Let a channel go on.')
    .addHelpText('after', examples('belfry channels resume sms'))
    .action((channel: string, options: Options) => changeBy(channel, options, { paused: false }))
  const set = act('set', 'Change how many attempts there may be at once, or in a second.')
    .option('--concurrency <count>', 'attempts at once in each process, or "default"', parseCount)
    .option('--rate <number>', 'attempts a second by all processes, or "none"', parseRate)
    .addHelpText(
      'after',
      examples('belfry channels set email --concurrency 16', 'belfry channels set sms --rate 50'),
    )
    .action(setPace)
  for (const command of [list, pause, resume, set])
    channels.addCommand(
      withJoinOptions(command).option(
        '--url <url>',
        'where Belfry answers (default: the one of the data directory)',
      ),
    )
  return channels
}

function act(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addArgument(new Argument('<channel>', 'in all workspaces').choices([...carriedChannels]))
}

export async function listOfChannels(api: Api): Promise<Channel[]> {
  return (await api.ask<{ channels: Channel[] }>('GET', '/channels')).channels
}

async function listAll(options: Options): Promise<void> {
  const channels = await listOfChannels(await ask(options))
  if (options.json) return printJson({ channels })
  const rows = channels.map((one) => [
    one.channel,
    one.status,
    one.concurrency === null ? 'default' : String(one.concurrency),
    one.rate_limit === null ? 'none' : `${one.rate_limit.per_second}/s`,
    String(one.workers),
    `${one.busy}/${one.places}`,
    String(one.waiting),
    one.reason ?? '',
  ])
  const titles = ['CHANNEL', 'STATE', 'CONCURRENCY', 'RATE LIMIT', 'WORKERS', 'BUSY', 'WAITING']
  print(table([[...titles, 'WHY'], ...rows]))
}

function setPace(channel: string, { concurrency, rate, ...options }: Options): Promise<void> {
  if (concurrency === undefined && rate === undefined)
    throw new UsageError('Say what to change: --concurrency, --rate, or both.')
  return changeBy(channel, options, {
    ...(concurrency !== undefined && {
      concurrency: concurrency === 'default' ? null : concurrency,
    }),
    ...(rate !== undefined && { rate_limit: rate === 'none' ? null : { per_second: rate } }),
  })
}

async function changeBy(
  wanted: string,
  options: Options,
  body: Record<string, unknown>,
): Promise<void> {
  const api = await ask(options)
  const changed = await api.ask<Channel>('PATCH', `/channels/${wanted}`, body)
  if (options.json) return printJson(changed)
  const { channel, status, concurrency, rate_limit: limit, waiting } = changed
  const pace = [
    ...(concurrency === null ? [] : [`${concurrency} at once in each process`]),
    ...(limit === null ? [] : [`${limit.per_second} a second`]),
  ]
  const how = pace.length === 0 ? '' : `, ${pace.join(', ')}`
  say(`${channel}: ${status}${how}.${waiting === 0 ? '' : ` ${waiting} are waiting.`}`)
}

function ask(options: ApiOptions): Promise<Api> {
  return createApi(options, new AbortController().signal) // Ctrl-C ends the process
}

function parseCount(text: string): number | 'default' {
  if (text === 'default') return text
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= 4_096) return count
  throw new InvalidArgumentError('Use a count, 1 to 4096, or "default".')
}

function parseRate(text: string): number | 'none' {
  if (text === 'none') return text
  const rate = Number(text)
  if (rate >= 0.01 && rate <= 100_000) return rate
  throw new InvalidArgumentError('Use a number, 0.01 to 100000, or "none".')
}
