// What is wrong with a source is told when it is saved, with the place and the nearest right name.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { given } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

await given.eventType(t, 'order.paid', {
  params: {
    type: 'object',
    required: ['order'],
    additionalProperties: false,
    properties: { order: { type: 'string' }, note: { type: 'string' } },
  },
})

const event = { type: 'order.paid', params: { order: '/id' } }
const none = { kind: 'none' }

const hmac = { kind: 'hmac', secret: 'canary-0123456789', header: 'X-Signature' }

const closed = {
  type: 'object',
  additionalProperties: false,
  properties: {
    id: { type: 'string' },
    lines: { type: 'array', items: { properties: { sku: {} }, additionalProperties: false } },
    free: { type: 'object' },
  },
}

// definition, code, pointer, what the detail says
const refused: [object, string, string, RegExp][] = [
  [{ event }, 'invalid_request', '/auth', /required/],
  [{ auth: { kind: 'hmacc' }, event }, 'invalid_request', '/auth/kind', /Did you mean "hmac"/],
  [
    { auth: { kind: 'none', secret: 'x'.repeat(9) }, event },
    'invalid_request',
    '/auth/secret',
    /not known/,
  ],
  [
    { auth: { kind: 'hmac', secret: 'x'.repeat(9) }, event },
    'invalid_request',
    '/auth/header',
    /required/,
  ],
  [{ auth: { ...hmac, secret: undefined }, event }, 'invalid_request', '/auth/secret', /required/],
  [{ auth: { ...hmac, secret: 'short' }, event }, 'invalid_request', '/auth/secret', /8/],
  [{ auth: { ...hmac, algorithm: 'md5' }, event }, 'invalid_request', '/auth/algorithm', /sha256/],
  [{ auth: { ...hmac, signed: '{time}' }, event }, 'invalid_request', '/auth/signed', /\{body\}/],
  [
    { auth: { ...hmac, signed: '{timestamp}.{body}' }, event },
    'invalid_request',
    '/auth/signed',
    /which header/,
  ],
  [
    { auth: { ...hmac, timestamp: { header: 'X-Time' } }, event },
    'invalid_request',
    '/auth/signed',
    /not signed/,
  ],
  [
    { auth: { kind: 'basic', password: 'x'.repeat(9) }, event },
    'invalid_request',
    '/auth/username',
    /required/,
  ],
  [
    { auth: { kind: 'standard_webhooks', secret: 'not-whsec' }, event },
    'invalid_request',
    '/auth/secret',
    /whsec_/,
  ],
  [{ auth: none }, 'invalid_request', '/event', /required/],
  [
    { auth: none, event: { ...event, typ: 'a' } },
    'invalid_request',
    '/event/typ',
    /Did you mean "type"/,
  ],
  [
    { auth: none, event: { ...event, type: 'order.payd' } },
    'unknown_event_type',
    '/event/type',
    /Did you mean "order.paid"/,
  ],
  [{ auth: none, event, schema: { type: 'objct' } }, 'invalid_schema', '/schema', /objct|type/],
  [
    { auth: none, event, schema: { $ref: 'https://example.com/s' } },
    'invalid_schema',
    '/schema',
    /only point/,
  ],
  [
    { auth: none, event: { ...event, when: '{{ body.a' } },
    'invalid_template',
    '/event/when',
    /line 1/,
  ],
  [
    { auth: none, event: { ...event, params: { order: { a: ['{% x %}'] } } } },
    'invalid_template',
    '/event/params/order/a/0',
    /x/,
  ],
  [
    { auth: none, event: { ...event, to: [{ topic: '{{ bdy.id }}' }] } },
    'invalid_template',
    '/event/to/0/topic',
    /Did you mean "body"/,
  ],
  [
    { auth: none, event: { ...event, level: '{{ label }}' } },
    'invalid_template',
    '/event/level',
    /Did you mean "body.label"/,
  ],
  [
    { auth: none, event: { ...event, dedupe_key: '{{ event.id }}' } },
    'invalid_template',
    '/event/dedupe_key',
    /"event"/,
  ],
  [
    { auth: none, event, response: { body: { a: '{{ evnt.id }}' } } },
    'invalid_template',
    '/response/body/a',
    /Did you mean "event"/,
  ],
  [{ auth: none, event, response: { status: 302 } }, 'invalid_request', '/response/status', /299/],
  [
    { auth: none, event: { ...event, level: 'urgent' } },
    'invalid_request',
    '/event/level',
    /critical/,
  ],
  [
    { auth: none, event: { ...event, params: { order: '/a~b' } } },
    'invalid_request',
    '/event/params/order',
    /~0/,
  ],
  [
    { auth: none, event: { ...event, params: { order: '/idd' } }, schema: closed },
    'invalid_request',
    '/event/params/order',
    /Did you mean "id"/,
  ],
  [
    { auth: none, event: { ...event, params: { order: '/lines/0/skuu' } }, schema: closed },
    'invalid_request',
    '/event/params/order',
    /skuu/,
  ],
  [
    {
      auth: none,
      event: { ...event, params: { order: '{{ body.lines[0].skuu }}' } },
      schema: closed,
    },
    'invalid_template',
    '/event/params/order',
    /Did you mean "sku"/,
  ],
  [
    { auth: none, event: { ...event, require_audience: '/ids' }, schema: closed },
    'invalid_request',
    '/event/require_audience',
    /Did you mean "id"/,
  ],
  [
    { auth: none, event: { ...event, require_audience: 'id' } },
    'invalid_request',
    '/event/require_audience',
    /JSON Pointer/,
  ],
  [
    { auth: none, event: { ...event, params: { order: '/id', nte: 'a' } } },
    'invalid_request',
    '/event/params/nte',
    /Did you mean "note"/,
  ],
  [
    { auth: none, event: { ...event, params: { note: 'a' } } },
    'invalid_request',
    '/event/params',
    /lacks order/,
  ],
  [
    { auth: none, event: { type: 'order.paid' }, schema: closed },
    'invalid_request',
    '/event/params',
    /lacks order/,
  ],
  [
    {
      auth: { ...hmac, signed: '{timestamp}{body}', timestamp: { header: 'T' } },
      event: { ...event, dedupe_key: '{{ headers.x-id }}' },
    },
    'invalid_request',
    '/event/dedupe_key',
    /not signed/,
  ],
]
for (const [definition, code, pointer, detail] of refused)
  test(`a source is refused: ${code} ${pointer} ${detail.source}`, async () => {
    const { body } = await t.ask('PUT', '/sources/refused', definition)

    assert.equal(body.code, code, JSON.stringify(body))
    assert.equal(body.errors[0].pointer, pointer)
    assert.match(body.errors[0].detail, detail)
    assert.equal((await t.ask('GET', '/sources/refused')).status, 404)
  })

test('fields that a schema leaves open may be read', async () => {
  const params = { order: '{{ body.free.anything.at.all }}', note: '{{ body.lines[1].sku }}' }

  const answer = await t.ask('PUT', '/sources/open', {
    schema: closed,
    auth: none,
    event: { ...event, params, require_audience: '/id' },
  })

  assert.equal(answer.status, 201, JSON.stringify(answer.body))
})
