// The same request again, with the same key: it is done once, whatever happens to connections and
// however many ask at the same time.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createApp, type App } from '../src/http/app.ts'
import { insertIdempotency } from '../src/sql/idempotency.ts'
import { defaultWorkspaceId } from '../src/system.ts'
import { armFaults, type Fault } from './faults.ts'
import { createLook, given, type Look } from './given.ts'
import { createTestContext, type Answer, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let apps: App[]

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  apps = [belfry.app, createApp(await belfry.another())]
  await given.eventType(belfry, 'news', { channels: ['in_app'] })
  await given.subscriber(belfry, 'ana')
})

after(async () => {
  await apps[1]!.close()
  await look.close()
  await belfry.close()
})

type Route = {
  url: string
  body: unknown
  otherBody: unknown
  idOf: (answer: Answer) => string
}

const news = { type: 'news', to: ['ana'] }
const message = { to: ['ana'], channels: ['in_app'], message: 'Hello' }
const ana = { id: 'ana', locale: 'pt' }
const routes: Record<string, Route> = {
  'an event': {
    url: '/events',
    body: news,
    otherBody: { ...news, params: { a: 1 } },
    idOf: ({ body }) => body.event_id,
  },
  'an event with its subscriber': {
    url: '/events',
    body: { ...news, to: [ana] },
    otherBody: { ...news, to: [{ ...ana, locale: 'en' }] },
    idOf: ({ body }) => body.event_id,
  },
  'a batch': {
    url: '/events/batch',
    body: [news, news],
    otherBody: [news],
    idOf: ({ body }) => body.results.map((result: { event_id: string }) => result.event_id).join(),
  },
  'a direct message': {
    url: '/notifications',
    body: message,
    otherBody: { ...message, message: 'Bye' },
    idOf: ({ body }) => body.notification_ids.join(),
  },
}

let keyCount = 0
const newKey = () => ({ 'idempotency-key': `key-${++keyCount}` })
const eventCount = () => look.number('select count(*) from belfry.events')

async function askOn(
  app: App,
  { url, body }: Route,
  headers: Record<string, string>,
): Promise<Answer> {
  const response = await app.inject({
    method: 'POST',
    url,
    headers: { authorization: `Bearer ${belfry.key}`, ...headers },
    payload: body as object,
  })
  return { status: response.statusCode, headers: response.headers, body: response.json() }
}

for (const [name, route] of Object.entries(routes)) {
  const size = Array.isArray(route.body) ? route.body.length : 1

  test(`${name} sent 64 times at once through two processes is accepted once`, async () => {
    const before = await eventCount()
    const headers = newKey()

    const asked = Array.from({ length: 64 }, (_, i) => askOn(apps[i % 2]!, route, headers))
    const answers = await Promise.all(asked)

    const taken = answers.filter(({ status }) => status === 202)
    const others = answers.filter(({ status }) => status !== 202)
    assert.ok(taken.length > 0)
    assert.equal(new Set(taken.map(route.idOf)).size, 1)
    const firsts = taken.filter((answer) => answer.headers['idempotency-replayed'] === undefined)
    assert.equal(firsts.length, 1)
    for (const { status, body } of others)
      assert.deepEqual([status, body.code], [409, 'idempotency_in_progress'])
    assert.equal((await eventCount()) - before, size)
  })

  test(`${name} sent again later gets the first answer, and another one under its key is refused`, async () => {
    const headers = newKey()
    const first = await belfry.ask('POST', route.url, route.body, headers)
    const before = await eventCount()

    const again = await belfry.ask('POST', route.url, route.body, headers)
    const other = await belfry.ask('POST', route.url, route.otherBody, headers)

    assert.equal(first.status, 202)
    assert.deepEqual([again.status, again.body], [202, first.body])
    assert.equal(again.headers['idempotency-replayed'], 'true')
    assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused'])
    assert.equal(await eventCount(), before)
  })

  // what happened, to which statement, whether the work is on disk
  const cuts: [string, Fault['when'], number][] = [
    ['before it was stored', 'before', 0],
    ['after it was stored', 'after', size],
  ]
  for (const [moment, when, storedCount] of cuts) {
    test(`${name} whose connection to the database is cut ${moment} is accepted once in the end`, async () => {
      const headers = newKey()
      const before = await eventCount()
      // A transaction of its own ends with a commit; several requests together share one statement.
      const hasTransaction = name !== 'an event' && name !== 'a batch'
      const statement = hasTransaction ? 'commit' : 'insert into belfry.event_queue'
      const faults = armFaults([{ statement, nth: 1, when, what: 'cut' }])

      const first = await belfry.ask('POST', route.url, route.body, headers)
      faults.disarm()
      const stored = (await eventCount()) - before
      const again = await belfry.ask('POST', route.url, route.body, headers)

      assert.deepEqual([first.status, first.body.code], [503, 'unavailable'])
      assert.ok(first.headers['retry-after'] !== undefined)
      assert.equal(stored, storedCount)
      assert.equal(again.status, 202)
      assert.equal(again.headers['idempotency-replayed'], storedCount > 0 ? 'true' : undefined)
      assert.equal((await eventCount()) - before, size)
    })
  }

  test(`${name} that was refused leaves its key free`, async () => {
    const headers = newKey()
    const body = Array.isArray(route.body) ? [{ type: 'unknown' }] : { ...news, type: 'unknown' }

    const refused = await belfry.ask('POST', route.url, body, headers)
    const taken = await belfry.ask('POST', route.url, route.body, headers)

    assert.ok(refused.status >= 400 && refused.status < 500, String(refused.status))
    assert.equal(taken.status, 202)
  })
}

