// Event types over HTTP.
// `then` is a word of plans; nobody awaits a step.
/* oxlint-disable unicorn/no-thenable */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { given } from './given.ts'
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
  const { created_at: _at, warnings, ...shown } = first.body
  assert.deepEqual(shown, {
    key: 'order.shipped',
    version: 1,
    ...shipped,
    opt_in: false,
    fallback: null,
  })
  assert.deepEqual(
    warnings.map(({ pointer }: Record<string, unknown>) => pointer),
    ['/channels/0', '/channels/1'],
    'neither has a template yet',
  )
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

  const { created_at: _at, warnings: _warnings, ...shown } = body
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
// a plan, the pointer of its error
const refusedPlans: [unknown, string][] = [
  [{}, '/plan'],
  [[{}], '/plan/0'],
  [[{ send: ['email'], wait: { for: '1h' } }], '/plan/0'],
  [[{ sned: ['email'] }], '/plan/0/sned'],
  [[{ send: [] }], '/plan/0/send'],
  [[{ send: ['emial'] }], '/plan/0/send/0'],
  [[{ send: ['email'], then: [{ send: ['sms'] }] }], '/plan/0/then'],
  [[{ send: ['email'], fallback: [] }], '/plan/0/fallback'],
  [[{ send: ['email'], fallback: ['smoke'] }], '/plan/0/fallback/0'],
  [[{ send: ['email'], fallback: ['sms'], within: 'soon' }], '/plan/0/within'],
  [[{ send: ['email'], fallback: ['sms'], until: 'opened' }], '/plan/0/until'],
  [[{ wait: { for: '1h' }, fallback: ['sms'] }, { send: ['sms'] }], '/plan/0/fallback'],
  [[{ wait: { for: '1h' }, within: '1h' }, { send: ['sms'] }], '/plan/0/within'],
  [[{ wait: { for: 'soon' } }, { send: ['email'] }], '/plan/0/wait/for'],
  [[{ wait: { for: '1h', unless: 'red' } }, { send: ['email'] }], '/plan/0/wait/unless'],
  [
    [{ wait: { for: '1h', unless: { event: 'a', key: '{{' } } }, { send: ['sms'] }],
    '/plan/0/wait/unless/key',
  ],
  [[{ digest: { window: '1h', key: 'all' } }, { send: ['email'] }], '/plan/0/digest/key'],
  [[{ digest: { window: '1h', close_at: 1 } }, { send: ['email'] }], '/plan/0/digest/close_at'],
  [[{ throttle: { limit: 0, per: '1h' } }, { send: ['email'] }], '/plan/0/throttle/limit'],
  [
    [{ throttle: { limit: 1, per: '1h', key: '{{ a }' } }, { send: ['email'] }],
    '/plan/0/throttle/key',
  ],
  [[{ if: 'a' }], '/plan/0/then'],
  [[{ if: 'a >', then: [{ send: ['email'] }] }], '/plan/0/if'],
  [[{ if: '1 > 2', then: [{ send: ['email'] }] }], '/plan/0/if'],
  [[{ if: '{{ a }}', then: [{ send: ['email'] }] }], '/plan/0/if'],
  [[{ if: 'a', then: [{ wait: { for: '1h' } }] }], '/plan/0/then/0'],
]
for (const [plan, pointer] of refusedPlans)
  refusedTypes.push(
    [{ plan }, 'invalid_request', pointer],
    [{ plan, params: closed }, 'invalid_request', pointer],
  )
refusedTypes.push([
  { plan: [{ if: 'expres', then: [{ send: ['email'] }] }], params: closed },
  'invalid_request',
  '/plan/0/if',
])

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

test('a plan is shown as it was given, with the channels it may send on', async () => {
  const plan = [
    { throttle: { limit: 3, per: '1h', key: '{{ order }}' } },
    { if: 'total > 100', then: [{ send: ['push'] }], else: [{ send: ['in_app', 'sms'] }] },
    { wait: { for: '30m', unless: { event: 'order.paid', key: '{{ order }}' } } },
    { digest: { window: { every: 'week', on: 'friday', at: '16:00' }, show: 5, first_now: true } },
    { send: ['email'] },
  ]

  const { status, body } = await t.ask('PUT', '/event-types/planned', { plan })
  const { body: shown } = await t.ask('GET', '/event-types/planned')
  const again = await t.ask('PUT', '/event-types/planned', { plan, channels: shown.channels })

  assert.equal(status, 201, JSON.stringify(body))
  assert.deepEqual(shown.plan, plan)
  assert.deepEqual(shown.channels, ['push', 'in_app', 'sms', 'email'])
  assert.deepEqual([again.status, again.body.version], [200, 1])
})

test('a channel without a template is a warning, until it has one', async () => {
  const plan = [{ send: ['in_app', 'webhook'] }, { wait: { for: '1h' } }, { send: ['email'] }]
  const { body: before } = await t.ask('PUT', '/event-types/untold', { plan })
  await given.template(t, 'untold', 'email', { subject: 'S', body: 'B' })
  const { body: then } = await t.ask('PUT', '/event-types/untold', { plan })
  await given.template(t, 'untold', 'in_app', { title: 'T', body: 'B' })
  const { body: after } = await t.ask('PUT', '/event-types/untold', { plan })

  const missing = (pointer: string, channel: string) => ({
    pointer,
    detail: `has no template for ${channel} yet; until it has, people read the fallback text there.`,
  })
  const inApp = missing('/plan/0/send/0', 'in_app')
  assert.deepEqual(before.warnings, [inApp, missing('/plan/2/send/0', 'email')])
  assert.deepEqual(then.warnings, [inApp])
  assert.equal(after.warnings, undefined)
})

test('a wait for an event that nobody has registered is a warning, until somebody has', async () => {
  await t.ask('PUT', '/event-types/order.payed', { channels: ['webhook'] })
  const plan = [
    { wait: { for: '1h', unless: { event: 'order.paid' } } },
    { send: ['webhook'] },
    { wait: { for: '1h', unless: { event: 'order.due' } } },
    { send: ['webhook'] },
  ]
  const { body: before } = await t.ask('PUT', '/event-types/order.due', { plan })
  await t.ask('PUT', '/event-types/order.paid', { channels: ['webhook'] })
  const { body: after } = await t.ask('PUT', '/event-types/order.due', { plan })

  assert.deepEqual(before.warnings, [
    {
      pointer: '/plan/0/wait/unless/event',
      detail:
        'There is no event type "order.paid" yet; until there is, nothing ends this wait early. Did you mean "order.payed"?',
    },
  ])
  assert.equal(after.warnings, undefined)
})
