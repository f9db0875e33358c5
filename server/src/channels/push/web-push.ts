// Web Push: to browsers, through whatever service each of them uses. The address is the subscription that the
// browser gave, as JSON.
// @see RFC 8030 (the protocol), RFC 8292 (VAPID: who is asking)
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { SignJWT } from 'jose'
import { type Static, Type } from 'typebox'
import type { InAppContent } from '../../domain/content.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { httpApi, member, memberText, taken, tooLong, type Said } from '../http-api.ts'
import type { Limit, Message, ProviderKind, SettingsProblem } from '../provider.ts'
import { encrypt, type Recipient } from './web-push-encryption.ts'

// What the services are bound to take is 4,096 bytes, of which the encryption needs 103.
const limits: readonly Limit[] = [{ what: 'payload', most: 3_993, unit: 'bytes' }]
const tokenSeconds = 12 * 60 * 60 // 24 hours are the most
const weekSeconds = 7 * 24 * 60 * 60

const WebPushSettings = Type.Object(
  {
    public_key: Type.String({
      pattern: '^[A-Za-z0-9_-]{87}$',
      description: 'The VAPID key that browsers subscribe with: 65 bytes in base64url.',
      examples: [
        'BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U',
      ],
    }),
    private_key: Type.String({
      pattern: '^[A-Za-z0-9_-]{43}$',
      description: 'Its other half: 32 bytes in base64url.',
      examples: ['UUxI4O8-FbRouAevSmBQ6o18hgE4nSG3qwvJTfKc-ls'],
    }),
    subject: Type.String({
      maxLength: 300,
      pattern: '^(mailto:.+@.+|https://.+)$',
      description: 'Whom the service may write to when something is wrong.',
      examples: ['mailto:ops@acme.example'],
    }),
    ttl_seconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 4 * weekSeconds,
        default: weekSeconds,
        description: 'How long a message waits for a browser that is closed.',
        examples: [weekSeconds],
      }),
    ),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof WebPushSettings>

export const webPush: ProviderKind = {
  kind: 'web_push',
  channels: ['push'],
  devices: ['web'],
  title: 'Web Push',
  settings: WebPushSettings,
  reachesMany: () => true, // each browser has the service of its maker
  secrets: ['private_key'],
  budgetMs: 20_000,
  limits,
  problems: keyProblems,
  create(given, context) {
    const { public_key, private_key, subject, ttl_seconds = weekSeconds } = given as Settings
    const tokens = new Map<string, { token: string; endsAtMs: number }>()

    /** One for each service; it says that we are those whom the browser subscribed to. */
    async function tokenFor(origin: string): Promise<string> {
      const at = context.now().getTime()
      const known = tokens.get(origin)
      if (known && known.endsAtMs > at) return known.token
      const endsAtMs = at + tokenSeconds * 1_000
      const token = await new SignJWT()
        .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
        .setAudience(origin)
        .setSubject(subject)
        .setExpirationTime(Math.floor(endsAtMs / 1_000))
        .sign(privateKeyOf(public_key, private_key))
      if (tokens.size >= 1_000) tokens.clear() // there are a handful; addresses could name any
      tokens.set(origin, { token, endsAtMs: at + (tokenSeconds * 1_000) / 2 })
      return token
    }

    return httpApi(context, {
      hidden: [private_key],
      async request(message) {
        const subscription = readSubscription(message.address)
        if (!subscription) {
          const detail = 'the address is no subscription of a browser'
          return { kind: 'gone', code: 'invalid_subscription', detail }
        }
        const payload = payloadOf(message)
        const tooMuch = tooLong(limits, { payload })
        if (tooMuch) return tooMuch
        const { endpoint, recipient } = subscription
        const token = await tokenFor(new URL(endpoint).origin)
        return {
          method: 'POST',
          url: endpoint,
          headers: {
            authorization: `vapid t=${token}, k=${public_key}`,
            'content-encoding': 'aes128gcm',
            'content-type': 'application/octet-stream',
            ttl: String(ttl_seconds),
            urgency: 'normal',
          },
          body: encrypt(payload, recipient),
        }
      },
      read,
    })
  },
}

/** What the page's service worker gets, as JSON. */
function payloadOf({ content, notificationId }: Message): string {
  const { title, body, url } = content as InAppContent
  return JSON.stringify({ title, body, ...(url && { url }), notification_id: notificationId })
}

function read({ status, headers, detail }: Said): Outcome | null {
  const location = headers['location'] // what the service calls the message
  if (status < 300) return taken(typeof location === 'string' ? location : undefined)
  if (status === 404 || status === 410) return { kind: 'gone', code: `http_${status}`, detail }
  return null
}

type Subscription = { endpoint: string; recipient: Recipient }

function readSubscription(address: string): Subscription | null {
  let json: unknown
  try {
    json = JSON.parse(address)
  } catch {
    return null
  }
  const endpoint = memberText(json, 'endpoint') ?? ''
  const p256dh = bytesOf(member(json, 'keys', 'p256dh'))
  const auth = bytesOf(member(json, 'keys', 'auth'))
  const isGood = URL.canParse(endpoint) && isPoint(p256dh) && auth.length === 16
  return isGood ? { endpoint, recipient: { p256dh, auth } } : null
}

function bytesOf(text: unknown): Buffer {
  return Buffer.from(typeof text === 'string' ? text : '', 'base64url')
}

/** A point that is not on the curve would give the secret away, or throw. */
function isPoint(bytes: Buffer): boolean {
  if (bytes.length !== 65 || bytes[0] !== 4) return false
  try {
    createPublicKey({ key: jwkOf(bytes), format: 'jwk' })
    return true
  } catch {
    return false
  }
}

function jwkOf(point: Buffer): { kty: 'EC'; crv: 'P-256'; x: string; y: string } {
  const [x, y] = [point.subarray(1, 33), point.subarray(33)]
  return { kty: 'EC', crv: 'P-256', x: x.toString('base64url'), y: y.toString('base64url') }
}

function privateKeyOf(publicKey: string, privateKey: string) {
  const jwk = { ...jwkOf(bytesOf(publicKey)), d: privateKey }
  return createPrivateKey({ key: jwk, format: 'jwk' })
}

function keyProblems({ public_key, private_key }: Record<string, unknown>): SettingsProblem[] {
  try {
    const key = privateKeyOf(String(public_key), String(private_key))
    const own = createPublicKey(key).export({ format: 'jwk' })
    if (own.x === jwkOf(bytesOf(public_key)).x) return []
  } catch {
    // The one thing it throws for: these are no keys, or not of each other.
  }
  const detail = 'is not the other half of public_key'
  return [{ pointer: '/private_key', code: 'invalid_key', detail }]
}
