// Vendors with an HTTP API: what their providers have in common. A vendor says what to ask it and what its
// own answers mean; what means the same everywhere (no answer, too many requests, a bad key) is read here.
import { Type, type TOptional, type TString } from 'typebox'
import type { Outcome } from '../domain/outcome.ts'
import { excerpt } from './excerpt.ts'
import type { Answer } from './outgoing-exchange.ts'
import { checkUrl } from './outgoing-url.ts'
import type { OutgoingRequest } from './outgoing.ts'
import type { Limit, Message, Provider, ProviderContext, SettingsProblem } from './provider.ts'
import type { AllowedAddresses } from './public-address.ts'
import { retryAfterMs } from './retry-after.ts'

export type ApiRequest = Omit<OutgoingRequest, 'signal' | 'maxResponseBytes'>

/** What a vendor answered. */
export type Said = {
  status: number
  headers: Record<string, string | string[] | undefined>
  json: unknown // undefined: it was no JSON, or cut
  /** For people: the status and the first of its words, without secrets. */
  detail: string
}

export type HttpApi = {
  /** What to ask for this message; or why this vendor cannot carry it, or not now. */
  request(
    message: Message,
    signal: AbortSignal,
  ): ApiRequest | Outcome | Promise<ApiRequest | Outcome>
  /** What an answer means; null: what its status means to everybody. */
  read(said: Said): Outcome | null
  /** A question that sends nothing to anyone, and fails when the settings are wrong. */
  check?: {
    request(signal: AbortSignal): ApiRequest | Outcome | Promise<ApiRequest | Outcome>
    /** Null, or missing: what its status means. */
    read?(said: Said): Outcome | null
  }
  /** Must not show up in an outcome. */
  hidden: readonly string[]
}

export function httpApi({ outgoing, now }: ProviderContext, api: HttpApi): Provider {
  async function ask(
    asked: ApiRequest | Outcome | Promise<ApiRequest | Outcome>,
    signal: AbortSignal,
    read: HttpApi['read'],
  ): Promise<Outcome> {
    const request = await asked
    if ('kind' in request) return request
    const answer = await outgoing.request({ ...request, signal })
    if (answer.kind !== 'answered') return unanswered(answer)
    const said = saidBy(answer, api.hidden)
    return read(said) ?? byStatus(said, now())
  }

  const provider: Provider = {
    send: (message, signal) => ask(api.request(message, signal), signal, api.read),
    async close() {},
  }
  const { check } = api
  if (!check) return provider
  const read = check.read ?? (() => null)
  return {
    ...provider,
    async verify(signal) {
      const outcome = await ask(check.request(signal), signal, read)
      return outcome.kind === 'sent' ? { kind: 'sent', code: 'verified' } : outcome
    },
  }
}

export function saidBy(
  { status, headers, body, isComplete }: Answer & { kind: 'answered' },
  hidden: readonly string[],
): Said {
  const words = excerpt(body, hidden)
  const detail = words === '' ? `HTTP ${status}` : `HTTP ${status}: ${words}`
  return { status, headers, json: isComplete ? parsed(body) : undefined, detail }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

// What is asked is at fault, and would be again.
const hopeless: ReadonlySet<string> = new Set([
  'blocked_address',
  'invalid_request',
  'invalid_url',
  'url_not_allowed',
  'url_port',
  'url_scheme',
])

/** What an exchange without an answer means: nobody saw it, or nobody can say. */
export function unanswered(answer: Exclude<Answer, { kind: 'answered' }>): Outcome {
  const { code, detail } = answer
  if (answer.kind === 'no_answer') return { kind: 'ambiguous', code, detail }
  return { kind: hopeless.has(code) ? 'failed' : 'retry', code, detail }
}

/**
 * 401 and 403 are about the account, not the message: it is tried again, once somebody has put it right. A
 * gateway that gave up waiting (504) does not know what happened behind it.
 */
export function byStatus({ status, headers, detail }: Said, now: Date): Outcome {
  const code = `http_${status}`
  if (status >= 200 && status < 300) return { kind: 'sent', code }
  if (status === 401 || status === 403) return { kind: 'retry', code: 'provider_auth', detail }
  if (status === 413) return { kind: 'failed', code: 'message_too_large', detail }
  if (status === 504) return { kind: 'ambiguous', code, detail }
  const isPassing = status === 408 || status === 425 || status === 429 || status >= 500
  if (!isPassing) return { kind: 'failed', code, detail }
  const waitMs = retryAfterMs(headers['retry-after'], now)
  return { kind: 'retry', code, detail, ...(waitMs !== undefined && { retryAfterMs: waitMs }) }
}

/** The vendor has taken it, and goes on to call it by this name. */
export function taken(reference: string | undefined): Outcome {
  return { kind: 'sent', ...(reference !== undefined && { reference }) }
}

/** Why a message is too long for a vendor; null when it is not. `parts`: its texts, by the names of the limits. */
export function tooLong(limits: readonly Limit[], parts: Record<string, string>): Outcome | null {
  for (const { what, most, unit } of limits) {
    const text = parts[what] ?? ''
    const length = unit === 'bytes' ? Buffer.byteLength(text) : Array.from(text).length
    if (length <= most) continue
    const detail = `the ${what} has ${length} ${unit}; ${most} is the most this vendor takes`
    return { kind: 'failed', code: 'message_too_large', detail }
  }
  return null
}

/** The setting by which tests and regions name another address of the vendor. */
export function apiBase(vendorUrl: string): TOptional<TString> {
  return Type.Optional(
    Type.String({
      maxLength: 2048,
      default: vendorUrl,
      description: 'Where its API is; without a slash at the end.',
      examples: [vendorUrl],
    }),
  )
}

/** Checks the setting `api_base`. */
export function apiBaseProblems(
  { api_base: url }: Record<string, unknown>,
  allowed: AllowedAddresses,
): SettingsProblem[] {
  if (typeof url !== 'string') return []
  const problem = url.endsWith('/')
    ? { code: 'invalid_url', detail: 'must not end with a slash' }
    : checkUrl(url, allowed)
  return problem ? [{ pointer: '/api_base', ...problem }] : []
}

/** The member of a JSON value that a path of names and indexes leads to; undefined when there is none. */
export function member(json: unknown, ...path: (string | number)[]): unknown {
  let at = json
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = Object.hasOwn(at, step) ? (at as Record<string | number, unknown>)[step] : undefined
  }
  return at
}

/** The same, when it is a text; numbers become one. */
export function memberText(json: unknown, ...path: (string | number)[]): string | undefined {
  const found = member(json, ...path)
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : undefined
}
