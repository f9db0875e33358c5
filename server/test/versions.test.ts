// Versions of the API: a program goes on as it was written, whatever has changed since.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { fastify } from 'fastify'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { createClient, streamFeed } from '../../client/src/client.ts'
import { apiVersions, newestApiVersion } from '../src/domain/api-version.ts'
import type { App } from '../src/http/app.ts'
import { renamed, type Change } from '../src/http/versions/change.ts'
import { changes } from '../src/http/versions/changes.ts'
import { speakVersions, translateVersions } from '../src/http/versions/speak.ts'
import { createLook, given } from './given.ts'
import { createKey, createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
after(async () => {
  await look.close()
  await t.close()
})

const oldest = '2026-11-20'
const inOldest = { 'belfry-version': oldest }
const as = (key: string, more = {}) => ({ authorization: `Bearer ${key}`, ...more })

/** A key whose first use was when the oldest version was the newest. */
async function oldKey(): Promise<string> {
  const key = await createKey(t.ctx, ['*'])
  await look.rows(`update belfry.keys set api_version = $1 where last_four = $2`, [
    oldest,
    key.slice(-4),
  ])
  return key
}

test('a key is pinned at its first use to the newest version, and shows it', async () => {
  const { body: made } = await t.ask('POST', '/keys', { name: 'pinned', scopes: ['keys:read'] })
  assert.equal(made.api_version, null)

  // What one request asks for is for this request.
  const first = await t.ask('GET', '/keys', undefined, as(made.key, inOldest))
  const second = await t.ask('GET', '/keys', undefined, as(made.key))

  assert.equal(first.headers['belfry-version'], oldest)
  assert.equal(second.headers['belfry-version'], newestApiVersion)
  const shown = second.body.keys.find(({ id }: { id: string }) => id === made.id)
  assert.equal(shown.api_version, newestApiVersion)
})

test('a pinned key keeps the shapes of its version, in every process', async () => {
  const key = await oldKey()

  const list = await t.ask('GET', '/keys', undefined, as(key))
  const made = await t.ask('POST', '/keys', { name: 'K', scopes: ['keys:read'] }, as(key))

  assert.equal(list.headers['belfry-version'], oldest)
  for (const one of [...list.body.keys, made.body]) {
    assert.match(one.hint, /^\w{4}$/)
    assert.ok(!('last_four' in one))
  }
  assert.equal(made.body.hint, made.body.key.slice(-4))
})

test('a request may ask for another version, older or newer', async () => {
  const older = await t.ask('GET', '/keys', undefined, inOldest)
  const newer = await t.ask(
    'GET',
    '/keys',
    undefined,
    as(await oldKey(), { 'belfry-version': newestApiVersion }),
  )

  assert.ok('hint' in older.body.keys[0] && !('last_four' in older.body.keys[0]))
  assert.ok('last_four' in newer.body.keys[0] && !('hint' in newer.body.keys[0]))
  assert.deepEqual(Object.keys(older.body), Object.keys(newer.body))
})

test('an answer in an old version says since when it is old, until when it holds, and where to read', async () => {
  const { headers } = await t.ask('GET', '/subscribers', undefined, inOldest)
  const { headers: newest } = await t.ask('GET', '/subscribers')

  assert.equal(headers['deprecation'], `@${Date.parse('2026-11-21') / 1_000}`)
  assert.equal(headers['sunset'], 'Tue, 21 Nov 2028 00:00:00 GMT')
  assert.equal(headers['link'], '</docs/versions>; rel="deprecation"; type="text/html"')
  for (const name of ['deprecation', 'sunset', 'link']) assert.ok(!(name in newest), name)
  const page = await t.ask('GET', '/docs/versions', undefined, { authorization: '' })
  assert.equal(page.status, 200)
  assert.match(page.body, /last_four/)
})

test('a date that is no version is refused with those there are', async () => {
  const dates = ['2026-11-19', '2027-01-01', '2026-13-45', 'latest', '', '2026-11-20, 2026-11-20']
  for (const date of dates) {
    const { status, headers, body } = await t.ask('GET', '/keys', undefined, {
      'belfry-version': date,
    })

    assert.equal(status, 400, date)
    assert.equal(body.code, 'unknown_version')
    assert.deepEqual(body.versions, [...apiVersions])
    assert.match(body.detail, /2026-11-21 \(the newest\), 2026-11-20/)
    assert.equal(headers['belfry-version'], newestApiVersion)
  }
})

test('every answer says its version: refusals, what is not there, and what needs no key', async () => {
  const none = { authorization: '' }
  const asked: [string, Record<string, string>, number][] = [
    ['/health', none, 200],
    ['/keys', none, 401],
    ['/nowhere', none, 404],
    ['/%', none, 404],
    ['/docs/errors', none, 200],
    ['/subscribers/nobody', {}, 404],
  ]
  for (const [url, headers, status] of asked) {
    const answer = await t.ask('GET', url, undefined, headers)
    const older = await t.ask('GET', url, undefined, { ...headers, ...inOldest })

    assert.equal(answer.status, status, url)
    assert.equal(answer.headers['belfry-version'], newestApiVersion, url)
    if (url !== '/%') assert.equal(older.headers['belfry-version'], oldest, url)
  }
})

test('a repeated request is answered in the version it asks for', async () => {
  const once = { 'idempotency-key': 'once' }
  const body = { name: 'once', scopes: ['keys:read'] }

  const first = await t.ask('POST', '/keys', body, once)
  const again = await t.ask('POST', '/keys', body, { ...once, ...inOldest })

  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.equal(again.body.hint, first.body.last_four)
})

test('the token of a person speaks the version of the request that made it', async () => {
  await given.subscriber(t, 'ana')
  const tokenIn = async (headers: Record<string, string>) =>
    (await t.ask('POST', '/subscribers/ana/token', {}, headers)).body.token as string
  const me = async (token: string, more = {}) =>
    (await t.ask('GET', '/me/preferences', undefined, as(token, more))).headers['belfry-version']

  assert.equal(await me(await tokenIn({})), newestApiVersion)
  assert.equal(await me(await tokenIn(inOldest)), oldest)
  assert.equal(await me(await tokenIn(as(await oldKey()))), oldest)
  const asked = await me(await tokenIn(inOldest), { 'belfry-version': newestApiVersion })
  assert.equal(asked, newestApiVersion)
})

test('the client gets the shapes of its types, however old its key is', async () => {
  const sent: (string | null)[] = []
  const url = await t.app.listen({ host: '127.0.0.1', port: 0 })
  const fetch: typeof globalThis.fetch = (target, init) => {
    sent.push(new Headers(init?.headers).get('belfry-version'))
    return globalThis.fetch(target, init)
  }
  const client = createClient({ url, key: await oldKey(), fetch })

  const { keys } = await client.call('listKeys', { query: {} })
  const token = (await client.subscribers.token('ana')).token
  const stop = new AbortController()
  for await (const { event } of streamFeed({ url, token, fetch, signal: stop.signal })) {
    assert.equal(event, 'counts')
    break
  }

  assert.match(keys[0]!.last_four, /^\w{4}$/)
  assert.deepEqual(new Set(sent), new Set([newestApiVersion]))
})

test('every version but the first one has a change, newest first', () => {
  const brought = new Set(changes.map(({ version }) => version))

  assert.deepEqual([...brought], apiVersions.slice(0, -1))
  assert.deepEqual(apiVersions.toSorted().toReversed(), [...apiVersions])
  const known = new Set(
    Object.values(t.app.swagger().paths ?? {}).flatMap((methods) =>
      Object.values(methods as Record<string, { operationId: string }>).map(
        ({ operationId }) => operationId,
      ),
    ),
  )
  for (const { operations } of changes)
    for (const id of Object.keys(operations)) assert.ok(known.has(id), `there is no ${id}`)
})

// Changes that are made up: none of the real ones is about a body so far.
const madeUp: Change[] = [
  {
    version: '2026-11-21',
    description: 'Second.',
    operations: {
      put: {
        upgradeBody: (body) => renamed(body, { from: 'b', to: 'c' }),
        downgradeAnswer: (answer) => renamed(answer, { from: 'c', to: 'b' }),
      },
    },
  },
  {
    version: '2026-11-21',
    description: 'First.',
    operations: {
      put: {
        upgradeBody: (body) => renamed(body, { from: 'a', to: 'b' }),
        downgradeAnswer: (answer) => renamed(answer, { from: 'b', to: 'a' }),
      },
    },
  },
]

test('bodies go up from change to change before they are checked, answers go down', async () => {
  const ajv = new Ajv2020()
  const app = fastify() as unknown as App
  app.setValidatorCompiler(({ schema }) => ajv.compile(schema))
  speakVersions(app)
  app.addHook('onRoute', translateVersions(madeUp))
  const body = {
    type: 'object',
    required: ['c'],
    additionalProperties: false,
    properties: { c: {} },
  }
  app.put('/', { schema: { operationId: 'put', body } }, (request) => request.body)
  const put = async (payload: object | string, headers = {}) => {
    const answer = await app.inject({ method: 'PUT', url: '/', payload, headers })
    return [answer.statusCode, answer.statusCode === 200 ? answer.json() : null]
  }

  assert.deepEqual(await put({ c: 1 }), [200, { c: 1 }])
  assert.deepEqual(await put({ a: 1 }), [400, null])
  assert.deepEqual(await put({ a: 1 }, inOldest), [200, { a: 1 }])
  const json = { 'content-type': 'application/json', ...inOldest }
  for (const strange of ['null', '[]', '1', '"a"'])
    assert.deepEqual(await put(strange, json), [400, null], strange)
  await app.close()
})
