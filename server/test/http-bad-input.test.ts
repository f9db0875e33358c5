// Bad input for every route there is: whatever comes, the answer is a problem document below 500, and
// nothing is logged as a failure. The routes are taken from openapi.json's source, so none is forgotten.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createTestContext, type Answer } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

await t.ask('PUT', '/subscribers/a', {})
const { body: made } = await t.ask('POST', '/subscribers/a/token', {})

/** With the key, or below /me with the token of a subscriber. */
const ask: typeof t.ask = (method, url, body, headers = {}) => {
  const isMine = url.startsWith('/me/')
  return t.ask(method, url, body, {
    ...(isMine && { authorization: `Bearer ${made.token}` }),
    ...headers,
  })
}

type Media = {
  schema: { type?: string }
  example?: unknown
  examples?: Record<string, { value: unknown }>
}

type Operation = {
  requestBody?: { content: Record<string, Media> }
  security: unknown[]
}

await t.app.ready()
const document = t.app.swagger() as unknown as {
  paths: Record<string, Record<string, Operation>>
}
const routes = Object.entries(document.paths).flatMap(([url, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    url,
    operation,
  })),
)

// Something that fits each parameter of a path.
const uuid = '01a1fbb4-bd9c-7130-a956-2f575e613672'
const fitting: Record<string, string> = {
  key: 'a',
  event_type: 'a',
  channel: 'email',
  locale: 'default',
}

function fill(url: string, values: (name: string) => string): string {
  return url.replaceAll(/\{(\w+)\}/g, (_, name: string) => values(name))
}

function fit(url: string): string {
  const isNamed = url.startsWith('/subscribers/') || url.startsWith('/topics/')
  return fill(url, (name) => fitting[name] ?? (name === 'id' && !isNamed ? uuid : 'a'))
}

