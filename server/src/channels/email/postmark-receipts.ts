// What Postmark tells of messages: it signs nothing, but knows a user name and a password. Nor is there a time in
// what it sends; the same report twice is one.
// @see https://postmarkapp.com/developer/webhooks/webhooks-overview
import { verifyBasic } from '../../domain/webhook-signature.ts'
import { member, memberText } from '../http-api.ts'
import { forged, genuine, jsonOf, noJson, receiptOf, type Receipts } from '../receipts.ts'

export const postmarkReceipts: Receipts = {
  setting: 'receipts_password',
  read({ headers, body }, settings) {
    const password = String(settings['receipts_password'])
    const verdict = verifyBasic('belfry', { password }, headers)
    if (!verdict.isGenuine) return forged(verdict.reason)
    const json = jsonOf(body)
    return json === undefined ? noJson : genuine(receiptFrom(json))
  },
}

function receiptFrom(json: unknown) {
  const record = memberText(json, 'RecordType') ?? ''
  const type = memberText(json, 'Type') ?? ''
  const message = memberText(json, 'MessageID') ?? ''
  const deliveryId = member(json, 'Metadata', 'delivery_id')
  const about = { id: `${record} ${memberText(json, 'ID') ?? message}`, deliveryId, code: [type] }
  switch (record) {
    case 'Delivery':
      return receiptOf({ ...about, kind: 'delivered' })
    case 'SpamComplaint':
      return receiptOf({ ...about, kind: 'complained' })
    case 'Bounce': {
      if (noBounces.has(type)) return null
      const isForGood = forGood.has(type) || member(json, 'Inactive') === true
      return receiptOf({ ...about, kind: 'bounced', isForGood })
    }
    case 'SubscriptionChange': {
      const isOff = member(json, 'SuppressSending') === true
      // The others come as a bounce or a complaint too.
      if (isOff && memberText(json, 'SuppressionReason') !== 'ManualSuppression') return null
      const when = memberText(json, 'ChangedAt') ?? ''
      const id = `${record} ${message} ${when}`
      return receiptOf({
        id,
        kind: isOff ? 'stopped' : 'started',
        address: memberText(json, 'Recipient'),
      })
    }
    default:
      return null // opens and clicks
  }
}

/** @see https://postmarkapp.com/developer/api/bounce-api#bounce-types */
const forGood: ReadonlySet<string> = new Set(['HardBounce', 'BadEmailAddress'])
const noBounces: ReadonlySet<string> = new Set([
  'AddressChange',
  'AutoResponder',
  'ChallengeVerification',
  'OpenRelayTest',
  'Subscribe',
  'Transient', // it tries again
  'Unsubscribe',
])
