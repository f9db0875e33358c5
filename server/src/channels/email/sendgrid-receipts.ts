// What SendGrid tells of messages: many reports in one request, signed with its own key (ECDSA).
// @see https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import type { Receipt } from '../../domain/receipt.ts'
import { member, memberText } from '../http-api.ts'
import type { SettingsProblem } from '../provider.ts'
import { forged, genuine, jsonOf, receiptOf, staleness, type Receipts } from '../receipts.ts'

export const sendgridReceipts: Receipts = {
  setting: 'receipts_key',
  read({ headers, body, now }, settings) {
    const key = publicKey(String(settings['receipts_key']))
    const signature = headers['x-twilio-email-event-webhook-signature'] ?? ''
    const timestamp = headers['x-twilio-email-event-webhook-timestamp'] ?? ''
    if (key === null || signature === '') return forged('There is no signature.')
    if (!isSigned(key, signature, timestamp, body)) return forged('The signature does not fit.')
    const stale = staleness(Number(timestamp) * 1_000, now)
    if (stale) return forged(stale)
    const json = jsonOf(body)
    if (!Array.isArray(json)) return { kind: 'malformed', reason: 'The body is no list of events.' }
    return genuine(...json.map(receiptFrom))
  },
}

/** Checks the setting `receipts_key`. */
export function receiptsKeyProblems({
  receipts_key: key,
}: Record<string, unknown>): SettingsProblem[] {
  if (typeof key !== 'string' || publicKey(key) !== null) return []
  const detail = 'must be the verification key as SendGrid shows it: base64, beginning with MFkw'
  return [{ pointer: '/receipts_key', code: 'invalid_key', detail }]
}

function publicKey(text: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
    return key.asymmetricKeyType === 'ec' ? key : null
  } catch {
    return null
  }
}

function isSigned(key: KeyObject, signature: string, timestamp: string, body: Buffer): boolean {
  const signed = Buffer.concat([Buffer.from(timestamp), body])
  return verify('sha256', signed, key, Buffer.from(signature, 'base64'))
}

function receiptFrom(event: unknown): Receipt | null {
  const id = memberText(event, 'sg_event_id')
  if (id === undefined) return null
  const about = { id, deliveryId: member(event, 'delivery_id') }
  const status = memberText(event, 'status')
  const type = memberText(event, 'type')
  const reason = memberText(event, 'reason') ?? ''
  switch (memberText(event, 'event') ?? '') {
    case 'processed':
      return receiptOf({ ...about, kind: 'sent' })
    case 'delivered':
      return receiptOf({ ...about, kind: 'delivered' })
    case 'bounce': // or "blocked": for now
      return receiptOf({
        ...about,
        kind: 'bounced',
        isForGood: type === 'bounce',
        code: [type, status],
      })
    case 'dropped': {
      const isForGood = reason === 'Bounced Address' || reason.startsWith('Invalid')
      return receiptOf({ ...about, kind: 'bounced', isForGood, code: ['dropped', slug(reason)] })
    }
    case 'spamreport':
      return receiptOf({ ...about, kind: 'complained' })
    case 'unsubscribe':
      return receiptOf({ ...about, kind: 'stopped', address: memberText(event, 'email') })
    default:
      return null // deferred, opens, clicks, groups
  }
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '_')
    .slice(0, 40)
}