function assertProblem({ status, headers, body }: Answer, statuses: number[]): void {
  assert.ok(statuses.includes(status), `${status} ${JSON.stringify(body)}`)
  assert.match(String(headers['content-type']), /^application\/problem\+json/)
  assert.match(body.type, /^\/docs\/errors#[a-z_]+$/)
  assert.equal(body.status, status)
  assert.equal(body.request_id, headers['x-request-id'])
  assert.doesNotMatch(JSON.stringify(body), /node_modules|select |insert into/)
}

// What a webhook may look like its source decides (webhooks.test.ts); a receipt, its vendor (receipt-vendor.ts).
const isOurs = ({ url }: { url: string }) => !/^\/(webhooks|receipts)\//.test(url)

for (const { method, url, operation } of routes.filter(isOurs)) {
  const json = { 'content-type': 'application/json' }

  test(`${method} ${url} refuses query parameters it does not know`, async () => {
    assertProblem(await ask(method, `${fit(url)}?surprise=1`, operation.requestBody && {}), [422])
  })

  if (operation.security.length > 0)
    test(`${method} ${url} needs a key`, async () => {
      const answer = await ask(method, fit(url), undefined, { authorization: 'Bearer nonsense' })
      assertProblem(answer, [401])
      assert.match(String(answer.headers['www-authenticate']), /Bearer/)
    })

  if (url.includes('{'))
    for (const [name, value] of [
      ['control characters', '%00'],
      ['half an encoding', '%ff'],
      ['256 characters', 'x'.repeat(256)],
      ['5,000 characters', 'x'.repeat(5_000)],
    ] as const)
      test(`${method} ${url} refuses ${name} in its path`, async () => {
        const path = fill(url, () => value)
        assertProblem(await ask(method, path, operation.requestBody && {}), [404, 422])
      })

  const media = operation.requestBody?.content['application/json']
  if (!media) continue
  const isList = media.schema.type === 'array'

  const bodies: [string, string, number[]][] = [
    ['a text as the body', '"text"', [422]],
    ['a number as the body', '42', [422]],
    ['null as the body', 'null', [404, 422]],
    [isList ? 'an object as the body' : 'a list as the body', isList ? '{}' : '[]', [422]],
    ['fields it does not know', isList ? '[{"surprise":1}]' : '{"surprise":1}', [404, 422]],
    ['half an object', '{"a":', [400]],
    ['the same key twice', '{"a":1,"a":2}', [400]],
    ['a prototype', '{"__proto__":{"isAdmin":true}}', [400]],
    ['deep nesting', '['.repeat(200) + ']'.repeat(200), [400]],
    ['a NUL', String.raw`{"a":"\u0000"}`, [400]],
  ]
  for (const [name, body, statuses] of bodies)
    test(`${method} ${url} refuses ${name}`, async () => {
      assertProblem(await ask(method, fit(url), body, json), statuses)
    })

  for (const type of [
    'text/plain',
    'application/json; charset=utf-16',
    'application/json garbage',
    'application/xml',
  ])
    test(`${method} ${url} refuses a body as ${type}`, async () => {
      assertProblem(await ask(method, fit(url), '{}', { 'content-type': type }), [415])
    })

  test(`${method} ${url} refuses a body of 9 MB`, async () => {
    assertProblem(await ask(method, fit(url), `"${'x'.repeat(9_000_000)}"`, json), [413])
  })

  const example = media.example ?? Object.values(media.examples ?? {})[0]?.value
  if (example === undefined || example === null || typeof example !== 'object' || isList) continue

  for (const field of Object.keys(example))
    for (const wrong of [[], {}, 'x'.repeat(70_000), -1, '\n', [[['x']]], { a: { b: 1 } }, true])
      test(`${method} ${url} answers ${JSON.stringify(wrong).slice(0, 20)} as ${field}`, async () => {
        const answer = await ask(method, fit(url), { ...example, [field]: wrong })
        // Some of these fit some fields. What matters: it is taken or refused, and never a failure.
        if (answer.status >= 300) assertProblem(answer, [400, 404, 409, 413, 422, 429])
      })

  if (method === 'POST')
    test(`${method} ${url} refuses an Idempotency-Key with a space`, async () => {
      assertProblem(
        await ask(method, fit(url), example, { 'idempotency-key': 'a b' }),
        [400, 404, 422],
      )
    })
}

test('an address that has few characters and many bytes is refused', async () => {
  const cjk = Array.from({ length: 1_000 }, (_, i) =>
    String.fromCodePoint(0x4e00 + ((i * 7_919) % 20_000)),
  )
  const recipient_id = `https://example.com/${cjk.join('')}`

  const sent = await ask('POST', '/notifications/webhook', { recipient_id, content: 'Hello' })
  const stored = await ask('PUT', '/subscribers/far', { addresses: { webhook: recipient_id } })

  assertProblem(sent, [422])
  assertProblem(stored, [422])
})

test('an audience that comes out as no id is refused before the event is accepted', async () => {
  const definition = { channels: ['in_app'], audience: ['{{ id }}', { topic: '{{ topic }}' }] }
  await ask('PUT', '/event-types/anybody', definition)

  for (const params of [
    { id: 'x'.repeat(256) },
    { id: 'a\u0001b' },
    { topic: 'y'.repeat(9_000) },
  ]) {
    const answer = await ask('POST', '/events', { type: 'anybody', params })
    assertProblem(answer, [422])
    assert.equal(answer.body.code, 'invalid_params')
  }
})

test('a method that a path does not have is told from a path that does not exist', async () => {
  const wrongMethod = await ask('DELETE', '/subscribers')
  assertProblem(wrongMethod, [405])
  assert.equal(wrongMethod.headers.allow, 'GET, HEAD')

  const creation = await ask('POST', '/subscribers', { id: 'ana' })
  assertProblem(creation, [405])
  assert.match(creation.body.detail, /To create one, use PUT \/subscribers\/\{id\}\.$/)

  const wrongPath = await ask('GET', '/subscriber')
  assertProblem(wrongPath, [404])
  assert.match(wrongPath.body.detail, /Did you mean "\/subscribers"/)
})

test('a final slash makes no difference', async () => {
  assert.equal((await ask('GET', '/health/')).status, 200)
  assert.equal((await ask('GET', '/subscribers/')).status, 200)
})

test('none of that was a failure of the server', () => {
  const failures = t.logged.filter((line) => line.msg === 'a request failed')
  assert.deepEqual(failures, [])
})
