// Event types over HTTP.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

const shipped = {
  name: 'Order shipped',
  category: 'orders',
  level: 'standard',
  params: {
    type: 'object',
    required: ['order_id'],
    properties: { order_id: { type: 'string' } },
  },
  audience: ['{{ customer_id }}', { topic: 'order:{{ order_id }}#watcher' }],
  otherwise: [{ topic: 'support' }],
  channels: ['in_app', 'email'],
  retry: { attempts: 3, delay: '3s', backoff: 'fixed' },
  retention: '30d',
}

test('an event type gains a version with each change, and none without one', async () => {
  const first = await t.ask('PUT', '/event-types/order.shipped', shipped)
  const same = await t.ask('PUT', '/event-types/order.shipped', shipped)
  const second = await t.ask('PUT', '/event-types/order.shipped', { ...shipped, level: 'critical' })

  assert.deepEqual([first.status, same.status, second.status], [201, 200, 200])
  const { created_at: _at, ...shown } = first.body
  assert.deepEqual(shown, {
    key: 'order.shipped',
    version: 1,
    ...shipped,
    opt_in: false,
    fallback: null,
  })
  assert.deepEqual([same.body.version, second.body.version], [1, 2])
  const { body } = await t.ask('GET', '/event-types/order.shipped/versions')
  assert.deepEqual(
    body.versions.map(({ version, level }: Record<string, unknown>) => [version, level]),
    [
      [2, 'critical'],
      [1, 'standard'],
    ],
  )
  assert.equal((await t.ask('GET', '/event-types')).body.count, 1)
})

test('what is left out of an event type gets its default', async () => {
  const { body } = await t.ask('PUT', '/event-types/plain', { channels: ['sms'] })

  const { created_at: _at, ...shown } = body
  assert.deepEqual(shown, {
    key: 'plain',
    version: 1,
    name: 'plain',
    category: null,
    level: 'standard',
    params: null,
    audience: [],
    otherwise: [],
    channels: ['sms'],
    opt_in: false,
    retry: null,
    retention: '72h',
    fallback: null,
  })
})

test('writers at the same time never take the same version', async () => {
  const writes = Array.from({ length: 12 }, (_, i) =>
    t.ask('PUT', '/event-types/race', { name: `name ${i}`, channels: ['email'] }),
  )

  const versions = (await Promise.all(writes)).map(({ body }) => body.version as number)

  assert.deepEqual(
    versions.toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  )
})

const closed = { properties: { customer_id: {}, express: {} }, additionalProperties: false }
const channels = ['email']

// body, code, pointer
const refusedTypes: [object, string, string][] = [
  [{ channels, level: 'critcal' }, 'invalid_request', '/level'],
  [{ channels, level: '{% if %}' }, 'invalid_template', '/level'],
  [{ channels, level: '{{ expres }}', params: closed }, 'invalid_template', '/level'],
  [{ channels, audience: ['{{ custmer_id }}'], params: closed }, 'invalid_template', '/audience/0'],
  [
    { channels, otherwise: [{ topic: '{{ params.oder }}' }], params: closed },
    'invalid_template',
    '/otherwise/0/topic',
  ],
  [{ channels, retention: '3 days' }, 'invalid_request', '/retention'],
  [{}, 'invalid_request', '/channels'],
  [{ channels: [] }, 'invalid_request', '/channels'],
  [{ channels: ['emial'] }, 'invalid_request', '/channels/0'],
  [{ channels: ['email'], plan: [] }, 'invalid_request', '/plan'],
  [{ channels: ['email'], params: { type: 'objct' } }, 'invalid_schema', '/params'],
  [{ channels: ['email'], params: { $ref: 'https://example.com/s' } }, 'invalid_schema', '/params'],
  [{ channels: ['email'], audience: ['{{ a '] }, 'invalid_template', '/audience/0'],
  [
    { channels: ['email'], audience: [{ topic: '{% x %}' }] },
    'invalid_template',
    '/audience/0/topic',
  ],
  [{ channels: ['email'], audience: [{ topc: 'a' }] }, 'invalid_request', '/audience/0/topic'],
  [
    { channels: ['email'], retry: { attempts: 3, delay: '3', backoff: 'fixed' } },
    'invalid_request',
    '/retry/delay',
  ],
]
for (const [body, code, pointer] of refusedTypes)
  test(`an event type is refused: ${JSON.stringify(body)}`, async () => {
    const answer = await t.ask('PUT', '/event-types/refused', body)

    assert.equal(answer.body.code, code)
    assert.equal(answer.body.errors[0].pointer, pointer)
    assert.equal((await t.ask('GET', '/event-types/refused')).status, 404)
  })

test('the Liquid of an event type names its parameters, and what is misspelt gets the nearest', async () => {
  const audience = ['{{ custmer_id }}']
  const refused = await t.ask('PUT', '/event-types/liquid', { channels, audience, params: closed })
  const open = await t.ask('PUT', '/event-types/liquid', { channels, audience, params: {} })
  const level = '{% assign e = params.express %}{% if e %}critical{% else %}standard{% endif %}'
  const right = { channels, audience: ['{{ customer_id }}'], level, params: closed }
  const saved = await t.ask('PUT', '/event-types/liquid', right)

  assert.match(refused.body.errors[0].detail, /customer_id, express.*Did you mean "customer_id"/)
  assert.deepEqual([open.status, saved.status], [201, 200])
})

test('a deleted event type takes no events, keeps its history, and comes back with PUT', async () => {
  const definition = { channels, name: 'Gone' }
  await t.ask('PUT', '/event-types/gone', definition)
  const event = await t.ask('POST', '/events', { type: 'gone', to: ['ana'] })

  const deleted = await t.ask('DELETE', '/event-types/gone')
  const again = await t.ask('DELETE', '/event-types/gone')
  const refused = await t.ask('POST', '/events', { type: 'gone', to: ['ana'] })
  const shown = await t.ask('GET', '/event-types/gone')
  const listed = await t.ask('GET', '/event-types')
  const template = await t.ask('PUT', '/templates/gone/sms/default', { body: 'x' })

  assert.deepEqual([deleted.status, again.status, shown.status], [204, 404, 404])
  assert.equal(refused.body.code, 'unknown_event_type')
  assert.match(refused.body.errors[0].detail, /was deleted at .*PUT it again/)
  assert.match(shown.body.detail, /was deleted at/)
  assert.ok(!listed.body.event_types.some(({ key }: { key: string }) => key === 'gone'))
  assert.equal(template.body.code, 'unknown_event_type')
  assert.equal((await t.ask('GET', '/event-types/gone/versions')).body.count, 1)
  assert.equal((await t.ask('GET', `/events/${event.body.event_id}`)).body.type, 'gone')

  const back = await t.ask('PUT', '/event-types/gone', definition)
  assert.deepEqual([back.status, back.body.version], [200, 2])
  assert.equal((await t.ask('POST', '/events', { type: 'gone', to: ['ana'] })).status, 202)
})

test('a misspelt event type is answered with the nearest one', async () => {
  const { body } = await t.ask('GET', '/event-types/order.shiped')

  assert.match(body.detail, /Did you mean "order.shipped"/)
})
