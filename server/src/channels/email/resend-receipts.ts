// What Resend tells of messages, signed as Svix does, which is Standard Webhooks with other names of headers.
// @see https://resend.com/docs/webhooks/event-types
import { standardWebhookKey, verifyStandardWebhook } from '../../domain/webhook-signature.ts'
import { member, memberText } from '../http-api.ts'
import type { SettingsProblem } from '../provider.ts'
import { forged, genuine, jsonOf, noJson, receiptOf, type Receipts } from '../receipts.ts'

export const resendReceipts: Receipts = {
  setting: 'receipts_secret',
  read({ headers, body, now }, settings) {
    const signed = {
      'webhook-id': headers['svix-id'] ?? '',
      'webhook-timestamp': headers['svix-timestamp'] ?? '',
      'webhook-signature': headers['svix-signature'] ?? '',
    }
    const secret = String(settings['receipts_secret'])
    const verdict = verifyStandardWebhook({ secret }, { headers: signed, body, now })
    if (!verdict.isGenuine) return forged(verdict.reason)
    const json = jsonOf(body)
    return json === undefined ? noJson : genuine(receiptFrom(json, signed['webhook-id']))
  },
}

/** Checks the setting `receipts_secret`. */
export function receiptsSecretProblems({
  receipts_secret: secret,
}: Record<string, unknown>): SettingsProblem[] {
  if (typeof secret !== 'string' || standardWebhookKey(secret) !== null) return []
  const detail = 'must be whsec_ and 24 to 64 bytes in base64, as Resend shows it'
  return [{ pointer: '/receipts_secret', code: 'invalid_secret', detail }]
}

function receiptFrom(json: unknown, id: string) {
  const about = { id, deliveryId: tagOf(json) }
  const bounce = memberText(json, 'data', 'bounce', 'type')
  const code = [bounce, memberText(json, 'data', 'bounce', 'subType')]
  switch (memberText(json, 'type') ?? '') {
    case 'email.sent':
      return receiptOf({ ...about, kind: 'sent' })
    case 'email.delivered':
      return receiptOf({ ...about, kind: 'delivered' })
    case 'email.bounced':
      return receiptOf({ ...about, kind: 'bounced', isForGood: bounce === 'Permanent', code })
    case 'email.suppressed': // it bounced or complained before
      return receiptOf({ ...about, kind: 'bounced', isForGood: true, code: ['suppressed'] })
    case 'email.failed':
      return receiptOf({ ...about, kind: 'bounced', code: ['failed'] })
    case 'email.complained':
      return receiptOf({ ...about, kind: 'complained' })
    default:
      return null // delays, opens, clicks, contacts
  }
}

/** Tags are an object in some versions of what it sends, and a list in others. */
function tagOf(json: unknown): unknown {
  const tags = member(json, 'data', 'tags')
  if (!Array.isArray(tags)) return member(tags, 'delivery_id')
  const own = tags.find((tag) => memberText(tag, 'name') === 'delivery_id') as unknown
  return member(own, 'value')
}
