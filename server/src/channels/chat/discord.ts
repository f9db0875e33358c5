// Discord: through a webhook of a channel, or as a bot. Nobody is mentioned, whatever the text says.
// @see https://docs.discord.com/developers/resources/webhook#execute-webhook
import { type Static, Type } from 'typebox'
import type { TextContent } from '../../domain/content.ts'
import type { Outcome } from '../../domain/outcome.ts'
import {
  apiBase,
  apiBaseProblems,
  httpApi,
  member,
  memberText,
  taken,
  tooLong,
  type Said,
} from '../http-api.ts'
import { checkUrl } from '../outgoing-url.ts'
import type { Limit, ProviderKind, SettingsProblem } from '../provider.ts'
import type { AllowedAddresses } from '../public-address.ts'

const vendorUrl = 'https://discord.com/api/v10'
const limits: readonly Limit[] = [{ what: 'body', most: 2_000, unit: 'characters' }]

const DiscordSettings = Type.Object(
  {
    token: Type.Optional(
      Type.String({
        minLength: 20,
        maxLength: 200,
        pattern: '^[A-Za-z0-9._-]+$',
        description: 'The token of a bot; the address is then the id of a channel it may write to.',
        examples: ['MTk4NjIyNDgz…'],
      }),
    ),
    url: Type.Optional(
      Type.String({
        maxLength: 2048,
        description:
          'A webhook: all messages go to its channel. Without it and without a token the address is the URL of one.',
        examples: ['https://discord.com/api/webhooks/1234/abcd'],
      }),
    ),
    api_base: apiBase(vendorUrl),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof DiscordSettings>

export const discord: ProviderKind = {
  kind: 'discord',
  channels: ['discord'],
  title: 'Discord',
  settings: DiscordSettings,
  secrets: ['token', 'url'],
  sends: { secrets: ['token'], to: ['api_base'] },
  budgetMs: 20_000,
  limits,
  problems: discordProblems,
  create(given, context) {
    const { token, url, api_base: base = vendorUrl } = given as Settings
    const json = { 'content-type': 'application/json' }
    const headers = { ...json, authorization: `Bot ${token}` }
    const isBot = token !== undefined
    return httpApi(context, {
      hidden: [token, url, url?.split('/').at(-1)].filter((secret) => secret !== undefined),
      request(message) {
        const { body } = message.content as TextContent
        const asked = {
          content: body,
          allowed_mentions: { parse: [] },
          // Asked twice within minutes it makes one message of them; webhooks have no such thing.
          ...(isBot && { nonce: message.deliveryId.slice(-25), enforce_nonce: true }),
        }
        const to = isBot
          ? `${base}/channels/${encodeURIComponent(message.address)}/messages`
          : `${url ?? message.address}?wait=true` // else it answers before it has looked
        return (
          tooLong(limits, { body }) ?? {
            method: 'POST',
            url: to,
            headers: isBot ? headers : json,
            body: JSON.stringify(asked),
          }
        )
      },
      read: (said) => read(said, !isBot && url !== undefined),
      ...(isBot && {
        check: { request: () => ({ method: 'GET', url: `${base}/users/@me`, headers }) },
      }),
    })
  },
}

function discordProblems(
  settings: Record<string, unknown>,
  allowed: AllowedAddresses,
): SettingsProblem[] {
  const { token, url } = settings
  const problems = apiBaseProblems(settings, allowed)
  if (token !== undefined && url !== undefined)
    problems.push({ pointer: '/url', code: 'credentials', detail: 'goes without token' })
  const urlProblem = typeof url === 'string' ? checkUrl(url, allowed) : null
  return urlProblem ? [...problems, { pointer: '/url', ...urlProblem }] : problems
}

/**
 * `isOurs`: the webhook is one of the settings, so that its end is nobody's address.
 *
 * @see https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
 */
function read({ status, json, detail }: Said, isOurs: boolean): Outcome | null {
  if (status < 300) return taken(memberText(json, 'id'))
  const code = memberText(json, 'code') ?? ''
  if (goneCodes.has(code))
    return isOurs
      ? { kind: 'retry', code: 'provider_auth', detail }
      : { kind: 'gone', code: `discord_${code}`, detail }
  if (code === '50001' || code === '50013') return { kind: 'retry', code: 'provider_auth', detail }
  const waitSeconds = member(json, 'retry_after')
  if (status !== 429 || typeof waitSeconds !== 'number') return null
  return { kind: 'retry', code: 'http_429', detail, retryAfterMs: Math.ceil(waitSeconds * 1_000) }
}

// Unknown channel, unknown webhook, unknown user, no messages to this user, an invalid webhook token.
const goneCodes: ReadonlySet<string> = new Set(['10003', '10015', '10013', '50007', '50027'])
