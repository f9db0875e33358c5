// @see https://resend.com/docs/api-reference/errors for the answers
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpVendorSuite, jsonReply } from '../../../test/http-vendor.ts'
import type { HttpReply } from '../../../test/sinks.ts'
import { exampleMessage } from '../conformance.ts'
import { readAllowedAddresses } from '../public-address.ts'
import { resend } from './resend.ts'

const key = 're_9fXc2mQ7_secretsecret'
const from = 'Acme <no-reply@acme.example>'
const content = { subject: 'Order 42', html: '<p>Zoë</p>', text: 'Zoë' }
const message = exampleMessage({ channel: 'email', address: 'ana@example.com', content })
const error = (status: number, name: string, words = 'x', headers = {}): HttpReply =>
  jsonReply(status, { statusCode: status, name, message: words }, headers)

const { send, provider, stand } = await httpVendorSuite({
  kind: resend,
  message,
  settings: (url) => ({ api_key: key, from, api_base: url }),
  secrets: [key],
  replies: {
    accept: () => jsonReply(200, { id: '49a3999c-0ce1-4ea6-ab68-afcd6dc2e794' }),
    busy: (words) => error(429, 'rate_limit_exceeded', words),
    refuse: (words) => error(422, 'validation_error', words),
  },
  answers: [
    [error(401, 'missing_api_key'), { kind: 'retry', code: 'provider_auth' }],
    [error(403, 'invalid_api_key'), { kind: 'retry', code: 'provider_auth' }],
    [error(403, 'validation_error'), { kind: 'retry', code: 'provider_auth' }],
    [error(409, 'concurrent_idempotent_requests'), { kind: 'retry', code: 'in_progress' }],
    [error(409, 'invalid_idempotent_request'), { kind: 'failed', code: 'http_409' }],
    [error(422, 'invalid_from_address'), { kind: 'retry', code: 'provider_auth' }],
    [error(422, 'missing_required_field'), { kind: 'failed', code: 'http_422' }],
    [
      error(429, 'rate_limit_exceeded', 'x', { 'retry-after': '7' }),
      { kind: 'retry', code: 'http_429', retryAfterMs: 7_000 },
    ],
    [error(429, 'daily_quota_exceeded'), { kind: 'retry', code: 'http_429' }],
    [error(500, 'application_error'), { kind: 'retry', code: 'http_500' }],
    [
      { status: 504, body: '<html>' },
      { kind: 'ambiguous', code: 'http_504' },
    ],
  ],
})

test('an e-mail is asked for with its key, its parts and its links to unsubscribe', async () => {
  const unsubscribeUrl = 'https://belfry.example/u/x'
  const { outcome, request } = await send(jsonReply(200, { id: '49a3999c' }), { unsubscribeUrl })

  assert.deepEqual(outcome, { kind: 'sent', reference: '49a3999c' })
  assert.deepEqual([request.method, request.path], ['POST', '/emails'])
  assert.equal(request.headers['authorization'], `Bearer ${key}`)
  assert.equal(request.headers['idempotency-key'], message.deliveryId)
  assert.deepEqual(JSON.parse(request.body), {
    from,
    to: ['ana@example.com'],
    ...content,
    headers: {
      'List-Unsubscribe': `<${unsubscribeUrl}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
    tags: [{ name: 'delivery_id', value: message.deliveryId }],
  })
})

test('a check asks for the domains; a key that may only send is good too', async () => {
  const signal = new AbortController().signal
  stand.reply = () => error(401, 'restricted_api_key')
  assert.deepEqual(await provider.verify?.(signal), { kind: 'sent', code: 'verified' })
  assert.equal(stand.requests.at(-1)?.path, '/domains')
  stand.reply = () => error(403, 'invalid_api_key')
  assert.equal((await provider.verify?.(signal))?.code, 'provider_auth')
})

test('settings are checked when saved', () => {
  const given = { api_key: key, from: 'nobody', api_base: 'http://10.0.0.1' }
  const problems = resend.problems?.(given, readAllowedAddresses([])) ?? []
  assert.deepEqual(
    problems.map(({ pointer }) => pointer),
    ['/api_base', '/from'],
  )
})