test('what was accepted once is answered again also after its moment has passed', async () => {
  const soon = new Date(belfry.clock.now().getTime() + 60_000).toISOString()
  const event = { ...news, expires_at: soon }
  const asked: [string, unknown][] = [
    ['/events', event],
    ['/events/batch', [event]],
    ['/notifications', { ...message, scheduled_time: soon }],
    ['/keys', { name: 'short', scopes: ['*'], expires_at: soon }],
  ]
  const headers = asked.map(newKey)
  const ask = () =>
    Promise.all(asked.map(([url, body], i) => belfry.ask('POST', url, body, headers[i])))
  const first = await ask()

  belfry.clock.advance({ minutes: 10 })
  const again = await ask()
  const fresh = await belfry.ask('POST', '/events', event, newKey())

  assert.deepEqual(
    again.map(({ status, body }) => ({ status, body })),
    first.map(({ status, body }) => ({ status, body })),
  )
  assert.ok(again.every(({ headers }) => headers['idempotency-replayed'] === 'true'))
  assert.equal(fresh.status, 422)
})

test('without a key each request is a new event', async () => {
  const before = await eventCount()

  await Promise.all([1, 2, 3].map(() => belfry.ask('POST', '/events', news)))

  assert.equal((await eventCount()) - before, 3)
})

test('a slow request that holds a key holds up the others for a moment, and its like is told to wait', async () => {
  const headers = newKey()
  const row = { workspaceId: defaultWorkspaceId, key: headers['idempotency-key'] }
  const answer = { fingerprint: Buffer.from('of a slow request'), status: 200, body: null }
  const hold = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const slow = belfry.ctx.db.transaction(async (tx) => {
    await insertIdempotency(tx, { ...row, ...answer })
    held.resolve()
    await hold.promise
    throw new Error('it was not done after all')
  })
  await held.promise

  const answers = await Promise.all([
    belfry.ask('POST', '/events', news, headers),
    belfry.ask('POST', '/events', news, newKey()),
    belfry.ask('POST', '/events', news),
  ])
  hold.resolve()
  await assert.rejects(slow, /not done after all/)
  const again = await belfry.ask('POST', '/events', news, headers)

  assert.deepEqual(
    answers.map(({ status }) => status),
    [409, 202, 202],
  )
  assert.equal(answers[0].body.code, 'idempotency_in_progress')
  assert.ok(answers[0].headers['retry-after'])
  assert.equal(again.status, 202)
})

test('a table that is locked is no key that is taken: nobody is refused for it but for now', async () => {
  const client = await belfry.ctx.db.connect()
  await client.query('begin; lock table belfry.idempotency in share mode')

  const refused = await belfry.ask('POST', '/events', news, newKey())
  await client.query('commit')
  await client.end()

  assert.deepEqual([refused.status, refused.body.code], [503, 'unavailable'])
})
