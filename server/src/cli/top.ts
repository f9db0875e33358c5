// `belfry top`: which channels and processes work on what, at which rate, as it goes on.
import { setTimeout as delay } from 'node:timers/promises'
import { Command } from 'commander'
import { createApi, type Api, type ApiOptions } from './api.ts'
import { listOfChannels } from './channels.ts'
import { examples, withJoinOptions } from './options.ts'
import { print, printJson, styled, table } from './output.ts'

const everyMs = 2_000

type Options = ApiOptions & { once?: boolean }

export function topCommand(): Command {
  const top = new Command('top')
    .description('Show who works on what, at which rate, again every two seconds. Ctrl-C ends.')
    .option('--url <url>', 'where Belfry answers (default: the one of the data directory)')
    .option('--once', 'once, as it also does where no terminal shows it')
    .addHelpText('after', examples('belfry top', 'belfry top --once --json'))
    .action(show)
  return withJoinOptions(top)
}

export type Load = { channel: string; busy: number; concurrency: number; per_second: number }
type Worker = {
  name: string
  status: string
  version: string
  roles: string[]
  started_at: string
  seen_at: string
  channels: Load[]
}

async function show(options: Options): Promise<void> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  process.stdout.once('error', stop)
  const isRepainting = process.stdout.isTTY && !options.once && !options.json
  const isRepeated = !options.once && (isRepainting || options.json === true)
  try {
    const api = await createApi(options, stopping.signal)
    for (;;) {
      if (options.json) printJson(await ask(api))
      else {
        const text = await painted(api)
        if (isRepainting) process.stdout.write('\x1b[H\x1b[2J')
        print(text)
      }
      if (!isRepeated) return
      await delay(everyMs, undefined, { signal: stopping.signal })
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error
  }
}

async function ask(api: Api) {
  const [{ workers }, channels] = await Promise.all([
    api.ask<{ workers: Worker[] }>('GET', '/workers'),
    listOfChannels(api),
  ])
  return { at: new Date().toISOString(), channels, workers }
}

async function painted(api: Api): Promise<string> {
  const { at, channels, workers } = await ask(api)
  const attended = channels.filter(({ status, waiting }) => status !== 'unattended' || waiting > 0)
  return [
    styled('dim', at),
    table([
      ['CHANNEL', 'STATE', 'BUSY', 'RATE', 'LIMIT', 'WAITING', 'OLDEST', 'WHY'],
      ...attended.map((one) => [
        one.channel,
        one.status,
        `${one.busy}/${one.places}`,
        rate(one.per_second),
        one.rate_limit === null ? '–' : rate(one.rate_limit.per_second),
        String(one.waiting),
        one.oldest_age_seconds === null ? '–' : `${Math.round(one.oldest_age_seconds)} s`,
        one.reason ?? '',
      ]),
    ]),
    '',
    table([
      ['PROCESS', 'STATE', 'ROLES', 'UP', 'SEEN', 'BUSY', 'RATE', 'ON'],
      ...workers.map((worker) => line(worker, Date.parse(at))),
    ]),
  ].join('\n')
}

function line(
  { name, status, roles, started_at, seen_at, channels }: Worker,
  now: number,
): string[] {
  const sum = (of: (load: Load) => number) => channels.reduce((all, load) => all + of(load), 0)
  const busy = channels.filter((load) => load.busy > 0 || load.per_second > 0)
  return [
    name,
    status,
    roles.join(','),
    age(now - Date.parse(started_at)),
    `${age(now - Date.parse(seen_at))} ago`,
    channels.length === 0 ? '–' : `${sum((load) => load.busy)}/${sum((load) => load.concurrency)}`,
    channels.length === 0 ? '–' : rate(sum((load) => load.per_second)),
    busy.map(({ channel }) => channel).join(','),
  ]
}

function rate(perSecond: number): string {
  return `${perSecond >= 10 ? Math.round(perSecond).toLocaleString('en') : perSecond}/s`
}

function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800
    ? `${Math.round(seconds / 3_600)} h`
    : `${Math.round(seconds / 86_400)} d`
}
