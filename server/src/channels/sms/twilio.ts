// Twilio: text messages over its REST API. It knows no keys: a message that got no answer may come twice.
// @see https://www.twilio.com/docs/messaging/api/message-resource
import { type Static, Type } from 'typebox'
import type { TextContent } from '../../domain/content.ts'
import { apiBase, apiBaseProblems, httpApi, memberText, taken, tooLong } from '../http-api.ts'
import type { Limit, ProviderKind, SettingsProblem } from '../provider.ts'
import { twilioReceipts } from './twilio-receipts.ts'

const vendorUrl = 'https://api.twilio.com'
const limits: readonly Limit[] = [{ what: 'body', most: 1_600, unit: 'characters' }]

const TwilioSettings = Type.Object(
  {
    account_sid: Type.String({
      pattern: '^AC[0-9a-fA-F]{32}$',
      description: 'The account: AC and 32 hexadecimal digits.',
      examples: ['AC0123456789abcdef0123456789abcdef'],
    }),
    auth_token: Type.String({
      minLength: 8,
      maxLength: 200,
      description: 'Its token; or the secret of `api_key_sid`.',
      examples: ['6f1c…'],
    }),
    api_key_sid: Type.Optional(
      Type.String({
        pattern: '^SK[0-9a-fA-F]{32}$',
        description: 'A key of the account, if `auth_token` is the secret of one.',
        examples: ['SK0123456789abcdef0123456789abcdef'],
      }),
    ),
    from: Type.Optional(
      Type.String({
        minLength: 3,
        maxLength: 20,
        description: 'The sender: a number of yours with its country, a short code, or a name.',
        examples: ['+12025550123'],
      }),
    ),
    messaging_service_sid: Type.Optional(
      Type.String({
        pattern: '^MG[0-9a-fA-F]{32}$',
        description: 'A service that chooses the sender, instead of `from`.',
        examples: ['MG0123456789abcdef0123456789abcdef'],
      }),
    ),
    receipts_token: Type.Optional(
      Type.String({
        minLength: 8,
        maxLength: 200,
        description:
          'The auth token of the account (not the secret of a key), with which Twilio signs what it tells of messages. ' +
          'Unset: it is not asked to, and nothing is taken.',
        examples: ['6f1c…'],
      }),
    ),
    api_base: apiBase(vendorUrl),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof TwilioSettings>

export const twilio: ProviderKind = {
  kind: 'twilio',
  channels: ['sms'],
  title: 'Twilio',
  settings: TwilioSettings,
  secrets: ['auth_token', 'receipts_token'],
  receipts: twilioReceipts,
  sends: { secrets: ['auth_token'], to: ['api_base'] },
  budgetMs: 20_000,
  limits,
  problems: (settings, allowed) => [
    ...apiBaseProblems(settings, allowed),
    ...senderProblems(settings),
  ],
  create(given, context) {
    const settings = given as Settings
    const { account_sid: account, auth_token: token, api_base: base = vendorUrl } = settings
    const user = settings.api_key_sid ?? account
    const headers = {
      authorization: `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    }
    const own = `${base}/2010-04-01/Accounts/${account}`
    return httpApi(context, {
      hidden: [token],
      request(message) {
        const { body } = message.content as TextContent
        const form = new URLSearchParams({ To: message.address, ...sender(settings), Body: body })
        if (settings.receipts_token !== undefined && context.receiptsUrl)
          form.set('StatusCallback', `${context.receiptsUrl()}?delivery_id=${message.deliveryId}`)
        return (
          tooLong(limits, { body }) ?? {
            method: 'POST',
            url: `${own}/Messages.json`,
            headers,
            body: form.toString(),
          }
        )
      },
      read({ status, json, detail }) {
        if (status < 300) return taken(memberText(json, 'sid'))
        const code = memberText(json, 'code') ?? ''
        if (deadNumbers.has(code)) return { kind: 'gone', code: `twilio_${code}`, detail }
        if (accountErrors.has(code)) return { kind: 'retry', code: 'provider_auth', detail }
        return status === 400 ? { kind: 'failed', code: `twilio_${code || '400'}`, detail } : null
      },
      check: { request: () => ({ method: 'GET', url: `${own}.json`, headers }) },
    })
  },
}

function senderProblems(settings: Record<string, unknown>): SettingsProblem[] {
  const { from, messaging_service_sid: service } = settings
  if ((from === undefined) !== (service === undefined)) return []
  const detail = 'give one of from and messaging_service_sid'
  return [{ pointer: '/from', code: 'sender', detail }]
}

function sender({ from, messaging_service_sid: service }: Settings): Record<string, string> {
  return service === undefined ? { From: from ?? '' } : { MessagingServiceSid: service }
}

/**
 * No number that could ever get one: invalid, not mobile, said STOP (21610), or not reachable.
 *
 * @see https://www.twilio.com/docs/api/errors
 */
const deadNumbers: ReadonlySet<string> = new Set(['21211', '21217', '21610', '21614'])

/** The sender, its region, its permissions or its credit: not the message's fault. */
const accountErrors: ReadonlySet<string> = new Set([
  '20003', // not who it says it is
  '20404', // no such account
  '21212', // an invalid sender
  '21266', // sender and recipient are the same
  '21408', // the country is not permitted
  '21606', // the sender cannot send text messages
  '21608', // a trial account, and an unverified number
  '21659', // the sender is not this account's
  '21703', // the service has no sender
  '63038', // the account's daily limit
])
