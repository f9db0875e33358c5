// @see https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses for the answers
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpVendorSuite, jsonReply } from '../../../test/http-vendor.ts'
import type { HttpReply } from '../../../test/sinks.ts'
import { exampleMessage } from '../conformance.ts'
import { sendgrid } from './sendgrid.ts'

const key = 'SG.9fXc2mQ7.secretsecret'
const content = { subject: 'Order 42', html: '<p>Zoë</p>', text: 'Zoë' }
const message = exampleMessage({ channel: 'email', address: 'ana@example.com', content })
const error = (status: number, words = 'x', headers = {}): HttpReply =>
  jsonReply(status, { errors: [{ message: words, field: null, help: null }] }, headers)
const accepted = { status: 202, headers: { 'x-message-id': '14c5d75ce93.dfd.64b469' } }

const { send, provider, stand } = await httpVendorSuite({
  kind: sendgrid,
  message,
  settings: (url) => ({ api_key: key, from: 'Acme <no-reply@acme.example>', api_base: url }),
  secrets: [key],
  replies: {
    accept: () => accepted,
    busy: (words) => error(429, words),
    refuse: (words) => error(400, words),
  },
  answers: [
    [accepted, { kind: 'sent', reference: '14c5d75ce93.dfd.64b469' }],
    [error(400), { kind: 'failed', code: 'http_400' }],
    [error(401), { kind: 'retry', code: 'provider_auth' }],
    [error(403), { kind: 'retry', code: 'provider_auth' }],
    [error(413), { kind: 'failed', code: 'message_too_large' }],
    [error(429), { kind: 'retry', code: 'http_429' }],
    [error(451), { kind: 'failed', code: 'http_451' }],
    [error(500), { kind: 'retry', code: 'http_500' }],
    [error(503, 'x', { 'retry-after': '9' }), { kind: 'retry', retryAfterMs: 9_000 }],
  ],
})

test('an e-mail is asked for with its key, its sender, its parts and its delivery', async () => {
  const { request } = await send(accepted, { unsubscribeUrl: 'https://belfry.example/u/x' })

  assert.deepEqual([request.method, request.path], ['POST', '/v3/mail/send'])
  assert.equal(request.headers['authorization'], `Bearer ${key}`)
  assert.deepEqual(JSON.parse(request.body), {
    personalizations: [
      {
        to: [{ email: 'ana@example.com' }],
        headers: {
          'List-Unsubscribe': '<https://belfry.example/u/x>',
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        },
        custom_args: { delivery_id: message.deliveryId },
      },
    ],
    from: { email: 'no-reply@acme.example', name: 'Acme' },
    subject: 'Order 42',
    content: [
      { type: 'text/plain', value: 'Zoë' },
      { type: 'text/html', value: '<p>Zoë</p>' },
    ],
  })
})

test('a check asks what the key may do', async () => {
  stand.reply = () => error(401)
  const outcome = await provider.verify?.(new AbortController().signal)
  assert.equal(outcome?.code, 'provider_auth')
  assert.equal(stand.requests.at(-1)?.path, '/v3/scopes')
})
