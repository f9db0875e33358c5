// Resend: e-mail over its HTTP API, the same message only once.
// @see https://resend.com/docs/api-reference/emails/send-email
import { type Static, Type } from 'typebox'
import type { EmailContent } from '../../domain/content.ts'
import { apiBase, apiBaseProblems, httpApi, memberText, taken } from '../http-api.ts'
import type { ProviderKind } from '../provider.ts'
import { EmailFrom, fromProblems, unsubscribeHeaders } from './api-email.ts'
import { receiptsSecretProblems, resendReceipts } from './resend-receipts.ts'

const vendorUrl = 'https://api.resend.com'

const ResendSettings = Type.Object(
  {
    api_key: Type.String({
      minLength: 3,
      maxLength: 200,
      description: 'A key that may send: resend.com/api-keys.',
      examples: ['re_9fXc2m…'],
    }),
    from: EmailFrom,
    receipts_secret: Type.Optional(
      Type.String({
        maxLength: 200,
        description:
          'The signing secret of the webhook by which Resend tells what became of messages. Unset: nothing is taken.',
        examples: ['whsec_…'],
      }),
    ),
    api_base: apiBase(vendorUrl),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof ResendSettings>

export const resend: ProviderKind = {
  kind: 'resend',
  channels: ['email'],
  title: 'Resend',
  settings: ResendSettings,
  secrets: ['api_key', 'receipts_secret'],
  receipts: resendReceipts,
  sends: { secrets: ['api_key'], to: ['api_base'] },
  budgetMs: 20_000,
  knowsKeysMs: 24 * 60 * 60 * 1_000,
  problems: (settings, allowed) => [
    ...apiBaseProblems(settings, allowed),
    ...fromProblems(settings),
    ...receiptsSecretProblems(settings),
  ],
  create(given, context) {
    const { api_key: key, from, api_base: base = vendorUrl } = given as Settings
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    return httpApi(context, {
      hidden: [key],
      request(message) {
        const { subject, html, text } = message.content as EmailContent
        const body = {
          from,
          to: [message.address],
          subject,
          html,
          text,
          headers: unsubscribeHeaders(message),
          tags: [{ name: 'delivery_id', value: message.deliveryId }],
        }
        return {
          method: 'POST',
          url: `${base}/emails`,
          headers: { ...headers, 'idempotency-key': message.deliveryId },
          body: JSON.stringify(body),
        }
      },
      read({ status, json, detail }) {
        if (status < 300) return taken(memberText(json, 'id'))
        const name = memberText(json, 'name') ?? ''
        // 403 is also what a sender gets whose domain is not verified: the account is at fault.
        if (accountErrors.has(name)) return { kind: 'retry', code: 'provider_auth', detail }
        if (name === 'concurrent_idempotent_requests')
          return { kind: 'retry', code: 'in_progress', detail }
        return null
      },
      check: {
        request: () => ({ method: 'GET', url: `${base}/domains`, headers }),
        // A key that may do nothing but send: all that is needed.
        read: ({ json }) =>
          memberText(json, 'name') === 'restricted_api_key'
            ? { kind: 'sent', code: 'verified' }
            : null,
      },
    })
  },
}

const accountErrors: ReadonlySet<string> = new Set([
  'missing_api_key',
  'invalid_api_key',
  'invalid_from_address',
  'invalid_access',
])
