// @see https://resend.com/docs/webhooks/event-types for the reports
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
import { resend } from './resend.ts'

const ownSecret = `whsec_${Buffer.alloc(24, 5).toString('base64')}`
let counted = 0
const ids = new Map<object, string>()

function send(report: object, { secret = ownSecret, at = receivedAt }: Signing = {}) {
  const id = ids.getOrInsertComputed(report, () => `msg_${(counted += 1)}`)
  const timestamp = String(Math.floor(at.getTime() / 1_000))
  const body = Buffer.from(JSON.stringify(report))
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signature = createHmac('sha256', key)
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest('base64')
  const headers = {
    'svix-id': id,
    'svix-timestamp': timestamp,
    'svix-signature': `v1,${signature}`,
  }
  return receiptRequest({ body, headers })
}

const report = (type: string, data: object = {}) => ({
  type,
  created_at: '2026-11-20T11:59:59.000Z',
  data: { email_id: 're_1', to: ['ana@example.com'], tags: { delivery_id: deliveryId }, ...data },
})

const { read } = receiptVendorSuite<object>({
  kind: resend,
  settings: { api_key: 're_x', from: 'a@example.com', receipts_secret: ownSecret },
  send,
  without: (request) => ({ ...request, headers: {} }),
  isTimed: true,
  reports: [
    ['a delivery', report('email.delivered'), { kind: 'delivered', deliveryId, id: 'msg_1' }],
    ['a message that went on', report('email.sent'), { kind: 'sent', deliveryId }],
    [
      'a hard bounce',
      report('email.bounced', { bounce: { type: 'Permanent', subType: 'General', message: 'x' } }),
      { kind: 'bounced', isForGood: true, code: 'Permanent General' },
    ],
    [
      'a soft bounce',
      report('email.bounced', { bounce: { type: 'Transient', subType: 'MailboxFull' } }),
      { kind: 'bounced', isForGood: false },
    ],
    [
      'what it does not send any more',
      report('email.suppressed'),
      { kind: 'bounced', isForGood: true },
    ],
    ['a failure', report('email.failed'), { kind: 'bounced', isForGood: false }],
    ['a complaint', report('email.complained'), { kind: 'complained', deliveryId }],
    [
      'tags as a list',
      report('email.delivered', { tags: [{ name: 'delivery_id', value: deliveryId }] }),
      { kind: 'delivered', deliveryId },
    ],
    ['a delay', report('email.delivery_delayed'), null],
    ['a message of somebody else', report('email.delivered', { tags: {} }), null],
  ],
})

test('of ten thousand signatures only the first ones are looked at', async () => {
  const genuine = send(report('email.delivered'))
  const right = genuine.headers['svix-signature']!
  const many = `${'v1,AAAA '.repeat(10_000)}${right}`

  const tooMany = await read({
    ...genuine,
    headers: { ...genuine.headers, 'svix-signature': many },
  })
  const few = `v1,A v1a,x ${right}`
  const among = await read({ ...genuine, headers: { ...genuine.headers, 'svix-signature': few } })

  assert.deepEqual([tooMany.kind, among.kind], ['forged', 'genuine'])
})
