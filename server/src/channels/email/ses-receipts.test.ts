// @see https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html for the reports
import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import {
  deliveryId,
  receiptRequest,
  receiptVendorSuite,
  receivedAt,
  type Signing,
} from '../../../test/receipt-vendor.ts'
import { selfSigned } from '../../../test/self-signed.ts'
import type { Fetch } from '../receipts.ts'
import { ses } from './ses.ts'

const TopicArn = 'arn:aws:sns:us-west-2:123456789012:belfry'
const SigningCertURL = 'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb72.pem'
const settings = {
  region: 'us-west-2',
  access_key_id: 'AKIAIOSFODNN7EXAMPLE',
  secret_access_key: 'x'.repeat(40),
  from: 'a@example.com',
  receipts_topic: TopicArn,
}
const ownKey = createPrivateKey(selfSigned.key)
const otherKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

let counted = 0
const ids = new Map<object, string>()
const asked: string[] = []
const fetch: Fetch = (url) => {
  asked.push(url)
  return Promise.resolve(url.endsWith('.pem') ? selfSigned.cert : '<ConfirmSubscriptionResponse/>')
}

type Signed = Signing & { version?: string; more?: Record<string, string> }

/** As SNS wraps an event of SES; of `Type`, if it is not a notification. */
function send(event: object, { secret, at = receivedAt, version = '2', more = {} }: Signed = {}) {
  const message: Record<string, string> = {
    Type: 'Notification',
    MessageId: ids.getOrInsertComputed(event, () => `message-${(counted += 1)}`),
    TopicArn,
    Subject: 'Amazon SES Email Event Notification',
    Message: JSON.stringify(event),
    Timestamp: at.toISOString(),
    SignatureVersion: version,
    SigningCertURL,
    ...more,
  }
  const names =
    message['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
  const text = names.map((name) => `${name}\n${message[name]}\n`).join('')
  const key = secret === undefined ? ownKey : otherKey
  message['Signature'] = sign(version === '1' ? 'sha1' : 'sha256', Buffer.from(text), key).toString(
    'base64',
  )
  const headers = { 'content-type': 'text/plain; charset=UTF-8' }
  return receiptRequest({ body: Buffer.from(JSON.stringify(message)), headers })
}

const mail = { messageId: 'EXAMPLE7c19', tags: { delivery_id: [deliveryId] } }

const { read } = receiptVendorSuite<object>({
  kind: ses,
  settings,
  send,
  without(request) {
    const { Signature: _, ...message } = JSON.parse(request.body.toString()) as Record<
      string,
      unknown
    >
    return { ...request, body: Buffer.from(JSON.stringify(message)) }
  },
  isTimed: true,
  fetch,
  reports: [
    [
      'a delivery',
      { eventType: 'Delivery', mail, delivery: { smtpResponse: '250 ok' } },
      { kind: 'delivered', deliveryId, id: 'message-1' },
    ],
    ['a message that went on', { eventType: 'Send', mail, send: {} }, { kind: 'sent', deliveryId }],
    [
      'a bounce',
      {
        eventType: 'Bounce',
        mail,
        bounce: {
          bounceType: 'Permanent',
          bounceSubType: 'General',
          bouncedRecipients: [
            { emailAddress: 'ana@example.com', action: 'failed', status: '5.1.1' },
          ],
        },
      },
      { kind: 'bounced', isForGood: true, code: 'Permanent General 5.1.1' },
    ],
    [
      'a bounce for now',
      {
        eventType: 'Bounce',
        mail,
        bounce: { bounceType: 'Transient', bounceSubType: 'MailboxFull' },
      },
      { kind: 'bounced', isForGood: false },
    ],
    [
      'a complaint',
      { eventType: 'Complaint', mail, complaint: { complaintFeedbackType: 'abuse' } },
      { kind: 'complained', deliveryId, code: 'abuse' },
    ],
    ['what it does not send', { eventType: 'Reject', mail, reject: {} }, { kind: 'bounced' }],
    ['a delay', { eventType: 'DeliveryDelay', mail }, null],
    ['a message of somebody else', { eventType: 'Delivery', mail: { messageId: 'x' } }, null],
  ],
})

const sample = { eventType: 'Delivery', mail }

test('both versions of signatures are taken, and no others', async () => {
  assert.equal((await read(send(sample, { version: '1' }))).kind, 'genuine')
  assert.equal((await read(send(sample, { version: '3' }))).kind, 'forged')
})

test('a subscription is confirmed at SNS, and nowhere else', async () => {
  const confirmation = (SubscribeURL: string) =>
    send(sample, {
      more: {
        Type: 'SubscriptionConfirmation',
        Message: 'You have chosen …',
        Token: '2336',
        SubscribeURL,
      },
    })
  const good = 'https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=2336'
  asked.length = 0

  assert.deepEqual(await read(confirmation(good)), { kind: 'genuine', receipts: [] })
  assert.equal(asked.at(-1), good)
  for (const bad of [
    'http://10.0.0.5/',
    'https://sns.us-west-2.amazonaws.com.evil.example/',
    'https://evil.example/sns.us-west-2.amazonaws.com',
    'https://sns.us-west-2.amazonaws.com@evil.example/',
    'https://sns.us-west-2.amazonaws.com:8443/',
    'http://sns.us-west-2.amazonaws.com/',
  ]) {
    assert.equal((await read(confirmation(bad))).kind, 'malformed', bad)
    assert.ok(!asked.includes(bad), bad)
  }
})

test('nothing is asked for what is of another topic, too old, or not signed by SNS', async () => {
  asked.length = 0
  const evil = 'https://evil.example/SimpleNotificationService-f3ecfb72.pem'
  const sns = 'https://sns.us-west-2.amazonaws.com/'
  const asQuery = `${sns}?Action=Subscribe&x=/SimpleNotificationService-f3ecfb72.pem`
  const asFragment = `${sns}?Action=Subscribe#/SimpleNotificationService-f3ecfb72.pem`
  const requests = [
    send(sample, { more: { TopicArn: 'arn:aws:sns:us-west-2:999999999999:theirs' } }),
    send(sample, { more: { SigningCertURL: evil } }),
    send(sample, { more: { SigningCertURL: 'https://sns.us-west-2.amazonaws.com/other.pem' } }),
    send(sample, { more: { SigningCertURL: asQuery } }),
    send(sample, { more: { SigningCertURL: asFragment } }),
    send(sample, { at: new Date(receivedAt.getTime() - 172_800_000) }),
  ]

  for (const request of requests) assert.equal((await read(request)).kind, 'forged')
  assert.deepEqual(asked, [])
})
