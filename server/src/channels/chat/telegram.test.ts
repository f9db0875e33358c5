// @see https://core.telegram.org/bots/api#making-requests for the form of the answers
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpVendorSuite, jsonReply } from '../../../test/http-vendor.ts'
import type { HttpReply } from '../../../test/sinks.ts'
import { exampleMessage } from '../conformance.ts'
import { telegram } from './telegram.ts'

const token = '123456789:AAF9fXc2mQ7-secret_secret_secret'
const content = { body: '*Order* 42 <b>is</b> on its way, @ana' }
const message = exampleMessage({ channel: 'telegram', address: '4242', content })
const error = (code: number, description: string, parameters?: object): HttpReply =>
  jsonReply(code, { ok: false, error_code: code, description, ...(parameters && { parameters }) })
const accepted = jsonReply(200, { ok: true, result: { message_id: 77, chat: { id: 4242 } } })

const { send, provider, stand } = await httpVendorSuite({
  kind: telegram,
  message,
  settings: (url) => ({ token, api_base: url }),
  secrets: [token, token.slice(10)],
  replies: {
    accept: () => accepted,
    busy: (words) => error(429, `Too Many Requests: ${words}`, { retry_after: 5 }),
    refuse: (words) => error(400, `Bad Request: message text is empty ${words}`),
    unknown_address: (words) => error(403, `Forbidden: bot was blocked by the user ${words}`),
  },
  answers: [
    [accepted, { kind: 'sent', reference: '77' }],
    [error(400, 'Bad Request: chat not found'), { kind: 'gone', code: 'no_such_chat' }],
    [error(403, 'Forbidden: user is deactivated'), { kind: 'gone', code: 'blocked' }],
    [error(400, 'Bad Request: message is too long'), { kind: 'failed', code: 'http_400' }],
    [error(401, 'Unauthorized'), { kind: 'retry', code: 'provider_auth' }],
    [error(404, 'Not Found'), { kind: 'retry', code: 'provider_auth' }],
    [
      error(429, 'Too Many Requests: retry after 5', { retry_after: 5 }),
      { kind: 'retry', code: 'http_429', retryAfterMs: 5_000 },
    ],
    [error(500, 'Internal Server Error'), { kind: 'retry', code: 'http_500' }],
    [
      { status: 502, body: '<html>' },
      { kind: 'retry', code: 'http_502' },
    ],
  ],
})

test('a message is sent to its chat as it is written, without markup', async () => {
  const { request } = await send(accepted)

  assert.deepEqual([request.method, request.path], ['POST', `/bot${token}/sendMessage`])
  assert.deepEqual(JSON.parse(request.body), { chat_id: '4242', text: content.body })
})

test('what is too long is not asked for', async () => {
  const { outcome } = await send(accepted, { content: { body: 'x'.repeat(4_097) } })
  assert.equal(outcome.code, 'message_too_large')
})

test('a check asks the bot for its name', async () => {
  stand.reply = () => error(401, 'Unauthorized')
  const outcome = await provider.verify?.(new AbortController().signal)
  assert.equal(outcome?.code, 'provider_auth')
  assert.equal(stand.requests.at(-1)?.path, `/bot${token}/getMe`)
})
