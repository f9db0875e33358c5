// CloudEvents 1.0 on POST /events: one in the body, many in the body, one in headers and body.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createLook, given } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
after(async () => {
  await look.close()
  await t.close()
})

const structured = { 'content-type': 'application/cloudevents+json; charset=UTF-8' }
const batch = { 'content-type': 'application/cloudevents-batch+json' }

type Fields = Record<string, unknown>
let count = 0
const cloudEvent = (fields: Fields = {}): Fields => ({
  specversion: '1.0',
  type: 'stock.low',
  source: '/shop',
  id: `n${++count}`,
  to: 'ana',
  data: { left: 12 },
  ...fields,
})
const post = (body: unknown, headers: Record<string, string>) =>
  t.ask('POST', '/events', typeof body === 'string' ? body : JSON.stringify(body), headers)
const sendOne = (fields: Fields = {}) => post(cloudEvent(fields), structured)

/** The same event with its attributes as headers. */
function sendBinary({ data, ...attributes }: Fields, more: Record<string, string> = {}) {
  const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)])
  const named = { 'content-type': 'application/json', ...Object.fromEntries(headers), ...more }
  return t.ask('POST', '/events', JSON.stringify(data), named)
}
const eventOf = async (id: string) => (await t.ask('GET', `/events/${id}`)).body
const countEvents = () => look.number('select count(*) from belfry.events')
const traceOf = async (id: string) =>
  (await look.rows('select traceparent from belfry.events where id = $1', [id]))[0].traceparent

await given.subscriber(t, 'ana')
await given.subscriber(t, 'ben')
await given.topic(t, 'team', ['ben'])
await given.eventType(t, 'stock.low', {
  channels: ['in_app'],
  params: { type: 'object', properties: { left: { type: 'integer', minimum: 0 } } },
})
await given.eventType(t, 'stock.counted', { channels: ['in_app'], audience: [{ topic: 'team' }] })

test('a CloudEvent in the body becomes an event', async () => {
  const answer = await sendOne({
    to: 'ana, topic:team',
    time: '2026-11-21T06:00:00.5+01:00',
    subject: 'ben',
    datacontenttype: 'application/vnd.shop+json; charset=utf-8',
    dataschema: null,
    myextension: 7,
  })

  assert.equal(answer.status, 202)
  assert.equal(answer.body.status, 'success')
  const event = await eventOf(answer.body.event_id)
  assert.equal(event.type, 'stock.low')
  assert.deepEqual(event.params, { left: 12 })
  assert.deepEqual(
    event.audience.map((one: { id?: string; topic?: string }) => one.id ?? one.topic),
    ['ana', 'team'],
  )
})

test('a CloudEvent in headers becomes an event, and the trace it names is followed', async () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const event = cloudEvent({ source: '%2Fshop%20%E2%82%AC', traceparent })

  const answer = await sendBinary(event, { traceparent: traceparent.replaceAll('a', 'c') })

  assert.equal(answer.status, 202)
  assert.deepEqual((await eventOf(answer.body.event_id)).params, { left: 12 })
  assert.equal(await traceOf(answer.body.event_id), traceparent)
})

test('without data and with an audience of its own, an event needs only its four attributes', async () => {
  const { specversion, source } = cloudEvent()
  const event = { specversion, source, type: 'stock.counted' }

  const inBody = await post({ ...event, id: 'bare-1', data: null }, structured)
  const headers = { 'ce-specversion': '1.0', 'ce-type': 'stock.counted', 'ce-source': '/shop' }
  const inHeaders = await t.ask('POST', '/events', undefined, { ...headers, 'ce-id': 'bare-2' })

  for (const answer of [inBody, inHeaders]) {
    assert.equal(answer.status, 202)
    assert.deepEqual((await eventOf(answer.body.event_id)).params, {})
  }
})

test('a plain request stays one, whatever its other headers are', async () => {
  const body = { type: 'stock.low', to: ['ana'], params: { left: 1 } }

  const answer = await t.ask('POST', '/events', body, { 'ce-ment': 'wet' })

  assert.equal(answer.status, 202)
})

test('the same source and id is the same event, in whichever form it comes', async () => {
  const event = cloudEvent()
  const first = await post(event, structured)
  const before = await countEvents()

  const again = await post({ ...event, time: '2026-11-21T07:00:00Z', hop: '2' }, structured)
  const inHeaders = await sendBinary(event)
  const inBatch = await post([event], batch)

  for (const answer of [again, inHeaders]) {
    assert.equal(answer.status, 202)
    assert.deepEqual(answer.body, first.body)
    assert.equal(answer.headers['idempotency-replayed'], 'true')
  }
  assert.equal(first.headers['idempotency-replayed'], undefined)
  assert.deepEqual(inBatch.body.results, [
    { status: 'success', event_id: first.body.event_id, idempotency_replayed: true },
  ])
  assert.equal(await countEvents(), before)
})

test('the same id of another source is another event, however the two are cut', async () => {
  const one = await sendOne({ source: '/a', id: 'b c' })
  const other = await sendOne({ source: '/a b', id: 'c' })

  assert.deepEqual([one.status, other.status], [202, 202])
  assert.notEqual(one.body.event_id, other.body.event_id)
})

test('what was accepted once stays so when its type is deleted', async () => {
  await given.eventType(t, 'short.lived', { channels: ['in_app'] })
  const event = cloudEvent({ type: 'short.lived' })
  const first = await post(event, structured)
  assert.equal((await t.ask('DELETE', '/event-types/short.lived')).status, 204)

  const again = await post(event, structured)

  assert.deepEqual(again.body, first.body)
  assert.equal(again.headers['idempotency-replayed'], 'true')
})

