// Vonage: text messages over its SMS API. It knows no keys: a message that got no answer may come twice.
// @see https://developer.vonage.com/en/api/sms
import { type Static, Type } from 'typebox'
import type { TextContent } from '../../domain/content.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { smsSegments } from '../../domain/sms-segments.ts'
import { apiBase, apiBaseProblems, httpApi, member, memberText, taken } from '../http-api.ts'
import type { ProviderKind } from '../provider.ts'
import { vonageReceipts } from './vonage-receipts.ts'

const vendorUrl = 'https://rest.nexmo.com'

const VonageSettings = Type.Object(
  {
    api_key: Type.String({
      minLength: 4,
      maxLength: 100,
      description: 'The key of the account.',
      examples: ['abcd1234'],
    }),
    api_secret: Type.String({
      minLength: 4,
      maxLength: 200,
      description: 'Its secret.',
      examples: ['6f1c…'],
    }),
    from: Type.String({
      minLength: 1,
      maxLength: 16,
      description: 'The sender: a number without its +, or a name of up to 11 letters and digits.',
      examples: ['Acme'],
    }),
    receipts_secret: Type.Optional(
      Type.String({
        minLength: 8,
        maxLength: 200,
        description:
          'The signature secret of the account (method: SHA-256 HMAC), with which Vonage signs what it tells of messages. ' +
          'Unset: it is not asked to, and nothing is taken.',
        examples: ['6f1c…'],
      }),
    ),
    api_base: apiBase(vendorUrl),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof VonageSettings>

export const vonage: ProviderKind = {
  kind: 'vonage',
  channels: ['sms'],
  title: 'Vonage',
  settings: VonageSettings,
  secrets: ['api_secret', 'receipts_secret'],
  receipts: vonageReceipts,
  sends: { secrets: ['api_secret'], to: ['api_base'] },
  budgetMs: 20_000,
  problems: apiBaseProblems,
  create(given, context) {
    const settings = given as Settings
    const { api_key, api_secret, from, api_base: base = vendorUrl } = settings
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return httpApi(context, {
      hidden: [api_secret],
      request(message) {
        const { body } = message.content as TextContent
        const { encoding } = smsSegments(body)
        const form = new URLSearchParams({
          api_key,
          api_secret,
          to: message.address.replace('+', ''),
          from,
          text: body,
          type: encoding === 'GSM-7' ? 'text' : 'unicode',
          'client-ref': message.deliveryId,
        })
        if (settings.receipts_secret !== undefined && context.receiptsUrl)
          form.set('callback', context.receiptsUrl())
        return { method: 'POST', url: `${base}/sms/json`, headers, body: form.toString() }
      },
      read({ status, json, detail }) {
        const statuses = partStatuses(json)
        if (status >= 300 || statuses.length === 0) return null
        const bad = statuses.find((part) => part !== '0')
        if (bad === undefined) return taken(memberText(json, 'messages', 0, 'message-id'))
        if (statuses.includes('0')) return { kind: 'ambiguous', code: 'partly_sent', detail }
        return refused(bad, detail)
      },
      check: {
        request: () => ({
          method: 'GET',
          url: `${base}/account/get-balance?${new URLSearchParams({ api_key, api_secret })}`,
        }),
      },
    })
  },
}

/** A long text is sent in several messages, each with a status of its own. */
function partStatuses(json: unknown): string[] {
  const parts = member(json, 'messages')
  return Array.isArray(parts) ? parts.map((part) => memberText(part, 'status') ?? '') : []
}

/** @see https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms */
function refused(status: string, detail: string): Outcome {
  const code = `vonage_${status}`
  switch (status) {
    case '1': // throttled
    case '5': // an error of theirs
    case '10': // too many connections
      return { kind: 'retry', code, detail }
    case '4': // invalid credentials
    case '8': // the account is barred
    case '9': // no credit
    case '14': // an invalid signature
    case '15': // an invalid sender
    case '29': // a demo account, and a number that is not on its list
    case '32': // the signature is not permitted
      return { kind: 'retry', code: 'provider_auth', detail }
    case '7': // a barred number
    case '33': // a number that is not in use any more
      return { kind: 'gone', code, detail }
    default:
      return { kind: 'failed', code, detail }
  }
}
