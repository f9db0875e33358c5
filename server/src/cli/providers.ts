// `belfry providers`: how they are, and a hand on them.
import { Command } from 'commander'
import { didYouMean } from '../domain/nearest.ts'
import { createApi, type Api, type ApiOptions } from './api.ts'
import { UsageError } from './failure.ts'
import { examples, withJoinOptions } from './options.ts'
import { print, printJson, say, table } from './output.ts'

type Act = 'pause' | 'resume' | 'probe'
type Options = ApiOptions & { channel?: string; reason?: string }

export function providersCommand(): Command {
  const providers = new Command('providers').description(
    'Show how providers are, pause one, or let one go on.',
  )
  const list = new Command('list')
    .description('List the providers, how they are, and what waits for them.')
    .addHelpText('after', examples('belfry providers list', 'belfry providers list --channel sms'))
    .action(listAll)
  const pause = act(
    'pause',
    'Give a provider nothing until it is resumed: what is due goes to the next one, or waits.',
  ).option('--reason <words>', 'shown to those who look at it')
  const resume = act('resume', 'Let a provider go on, whether a person or its breaker paused it.')
  const probe = act('probe', 'Have a provider that its breaker has paused tried now.')
  for (const command of [list, pause, resume, probe])
    providers.addCommand(
      withJoinOptions(command)
        .option('--channel <channel>', 'only those of a channel')
        .option('--url <url>', 'where Belfry answers (default: the one of the data directory)'),
    )
  return providers
}

function act(name: Act, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<name>', 'its name, or its id')
    .addHelpText('after', examples(`belfry providers ${name} texts`))
    .action((provider: string, options: Options) => actOn(name, provider, options))
}

type Health = {
  state: string
  reason: string | null
  next_probe_at: string | null
  attempts: number
  failed: number
  waiting: number
}
type Provider = {
  id: string
  channel: string
  kind: string
  name: string
  priority: number
  weight: number
  enabled: boolean
  health: Health
}
type Page = { providers: Provider[]; next_cursor: string | null }

async function listAll(options: Options): Promise<void> {
  const found = await listOf(await ask(options), options.channel)
  if (options.json) return printJson({ providers: found })
  const rows = found.map(({ channel, name, kind, priority, weight, enabled, health }) => [
    channel,
    name,
    kind,
    weight === 1 ? String(priority) : `${priority} (weight ${weight})`,
    enabled ? health.state : 'disabled',
    `${health.failed} of ${health.attempts}`,
    String(health.waiting),
    why(health),
  ])
  print(
    table([['CHANNEL', 'NAME', 'KIND', 'PRIORITY', 'STATE', 'FAILED', 'WAITING', 'WHY'], ...rows]),
  )
}

async function actOn(name: Act, wanted: string, options: Options): Promise<void> {
  const api = await ask(options)
  const { id } = oneOf(await listOf(api, options.channel), wanted)
  const { reason } = options
  const body = name === 'pause' && reason !== undefined ? { reason } : undefined
  const provider = await api.ask<Provider>('POST', `/providers/${id}/${name}`, body)
  if (options.json) return printJson(provider)
  const { health } = provider
  const waiting = health.waiting === 0 ? '' : ` ${health.waiting} are waiting for it.`
  say(`${provider.channel} provider ${provider.name}: ${health.state}.${waiting}`)
}

async function listOf(api: Api, channel: string | undefined): Promise<Provider[]> {
  const found: Provider[] = []
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ limit: '1000' })
    if (channel !== undefined) query.set('channel', channel)
    if (cursor !== null) query.set('cursor', cursor)
    const page: Page = await api.ask('GET', `/providers?${query.toString()}`)
    found.push(...page.providers)
    cursor = page.next_cursor
  } while (cursor !== null)
  return found
}

function oneOf(providers: Provider[], wanted: string): Provider {
  const found = providers.filter(({ id, name }) => id === wanted || name === wanted)
  const [first, second] = found
  if (second)
    throw new UsageError(
      `Several providers are called "${wanted}": say which with --channel ${found.map(({ channel }) => channel).join(' or ')}.`,
    )
  if (first) return first
  const names = providers.map(({ name }) => name)
  throw new UsageError(`There is no provider "${wanted}".${didYouMean(wanted, names)}`)
}

function ask(options: ApiOptions): Promise<Api> {
  return createApi(options, new AbortController().signal) // Ctrl-C ends the process
}

function why({ reason, next_probe_at: probeAt }: Health): string {
  const probe = probeAt === null ? [] : [`next probe ${probeAt}`]
  return [...(reason === null ? [] : [reason]), ...probe].join('; ')
}
