// Webhooks of others become events: by configuration alone, in whatever shape the sender has.
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

const alerts = {
  schema: {
    type: 'object',
    required: ['url', 'location', 'alert_uuid', 'label', 'time_spotted'],
    additionalProperties: false,
    properties: {
      url: { type: 'string', format: 'uri', pattern: '^https?://', maxLength: 250 },
      location: { type: 'string' },
      alert_uuid: { type: 'string', format: 'uuid' },
      label: { enum: ['theft', 'suspicious', 'normal'] },
      time_spotted: { type: 'number', minimum: 0 },
    },
  },
  auth: { kind: 'none' },
  event: {
    type: 'alert.spotted',
    params: { url: '/url', shop: '{{ body.location }}', seen: '{{ body.time_spotted }}' },
    to: [{ topic: 'shop:{{ body.location }}#staff' }],
    level: "{% if body.label == 'theft' %}critical{% else %}standard{% endif %}",
    dedupe_key: '{{ body.alert_uuid }}',
    require_audience: '/location',
  },
  response: {
    status: 201,
    body: { url: '{{ body.url }}', label: '{{ body.label }}', event_id: '{{ event.id }}' },
  },
}

let count = 0
const alert = (fields: Record<string, unknown> = {}) => ({
  url: 'https://cameras.example/1.mp4',
  location: 'shop-1',
  alert_uuid: `6f1b1a0e-0000-4000-8000-${String(++count).padStart(12, '0')}`,
  label: 'normal',
  time_spotted: 1732160000.25,
  ...fields,
})

const send = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  t.ask('POST', url, body, { authorization: '', ...headers })
const countEvents = () => look.number('select count(*) from belfry.events')

await given.eventType(t, 'alert.spotted', { channels: ['in_app'] })
await given.subscriber(t, 'ana')
await given.topic(t, 'shop:shop-1%23staff', ['ana'])
assert.equal((await t.ask('PUT', '/sources/alerts', alerts)).status, 201)

test('a webhook becomes an event, and is answered as its source says', async () => {
  const body = alert({ label: 'theft' })

  const answer = await send('/webhooks/alerts/', body)

  assert.equal(answer.status, 201)
  const { event_id: id, ...echoed } = answer.body
  assert.deepEqual(echoed, { url: body.url, label: 'theft' })
  const { body: event } = await t.ask('GET', `/events/${id}`)
  assert.equal(event.level, 'critical')
  assert.deepEqual(event.params, { url: body.url, shop: 'shop-1', seen: 1732160000.25 })
  assert.equal(event.audience[0].topic, 'shop:shop-1#staff')
})

test('the same webhook again gets the first answer, and no second event', async () => {
  const body = alert()
  const first = await send('/webhooks/alerts', body)
  const before = await countEvents()

  // The same value, written in another order.
  const again = await send('/webhooks/alerts', Object.fromEntries(Object.entries(body).reverse()))

  assert.deepEqual([first.status, again.status], [201, 200])
  assert.equal(JSON.stringify(again.body), JSON.stringify(first.body), 'in the same order')
  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.equal(await countEvents(), before)
})

test('the same dedupe key with another body is a conflict', async () => {
  const body = alert()
  await send('/webhooks/alerts', body)
  const before = await countEvents()

  const other = await send('/webhooks/alerts', { ...body, label: 'suspicious' })

  assert.equal(other.status, 409)
  assert.equal(other.body.code, 'dedupe_key_reused')
  assert.equal(await countEvents(), before)
})

test('where the dedupe key should have come from is named when it is missing', async () => {
  const { status, body } = await send('/webhooks/alerts', alert({ alert_uuid: undefined }))

  assert.equal(status, 400)
  assert.equal(body.errors[0].pointer, '/alert_uuid')
})

test('of many of the same at once one becomes an event', async () => {
  const body = alert()
  const before = await countEvents()

  const answers = await Promise.all(Array.from({ length: 8 }, () => send('/webhooks/alerts', body)))

  assert.equal(answers.filter(({ status }) => status === 201).length, 1)
  for (const { status } of answers) assert.ok([200, 201, 409].includes(status), String(status))
  assert.equal(await countEvents(), before + 1)
})

