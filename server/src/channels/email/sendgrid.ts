// SendGrid: e-mail over its v3 API. It knows no keys: a message that got no answer may come twice.
// @see https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
import { type Static, Type } from 'typebox'
import type { EmailContent } from '../../domain/content.ts'
import { apiBase, apiBaseProblems, httpApi, taken } from '../http-api.ts'
import type { ProviderKind } from '../provider.ts'
import { EmailFrom, fromProblems, unsubscribeHeaders } from './api-email.ts'
import { receiptsKeyProblems, sendgridReceipts } from './sendgrid-receipts.ts'
import { readSender } from './smtp-settings.ts'

const vendorUrl = 'https://api.sendgrid.com'

const SendgridSettings = Type.Object(
  {
    api_key: Type.String({
      minLength: 3,
      maxLength: 200,
      description: 'A key with the permission to send mail.',
      examples: ['SG.9fXc2m…'],
    }),
    from: EmailFrom,
    receipts_key: Type.Optional(
      Type.String({
        maxLength: 400,
        description:
          'The verification key of the signed event webhook by which SendGrid tells what became of messages. Unset: nothing is taken.',
        examples: ['MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE…'],
      }),
    ),
    api_base: apiBase(vendorUrl),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof SendgridSettings>

export const sendgrid: ProviderKind = {
  kind: 'sendgrid',
  channels: ['email'],
  title: 'SendGrid',
  settings: SendgridSettings,
  secrets: ['api_key'],
  receipts: sendgridReceipts,
  sends: { secrets: ['api_key'], to: ['api_base'] },
  budgetMs: 20_000,
  problems: (settings, allowed) => [
    ...apiBaseProblems(settings, allowed),
    ...fromProblems(settings),
    ...receiptsKeyProblems(settings),
  ],
  create(given, context) {
    const { api_key: key, from, api_base: base = vendorUrl } = given as Settings
    const sender = readSender(from)
    const headers = {
      authorization: `Bearer ${key}`,
      accept: 'application/json',
      'content-type': 'application/json',
    }
    return httpApi(context, {
      hidden: [key],
      request(message) {
        const { subject, html, text } = message.content as EmailContent
        const own = unsubscribeHeaders(message)
        const body = {
          personalizations: [
            {
              to: [{ email: message.address }],
              ...(Object.keys(own).length > 0 && { headers: own }),
              custom_args: { delivery_id: message.deliveryId },
            },
          ],
          from: { email: sender?.address ?? from, ...(sender?.name && { name: sender.name }) },
          subject,
          content: [
            { type: 'text/plain', value: text }, // it wants them in this order
            { type: 'text/html', value: html },
          ],
        }
        return { method: 'POST', url: `${base}/v3/mail/send`, headers, body: JSON.stringify(body) }
      },
      read({ status, headers: said }) {
        if (status >= 300) return null
        const id = said['x-message-id']
        return taken(typeof id === 'string' ? id : undefined)
      },
      check: { request: () => ({ method: 'GET', url: `${base}/v3/scopes`, headers }) },
    })
  },
}
