// @see https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts for the reports
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import {
  deliveryId,
  receiptRequest,
  receiptVendorSuite,
  receivedAt,
  type Signing,
} from '../../../test/receipt-vendor.ts'
import { vonageSignature } from './vonage-receipts.ts'
import { vonage } from './vonage.ts'

const ownSecret = 'the signature secret'
type Report = Record<string, string>

function send(report: Report, { secret = ownSecret, at = receivedAt }: Signing = {}) {
  const timestamp = String(Math.floor(at.getTime() / 1_000))
  const signed = { ...report, nonce: 'aaaaaaaa-bbbb', timestamp }
  const sig = vonageSignature(secret, signed)
  const body = Buffer.from(JSON.stringify({ ...signed, sig }))
  return receiptRequest({ body, headers: { 'content-type': 'application/json' } })
}

const status = (status: string, error: string, more: Report = {}): Report => ({
  'err-code': error,
  'message-timestamp': '2026-11-20 11:59:59',
  messageId: '0B00000127FDBC63',
  msisdn: '12025550123',
  'network-code': '23410',
  price: '0.03330000',
  scts: '2611201159',
  status,
  to: 'Acme & Sons = A',
  'client-ref': deliveryId,
  ...more,
})
const answer = (text: string): Report => ({
  messageId: `0B-${text}`,
  msisdn: '12025550123',
  to: '12025550100',
  text,
  type: 'text',
  keyword: text.split(' ')[0]!.toUpperCase(),
})

const { read } = receiptVendorSuite<Report>({
  kind: vonage,
  settings: { api_key: 'abcd', api_secret: 'x', from: 'Acme', receipts_secret: ownSecret },
  send,
  without(request) {
    const { sig: _, ...rest } = JSON.parse(request.body.toString()) as Report
    return { ...request, body: Buffer.from(JSON.stringify(rest)) }
  },
  isTimed: true,
  reports: [
    ['a delivery', status('delivered', '0'), { kind: 'delivered', deliveryId, address: null }],
    ['a message that went on', status('buffered', '0'), { kind: 'sent', deliveryId }],
    [
      'a number out of use',
      status('failed', '3'),
      { kind: 'bounced', isForGood: true, code: 'failed vonage_3' },
    ],
    ['a telephone that is off', status('expired', '2'), { kind: 'bounced', isForGood: false }],
    ['STOP', answer('stop'), { kind: 'stopped', address: '+12025550123', deliveryId: null }],
    ['START', answer('start'), { kind: 'started', address: '+12025550123' }],
    ['any other answer', answer('stop it later'), null],
    ['what nobody knows', status('unknown', '1'), null],
    ['a message of somebody else', status('delivered', '0', { 'client-ref': 'theirs' }), null],
  ],
})

test('the signature is over all parameters in order, with & and = as underscores', () => {
  const text = '&a=1&b=x_y_z&timestamp=5'
  const expected = createHmac('sha256', 's').update(text).digest('hex').toUpperCase()

  assert.equal(vonageSignature('s', { timestamp: '5', b: 'x&y=z', a: '1', sig: 'no' }), expected)
})

test('the same as a form', async () => {
  const parameters = JSON.parse(send(status('delivered', '0')).body.toString()) as Report
  const body = Buffer.from(new URLSearchParams(parameters).toString())
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }

  const found = await read(receiptRequest({ body, headers }))

  assert.equal(found.kind === 'genuine' && found.receipts[0]?.kind, 'delivered')
})
