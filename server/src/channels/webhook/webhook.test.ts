import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { closedPort, createHttpSink, type HttpReply } from '../../../test/sinks.ts'
import { conformance, exampleContext, exampleMessage } from '../conformance.ts'
import { readAllowedAddresses } from '../public-address.ts'
import { webhook } from './webhook.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const previousSecret = 'whsec_C2FVsBQIhrscChlQIMV7b5sSYspob7oD'
const token = 'Bearer 3c9f2b7d1e'
const content = { body: { type: 'order.shipped', data: { order: 42, name: 'Zoë' } } }
const message = exampleMessage({ channel: 'webhook', address: 'https://unused.example/', content })

conformance({
  kind: webhook,
  message,
  secrets: [secret, token.slice(7)],
  async startVendor() {
    const sink = await createHttpSink()
    const statuses = { accept: 204, busy: 503, refuse: 400, unknown_address: 410 }
    return {
      settings: { secret, headers: { authorization: token } },
      address: sink.url,
      answerWith(answer, words = '') {
        sink.answer = () =>
          answer === 'silence' ? null : { status: statuses[answer], body: words }
      },
      waitFor: sink.waitFor,
      receivedCount: () => sink.requests.length,
      allClosed: sink.allClosed,
      close: sink.close,
    }
  },
  unreachable: () => Promise.resolve({}),
  unreachableAddress: `http://127.0.0.1:${await closedPort()}/`,
})

const now = new Date('2026-06-01T12:00:00Z')
const clock = { now }
const context = exampleContext({ now: () => clock.now })
const sink = await createHttpSink()
after(async () => {
  await context.outgoing.close()
  await sink.close()
})

async function sent(settings: Record<string, unknown>, given: Partial<typeof message> = {}) {
  const provider = webhook.create({ url: sink.url, ...settings }, context)
  const outcome = await provider.send({ ...message, ...given }, new AbortController().signal)
  return { outcome, request: sink.requests.at(-1)! }
}

test('a webhook carries the body as JSON, the id of its delivery and the trace', async () => {
  const { outcome, request } = await sent({ headers: { 'x-team': 'blue' } })

  assert.deepEqual(outcome, { kind: 'delivered', code: 'http_200' })
  assert.equal(request.method, 'POST')
  assert.deepEqual(JSON.parse(request.body), content.body)
  assert.equal(request.headers['content-type'], 'application/json')
  assert.equal(request.headers['user-agent'], 'Belfry/test')
  assert.equal(request.headers['webhook-id'], message.deliveryId)
  assert.equal(request.headers['webhook-timestamp'], '1780315200')
  assert.equal(request.headers['traceparent'], message.traceparent)
  assert.equal(request.headers['x-team'], 'blue')
  assert.equal(request.headers['webhook-signature'], undefined, 'no secret, no signature')
})

test('without a URL of its own, a webhook goes to the address of the subscriber', async () => {
  const provider = webhook.create({ method: 'PUT' }, context)

  const address = `${sink.url}/hooks/ana?x=1`
  await provider.send({ ...message, address }, new AbortController().signal)

  assert.equal(sink.requests.at(-1)?.path, '/hooks/ana?x=1')
  assert.equal(sink.requests.at(-1)?.method, 'PUT')
})

test('the signature is the one of the Standard Webhooks package, old secret included', async () => {
  clock.now = new Date()
  const { request } = await sent({ secret, previous_secret: previousSecret })
  const headers = request.headers as Record<string, string>

  assert.deepEqual(new Webhook(secret).verify(request.body, headers), content.body)
  assert.deepEqual(new Webhook(previousSecret).verify(request.body, headers), content.body)
  assert.throws(() => new Webhook(secret).verify(`${request.body} `, headers))
})

test('another attempt has the same id and a timestamp and signature of its own', async () => {
  clock.now = now
  const first = await sent({ secret })
  clock.now = new Date(now.getTime() + 60_000)
  const second = await sent({ secret }, { attempt: 2 })

  const [a, b] = [first.request.headers, second.request.headers]
  assert.equal(a['webhook-id'], b['webhook-id'])
  assert.equal(Number(b['webhook-timestamp']) - Number(a['webhook-timestamp']), 60)
  assert.notEqual(a['webhook-signature'], b['webhook-signature'])
})

