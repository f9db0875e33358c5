// @see https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms for the answers
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpVendorSuite, jsonReply } from '../../../test/http-vendor.ts'
import type { HttpReply } from '../../../test/sinks.ts'
import { exampleMessage } from '../conformance.ts'
import { vonage } from './vonage.ts'

const secret = 'vonage-secret-secret'
const content = { body: 'Order 42 is on its way' }
const message = exampleMessage({ channel: 'sms', address: '+447700900000', content })
const part = (status: string, words?: string) => ({
  to: '447700900000',
  status,
  ...(status === '0' ? { 'message-id': '0A0000000123ABCD1' } : { 'error-text': words ?? 'x' }),
})
const said = (...parts: object[]): HttpReply =>
  jsonReply(200, { 'message-count': String(parts.length), messages: parts })

const { send, provider, stand } = await httpVendorSuite({
  kind: vonage,
  message,
  settings: (url) => ({ api_key: 'abcd1234', api_secret: secret, from: 'Acme', api_base: url }),
  secrets: [secret],
  replies: {
    accept: () => said(part('0')),
    busy: (words) => said(part('1', words)),
    refuse: (words) => said(part('6', words)),
    unknown_address: (words) => said(part('33', words)),
  },
  answers: [
    [said(part('0'), part('0')), { kind: 'sent', reference: '0A0000000123ABCD1' }],
    [said(part('0'), part('1')), { kind: 'ambiguous', code: 'partly_sent' }],
    [said(part('1')), { kind: 'retry', code: 'vonage_1' }],
    [said(part('2')), { kind: 'failed', code: 'vonage_2' }],
    [said(part('3')), { kind: 'failed', code: 'vonage_3' }],
    [said(part('4')), { kind: 'retry', code: 'provider_auth' }],
    [said(part('5')), { kind: 'retry', code: 'vonage_5' }],
    [said(part('6')), { kind: 'failed', code: 'vonage_6' }],
    [said(part('7')), { kind: 'gone', code: 'vonage_7' }],
    [said(part('8')), { kind: 'retry', code: 'provider_auth' }],
    [said(part('9')), { kind: 'retry', code: 'provider_auth' }],
    [said(part('12')), { kind: 'failed', code: 'vonage_12' }],
    [said(part('15')), { kind: 'retry', code: 'provider_auth' }],
    [said(part('29')), { kind: 'retry', code: 'provider_auth' }],
    [said(part('33')), { kind: 'gone', code: 'vonage_33' }],
    [
      { status: 429, body: '' },
      { kind: 'retry', code: 'http_429' },
    ],
    [
      { status: 500, body: '' },
      { kind: 'retry', code: 'http_500' },
    ],
  ],
})

test('a text message is asked for as a form, the number without its plus', async () => {
  const { request } = await send(said(part('0')))

  assert.deepEqual([request.method, request.path], ['POST', '/sms/json'])
  assert.deepEqual(Object.fromEntries(new URLSearchParams(request.body)), {
    api_key: 'abcd1234',
    api_secret: secret,
    to: '447700900000',
    from: 'Acme',
    text: content.body,
    type: 'text',
    'client-ref': message.deliveryId,
  })
})

test('a text with a letter that the old alphabet lacks goes as Unicode', async () => {
  const { request } = await send(said(part('0')), { content: { body: 'Привет' } })
  assert.equal(new URLSearchParams(request.body).get('type'), 'unicode')
})

test('a check asks for the balance', async () => {
  stand.reply = () => jsonReply(401, { 'error-code': '401' })
  const outcome = await provider.verify?.(new AbortController().signal)
  assert.equal(outcome?.code, 'provider_auth')
  assert.match(stand.requests.at(-1)!.path, /^\/account\/get-balance\?api_key=abcd1234&api_secret=/)
})
