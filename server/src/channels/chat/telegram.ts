// Telegram: messages of a bot to a chat. Texts go as they are, without markup.
// @see https://core.telegram.org/bots/api#sendmessage
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
import type { Limit, ProviderKind } from '../provider.ts'
import { telegramReceipts } from './telegram-receipts.ts'

const vendorUrl = 'https://api.telegram.org'
const limits: readonly Limit[] = [{ what: 'body', most: 4_096, unit: 'characters' }]

function answerText(description: string, example: string) {
  return Type.String({ minLength: 1, maxLength: 1_000, description, examples: [example] })
}

const TelegramSettings = Type.Object(
  {
    token: Type.String({
      pattern: '^[0-9]{3,20}:[A-Za-z0-9_-]{20,100}$',
      description: 'The token of the bot, from @BotFather.',
      examples: ['123456789:AAF9fXc2m…'],
    }),
    username: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z][A-Za-z0-9_]{3,31}$',
        description: 'The name of the bot, without @: for links that open a chat with it.',
        examples: ['acme_bot'],
      }),
    ),
    webhook_secret: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{16,256}$',
        description:
          'The secret_token of its webhook, by which it tells who links an account or wants no more. Unset: nothing is taken.',
        examples: ['made-up-for-the-bot'],
      }),
    ),
    linked_text: Type.Optional(
      answerText('What is answered to who has linked their account.', 'Hello! /stop ends this.'),
    ),
    expired_text: Type.Optional(
      answerText('What is answered to a link that is over.', 'Please ask for a new link.'),
    ),
    api_base: apiBase(vendorUrl),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof TelegramSettings>

export const telegram: ProviderKind = {
  kind: 'telegram',
  channels: ['telegram'],
  title: 'Telegram bot',
  settings: TelegramSettings,
  secrets: ['token', 'webhook_secret'],
  receipts: telegramReceipts,
  sends: { secrets: ['token'], to: ['api_base'] },
  budgetMs: 20_000,
  limits,
  // @see https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
  pace: () => ({ all: 30, address: 1 }),
  problems: apiBaseProblems,
  create(given, context) {
    const { token, api_base: base = vendorUrl } = given as Settings
    const headers = { 'content-type': 'application/json' }
    return httpApi(context, {
      hidden: [token, token.slice(token.indexOf(':') + 1)],
      request(message) {
        const { body } = message.content as TextContent
        const asked = { chat_id: message.address, text: body }
        return (
          tooLong(limits, { body }) ?? {
            method: 'POST',
            url: `${base}/bot${token}/sendMessage`,
            headers,
            body: JSON.stringify(asked),
          }
        )
      },
      read,
      check: { request: () => ({ method: 'GET', url: `${base}/bot${token}/getMe` }), read },
    })
  },
}

function read({ status, json, detail }: Said): Outcome | null {
  if (status < 300) return taken(memberText(json, 'result', 'message_id'))
  const words = memberText(json, 'description') ?? ''
  // 404: the token is so wrong that there is no such address.
  if (status === 401 || status === 404) return { kind: 'retry', code: 'provider_auth', detail }
  if (status === 403) return { kind: 'gone', code: 'blocked', detail }
  if (status === 400 && deadChat.test(words)) return { kind: 'gone', code: 'no_such_chat', detail }
  const waitSeconds = member(json, 'parameters', 'retry_after')
  if (status !== 429 || typeof waitSeconds !== 'number') return null
  return { kind: 'retry', code: 'http_429', detail, retryAfterMs: waitSeconds * 1_000 }
}

const deadChat =
  /chat not found|user not found|PEER_ID_INVALID|group chat was upgraded|chat was deleted/i
