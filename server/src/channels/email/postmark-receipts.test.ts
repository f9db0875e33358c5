// @see https://postmarkapp.com/developer/webhooks/bounce-webhook and its siblings for the reports
import { deliveryId, receiptRequest, receiptVendorSuite } from '../../../test/receipt-vendor.ts'
import { postmark } from './postmark.ts'

const password = 'a password for receipts'
const Metadata = { delivery_id: deliveryId }
const MessageID = '883953f4-6105-42a2-a16a-77a8eac79483'
const bounce = (Type: string, more: object = {}) => {
  const Description = 'The server was unable to deliver your message (ex: unknown user).'
  return { RecordType: 'Bounce', ID: 42, Type, MessageID, Metadata, Description, ...more }
}

receiptVendorSuite<object>({
  kind: postmark,
  settings: { server_token: 'x', from: 'a@example.com', receipts_password: password },
  send: (report, { secret = password } = {}) =>
    receiptRequest({
      body: Buffer.from(JSON.stringify(report)),
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`belfry:${secret}`).toString('base64')}`,
      },
    }),
  without: (request) => ({ ...request, headers: {} }),
  showsPassword: true,
  isTimed: false,
  reports: [
    [
      'a delivery',
      {
        RecordType: 'Delivery',
        MessageID,
        Metadata,
        Recipient: 'ana@example.com',
        Details: '250 OK',
      },
      { kind: 'delivered', deliveryId, id: `Delivery ${MessageID}` },
    ],
    [
      'a hard bounce',
      bounce('HardBounce'),
      { kind: 'bounced', isForGood: true, code: 'HardBounce' },
    ],
    [
      'a soft bounce',
      bounce('SoftBounce', { ID: 43, Inactive: false }),
      { kind: 'bounced', isForGood: false },
    ],
    [
      'one after which Postmark sends no more',
      bounce('Blocked', { ID: 44, Inactive: true }),
      { kind: 'bounced', isForGood: true },
    ],
    ['an automatic answer', bounce('AutoResponder'), null],
    [
      'a complaint',
      { RecordType: 'SpamComplaint', ID: 45, Type: 'SpamComplaint', MessageID, Metadata },
      { kind: 'complained', deliveryId },
    ],
    [
      'somebody who unsubscribes at Postmark',
      {
        RecordType: 'SubscriptionChange',
        MessageID,
        ChangedAt: '2026-11-20T11:00:00Z',
        Recipient: 'ana@example.com',
        SuppressSending: true,
        SuppressionReason: 'ManualSuppression',
      },
      { kind: 'stopped', address: 'ana@example.com' },
    ],
    ['an open', { RecordType: 'Open', MessageID, Metadata }, null],
    ['a message of somebody else', { RecordType: 'Delivery', MessageID, Metadata: {} }, null],
  ],
})
