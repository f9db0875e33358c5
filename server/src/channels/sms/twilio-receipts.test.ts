// @see https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks for the reports
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deliveryId, receiptRequest, receiptVendorSuite } from '../../../test/receipt-vendor.ts'
import { twilioSignature } from './twilio-receipts.ts'
import { twilio } from './twilio.ts'

const token = 'the auth token of the account'
const base = 'https://belfry.example/receipts/01980000-0000-7000-8000-00000000000a'
const sid = 'SM0123456789abcdef0123456789abcdef'
const status = (MessageStatus: string, more: Record<string, string> = {}) => ({
  MessageSid: sid,
  SmsSid: sid,
  AccountSid: 'AC01',
  From: '+12025550100',
  To: '+12025550123',
  MessageStatus,
  ...more,
})
const answer = (Body: string, more: Record<string, string> = {}) => ({
  MessageSid: `${sid} ${Body}`,
  SmsStatus: 'received',
  From: '+12025550123',
  To: '+12025550100',
  Body,
  NumMedia: '0',
  ...more,
})

receiptVendorSuite<Record<string, string>>({
  kind: twilio,
  settings: { account_sid: 'AC01', auth_token: 'x', from: '+12025550100', receipts_token: token },
  send(report, { secret = token } = {}) {
    const url = 'MessageStatus' in report ? `${base}?delivery_id=${deliveryId}` : base
    const form = new URLSearchParams(report)
    const headers = { 'x-twilio-signature': twilioSignature(secret, url, form) }
    return receiptRequest({ url, headers, body: Buffer.from(form.toString()) })
  },
  without: (request) => ({ ...request, headers: {} }),
  isTimed: false,
  reports: [
    ['a delivery', status('delivered'), { kind: 'delivered', deliveryId, id: `${sid} delivered` }],
    ['a message that went on', status('sent'), { kind: 'sent', deliveryId }],
    [
      'a number that does not exist',
      status('undelivered', { ErrorCode: '30005' }),
      { kind: 'bounced', isForGood: true, code: 'twilio_30005' },
    ],
    [
      'a telephone that is off',
      status('failed', { ErrorCode: '30003' }),
      { kind: 'bounced', isForGood: false, code: 'twilio_30003' },
    ],
    ['STOP', answer('Stop '), { kind: 'stopped', address: '+12025550123', deliveryId: null }],
    ['START', answer('START'), { kind: 'started', address: '+12025550123' }],
    [
      'what Twilio takes for STOP',
      answer('Arrêt', { OptOutType: 'STOP' }),
      { kind: 'stopped', address: '+12025550123' },
    ],
    ['any other answer', answer('Stop by at noon?'), null],
    ['one that waits', status('queued'), null],
  ],
})

test("Twilio's own example of a signature is what we make of it", () => {
  const form = new URLSearchParams({
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675309',
    Digits: '1234',
    From: '+14158675309',
    To: '+18005551212',
  })

  const signature = twilioSignature('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', form)

  assert.equal(signature, 'RSOYDt4T1cUTdK1PDd93/VVr8B8=')
})
