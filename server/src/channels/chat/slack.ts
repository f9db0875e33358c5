// Slack: as an app (a token, and the address is a channel or a person), or through an incoming webhook. What
// Slack would take for a mention or a link is sent as text.
// @see https://docs.slack.dev/reference/methods/chat.postMessage
import { type Static, Type } from 'typebox'
import type { TextContent } from '../../domain/content.ts'
import type { Outcome } from '../../domain/outcome.ts'
import {
  apiBase,
  apiBaseProblems,
  httpApi,
  memberText,
  taken,
  tooLong,
  type Said,
} from '../http-api.ts'
import { checkUrl } from '../outgoing-url.ts'
import type { Limit, ProviderKind, SettingsProblem } from '../provider.ts'
import type { AllowedAddresses } from '../public-address.ts'

const vendorUrl = 'https://slack.com/api'
const limits: readonly Limit[] = [{ what: 'body', most: 40_000, unit: 'characters' }]

const SlackSettings = Type.Object(
  {
    token: Type.Optional(
      Type.String({
        pattern: '^xox[a-z]-[A-Za-z0-9-]{10,250}$',
        description: "The app's bot token, with the scope chat:write.",
        examples: ['xoxb-…'],
      }),
    ),
    url: Type.Optional(
      Type.String({
        maxLength: 2048,
        description: 'An incoming webhook, instead of a token: all messages go to its channel.',
        examples: ['https://hooks.slack.com/services/T00/B00/XXX'],
      }),
    ),
    api_base: apiBase(vendorUrl),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof SlackSettings>

export const slack: ProviderKind = {
  kind: 'slack',
  channels: ['slack'],
  title: 'Slack',
  settings: SlackSettings,
  secrets: ['token', 'url'],
  sends: { secrets: ['token'], to: ['api_base'] },
  budgetMs: 20_000,
  limits,
  // By channel: a webhook has one. @see https://docs.slack.dev/apis/web-api/rate-limits
  pace: ({ url }) => (url === undefined ? { address: 1 } : { all: 1 }),
  problems: slackProblems,
  create(given, context) {
    const { token, url, api_base: base = vendorUrl } = given as Settings
    const json = { 'content-type': 'application/json; charset=utf-8' }
    const headers = { ...json, authorization: `Bearer ${token}` }
    return httpApi(context, {
      hidden: [token, url, url?.split('/').at(-1)].filter((secret) => secret !== undefined),
      request(message) {
        const { body } = message.content as TextContent
        const text = withoutMarkup(body)
        const asked = url === undefined ? { channel: message.address, text } : { text }
        return (
          tooLong(limits, { body }) ?? {
            method: 'POST',
            url: url ?? `${base}/chat.postMessage`,
            headers: url === undefined ? headers : json,
            body: JSON.stringify(asked),
          }
        )
      },
      read: url === undefined ? readMethod : readWebhook,
      ...(url === undefined && {
        check: {
          request: () => ({ method: 'POST', url: `${base}/auth.test`, headers, body: '{}' }),
          read: readMethod,
        },
      }),
    })
  },
}

function slackProblems(
  settings: Record<string, unknown>,
  allowed: AllowedAddresses,
): SettingsProblem[] {
  const { token, url } = settings
  const problems = apiBaseProblems(settings, allowed)
  if ((token === undefined) === (url === undefined))
    problems.push({ pointer: '/token', code: 'credentials', detail: 'give one of token and url' })
  const urlProblem = typeof url === 'string' ? checkUrl(url, allowed) : null
  return urlProblem ? [...problems, { pointer: '/url', ...urlProblem }] : problems
}

/** @see https://docs.slack.dev/messaging/formatting-message-text#escaping */
function withoutMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** A method answers 200 to almost everything, and says in the body whether it was done. */
function readMethod({ status, json, detail }: Said): Outcome | null {
  if (status >= 300) return null
  const error = memberText(json, 'error')
  if (error === undefined) return taken(memberText(json, 'ts'))
  return refused(error, detail)
}

function readWebhook({ status, detail }: Said): Outcome | null {
  if (status < 300) return { kind: 'sent' }
  // The webhook itself is gone or closed: the account's matter, and nobody's address.
  if (status === 403 || status === 404 || status === 410)
    return { kind: 'retry', code: 'provider_auth', detail }
  return null
}

function refused(error: string, detail: string): Outcome {
  if (deadAddresses.has(error)) return { kind: 'gone', code: error, detail }
  if (accountErrors.has(error)) return { kind: 'retry', code: 'provider_auth', detail }
  if (passing.has(error)) return { kind: 'retry', code: error, detail }
  if (error === 'msg_too_long') return { kind: 'failed', code: 'message_too_large', detail }
  return { kind: 'failed', code: /^[a-z_]{1,60}$/.test(error) ? error : 'refused', detail }
}

const deadAddresses: ReadonlySet<string> = new Set([
  'channel_not_found',
  'is_archived',
  'user_not_found',
  'users_not_found',
  'user_disabled',
])
const accountErrors: ReadonlySet<string> = new Set([
  'access_denied',
  'account_inactive',
  'ekm_access_denied',
  'enterprise_is_restricted',
  'invalid_auth',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'not_authed',
  'not_in_channel',
  'org_login_required',
  'team_access_not_granted',
  'token_expired',
  'token_revoked',
])
const passing: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'message_limit_exceeded',
  'rate_limited',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
])