test('the same source and id with other content is a conflict, and nothing is stored', async () => {
  const event = cloudEvent()
  await post(event, structured)
  const before = await countEvents()

  const changed = await post({ ...event, data: { left: 11 } }, structured)
  const inHeaders = await sendBinary({ ...event, to: 'ben' })

  assert.deepEqual([changed.status, changed.body.code], [409, 'dedupe_key_reused'])
  assert.equal(changed.body.errors[0].pointer, '/id')
  assert.deepEqual([inHeaders.status, inHeaders.body.errors[0].pointer], [409, 'ce-id'])
  assert.equal(await countEvents(), before)
})

test('of a batch each is accepted or refused by itself', async () => {
  const [good, twice] = [cloudEvent(), cloudEvent()]
  const used = cloudEvent()
  await post(used, structured)
  const items = [good, twice, twice, cloudEvent({ data: { left: -1 } }), 1, { ...used, to: 'ben' }]

  const { status, body } = await post(items, batch)

  assert.deepEqual([status, body.status, body.accepted, body.refused], [202, 'partial', 3, 3])
  const [first, second, third, unfit, none, reused] = body.results
  assert.notEqual(first.event_id, second.event_id)
  assert.deepEqual(third, { ...second, idempotency_replayed: true })
  assert.deepEqual([unfit.code, unfit.errors[0].pointer], ['invalid_params', '/data/left'])
  assert.deepEqual([none.code, none.errors[0].pointer], ['invalid_request', ''])
  assert.deepEqual([reused.code, reused.errors[0].pointer], ['dedupe_key_reused', '/id'])
})

test('a batch that comes again stores what is new in it', async () => {
  const event = cloudEvent()
  const first = await post([event], batch)
  const before = await countEvents()

  const again = await post([event, cloudEvent()], batch)

  assert.equal(again.body.results[0].event_id, first.body.results[0].event_id)
  assert.equal(await countEvents(), before + 1)
})

test('a batch may be empty or of 1,000, and no larger', async () => {
  const empty = await post([], batch)
  assert.deepEqual([empty.status, empty.body.results], [202, []])
  const many = Array.from({ length: 1_000 }, () => cloudEvent())
  const before = await countEvents()

  const full = await post(many, batch)
  const over = await post([...many, cloudEvent()], batch)

  assert.deepEqual([full.status, full.body.accepted], [202, 1_000])
  assert.equal(over.status, 422)
  assert.equal(await countEvents(), before + 1_000)
})

test('a batch of which nothing can be accepted is refused', async () => {
  const { status, body } = await post([cloudEvent({ type: 'stock.lo' }), {}], batch)

  assert.equal(status, 422)
  const pointers = body.errors.map((error: { pointer: string }) => error.pointer)
  assert.deepEqual(pointers.slice(0, 2), ['/0/type', '/1/specversion'])
})

// what, changed fields, status, code, pointer in the body, pointer in headers
const refusals: [string, Fields, string, string, string][] = [
  ['another version', { specversion: '0.3' }, 'invalid_request', '/specversion', 'ce-specversion'],
  ['no id', { id: undefined }, 'invalid_request', '/id', 'ce-id'],
  ['an empty source', { source: '' }, 'invalid_request', '/source', 'ce-source'],
  [
    'a source that is too long',
    { source: 's'.repeat(1_001) },
    'invalid_request',
    '/source',
    'ce-source',
  ],
  ['no type', { type: undefined }, 'invalid_request', '/type', 'ce-type'],
  ['a type nobody knows', { type: 'stock.lo' }, 'unknown_event_type', '/type', 'ce-type'],
  ['no people', { to: undefined }, 'no_recipients', '/to', 'ce-to'],
  ['a gap between people', { to: 'ana,,ben' }, 'invalid_request', '/to', 'ce-to'],
  ['a topic without a name', { to: 'topic:' }, 'invalid_request', '/to', 'ce-to'],
  ['no moment', { time: 'yesterday' }, 'invalid_request', '/time', 'ce-time'],
  [
    'a moment without an offset',
    { time: '2026-11-21T06:00:00' },
    'invalid_request',
    '/time',
    'ce-time',
  ],
  ['unfit data', { data: { left: -1 } }, 'invalid_params', '/data/left', '/left'],
  ['data that is a list', { data: [1] }, 'invalid_request', '/data', ''],
  ['data that is a text', { data: '{}' }, 'invalid_request', '/data', ''],
  ['base64', { data_base64: 'e30=' }, 'invalid_request', '/data_base64', 'ce-data_base64'],
  [
    'data that is not JSON',
    { datacontenttype: 'text/xml' },
    'invalid_request',
    '/datacontenttype',
    'ce-datacontenttype',
  ],
  ['a name that is none', { 'user-id': 'a' }, 'invalid_request', '/user-id', 'ce-user-id'],
]
for (const [name, fields, code, inBody, inHeaders] of refusals)
  test(`a CloudEvent is refused in the words of its sender: ${name}`, async () => {
    const event = JSON.parse(JSON.stringify(cloudEvent(fields))) as Fields
    const before = await countEvents()

    const answers = [await post(event, structured), await sendBinary(event)]

    for (const [i, { status, body }] of answers.entries()) {
      assert.deepEqual([status, body.code], [422, code])
      const pointers = body.errors.map((error: { pointer: string }) => error.pointer)
      assert.deepEqual(pointers, [[inBody], [inHeaders]][i])
    }
    assert.equal(await countEvents(), before)
  })

test('a header that is not UTF-8 is named, once', async () => {
  const answer = await sendBinary(cloudEvent({ id: '%C0%A0' }))

  assert.equal(answer.status, 422)
  assert.deepEqual(
    answer.body.errors.map((error: { pointer: string }) => error.pointer),
    ['ce-id'],
  )
})