const answers: [string, HttpReply, Record<string, unknown>][] = [
  ['any 2xx is delivered', { status: 299 }, { kind: 'delivered', code: 'http_299' }],
  [
    'a redirect fails and is not followed (S-27)',
    { status: 302, headers: { location: 'http://169.254.169.254/' } },
    { kind: 'failed', code: 'http_302', detail: 'HTTP 302: redirects are not followed' },
  ],
  ['a 404 has failed', { status: 404 }, { kind: 'failed', code: 'http_404', detail: 'HTTP 404' }],
  [
    'a 410 of the URL for everybody is the end of no address',
    { status: 410 },
    {
      kind: 'retry',
      code: 'provider_auth',
      detail: 'HTTP 410: the URL of the provider is gone',
    },
  ],
  [
    'a 408 is tried again',
    { status: 408 },
    { kind: 'retry', code: 'http_408', detail: 'HTTP 408' },
  ],
  [
    'a 429 is tried again when it says',
    { status: 429, headers: { 'retry-after': '30' } },
    { kind: 'retry', code: 'http_429', detail: 'HTTP 429', retryAfterMs: 30_000 },
  ],
  [
    'a 503 is tried again at the date it says',
    { status: 503, headers: { 'retry-after': 'Mon, 01 Jun 2026 12:05:00 GMT' } },
    { kind: 'retry', code: 'http_503', detail: 'HTTP 503', retryAfterMs: 300_000 },
  ],
  [
    'what was said is kept, in printable characters',
    { status: 500, body: 'no\u0007pe\r\n\u001b[31m!' },
    { kind: 'retry', code: 'http_500', detail: 'HTTP 500: no pe [31m!' },
  ],
  [
    'a long error page is not kept (S-33)',
    { status: 500, body: 'x'.repeat(5_000) },
    { kind: 'retry', code: 'http_500', detail: 'HTTP 500' },
  ],
]
for (const [name, reply, expected] of answers) {
  test(name, async () => {
    clock.now = now
    sink.answer = () => reply
    const before = sink.requests.length

    const { outcome } = await sent({})

    assert.deepEqual(outcome, expected)
    assert.equal(sink.requests.length, before + 1)
  })
}

test('a subscriber address that may not be called fails for good', async () => {
  const provider = webhook.create({}, context)
  const bad = { ...message, address: 'http://169.254.169.254/latest' }

  const outcome = await provider.send(bad, new AbortController().signal)

  assert.equal(outcome.kind, 'failed')
  assert.equal(outcome.code, 'url_not_allowed')
})

const settings: [string, Record<string, unknown>, string[]][] = [
  ['plain settings', { url: 'https://example.com/', secret, headers: { 'X-A': 'b' } }, []],
  ['authorization may be set', { headers: { Authorization: 'Bearer x' } }, []],
  ['a short secret (S-38)', { secret: 'whsec_YQ==' }, ['/secret invalid_secret']],
  ['a secret of another form', { secret: 'a'.repeat(40) }, ['/secret invalid_secret']],
  ['a private URL', { url: 'http://10.0.0.1/' }, ['/url url_not_allowed']],
  ...[
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'webhook-id',
    'a b',
    'Proxy-X',
  ].map((name): [string, Record<string, unknown>, string[]] => [
    `the header ${name} (S-32)`,
    { headers: { [name]: 'x' } },
    [`/headers/${name} header_not_allowed`],
  ]),
  ['a line break in a header', { headers: { a: 'b\r\nc: d' } }, ['/headers/a header_not_allowed']],
  ['a NUL in a header', { headers: { a: 'b\0' } }, ['/headers/a header_not_allowed']],
  ['a slash in a header name', { headers: { 'a/~': '' } }, ['/headers/a~1~0 header_not_allowed']],
]
for (const [name, given, expected] of settings) {
  test(`webhook settings are checked when saved: ${name}`, () => {
    const problems = webhook.problems?.(given, readAllowedAddresses([])) ?? []

    assert.deepEqual(
      problems.map(({ pointer, code }) => `${pointer} ${code}`),
      expected,
    )
  })
}
