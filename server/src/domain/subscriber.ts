// Subscribers as they are given: what is acceptable, and how it is kept.
import { addressProblem } from './address.ts'
import type { InlineSubscriber } from './audience.ts'
import type { CarriedChannel } from './channel.ts'
import { devices, type Device } from './device.ts'
import { didYouMean } from './nearest.ts'
import { parsePhone } from './phone.ts'
import { timezoneProblem } from './time-zone.ts'

export type SubscriberProblem = { pointer: string; detail: string }

export type KeptAddress = {
  channel: CarriedChannel
  slot: number
  kind: Device | null // push: what it leads to
  address: string
}

/** What a request changes. Undefined stays as it is, null is removed. */
export type SubscriberChange = {
  id: string
  locale: string | null | undefined
  timezone: string | null | undefined
  data: Record<string, unknown> | undefined
  /** The channels whose addresses are replaced by those below. */
  replaced: CarriedChannel[]
  addresses: KeptAddress[]
}

// No control characters; and `.` and `..` mean something else in a path.
export const idPattern = '^(?!\\.{1,2}$)[^\\p{Cc}\\p{Cs}]+$'

export const maxDevices = 20

// Channels that have exactly one address, given below `addresses`.
export const singleChannels = ['telegram', 'slack', 'discord', 'teams', 'webhook'] as const
const addressChannels: readonly string[] = [...singleChannels, 'push']

/** Everything that is wrong with a subscriber, with JSON Pointers into it; empty when nothing is. */
export function subscriberProblems(given: InlineSubscriber): SubscriberProblem[] {
  const problems: SubscriberProblem[] = []
  const add = (pointer: string, detail: string | null) => {
    if (detail !== null)
      problems.push({ pointer, detail: /[.?]$/.test(detail) ? detail : `${detail}.` })
  }
  const { id, email, phone, locale, timezone, addresses } = given
  if (id.length > 255 || !new RegExp(idPattern, 'u').test(id))
    add(
      '/id',
      'must have 1 to 255 characters, none of them control characters, and not be "." or ".."',
    )
  if (email) add('/email', addressProblem('email', email))
  if (email === '') add('/email', 'must not be empty; null removes it')
  if (phone !== undefined && phone !== null) add('/phone', phoneProblem(phone))
  if (locale !== undefined && locale !== null) add('/locale', localeProblem(locale))
  if (timezone !== undefined && timezone !== null) add('/timezone', timezoneProblem(timezone))
  for (const [channel, value] of Object.entries(addresses ?? {}))
    problems.push(...channelProblems(channel, value))
  return problems
}

function channelProblems(channel: string, value: unknown): SubscriberProblem[] {
  const pointer = `/addresses/${channel.replaceAll('~', '~0').replaceAll('/', '~1')}`
  if (!addressChannels.includes(channel)) return [{ pointer, detail: unknownChannel(channel) }]
  if (value === null) return []
  if (channel === 'push') return pushProblems(pointer, value)
  if (typeof value !== 'string')
    return [{ pointer, detail: 'must be a text, or null to remove it.' }]
  const problem = addressProblem(channel as CarriedChannel, value)
  return problem === null ? [] : [{ pointer, detail: `${problem}.` }]
}

function unknownChannel(channel: string): string {
  if (channel === 'email') return 'is a field of the subscriber itself: "email".'
  if (channel === 'sms' || channel === 'phone')
    return 'is a field of the subscriber itself: "phone".'
  return `is not known here.${didYouMean(channel, addressChannels)}`
}

function pushProblems(pointer: string, value: unknown): SubscriberProblem[] {
  if (!Array.isArray(value) || value.length > maxDevices)
    return [{ pointer, detail: `must be a list of at most ${maxDevices} devices.` }]
  return value.flatMap((device: unknown, i) => {
    const at = `${pointer}/${i}`
    const { kind, token, ...rest } = (device ?? {}) as Record<string, unknown>
    const extra = Object.keys(rest)[0]
    if (extra !== undefined) return [{ pointer: `${at}/${extra}`, detail: 'is not known here.' }]
    if (typeof kind !== 'string' || !devices.some((device) => device === kind))
      return [{ pointer: `${at}/kind`, detail: `must be one of ${devices.join(', ')}.` }]
    const text = tokenText(token)
    const problem = text === null ? 'must be a text' : addressProblem('push', text)
    return problem === null ? [] : [{ pointer: `${at}/token`, detail: `${problem}.` }]
  })
}

/** Browsers give an object for a web push subscription; it is kept as its JSON. */
function tokenText(token: unknown): string | null {
  if (typeof token === 'string') return token
  return token !== null && typeof token === 'object' ? JSON.stringify(token) : null
}

function phoneProblem(phone: string): string | null {
  if (!phone.trim().startsWith('+')) return 'must begin with + and the country: +12025550123'
  const parsed = phone.length > 40 ? undefined : parsePhone(phone)
  return addressProblem('sms', parsed?.number ?? phone.slice(0, 40))
}

function localeProblem(locale: string): string | null {
  return canonicalLocale(locale) === null ? 'must be a BCP 47 tag such as pt-BR' : null
}

/** `PT-br` as `pt-BR`; null for what is no language tag. */
export function canonicalLocale(locale: string): string | null {
  if (locale.length > 100) return null
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? null
  } catch {
    return null // the one thing it throws for: not a tag
  }
}

/** How a subscriber without problems is kept: phones as E.164, locales in canonical form. */
export function subscriberChange(subscriber: InlineSubscriber): SubscriberChange {
  const { id, email, phone, locale, timezone, data, addresses = {} } = subscriber
  const replaced: CarriedChannel[] = []
  const kept: KeptAddress[] = []
  const replace = (channel: CarriedChannel, values: { kind: Device | null; address: string }[]) => {
    replaced.push(channel)
    kept.push(...values.map((value, slot) => ({ channel, slot, ...value })))
  }
  const one = (address: string | null) => (address === null ? [] : [{ kind: null, address }])

  if (email !== undefined) replace('email', one(email))
  if (phone !== undefined) replace('sms', one(phone && (parsePhone(phone)?.number ?? phone)))
  for (const channel of singleChannels) {
    const address = addresses[channel] as string | null | undefined
    if (address !== undefined) replace(channel, one(address))
  }
  const given = addresses.push as { kind: Device; token: unknown }[] | null | undefined
  if (given !== undefined)
    replace(
      'push',
      (given ?? []).map(({ kind, token }) => ({ kind, address: tokenText(token) ?? '' })),
    )
  const canonical = locale ? canonicalLocale(locale) : locale
  return { id, locale: canonical, timezone, data, replaced, addresses: kept }
}
