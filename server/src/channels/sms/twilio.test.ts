// @see https://www.twilio.com/docs/api/errors for the answers
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpVendorSuite, jsonReply } from '../../../test/http-vendor.ts'
import type { HttpReply } from '../../../test/sinks.ts'
import { exampleContext, exampleMessage } from '../conformance.ts'
import { readAllowedAddresses } from '../public-address.ts'
import { twilio } from './twilio.ts'

const account = 'AC0123456789abcdef0123456789abcdef'
const token = '0a1b2c3d4e5f60718293a4b5c6d7e8f9'
const content = { body: 'Order 42 is on its way, Zoë & co' }
const message = exampleMessage({ channel: 'sms', address: '+12025550123', content })
const error = (status: number, code: number, words = 'x', headers = {}): HttpReply =>
  jsonReply(
    status,
    { code, message: words, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
    headers,
  )
const accepted = jsonReply(201, { sid: 'SM0123', status: 'queued', error_code: null })
const credentials = { account_sid: account, auth_token: token }

const { send, provider, stand } = await httpVendorSuite({
  kind: twilio,
  message,
  settings: (url) => ({ ...credentials, from: '+12025550100', api_base: url }),
  secrets: [token],
  replies: {
    accept: () => accepted,
    busy: (words) => error(429, 20429, words),
    refuse: (words) => error(400, 21602, words),
    unknown_address: (words) => error(400, 21211, words),
  },
  answers: [
    [accepted, { kind: 'sent', reference: 'SM0123' }],
    [error(400, 21211), { kind: 'gone', code: 'twilio_21211' }],
    [error(400, 21610), { kind: 'gone', code: 'twilio_21610' }],
    [error(400, 21614), { kind: 'gone', code: 'twilio_21614' }],
    [error(400, 21602), { kind: 'failed', code: 'twilio_21602' }],
    [error(400, 21617), { kind: 'failed', code: 'twilio_21617' }],
    [error(401, 20003), { kind: 'retry', code: 'provider_auth' }],
    [error(404, 20404), { kind: 'retry', code: 'provider_auth' }],
    [error(400, 21408), { kind: 'retry', code: 'provider_auth' }],
    [error(400, 21606), { kind: 'retry', code: 'provider_auth' }],
    [error(400, 21608), { kind: 'retry', code: 'provider_auth' }],
    [error(429, 20429, 'x', { 'retry-after': '3' }), { kind: 'retry', retryAfterMs: 3_000 }],
    [error(500, 20500), { kind: 'retry', code: 'http_500' }],
    [
      { status: 503, body: 'x' },
      { kind: 'retry', code: 'http_503' },
    ],
    [
      { status: 400, body: '<html>' },
      { kind: 'failed', code: 'twilio_400' },
    ],
  ],
})

test('a text message is asked for as a form, with the account and its token', async () => {
  const { request } = await send(accepted)

  assert.equal(request.method, 'POST')
  assert.equal(request.path, `/2010-04-01/Accounts/${account}/Messages.json`)
  const basic = Buffer.from(`${account}:${token}`).toString('base64')
  assert.equal(request.headers['authorization'], `Basic ${basic}`)
  assert.deepEqual(Object.fromEntries(new URLSearchParams(request.body)), {
    To: '+12025550123',
    From: '+12025550100',
    Body: content.body,
  })
})

test('a service chooses the sender, and a key stands for the account', async () => {
  const service = 'MG0123456789abcdef0123456789abcdef'
  const key = 'SK0123456789abcdef0123456789abcdef'
  const context = exampleContext()
  const sender = { messaging_service_sid: service, api_key_sid: key, api_base: stand.url }
  const other = twilio.create({ ...credentials, ...sender }, context)
  await other.send(message, new AbortController().signal)
  await context.outgoing.close()

  const { headers, body } = stand.messages.at(-1)!
  assert.equal(new URLSearchParams(body).get('MessagingServiceSid'), service)
  assert.equal(
    headers['authorization']?.slice(6),
    Buffer.from(`${key}:${token}`).toString('base64'),
  )
})

test('what is too long is not asked for', async () => {
  const before = stand.messages.length
  const { outcome } = await send(accepted, { content: { body: '€'.repeat(1_601) } })

  assert.equal(outcome.code, 'message_too_large')
  assert.equal(stand.messages.length, before)
})

test('a check asks for the account', async () => {
  stand.reply = () => jsonReply(200, { sid: account, status: 'active' })
  const outcome = await provider.verify?.(new AbortController().signal)
  assert.deepEqual(outcome, { kind: 'sent', code: 'verified' })
  assert.equal(stand.requests.at(-1)?.path, `/2010-04-01/Accounts/${account}.json`)
})

test('settings want exactly one sender', () => {
  const problems = twilio.problems?.(credentials, readAllowedAddresses([])) ?? []
  assert.deepEqual(
    problems.map(({ pointer }) => pointer),
    ['/from'],
  )
})
