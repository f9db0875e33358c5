// @belfry/client against a real Belfry over sockets, with a network in between that fails as told.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { BelfryError, createClient } from '../../client/src/client.ts'
import { createFlakyProxy } from './flaky-proxy.ts'
import { closedPort } from './sinks.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const address = await t.app.listen({ host: '127.0.0.1', port: 0 })
const proxy = await createFlakyProxy(address)
after(async () => {
  await proxy.close()
  await t.close()
})

const client = createClient({ url: proxy.url, key: t.key })

// Parameters may have types, by event type: that a wrong name does not compile is part of the test.
type Params = { 'order.shipped': { order: number } }
const typed = createClient<Params>({ url: `${proxy.url}/`, key: t.key })

await client.eventTypes.put('order.shipped', { channels: ['in_app'] })
await client.subscribers.upsertMany(
  ['ana', 'ben', 'cleo'].map((id) => ({ id, email: `${id}@example.com` })),
)
const tomorrow = new Date(Date.now() + 86_400_000)

/** The error that the call rejects with. */
async function refusal(call: Promise<unknown>): Promise<BelfryError> {
  try {
    await call
  } catch (error) {
    assert.ok(error instanceof BelfryError, String(error))
    return error
  }
  throw new assert.AssertionError({ message: 'it was not refused' })
}

async function idsOf(items: AsyncIterable<{ id: string }>): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of items) ids.push(id)
  return ids
}

test('an event that is triggered can be followed and cancelled', async () => {
  proxy.plan()
  const options = { to: ['ana'], scheduled_time: tomorrow }
  const { event_id } = await typed.trigger('order.shipped', { order: 42 }, options)
  const event = await client.events.get(event_id)
  const cancelled = await client.events.cancel(event_id)

  assert.deepEqual(event.params, { order: 42 })
  assert.equal(event.scheduled_time, tomorrow.toISOString())
  assert.equal(cancelled.status, 'success')
  assert.equal((await client.events.get(event_id)).status, 'cancelled')
})

test('what does not fit its event type or filter does not compile', () => {
  const neverCalled = [
    // @ts-expect-error a misspelt parameter
    () => typed.trigger('order.shipped', { oder: 42 }),
    // @ts-expect-error no such event type
    () => typed.trigger('order.sent', { order: 42 }),
    // @ts-expect-error no such status
    () => client.events.list({ status: 'canceled' }),
    // @ts-expect-error no such channel
    () => client.notify({ to: ['ana'], channels: ['fax'], message: 'Hello' }),
  ]

  assert.equal(neverCalled.length, 4)
})

test('a message can be sent, found and cancelled', async () => {
  proxy.plan()
  const message = { to: ['ben'], channels: ['email' as const], message: 'Hello' }
  const sent = await client.notify({ ...message, scheduled_time: tomorrow })
  const direct = await client.notifications.createOn('email', {
    recipient_id: 'ben',
    content: 'Hello again',
    scheduled_time: tomorrow,
  })
  const ids = await idsOf(client.notifications.list({ recipient_id: 'ben', status: 'pending' }))

  assert.deepEqual(ids, [direct.notification_id, ...sent.notification_ids])
  await client.notifications.cancel(direct.notification_id)
  const { status, deliveries } = await client.notifications.get(direct.notification_id)
  assert.equal(status, 'cancelled')
  assert.ok(Array.isArray(deliveries))
  const late = await refusal(client.notifications.cancel(direct.notification_id))
  assert.equal(late.code, 'wrong_status')
  assert.equal(late.status, 409)
})

test('a list goes through all its pages, each item once', async () => {
  await client.topics.members.replace('everyone', ['ana', 'ben', 'cleo'])
  proxy.plan()

  const members: string[] = []
  for await (const member of client.topics.members.list('everyone', { limit: 1 }))
    members.push(member.subscriber_id)

  assert.deepEqual(members, ['ana', 'ben', 'cleo'])
  assert.equal(proxy.seen.length, 3)
})

test('a list may begin behind its first items', async () => {
  assert.deepEqual(await idsOf(client.subscribers.list({ limit: 1, offset: 1 })), ['ben', 'cleo'])
})

test('one page can be had, and the next one asked for', async () => {
  const first = await client.subscribers.list({ limit: 2 }).page()
  assert.ok(first.nextCursor !== null)
  const second = await client.subscribers.list({ limit: 2, cursor: first.nextCursor }).page()

  assert.deepEqual(
    [...first.items, ...second.items].map(({ id }) => id),
    ['ana', 'ben', 'cleo'],
  )
  assert.equal(second.nextCursor, null)
})

test('a list that nobody reads to its end asks for no more pages', async () => {
  proxy.plan()

  for await (const { id } of client.subscribers.list({ limit: 1 })) if (id === 'ana') break

  assert.equal(proxy.seen.length, 1)
})

test('an event whose answer was lost is sent again and exists once', async () => {
  const before = await idsOf(client.events.list({ type: 'order.shipped' }))
  proxy.plan('lose', 'lose')

  const { event_id } = await client.trigger('order.shipped', {}, { to: ['cleo'] })

  const keys = proxy.seen.map(({ headers }) => headers['idempotency-key'])
  assert.equal(keys.length, 3)
  assert.equal(new Set(keys).size, 1)
  const events = await idsOf(client.events.list({ type: 'order.shipped' }))
  assert.deepEqual(events, [event_id, ...before])
})

