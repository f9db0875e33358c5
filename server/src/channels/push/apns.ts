// Apple Push Notification service: HTTP/2, with a token signed by the team's key.
// @see https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns
import { importPKCS8, SignJWT } from 'jose'
import { type Static, Type } from 'typebox'
import type { InAppContent } from '../../domain/content.ts'
import type { Outcome } from '../../domain/outcome.ts'
import {
  apiBaseProblems,
  byStatus,
  memberText,
  saidBy,
  taken,
  tooLong,
  unanswered,
  type Said,
} from '../http-api.ts'
import type { Limit, Provider, ProviderContext, ProviderKind } from '../provider.ts'
import { createHttp2Client } from './http2-client.ts'

const production = 'https://api.push.apple.com'
const development = 'https://api.sandbox.push.apple.com'
const limits: readonly Limit[] = [{ what: 'payload', most: 4_096, unit: 'bytes' }]
const tokenAgeMs = 40 * 60_000 // Apple wants one for 20 to 60 minutes

const ApnsSettings = Type.Object(
  {
    team_id: Type.String({
      pattern: '^[A-Z0-9]{10}$',
      description: 'The team of the developer account.',
      examples: ['DEF123GHIJ'],
    }),
    key_id: Type.String({
      pattern: '^[A-Z0-9]{10}$',
      description: 'The id of the key.',
      examples: ['ABC123DEFG'],
    }),
    private_key: Type.String({
      minLength: 100,
      maxLength: 2_000,
      description: 'The .p8 file of the key.',
      examples: ['-----BEGIN PRIVATE KEY-----\n…'],
    }),
    topic: Type.String({
      minLength: 3,
      maxLength: 200,
      pattern: '^[A-Za-z0-9.-]+$',
      description: 'The bundle id of the app.',
      examples: ['com.acme.shop'],
    }),
    environment: Type.Optional(
      Type.Union([Type.Literal('production'), Type.Literal('development')], {
        default: 'production',
        description: 'Builds from Xcode have tokens of `development`.',
        examples: ['production'],
      }),
    ),
    api_base: Type.Optional(
      Type.String({
        maxLength: 2048,
        description: "Where its API is; without a slash at the end. Unset: the environment's own.",
        examples: [production],
      }),
    ),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof ApnsSettings>

export const apns: ProviderKind = {
  kind: 'apns',
  channels: ['push'],
  devices: ['apns'],
  title: 'Apple Push Notification service',
  settings: ApnsSettings,
  secrets: ['private_key'],
  budgetMs: 20_000,
  limits,
  problems: apiBaseProblems,
  create: createApns,
}

function createApns(given: Record<string, unknown>, context: ProviderContext): Provider {
  const settings = given as Settings
  const { private_key: key, topic, environment, api_base } = settings
  const base = api_base ?? (environment === 'development' ? development : production)
  const client = createHttp2Client(base, context)
  const tokens = createTokens(settings, context.now)

  return {
    async send(message, signal) {
      const { title, body, url } = message.content as InAppContent
      const payload = JSON.stringify({ aps: { alert: { title, body } }, ...(url && { url }) })
      const tooMuch = tooLong(limits, { payload })
      if (tooMuch) return tooMuch
      const token = await tokens.current()
      if (token === null) return badKey
      const answer = await client.post({
        path: `/3/device/${encodeURIComponent(message.address)}`,
        headers: {
          authorization: `bearer ${token}`,
          'apns-topic': topic,
          'apns-push-type': 'alert',
          'apns-id': message.deliveryId,
        },
        body: payload,
        signal,
      })
      if (answer.kind !== 'answered') return unanswered(answer)
      const said = saidBy(answer, [key, token])
      if (memberText(said.json, 'reason') === 'ExpiredProviderToken') tokens.drop(token)
      return read(said) ?? byStatus(said, context.now())
    },
    close: () => client.close(),
  }
}

const badKey: Outcome = {
  kind: 'retry',
  code: 'provider_auth',
  detail: 'private_key is not a private key in PEM (PKCS #8)',
}

/** Apple refuses a token that is older than an hour, and whoever makes new ones all the time. */
function createTokens({ team_id, key_id, private_key }: Settings, now: () => Date) {
  let kept: { token: Promise<string | null>; madeAtMs: number } | null = null
  let current = ''

  async function make(): Promise<string | null> {
    try {
      const key = await importPKCS8(private_key, 'ES256')
      current = await new SignJWT()
        .setProtectedHeader({ alg: 'ES256', kid: key_id })
        .setIssuer(team_id)
        .setIssuedAt(Math.floor(now().getTime() / 1_000))
        .sign(key)
      return current
    } catch {
      return null // the one thing it throws for: no key of that kind
    }
  }
  return {
    current(): Promise<string | null> {
      const at = now().getTime()
      if (!kept || at - kept.madeAtMs > tokenAgeMs) kept = { token: make(), madeAtMs: at }
      return kept.token
    },
    drop(token: string): void {
      if (token === current) kept = null
    },
  }
}

/** @see https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns */
function read({ status, headers, json, detail }: Said): Outcome | null {
  if (status === 200) {
    const id = headers['apns-id']
    return taken(typeof id === 'string' ? id : undefined)
  }
  const reason = memberText(json, 'reason') ?? ''
  if (deadTokens.has(reason) || status === 410)
    return { kind: 'gone', code: reason || 'http_410', detail }
  if (accountErrors.has(reason)) return { kind: 'retry', code: 'provider_auth', detail }
  if (status === 400 || status === 405)
    return { kind: 'failed', code: reason || 'http_400', detail }
  return null
}

const deadTokens: ReadonlySet<string> = new Set([
  'BadDeviceToken',
  'DeviceTokenNotForTopic',
  'ExpiredToken',
  'Unregistered',
])
const accountErrors: ReadonlySet<string> = new Set([
  'BadTopic',
  'ExpiredProviderToken',
  'Forbidden',
  'InvalidProviderToken',
  'MissingProviderToken',
  'MissingTopic',
  'TopicDisallowed',
  'TooManyProviderTokenUpdates',
])
