// What Vonage tells of messages of its SMS API, and what people answer: parameters of which one, `sig`, signs the
// others (SHA-256 HMAC, as chosen in its dashboard; plain MD5 hashes are not taken).
// @see https://developer.vonage.com/en/getting-started/concepts/signing-messages
// @see https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { Receipt } from '../../domain/receipt.ts'
import {
  forged,
  genuine,
  jsonOf,
  receiptOf,
  saidBySms,
  staleness,
  type Receipts,
} from '../receipts.ts'

export const vonageReceipts: Receipts = {
  setting: 'receipts_secret',
  read({ headers, body, now }, settings) {
    const parameters = parametersOf(headers['content-type'] ?? '', body)
    const given = (parameters['sig'] ?? '').toUpperCase()
    const expected = vonageSignature(String(settings['receipts_secret']), parameters)
    if (!timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer')))
      return forged('The signature does not fit the parameters.')
    const stale = staleness(Number(parameters['timestamp']) * 1_000, now)
    return stale ? forged(stale) : genuine(receiptFrom(parameters))
  },
}

type Parameters = Record<string, string>

/** As JSON or as a form, as is chosen in its dashboard. */
function parametersOf(type: string, body: Buffer): Parameters {
  if (!/^application\/json\b/i.test(type))
    return Object.fromEntries(new URLSearchParams(body.toString()))
  const json = jsonOf(body)
  if (typeof json !== 'object' || json === null) return {}
  const isText = (value: unknown) => typeof value === 'string' || typeof value === 'number'
  return Object.fromEntries(
    Object.entries(json)
      .filter(([, value]) => isText(value))
      .map(([name, value]) => [name, String(value)]),
  )
}

/** Of all parameters but `sig`, ordered by name; in capitals. */
export function vonageSignature(secret: string, parameters: Parameters): string {
  const text = Object.keys(parameters)
    .filter((name) => name !== 'sig')
    .toSorted()
    .map((name) => `&${plain(name)}=${plain(parameters[name]!)}`)
    .join('')
  return createHmac('sha256', secret).update(text).digest('hex').toUpperCase()
}

function plain(text: string): string {
  return text.replaceAll(/[&=]/g, '_')
}

function receiptFrom(parameters: Parameters): Receipt | null {
  const { messageId = '', status, 'err-code': error = '', 'client-ref': deliveryId } = parameters
  if (status === undefined) return answerFrom(parameters)
  const about = { id: `${messageId} ${status} ${error}`, deliveryId }
  switch (status) {
    case 'accepted':
    case 'buffered':
      return receiptOf({ ...about, kind: 'sent' })
    case 'delivered':
      return receiptOf({ ...about, kind: 'delivered' })
    case 'expired':
    case 'failed':
    case 'rejected':
      return receiptOf({
        ...about,
        kind: 'bounced',
        isForGood: forGood.has(error),
        code: [status, `vonage_${error}`],
      })
    default:
      return null // "unknown"
  }
}

function answerFrom({ messageId = '', msisdn, text = '' }: Parameters): Receipt | null {
  const kind = saidBySms(text)
  if (kind === null || msisdn === undefined) return null
  return receiptOf({ id: `${messageId} ${kind}`, kind, address: `+${msisdn.replace('+', '')}` })
}

const forGood: ReadonlySet<string> = new Set([
  '3', // the number is out of use
  '9', // no such number
])
