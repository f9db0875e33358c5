// @see https://docs.slack.dev/reference/methods/chat.postMessage#errors for the answers
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpVendorSuite, jsonReply } from '../../../test/http-vendor.ts'
import type { HttpReply } from '../../../test/sinks.ts'
import { exampleContext, exampleMessage } from '../conformance.ts'
import { readAllowedAddresses } from '../public-address.ts'
import { slack } from './slack.ts'

const token = 'xoxb-000000000000-secretsecretsecret'
const content = { body: '<!channel> *order* 42 & <https://evil.example|you>' }
const text = '&lt;!channel&gt; *order* 42 &amp; &lt;https://evil.example|you&gt;'
const message = exampleMessage({ channel: 'slack', address: 'C0123456789', content })
const error = (name: string, words = ''): HttpReply =>
  jsonReply(200, { ok: false, error: name, response_metadata: { messages: [words] } })
const accepted = jsonReply(200, { ok: true, channel: 'C0123456789', ts: '1503435956.000247' })

const { send, provider, stand } = await httpVendorSuite({
  kind: slack,
  message,
  settings: (url) => ({ token, api_base: url }),
  secrets: [token],
  replies: {
    accept: () => accepted,
    busy: (words) => ({ status: 429, headers: { 'retry-after': '30' }, body: words }),
    refuse: (words) => error('no_text', words),
    unknown_address: (words) => error('channel_not_found', words),
  },
  answers: [
    [accepted, { kind: 'sent', reference: '1503435956.000247' }],
    [error('channel_not_found'), { kind: 'gone', code: 'channel_not_found' }],
    [error('is_archived'), { kind: 'gone', code: 'is_archived' }],
    [error('invalid_auth'), { kind: 'retry', code: 'provider_auth' }],
    [error('missing_scope'), { kind: 'retry', code: 'provider_auth' }],
    [error('not_in_channel'), { kind: 'retry', code: 'provider_auth' }],
    [error('token_revoked'), { kind: 'retry', code: 'provider_auth' }],
    [error('msg_too_long'), { kind: 'failed', code: 'message_too_large' }],
    [error('restricted_action'), { kind: 'failed', code: 'restricted_action' }],
    [error('internal_error'), { kind: 'retry', code: 'internal_error' }],
    [
      { status: 429, headers: { 'retry-after': '30' }, body: 'x' },
      { kind: 'retry', code: 'http_429', retryAfterMs: 30_000 },
    ],
    [
      { status: 503, body: 'x' },
      { kind: 'retry', code: 'http_503' },
    ],
  ],
})

test('a message goes to its channel; what would be a mention or a link is text', async () => {
  const { request } = await send(accepted)

  assert.deepEqual([request.method, request.path], ['POST', '/chat.postMessage'])
  assert.equal(request.headers['authorization'], `Bearer ${token}`)
  assert.deepEqual(JSON.parse(request.body), { channel: 'C0123456789', text })
})

test('an incoming webhook takes all messages to its channel', async () => {
  const context = exampleContext()
  const path = '/services/T00/B00/secretsecret'
  const hook = slack.create({ url: `${stand.url}${path}` }, context)
  const signal = new AbortController().signal
  const said = async (status: number, body: string) => {
    stand.reply = () => ({ status, body })
    const { kind, code } = await hook.send(message, signal)
    return [kind, code]
  }

  assert.deepEqual(await said(200, 'ok'), ['sent', undefined])
  assert.equal(stand.messages.at(-1)?.path, path)
  assert.deepEqual(JSON.parse(stand.messages.at(-1)!.body), { text })
  assert.deepEqual(await said(400, 'invalid_payload'), ['failed', 'http_400'])
  assert.deepEqual(await said(403, 'invalid_token'), ['retry', 'provider_auth'])
  assert.deepEqual(await said(404, 'no_service'), ['retry', 'provider_auth'])
  assert.deepEqual(await said(410, 'channel_is_archived'), ['retry', 'provider_auth'])
  assert.deepEqual(await said(500, 'rollup_error'), ['retry', 'http_500'])
  await context.outgoing.close()
})

test('a check asks who the token is', async () => {
  stand.reply = () => error('invalid_auth')
  const outcome = await provider.verify?.(new AbortController().signal)
  assert.equal(outcome?.code, 'provider_auth')
  assert.equal(stand.requests.at(-1)?.path, '/auth.test')
})

// settings, what is wrong with them
const settings: [Record<string, unknown>, string[]][] = [
  [{ token }, []],
  [{ url: 'https://hooks.slack.com/services/T/B/X' }, []],
  [{}, ['/token']],
  [{ token, url: 'https://hooks.slack.com/services/T/B/X' }, ['/token']],
  [{ url: 'http://10.0.0.1/' }, ['/url']],
]
for (const [given, expected] of settings)
  test(`settings are checked when saved: ${JSON.stringify(given)}`, () => {
    const problems = slack.problems?.(given, readAllowedAddresses([])) ?? []
    assert.deepEqual(
      problems.map(({ pointer }) => pointer),
      expected,
    )
  })
