// @see https://postmarkapp.com/developer/api/overview#error-codes for the answers
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpVendorSuite, jsonReply } from '../../../test/http-vendor.ts'
import type { HttpReply } from '../../../test/sinks.ts'
import { exampleMessage } from '../conformance.ts'
import { postmark } from './postmark.ts'

const token = '6f1c2ba0-1111-4222-8333-secretsecret'
const from = 'Acme <no-reply@acme.example>'
const content = { subject: 'Order 42', html: '<p>Zoë</p>', text: 'Zoë' }
const message = exampleMessage({ channel: 'email', address: 'ana@example.com', content })
const error = (status: number, ErrorCode: number, Message = 'x'): HttpReply =>
  jsonReply(status, { ErrorCode, Message })
const accepted = jsonReply(200, {
  To: 'ana@example.com',
  SubmittedAt: '2026-06-01T12:00:00.0000000+00:00',
  MessageID: '0a129aee-e1cd-480d-b08d-4f48548ff48d',
  ErrorCode: 0,
  Message: 'OK',
})

const { send, provider, stand } = await httpVendorSuite({
  kind: postmark,
  message,
  settings: (url) => ({ server_token: token, from, api_base: url }),
  secrets: [token],
  replies: {
    accept: () => accepted,
    busy: (words) => error(429, 429, words),
    refuse: (words) => error(422, 300, words),
    unknown_address: (words) => error(422, 406, words),
  },
  answers: [
    [accepted, { kind: 'sent', reference: '0a129aee-e1cd-480d-b08d-4f48548ff48d' }],
    [error(401, 10), { kind: 'retry', code: 'provider_auth' }],
    [error(422, 400), { kind: 'retry', code: 'provider_auth' }],
    [error(422, 401), { kind: 'retry', code: 'provider_auth' }],
    [error(422, 405), { kind: 'retry', code: 'provider_auth' }],
    [error(422, 412), { kind: 'retry', code: 'provider_auth' }],
    [error(422, 413), { kind: 'retry', code: 'provider_auth' }],
    [error(422, 1235), { kind: 'retry', code: 'provider_auth' }],
    [error(422, 406), { kind: 'gone', code: 'inactive_recipient' }],
    [error(422, 300), { kind: 'failed', code: 'http_422' }],
    [error(503, 100), { kind: 'retry', code: 'maintenance' }],
    [
      { status: 403, body: '<html>' },
      { kind: 'retry', code: 'provider_auth' },
    ],
    [
      { status: 413, body: '' },
      { kind: 'failed', code: 'message_too_large' },
    ],
    [
      { status: 500, body: '' },
      { kind: 'retry', code: 'http_500' },
    ],
  ],
})

test('an e-mail is asked for with its token, its stream, its parts and its delivery', async () => {
  const { request } = await send(accepted, { unsubscribeUrl: 'https://belfry.example/u/x' })

  assert.deepEqual([request.method, request.path], ['POST', '/email'])
  assert.equal(request.headers['x-postmark-server-token'], token)
  assert.deepEqual(JSON.parse(request.body), {
    From: from,
    To: 'ana@example.com',
    Subject: 'Order 42',
    HtmlBody: '<p>Zoë</p>',
    TextBody: 'Zoë',
    MessageStream: 'outbound',
    Headers: [
      { Name: 'List-Unsubscribe', Value: '<https://belfry.example/u/x>' },
      { Name: 'List-Unsubscribe-Post', Value: 'List-Unsubscribe=One-Click' },
    ],
    Metadata: { delivery_id: message.deliveryId },
  })
})

test('a check asks for the server that the token belongs to', async () => {
  const signal = new AbortController().signal
  stand.reply = () => jsonReply(200, { ID: 1, Name: 'Acme' })
  assert.deepEqual(await provider.verify?.(signal), { kind: 'sent', code: 'verified' })
  assert.equal(stand.requests.at(-1)?.path, '/server')
})
