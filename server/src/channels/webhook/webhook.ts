// Webhooks: the message as JSON to a URL, signed as standardwebhooks.com asks.
import { type Static, Type } from 'typebox'
import type { WebhookContent } from '../../domain/content.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { excerpt } from '../excerpt.ts'
import { unanswered } from '../http-api.ts'
import type { Answer } from '../outgoing-exchange.ts'
import { checkUrl } from '../outgoing-url.ts'
import type {
  Message,
  Provider,
  ProviderContext,
  ProviderKind,
  SettingsProblem,
} from '../provider.ts'
import type { AllowedAddresses } from '../public-address.ts'
import { retryAfterMs } from '../retry-after.ts'
import { headerProblem } from './headers.ts'
import { readSecret, signatures } from './signature.ts'

const WebhookSettings = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        maxLength: 2048,
        description: "Where messages go. Unset: to each subscriber's own webhook address.",
        examples: ['https://example.com/hooks/belfry'],
      }),
    ),
    method: Type.Optional(
      Type.Union([Type.Literal('POST'), Type.Literal('PUT'), Type.Literal('PATCH')], {
        default: 'POST',
        description: 'The HTTP method.',
        examples: ['POST'],
      }),
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String({ maxLength: 4096 }), {
        maxProperties: 20,
        description: 'Headers to add. Kept secret, as they often carry a credential.',
        examples: [{ authorization: 'Bearer 3c9f2b…' }],
      }),
    ),
    secret: Type.Optional(
      Type.String({
        maxLength: 128,
        description: 'Signs messages: `whsec_` and the base64 of 24 to 64 random bytes.',
        examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
      }),
    ),
    previous_secret: Type.Optional(
      Type.String({
        maxLength: 128,
        description: 'Signs too while receivers change over to a new secret.',
        examples: ['whsec_C2FVsBQIhrscChlQIMV7b5sSYspob7oD'],
      }),
    ),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof WebhookSettings>

export const webhook: ProviderKind = {
  kind: 'webhook',
  channels: ['webhook'],
  title: 'Webhook',
  settings: WebhookSettings,
  reachesMany: ({ url }) => url === undefined,
  secrets: ['secret', 'previous_secret', 'headers'],
  sends: { secrets: ['headers'], to: ['url'] },
  budgetMs: 20_000,
  problems: webhookProblems,
  create: createWebhookProvider,
}

// The schema has been checked when settings are saved, and they are stored as they were.
const asSettings = (settings: Record<string, unknown>) => settings as Settings

function webhookProblems(
  settings: Record<string, unknown>,
  allowed: AllowedAddresses,
): SettingsProblem[] {
  const { url, headers = {}, secret, previous_secret } = asSettings(settings)
  const problems: SettingsProblem[] = []

  const urlProblem = url === undefined ? null : checkUrl(url, allowed)
  if (urlProblem) problems.push({ pointer: '/url', ...urlProblem })

  for (const [pointer, value] of Object.entries({ secret, previous_secret })) {
    if (value === undefined || readSecret(value)) continue
    const detail = 'must be whsec_ and the base64 of 24 to 64 random bytes'
    problems.push({ pointer: `/${pointer}`, code: 'invalid_secret', detail })
  }

  for (const [name, value] of Object.entries(headers)) {
    const detail = headerProblem(name, value)
    const pointer = `/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (detail) problems.push({ pointer, code: 'header_not_allowed', detail })
  }
  return problems
}

function createWebhookProvider(
  settings: Record<string, unknown>,
  { outgoing, now }: ProviderContext,
): Provider {
  const { url, method = 'POST', headers = {}, secret, previous_secret } = asSettings(settings)
  const keys = [secret, previous_secret]
    .map((value) => (value === undefined ? null : readSecret(value)))
    .filter((key) => key !== null)
  const hidden = [secret, previous_secret, ...Object.values(headers)].flatMap(secretParts)

  return {
    async send(message, signal) {
      // As the channel says: what a webhook carries is a body of JSON.
      const { body: content } = message.content as WebhookContent
      const body = JSON.stringify(content) ?? 'null'
      const at = now()
      const answer = await outgoing.request({
        method,
        url: url ?? message.address,
        headers: { ...headers, ...messageHeaders(message, { at, body, keys }) },
        body,
        signal,
      })
      if (answer.kind !== 'answered') return unanswered(answer)
      // The end of the one URL for everybody is nobody's address.
      return url !== undefined && answer.status === 410
        ? {
            kind: 'retry',
            code: 'provider_auth',
            detail: 'HTTP 410: the URL of the provider is gone',
          }
        : answeredOutcome(answer, at, hidden)
    },
    async close() {},
  }
}

/** A secret, and the words of a header like `Bearer 3c9f2b…`, as an echo might bring them back. */
function secretParts(secret: string | undefined): string[] {
  if (secret === undefined) return []
  return [secret, ...secret.split(/\s+/).filter((part) => part.length >= 8)]
}

function messageHeaders(
  { deliveryId, traceparent }: Message,
  { at, body, keys }: { at: Date; body: string; keys: readonly Buffer[] },
): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1000)
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'webhook-id': deliveryId,
    'webhook-timestamp': String(timestamp),
  }
  if (keys.length > 0) {
    headers['webhook-signature'] = signatures(keys, { id: deliveryId, timestamp, body })
  }
  if (traceparent !== null) headers['traceparent'] = traceparent
  return headers
}

export function answeredOutcome(
  { status, headers, body, isComplete }: Answer & { kind: 'answered' },
  now: Date,
  hidden: readonly string[],
): Outcome {
  const code = `http_${status}`
  if (status >= 200 && status < 300) return { kind: 'delivered', code }
  if (status < 400)
    return { kind: 'failed', code, detail: `HTTP ${status}: redirects are not followed` }

  // A long error page says little, and showing it would let people read what is not theirs.
  const said = isComplete && body.length <= 4096 ? excerpt(body, hidden) : ''
  const detail = said === '' ? `HTTP ${status}` : `HTTP ${status}: ${said}`
  if (status === 410) return { kind: 'gone', code, detail }
  if (status !== 408 && status !== 429 && status < 500) return { kind: 'failed', code, detail }

  const waitMs = retryAfterMs(headers['retry-after'], now)
  return { kind: 'retry', code, detail, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) }
}
