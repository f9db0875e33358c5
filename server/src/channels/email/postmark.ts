// Postmark: e-mail over its HTTP API. It knows no keys: a message that got no answer may come twice.
// @see https://postmarkapp.com/developer/api/email-api
import { type Static, Type } from 'typebox'
import type { EmailContent } from '../../domain/content.ts'
import { apiBase, apiBaseProblems, httpApi, memberText, taken } from '../http-api.ts'
import type { ProviderKind } from '../provider.ts'
import { postmarkReceipts } from './postmark-receipts.ts'
import { EmailFrom, fromProblems, unsubscribeHeaders } from './api-email.ts'

const vendorUrl = 'https://api.postmarkapp.com'

const PostmarkSettings = Type.Object(
  {
    server_token: Type.String({
      minLength: 3,
      maxLength: 200,
      description: 'The API token of the server that sends.',
      examples: ['6f1c…'],
    }),
    from: EmailFrom,
    message_stream: Type.Optional(
      Type.String({
        maxLength: 100,
        default: 'outbound',
        description: 'The stream that messages go out on.',
        examples: ['outbound'],
      }),
    ),
    receipts_password: Type.Optional(
      Type.String({
        minLength: 16,
        maxLength: 200,
        description:
          'With it, and the user name belfry, Postmark tells what became of messages. Unset: nothing is taken.',
        examples: ['3c9f2b…'],
      }),
    ),
    api_base: apiBase(vendorUrl),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof PostmarkSettings>

export const postmark: ProviderKind = {
  kind: 'postmark',
  channels: ['email'],
  title: 'Postmark',
  settings: PostmarkSettings,
  secrets: ['server_token', 'receipts_password'],
  receipts: postmarkReceipts,
  sends: { secrets: ['server_token'], to: ['api_base'] },
  budgetMs: 20_000,
  problems: (settings, allowed) => [
    ...apiBaseProblems(settings, allowed),
    ...fromProblems(settings),
  ],
  create(given, context) {
    const settings = given as Settings
    const { server_token: token, from, message_stream = 'outbound' } = settings
    const { api_base: base = vendorUrl } = settings
    const headers = {
      'x-postmark-server-token': token,
      accept: 'application/json',
      'content-type': 'application/json',
    }
    return httpApi(context, {
      hidden: [token],
      request(message) {
        const { subject, html, text } = message.content as EmailContent
        const own = Object.entries(unsubscribeHeaders(message))
        const body = {
          From: from,
          To: message.address,
          Subject: subject,
          HtmlBody: html,
          TextBody: text,
          MessageStream: message_stream,
          Headers: own.map(([Name, Value]) => ({ Name, Value })),
          Metadata: { delivery_id: message.deliveryId },
        }
        return { method: 'POST', url: `${base}/email`, headers, body: JSON.stringify(body) }
      },
      read({ status, json, detail }) {
        if (status < 300) return taken(memberText(json, 'MessageID'))
        const code = memberText(json, 'ErrorCode') ?? ''
        // It bounced for good before, or complained: Postmark does not send to it any more.
        if (code === '406') return { kind: 'gone', code: 'inactive_recipient', detail }
        if (accountErrors.has(code)) return { kind: 'retry', code: 'provider_auth', detail }
        if (code === '100') return { kind: 'retry', code: 'maintenance', detail }
        return null
      },
      check: { request: () => ({ method: 'GET', url: `${base}/server`, headers }) },
    })
  },
}

/**
 * A token, a sender, a stream or an account that cannot send as it is: not the message's fault.
 *
 * @see https://postmarkapp.com/developer/api/overview#error-codes
 */
const accountErrors: ReadonlySet<string> = new Set([
  '10',
  '400',
  '401',
  '405',
  '412',
  '413',
  '1235',
])
