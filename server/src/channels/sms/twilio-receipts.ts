// What Twilio tells of messages, and what people answer: forms, signed together with the address they were sent to.
// There is no time in them; the same report twice is one.
// @see https://www.twilio.com/docs/usage/security#validating-requests
// @see https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { Receipt } from '../../domain/receipt.ts'
import { forged, genuine, receiptOf, saidBySms, type Receipts } from '../receipts.ts'

export const twilioReceipts: Receipts = {
  setting: 'receipts_token',
  read({ url, query, headers, body }, settings) {
    const form = new URLSearchParams(body.toString())
    const expected = twilioSignature(String(settings['receipts_token']), url, form)
    const given = headers['x-twilio-signature'] ?? ''
    if (!timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer')))
      return forged('The signature does not fit the address, the form or the token.')
    return genuine(receiptFrom(form, query))
  },
}

/** Of the whole address and of every parameter, ordered by name. */
export function twilioSignature(token: string, url: string, form: URLSearchParams): string {
  const names = [...new Set(form.keys())].toSorted()
  const parameters = names.flatMap((name) =>
    [...new Set(form.getAll(name))].toSorted().map((value) => name + value),
  )
  return createHmac('sha1', token)
    .update(url + parameters.join(''))
    .digest('base64')
}

function receiptFrom(form: URLSearchParams, query: URLSearchParams): Receipt | null {
  const sid = form.get('MessageSid') ?? ''
  const status = form.get('MessageStatus')
  if (status === null) return answerFrom(form, sid)
  const about = { id: `${sid} ${status}`, deliveryId: query.get('delivery_id') }
  const error = form.get('ErrorCode') ?? ''
  const code = error === '' ? [] : [`twilio_${error}`]
  switch (status) {
    case 'sent':
      return receiptOf({ ...about, kind: 'sent' })
    case 'delivered':
    case 'read':
      return receiptOf({ ...about, kind: 'delivered' })
    case 'undelivered':
    case 'failed':
      return receiptOf({ ...about, kind: 'bounced', isForGood: forGood.has(error), code })
    default:
      return null // queued, sending
  }
}

/** `OptOutType` is what Twilio has made of it, where it looks after such words itself. */
function answerFrom(form: URLSearchParams, sid: string): Receipt | null {
  const kind = saidBySms(form.get('OptOutType') ?? form.get('Body') ?? '')
  const address = form.get('From')
  if (kind === null || address === null) return null
  return receiptOf({ id: `${sid} ${kind}`, kind, address })
}

/**
 * Not STOP (21610): what is sent next is refused for that, which START takes back.
 *
 * @see https://www.twilio.com/docs/api/errors
 */
const forGood: ReadonlySet<string> = new Set([
  '30005', // no such number
  '30006', // a landline
])
