// @see https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event for the reports
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import {
  deliveryId,
  receiptRequest,
  receiptVendorSuite,
  receivedAt,
} from '../../../test/receipt-vendor.ts'
import { sendgrid } from './sendgrid.ts'

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const [own, other] = [pair(), pair()]
const settings = {
  api_key: 'SG.x',
  from: 'a@example.com',
  receipts_key: own.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
}
const report = (event: string, more: object = {}) => ({
  email: 'ana@example.com',
  timestamp: 1_795_176_000,
  event,
  sg_event_id: `${event} ${JSON.stringify(more)}`.slice(0, 60),
  sg_message_id: '14c5d75ce93.dfd.64b469.filter0001',
  delivery_id: deliveryId,
  ...more,
})

const { read } = receiptVendorSuite<object>({
  kind: sendgrid,
  settings,
  send(event, { secret, at = receivedAt } = {}) {
    const timestamp = String(Math.floor(at.getTime() / 1_000))
    const body = Buffer.from(`${JSON.stringify([event])}\r\n`)
    const { privateKey } = secret === undefined ? own : other
    const signature = sign('sha256', Buffer.concat([Buffer.from(timestamp), body]), privateKey)
    const headers = {
      'x-twilio-email-event-webhook-signature': signature.toString('base64'),
      'x-twilio-email-event-webhook-timestamp': timestamp,
    }
    return receiptRequest({ body, headers })
  },
  without: (request) => ({ ...request, headers: {} }),
  isTimed: true,
  reports: [
    ['a delivery', report('delivered', { response: '250 OK' }), { kind: 'delivered', deliveryId }],
    ['a message that went on', report('processed'), { kind: 'sent', deliveryId }],
    [
      'a bounce',
      report('bounce', { type: 'bounce', status: '5.1.1', reason: '550 5.1.1 unknown' }),
      { kind: 'bounced', isForGood: true, code: 'bounce 5.1.1' },
    ],
    [
      'a block',
      report('bounce', { type: 'blocked', status: '4.0.0' }),
      { kind: 'bounced', isForGood: false },
    ],
    [
      'one that it does not send, since it bounced before',
      report('dropped', { reason: 'Bounced Address' }),
      { kind: 'bounced', isForGood: true, code: 'dropped bounced_address' },
    ],
    [
      'one that it does not send, of another reason',
      report('dropped', { reason: 'Spam Content (if spam checker app enabled)' }),
      { kind: 'bounced', isForGood: false },
    ],
    ['a complaint', report('spamreport'), { kind: 'complained', deliveryId }],
    [
      'somebody who unsubscribes there',
      report('unsubscribe'),
      { kind: 'stopped', address: 'ana@example.com' },
    ],
    ['a delay', report('deferred', { attempt: '5' }), null],
    ['an open', report('open'), null],
    ['a message of somebody else', report('delivered', { delivery_id: undefined }), null],
  ],
})

test("SendGrid's own example of a signature is genuine", async () => {
  const signature =
    'MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0='
  const key =
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA=='
  const headers = {
    'x-twilio-email-event-webhook-signature': signature,
    'x-twilio-email-event-webhook-timestamp': '1588788367',
  }
  const body = Buffer.from(
    '{"category":"example_payload","event":"test_event","message_id":"message_id"}',
  )
  const request = receiptRequest({ body, headers, now: new Date(1_588_788_367_000) })

  const found = await sendgrid.receipts!.read(request, { ...settings, receipts_key: key }, () =>
    Promise.resolve(null),
  )

  // Genuine, and no list of events.
  assert.equal(found.kind, 'malformed')
  assert.equal((await read(request)).kind, 'forged')
})

test('a signature that is no signature is refused', async () => {
  for (const signature of ['A', 'AAAA', '%', 'MEUCIQ', 'x'.repeat(10_000)]) {
    const headers = {
      'x-twilio-email-event-webhook-signature': signature,
      'x-twilio-email-event-webhook-timestamp': String(receivedAt.getTime() / 1_000),
    }
    assert.equal((await read(receiptRequest({ body: Buffer.from('[]'), headers }))).kind, 'forged')
  }
})

test('a key that is no key is refused when it is saved', () => {
  const allowed = { networks: undefined, hosts: new Set() } as never
  const problems = (key: string) => sendgrid.problems!({ ...settings, receipts_key: key }, allowed)

  assert.deepEqual(problems(settings.receipts_key), [])
  assert.deepEqual(
    problems('MFkw').map(({ pointer }) => pointer),
    ['/receipts_key'],
  )
})