test('what was accepted once stays accepted when it would be refused by now', async () => {
  await given.subscriber(t, 'ben')
  await given.topic(t, 'shop:shop-2%23staff', ['ben'])
  const body = alert({ location: 'shop-2' })
  const first = await send('/webhooks/alerts', body)
  await t.ask('DELETE', '/topics/shop:shop-2%23staff')

  const again = await send('/webhooks/alerts', body)

  assert.equal(again.status, 200)
  assert.deepEqual(again.body, first.body)
  assert.equal((await send('/webhooks/alerts', alert({ location: 'shop-2' }))).status, 400)
})

// body, the field that is named
const { label: _label, ...unlabelled } = alert()
const { alert_uuid: _id, ...unnamed } = alert()
const refused: [string, unknown, string][] = [
  ['a missing field', unlabelled, '/label'],
  ['a missing id', unnamed, '/alert_uuid'],
  ['a bad label', alert({ label: 'flood' }), '/label'],
  ['a bad URL', alert({ url: 'no-url' }), '/url'],
  ['a URL that is too long', alert({ url: `https://a.example/${'x'.repeat(250)}` }), '/url'],
  ['an unknown location', alert({ location: 'shop-99' }), '/location'],
  ['a time that is a text', alert({ time_spotted: '1732160000' }), '/time_spotted'],
  ['a field it does not know', alert({ extra: 1 }), '/extra'],
  ['a list', [], ''],
]
for (const [what, body, pointer] of refused)
  test(`${what} is refused with 400, the field is named, and nothing is stored`, async () => {
    const before = await countEvents()

    const answer = await send('/webhooks/alerts', body)

    assert.equal(answer.status, 400)
    assert.equal(answer.body.code, 'invalid_payload')
    assert.equal(answer.body.errors[0].pointer, pointer)
    assert.equal(await countEvents(), before)
  })

// content type, body, status
const unreadable: [string, string, number][] = [
  ['application/json', '{"a":', 400],
  ['application/json', '', 400],
  ['application/json', '{"a":1,"a":2}', 400],
  ['text/plain', '{}', 415],
  ['application/json; charset=latin1', '{}', 415],
  ['application/json', `"${'x'.repeat(300_000)}"`, 413],
]
for (const [type, body, status] of unreadable)
  test(`a webhook of ${type} ${body.slice(0, 20)} gets ${status}`, async () => {
    const answer = await send('/webhooks/alerts', body, { 'content-type': type })

    assert.equal(answer.status, status)
    assert.match(String(answer.headers['content-type']), /problem/)
  })

test('JSON may call itself by a name of its own', async () => {
  const body = JSON.stringify(alert())

  const answer = await send('/webhooks/alerts', body, {
    'content-type': 'application/vnd.cameras+json; charset=UTF-8',
  })

  assert.equal(answer.status, 201)
})

test('a source that is not there is not found', async () => {
  assert.equal((await send('/webhooks/nobody', alert())).status, 404)
  assert.equal((await send('/webhooks/other/alerts', alert())).status, 404)
  assert.equal((await send('/webhooks/default/alerts', alert())).status, 201)
})

await given.eventType(t, 'any', { channels: ['in_app'] })

test('a sender without a dedupe key may use an Idempotency-Key', async () => {
  await t.ask('PUT', '/sources/keyed', {
    auth: { kind: 'none' },
    event: { type: 'any', to: ['ana'] },
  })
  const header = { 'idempotency-key': 'K-1' }

  const first = await send('/webhooks/keyed', { a: 1 }, header)
  const again = await send('/webhooks/keyed', { a: 1 }, header)
  const other = await send('/webhooks/keyed', { a: 2 }, header)

  assert.deepEqual([first.status, again.status, other.status], [202, 202, 422])
  assert.deepEqual(again.body, first.body)
  await t.ask('PUT', '/sources/other', {
    auth: { kind: 'none' },
    event: { type: 'any', to: ['ana'] },
  })
  assert.equal((await send('/webhooks/other', { a: 2 }, header)).status, 202)
})

test('a change of a source holds for the next webhook, and a deleted one takes none', async () => {
  const put = (status: number) =>
    t.ask('PUT', '/sources/changing', {
      auth: { kind: 'none' },
      event: { type: 'any', to: ['ana'] },
      response: { status, body: 'ok' },
    })
  await put(200)
  assert.equal((await send('/webhooks/changing', {})).status, 200)
  await put(203)
  assert.equal((await send('/webhooks/changing', {})).status, 203)

  assert.equal((await t.ask('DELETE', '/sources/changing')).status, 204)

  assert.equal((await send('/webhooks/changing', {})).status, 404)
  assert.equal((await t.ask('DELETE', '/sources/changing')).status, 404)
})