test('the same key of the caller does the work once', async () => {
  const once = { idempotencyKey: 'order.shipped/1001' }
  const first = await client.trigger('order.shipped', {}, { to: ['ana'] }, once)
  const second = await client.trigger('order.shipped', {}, { to: ['ana'] }, once)
  const other = await refusal(client.trigger('order.shipped', { a: 1 }, { to: ['ana'] }, once))

  assert.equal(second.event_id, first.event_id)
  assert.equal(other.code, 'idempotency_key_reused')
})

test('what is not safe to repeat is not repeated', async () => {
  proxy.plan('lose')

  const error = await refusal(client.subscribers.update('ana', { locale: 'pt-PT' }))

  assert.equal(error.code, 'no_answer')
  assert.equal(proxy.seen.length, 1)
})

test('a busy server is asked again when it said', async () => {
  proxy.plan({ status: 503, headers: { 'retry-after': '1' } }, { status: 429 })
  const startedAt = performance.now()

  assert.equal((await client.health()).status, 'healthy')

  assert.equal(proxy.seen.length, 3)
  assert.ok(performance.now() - startedAt >= 1_000)
})

test('a server that asks for more patience than the caller has is not waited for', async () => {
  proxy.plan({ status: 503, headers: { 'retry-after': '3600' } })

  const error = await refusal(client.health())

  assert.equal(error.status, 503)
  assert.equal(error.retryAfterMs, 3_600_000)
  assert.equal(proxy.seen.length, 1)
})

test('a refusal names the fields, and reads well', async () => {
  proxy.plan()

  const error = await refusal(client.notify({ to: ['ana'], channels: [], message: ' ' }))

  assert.equal(error.code, 'invalid_request')
  assert.equal(error.status, 422)
  assert.deepEqual(error.errors.map(({ pointer }) => pointer).toSorted(), ['/channels', '/message'])
  assert.ok(error.requestId)
  assert.match(
    error.message,
    /^POST \/notifications: \/channels .+ \[invalid_request, request .+\]$/,
  )
  assert.equal(proxy.seen.length, 1, 'asking again would not help')
})

test('of many events each is accepted or refused by itself', async () => {
  const good = { type: 'order.shipped', to: ['ana'] }

  const { accepted, refused, results } = await client.events.createMany([good, { type: 'a.typo' }])

  assert.deepEqual([accepted, refused], [1, 1])
  assert.equal(results[0]?.status, 'success')
  assert.ok(results[1]?.status === 'error' && results[1].code === 'unknown_event_type')
})

test('a try that hangs makes room for the next one', async () => {
  const hasty = createClient({ url: proxy.url, key: t.key, attemptTimeoutMs: 2_000 })
  proxy.plan('hang')

  assert.equal((await hasty.subscribers.get('ana')).id, 'ana')
  assert.equal(proxy.seen.length, 2)
})

test('a call that takes too long ends', async () => {
  proxy.plan('hang', 'hang')

  const error = await refusal(client.health({ timeoutMs: 100 }))

  assert.equal(error.code, 'timeout')
  assert.equal(error.status, null)
})

test('a call can be given up, with the reason of who gave it up', async () => {
  const user = new AbortController()
  const reason = new Error('the user left')
  proxy.plan('hang')
  const arrived = proxy.nextRequest()

  const call = client.events.get('01a1fbb4-bd9c-7130-a956-2f575e613672', { signal: user.signal })
  await arrived
  user.abort(reason)

  await assert.rejects(call, (error) => error === reason)
})

test('a call can be given up while it waits for its next try, and before it begins', async () => {
  const user = new AbortController()
  let count = 0
  const busy = async () => {
    count++
    // Later than everything that the answer sets in motion: the call has begun to wait by then.
    setImmediate(() => setImmediate(() => user.abort()))
    return new Response(null, { status: 503, headers: { 'retry-after': '30' } })
  }
  const waiting = createClient({ url: proxy.url, key: t.key, fetch: busy })
  const { signal } = user

  await assert.rejects(waiting.health({ signal }), { name: 'AbortError' })
  await assert.rejects(waiting.health({ signal }), { name: 'AbortError' })
  assert.equal(count, 1)
})

test('what answers but is no Belfry is told apart', async () => {
  const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Hello</h1>' }
  const redirect = { status: 301, headers: { location: 'https://example.com/' } }
  proxy.plan(page, redirect)

  assert.equal((await refusal(client.stats())).code, 'unexpected_answer')
  const moved = await refusal(client.trigger('order.shipped', {}, { to: ['ana'] }))
  assert.match(moved.message, /A redirect to https:\/\/example\.com\//)
})

test('a server that is not there is named', async () => {
  const url = `http://127.0.0.1:${await closedPort()}`
  const alone = createClient({ url, key: t.key, maxRetries: 0 })

  const error = await refusal(alone.health())

  assert.equal(error.code, 'no_answer')
  assert.match(error.message, new RegExp(`^GET /health: ${url} gave no answer: .*ECONNREFUSED`))
})

test('a client without a key or with an address that is none is refused at once', () => {
  assert.throws(() => createClient({ url: proxy.url, key: '' }), TypeError)
  assert.throws(() => createClient({ url: 'localhost:4000', key: t.key }), TypeError)
})
