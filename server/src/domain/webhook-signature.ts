// Is an inbound webhook really from whom it seems to be? Signatures are compared over the bytes as they
// came, with the algorithm that the source is configured with; nothing in the request can choose another.
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { HmacAuth, SourceSecrets } from './source.ts'

/** `replayId`: what the sender signed to make the request unlike any other; null when nothing is. */
export type Verdict =
  { isGenuine: true; replayId: string | null } | { isGenuine: false; reason: string }

export type Signed = {
  headers: Record<string, string>
  body: Buffer
  now: Date
}

type Scheme = {
  header: string
  algorithm: HmacAuth['algorithm']
  encoding: HmacAuth['encoding']
  prefix: string
  separator: string
  signed: string
  timestamp: HmacAuth['timestamp']
  idHeader: string | null
  keys: Buffer[]
}

const pastToleranceSeconds = 5 * 60
const futureToleranceSeconds = 60
const mostCandidates = 10
const longestId = 255

/** Signed by our own scheme for one vendor or another: GitHub, Shopify, Stripe, Slack, … */
export function verifyHmac(auth: HmacAuth, secrets: SourceSecrets, request: Signed): Verdict {
  const keys = secretTexts(secrets).map((text) => Buffer.from(text))
  return verify({ ...auth, separator: ',', idHeader: null, keys }, request)
}

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export function verifyStandardWebhook(secrets: SourceSecrets, request: Signed): Verdict {
  const scheme: Scheme = {
    header: 'webhook-signature',
    algorithm: 'sha256',
    encoding: 'base64',
    prefix: 'v1,',
    separator: ' ',
    signed: '{id}.{timestamp}.{body}',
    timestamp: { header: 'webhook-timestamp', prefix: '' },
    idHeader: 'webhook-id',
    keys: secretTexts(secrets).flatMap((text) => standardWebhookKey(text) ?? []),
  }
  return verify(scheme, request)
}

/** The bytes of a secret written as `whsec_<base64>`; null when it is not one of 24 to 64 bytes. */
export function standardWebhookKey(secret: string): Buffer | null {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1]
  const key = Buffer.from(encoded ?? '', 'base64')
  return key.length >= 24 && key.length <= 64 ? key : null
}

/** RFC 7617. */
export function verifyBasic(
  username: string,
  { password = '' }: SourceSecrets,
  headers: Record<string, string>,
): Verdict {
  const given = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(headers['authorization'] ?? '')?.[1]
  if (given === undefined)
    return { isGenuine: false, reason: 'There is no "Authorization: Basic …".' }
  const expected = digest(Buffer.from(`${username}:${password}`))
  if (!timingSafeEqual(digest(Buffer.from(given, 'base64')), expected))
    return { isGenuine: false, reason: 'The user name or the password is wrong.' }
  return { isGenuine: true, replayId: null }
}

function verify(scheme: Scheme, request: Signed): Verdict {
  const given = candidates(scheme, request.headers)
  if (given.length === 0) return refuse(`The header ${scheme.header} has no signature.`)
  const time = timeOf(scheme, request)
  if ('reason' in time) return refuse(time.reason)
  const id = scheme.idHeader === null ? '' : (request.headers[scheme.idHeader] ?? '')
  if (scheme.idHeader !== null && (id === '' || id.length > longestId))
    return refuse(`The header ${scheme.idHeader} has no id.`)

  for (const key of scheme.keys) {
    const expected = sign(scheme, key, { id, timestamp: time.text, body: request.body })
    const isOne = given.some((one) => {
      const bytes = decoded(one, scheme.encoding)
      // timingSafeEqual throws for different lengths.
      return bytes.length === expected.length && timingSafeEqual(bytes, expected)
    })
    if (!isOne) continue
    const own = scheme.timestamp === null ? null : expected.toString('base64url')
    return { isGenuine: true, replayId: scheme.idHeader === null ? own : id }
  }
  return refuse('The signature does not fit the body: another secret, or the body was changed.')
}

/** The signatures in the header, without their prefix. */
function candidates({ header, prefix, separator }: Scheme, headers: Signed['headers']): string[] {
  return partsOf(headers[header.toLowerCase()], separator, prefix).slice(0, mostCandidates)
}

function partsOf(value: string | undefined, separator: string, prefix: string): string[] {
  return (value ?? '')
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix) && part.length > prefix.length)
    .map((part) => part.slice(prefix.length))
}

/** Nothing for what is not wholly in the encoding: Buffer.from takes what it can, and leaves the rest out. */
function decoded(text: string, encoding: HmacAuth['encoding']): Buffer {
  const whole = encoding === 'hex' ? /^([0-9a-f]{2})+$/i : /^[A-Za-z0-9+/_-]+={0,2}$/
  return Buffer.from(whole.test(text) ? text : '', encoding)
}

function timeOf(
  { timestamp }: Scheme,
  { headers, now }: Signed,
): { text: string } | { reason: string } {
  if (timestamp === null) return { text: '' }
  const [text] = partsOf(headers[timestamp.header.toLowerCase()], ',', timestamp.prefix)
  if (text === undefined || !/^\d{1,15}$/.test(text))
    return { reason: `The header ${timestamp.header} has no time in seconds.` }
  const ageSeconds = Math.floor(now.getTime() / 1_000) - Number(text)
  if (ageSeconds > pastToleranceSeconds)
    return { reason: `It was signed ${ageSeconds} s ago; ${pastToleranceSeconds} s are allowed.` }
  if (ageSeconds < -futureToleranceSeconds)
    return { reason: `It was signed ${-ageSeconds} s in the future, by the clock of the database.` }
  return { text }
}

function sign(
  { algorithm, signed }: Scheme,
  key: Buffer,
  { id, timestamp, body }: { id: string; timestamp: string; body: Buffer },
): Buffer {
  const hmac = createHmac(algorithm, key)
  for (const part of signed.split(/(\{(?:id|timestamp|body)\})/))
    if (part === '{body}') hmac.update(body)
    else if (part === '{id}') hmac.update(id)
    else if (part === '{timestamp}') hmac.update(timestamp)
    else hmac.update(part)
  return hmac.digest()
}

function secretTexts({ secret, previous_secret: previous }: SourceSecrets): string[] {
  return [secret, previous].filter((text) => text !== undefined)
}

function digest(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer')
}

function refuse(reason: string): Verdict {
  return { isGenuine: false, reason }
}
