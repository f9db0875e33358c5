// Every setting: environment name, how it is read, default, meaning. The types, --help and
// docs/reference/config.md come from this table; nothing else reads process.env.
import { distance } from 'fastest-levenshtein'
import { carriedChannels, type CarriedChannel } from './domain/channel.ts'
import { durationPattern } from './domain/duration.ts'
import type { RetryPolicy } from './domain/event-type.ts'
import { localTimePattern } from './domain/quiet-hours.ts'

type Setting<T> = {
  env: string
  parse: (text: string) => T
  fallback: T
  meaning: string
  isSecret?: boolean
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export const settings = {
  host: text('BELFRY_HOST', '127.0.0.1', 'The address to listen on.'),
  port: setting('BELFRY_PORT', port, 4000, 'The port to listen on; 0 picks a free one.'),
  publicUrl: optional(
    'BELFRY_PUBLIC_URL',
    publicUrl,
    'Where people reach this server: https://notify.example.com. For the links in messages. Unset: its own address.',
  ),
  databaseUrl: optional(
    'BELFRY_DATABASE_URL',
    postgresUrl,
    'PostgreSQL 15 or newer. Unset: the embedded one.',
    true,
  ),
  dataDir: text('BELFRY_DATA_DIR', '.belfry', 'The embedded database and generated secrets.'),
  apiKey: optional(
    'BELFRY_API_KEY',
    apiKey,
    'A secret key that exists from the start. Unset: one is made at first start.',
    true,
  ),
  secret: optional(
    'BELFRY_SECRET',
    secret,
    'Encrypts provider credentials and signs cursors and links. Required with BELFRY_DATABASE_URL.',
    true,
  ),
  env: setting(
    'BELFRY_ENV',
    oneOf('development', 'production'),
    'development',
    'production refuses the sandbox: a channel without a provider fails visibly.',
  ),
  allowPrivateAddresses: setting(
    'BELFRY_ALLOW_PRIVATE_ADDRESSES',
    list,
    [] as string[],
    'CIDRs or host names that webhooks may reach although private, comma separated.',
  ),
  metricsPort: optional('BELFRY_METRICS_PORT', port, 'A port of its own for /metrics and /health.'),
  retention: setting(
    'BELFRY_RETENTION',
    duration,
    '72h',
    'How long notifications and their texts are kept once they have ended: of messages, and of event types saved without a retention.',
  ),
  eventRetention: setting(
    'BELFRY_EVENT_RETENTION',
    duration,
    '30d',
    'How long events are kept; never shorter than their notifications.',
  ),
  preferenceLogRetention: setting(
    'BELFRY_PREFERENCE_LOG_RETENTION',
    days,
    '730d',
    'How long changes of preferences are on record, in days. What people have said stays.',
  ),
  quietStart: setting(
    'BELFRY_QUIET_START',
    timeOfDay,
    '08:00',
    'When deliveries may begin to go out each day, by the clock of the recipient.',
  ),
  quietEnd: setting(
    'BELFRY_QUIET_END',
    timeOfDay,
    '22:00',
    'Until when; the same as BELFRY_QUIET_START: at any time of day.',
  ),
  retry: optional(
    'BELFRY_RETRY',
    retries,
    'How often and how fast channels try again where the event type does not say: email=5x10s,sms=3x1m. The delay doubles each time, with jitter.',
  ),
  catalog: optional(
    'BELFRY_CATALOG',
    (folder) => folder,
    'A folder of configuration that is applied at every start: docs/guides/catalog.md.',
  ),
  logLevel: setting(
    'BELFRY_LOG_LEVEL',
    oneOf(...logLevels),
    'info',
    `One of ${logLevels.join(', ')}.`,
  ),
}

type Retries = Partial<Record<CarriedChannel, RetryPolicy>>

export type Config = { [Name in keyof typeof settings]: (typeof settings)[Name]['fallback'] }

export class ConfigError extends Error {
  readonly problems: string[]

  constructor(problems: string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : 'problems'}:\n  ${problems.join('\n  ')}`,
    )
    this.problems = problems
  }
}

/**
 * Reads the settings, `given` ones (flags, library options) before the environment.
 *
 * @throws ConfigError naming every problem at once, unknown BELFRY_ names included.
 */
export function loadConfig(
  given: Partial<Config> = {},
  env: NodeJS.ProcessEnv = process.env,
): Config {
  const problems = unknownNames(env)
  const config: Record<string, unknown> = {}
  for (const [name, { env: variable, parse, fallback, isSecret }] of Object.entries(settings)) {
    const text = env[variable]
    const value = given[name as keyof Config]
    try {
      if (value !== undefined) config[name] = value
      else config[name] = text === undefined || text === '' ? fallback : parse(text)
    } catch (error) {
      const shown = isSecret ? '' : ` (it is ${JSON.stringify(text)})`
      problems.push(`${variable} ${(error as Error).message}${shown}.`)
    }
  }
  if (config.databaseUrl && !config.secret)
    problems.push(
      'BELFRY_SECRET is needed with BELFRY_DATABASE_URL: 32 random characters or more, the same in every process.',
    )
  if (problems.length > 0) throw new ConfigError(problems)
  return config as Config // each member was parsed by the row of its name
}

/** A variable that is no setting: what a file refers to as ${env:NAME}. */
export function environmentValue(name: string): string | undefined {
  return process.env[name]
}

function unknownNames(env: NodeJS.ProcessEnv): string[] {
  const known = Object.values(settings).map((row) => row.env)
  return Object.keys(env)
    .filter((name) => name.startsWith('BELFRY_') && !name.startsWith('BELFRY_TEST_'))
    .filter((name) => !known.includes(name))
    .map((name) => {
      const far = (other: string) => distance(other, name.toUpperCase())
      const nearest = known.toSorted((a, b) => far(a) - far(b))[0]
      return `${name} is not a setting. Did you mean ${nearest}?`
    })
}

function setting<T>(
  env: string,
  parse: (text: string) => T,
  fallback: NoInfer<T>,
  meaning: string,
): Setting<T> {
  return { env, parse, fallback, meaning }
}

function optional<T>(
  env: string,
  parse: (text: string) => T,
  meaning: string,
  isSecret = false,
): Setting<T | null> {
  return { env, parse, fallback: null, meaning, isSecret }
}

function text(env: string, fallback: string, meaning: string): Setting<string> {
  return { env, parse: (value) => value, fallback, meaning }
}

function port(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 65_535) throw new Error('must be a port, 0 to 65535')
  return value
}

function oneOf<T extends string>(...allowed: T[]) {
  return (text: string): T => {
    const found = allowed.find((value) => value === text)
    if (found === undefined) throw new Error(`must be one of ${allowed.join(', ')}`)
    return found
  }
}

function duration(text: string): string {
  if (!new RegExp(durationPattern).test(text))
    throw new Error('must be a duration such as 90m, 72h or 30d')
  return text
}

/** Long after whatever was planned when it began to count. */
function days(text: string): string {
  if (!/^[1-9][0-9]{0,5}d$/.test(text)) throw new Error('must be a number of days such as 730d')
  return text
}

function timeOfDay(text: string): string {
  if (!new RegExp(localTimePattern).test(text)) throw new Error('must be a time of day: 08:00')
  return text
}

function retries(text: string): Retries {
  const all: Retries = {}
  for (const part of list(text)) {
    const [, name, count, delay = ''] = /^(\w+)=(\d{1,2})x(\w+)$/.exec(part) ?? []
    const channel = carriedChannels.find((one) => one === name)
    const attempts = Number(count)
    if (!channel || attempts < 1 || attempts > 20 || !new RegExp(durationPattern).test(delay))
      throw new Error(
        'must be channels with 1 to 20 attempts and the first delay, such as email=5x10s,sms=3x1m',
      )
    all[channel] = { attempts, delay, backoff: 'exponential' }
  }
  return all
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
}

function apiKey(text: string): string {
  if (!/^bf_sk_[A-Za-z0-9]{32,}$/.test(text))
    throw new Error('must be bf_sk_ and at least 32 letters or digits')
  return text
}

function secret(text: string): string {
  if (text.length < 32) throw new Error('must have at least 32 characters')
  return text
}

function publicUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username)
    throw new Error('must be an address such as https://notify.example.com, perhaps with a path')
  return url.href.replace(/\/+$/, '')
}

function postgresUrl(text: string): string {
  if (!/^postgres(ql)?:\/\//.test(text))
    throw new Error('must start with postgres:// or postgresql://')
  return text
}
