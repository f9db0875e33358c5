// `belfry schedules`: what recurs, when it comes next, and a hand on it.
import { Command } from 'commander'
import { createApi, type Api, type ApiOptions } from './api.ts'
import { examples, withJoinOptions } from './options.ts'
import { print, printJson, say, table } from './output.ts'

export function schedulesCommand(): Command {
  const schedules = new Command('schedules').description(
    'Show what recurs, pause it, or have it come now.',
  )
  const list = new Command('list')
    .description('List the schedules and when each comes next.')
    .option('--paused', 'only those that are paused')
    .addHelpText('after', examples('belfry schedules list', 'belfry schedules list --json'))
    .action(listAll)
  const show = new Command('show')
    .description('Show a schedule, when it comes next and what has come of it.')
    .argument('<key>', 'its key')
    .addHelpText('after', examples('belfry schedules show weekly-report'))
    .action(showOne)
  const pause = change('pause', 'Pause a schedule: nothing comes of it until it is resumed.')
  const resume = change('resume', 'Let a schedule go on, with what is still to come.')
  const run = new Command('run')
    .description('Have a schedule come once, now, for everybody; also while it is paused.')
    .argument('<key>', 'its key')
    .addHelpText('after', examples('belfry schedules run weekly-report'))
    .action(runOne)
  for (const command of [list, show, pause, resume, run])
    schedules.addCommand(
      withJoinOptions(command).option(
        '--url <url>',
        'where Belfry answers (default: the one of the data directory)',
      ),
    )
  return schedules
}

function change(name: 'pause' | 'resume', description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<key>', 'its key')
    .addHelpText('after', examples(`belfry schedules ${name} weekly-report`))
    .action((key: string, options: ApiOptions) => changeOne(name, key, options))
}

type Time = { time: string; local_time: string | null; timezone: string | null }
type Schedule = {
  key: string
  event: { type: string } | null
  message: { channels: string[] } | null
  cron: string
  timezone: string | null
  status: string
  next_times: Time[]
}
type Detail = Schedule & {
  to: unknown[]
  last_times: (Time & { status: string; event_id: string | null; error: string | null })[]
}
type Page = { schedules: Schedule[]; next_cursor: string | null }

const pageSize = 1_000

async function listAll(options: ApiOptions & { paused?: boolean }): Promise<void> {
  const api = await ask(options)
  const found: Schedule[] = []
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ limit: String(pageSize) })
    if (options.paused) query.set('is_paused', 'true')
    if (cursor !== null) query.set('cursor', cursor)
    const page: Page = await api.ask('GET', `/schedules?${query.toString()}`)
    found.push(...page.schedules)
    cursor = page.next_cursor
  } while (cursor !== null)
  if (options.json) return printJson({ schedules: found })
  const rows = found.map((one) => [
    one.key,
    whatOf(one),
    one.cron,
    zoneOf(one),
    one.status,
    one.next_times[0] ? told(one.next_times[0]) : '–',
  ])
  print(table([['KEY', 'SAYS', 'PATTERN', 'ZONE', 'STATUS', 'NEXT'], ...rows]))
}

async function showOne(key: string, options: ApiOptions): Promise<void> {
  const api = await ask(options)
  const found = await api.ask<Detail>('GET', pathOf(key))
  if (options.json) return printJson(found)
  const last = found.last_times.map((one) => [
    told(one),
    one.status,
    one.event_id ?? one.error ?? '',
  ])
  print(
    [
      table([
        ['KEY', found.key],
        ['SAYS', whatOf(found)],
        ['TO', found.to.length === 0 ? 'whom its event type names' : found.to.map(who).join(', ')],
        ['PATTERN', `${found.cron}, ${zoneOf(found)}`],
        ['STATUS', found.status],
        ['NEXT', found.next_times.map(told).join(', ') || '–'],
      ]),
      ...(last.length > 0 ? ['', table([['CAME', 'STATUS', ''], ...last])] : []),
    ].join('\n'),
  )
}

async function changeOne(
  name: 'pause' | 'resume',
  key: string,
  options: ApiOptions,
): Promise<void> {
  const api = await ask(options)
  const changed = await api.ask<Schedule>('POST', `${pathOf(key)}/${name}`)
  if (options.json) return printJson(changed)
  const [next] = changed.next_times
  const goesOn = next ? `It comes next ${told(next)}.` : 'Nothing more comes of it.'
  say(name === 'pause' ? `Paused ${key}.` : `Resumed ${key}. ${goesOn}`)
}

async function runOne(key: string, options: ApiOptions): Promise<void> {
  const api = await ask(options)
  const answer = await api.ask<{ event_id: string }>('POST', `${pathOf(key)}/run`)
  if (options.json) return printJson(answer)
  print(answer.event_id)
  say(`What became of it: belfry explain ${answer.event_id}`)
}

function ask(options: ApiOptions): Promise<Api> {
  return createApi(options, new AbortController().signal) // Ctrl-C ends the process
}

const pathOf = (key: string) => `/schedules/${encodeURIComponent(key)}`

function whatOf({ event, message }: Schedule): string {
  return event?.type ?? `a message by ${message?.channels.join(', ')}`
}

function zoneOf({ timezone }: Schedule): string {
  return timezone ?? "each person's own"
}

function who(one: unknown): string {
  return typeof one === 'string' ? one : `the members of ${(one as { topic: string }).topic}` // by the API
}

/** `2026-11-23T09:00 in Europe/Lisbon`; of many zones, the time on the wall of each. */
function told({ time, local_time: local, timezone }: Time): string {
  if (local === null) return time
  return timezone === null ? local : `${local} in ${timezone}`
}
