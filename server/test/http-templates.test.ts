// Templates over HTTP: checked when they are saved, kept in versions, previewed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { given } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext

before(async () => {
  t = await createTestContext()
  const properties = {
    order_id: { type: 'string' },
    total: { type: 'number' },
    url: { type: 'string' },
    customer: { type: 'object', properties: { name: { type: 'string' } } },
  }
  await given.eventType(t, 'order.shipped', { channels: ['email'], params: { properties } })
  await given.eventType(t, 'free', { channels: ['email'] })
})
after(() => t.close())

const url = '/templates/order.shipped'

// what, channel, template, pointer, what is said
const refused: [string, string, object, string, RegExp][] = [
  [
    'a name nobody declared, with the nearest one',
    'sms',
    { body: 'Order {{ order_id }}\nis {{ oder_id }}' },
    '/body',
    /^line 2, column 7: "oder_id" is no declared name\. Did you mean "order_id"\? Permitted here: acknowledge_url, customer, digest, event, order_id, params, /,
  ],
  [
    'below params',
    'sms',
    { body: '{{ params.ordr_id }}' },
    '/body',
    /"params\.ordr_id".*"order_id"/,
  ],
  ['below a parameter', 'sms', { body: '{{ customer.nme }}' }, '/body', /"customer\.nme".*"name"/],
  ['of the person', 'sms', { body: '{{ subscriber.nam }}' }, '/body', /"subscriber\.nam"/],
  ['in a condition', 'sms', { body: '{% if totl > 3 %}x{% endif %}' }, '/body', /column 7: "totl"/],
  ['deep in JSON', 'webhook', { body: { a: ['{{ oder_id }}'] } }, '/body/a/0', /"order_id"/],
  ['what does not parse', 'sms', { body: 'a\n{% if %}' }, '/body', /^line 2, column 6: /],
  ['a misspelt filter', 'sms', { body: '{{ total | rond }}' }, '/body', /column 1: .*"round"/],
  ['a misspelt tag', 'sms', { body: '{% unles total %}' }, '/body', /"unless"/],
  ['a partial that is not there', 'sms', { body: '{% render "x" %}' }, '/body', /no partial "x"/],
  [
    'a layout that is not there',
    'email',
    { subject: 's', body: '{% layout "x" %}b' },
    '/body',
    /no layout "x"/,
  ],
  ['a layout elsewhere', 'sms', { body: '{% layout "x" %}' }, '/body', /for e-mails/],
  [
    'an endless loop',
    'sms',
    { body: '{%- for i in (1..50000000) -%}{%- endfor -%}' },
    '/body',
    /limit/,
  ],
]
for (const [what, channel, template, pointer, said] of refused)
  test(`a template is refused with its place: ${what}`, async () => {
    const { body } = await t.ask('PUT', `${url}/${channel}/default`, template)

    assert.equal(body.code, 'invalid_template', JSON.stringify(body))
    assert.equal(body.errors[0].pointer, pointer)
    assert.match(body.errors[0].detail, said)
    assert.equal((await t.ask('GET', `${url}/${channel}/default`)).status, 404)
  })

test('a template may read what is declared, what belongs to the person, and what every event has', async () => {
  const text =
    '{{ order_id }}{{ params.total }}{{ customer.name }}{{ subscriber.data.anything.at.all }}' +
    '{{ event.type }}{{ workspace.name }}{{ unsubscribe_url }}{{ preferences_url }}' +
    '{% for c in params.customer %}{{ c.whatever }}{% endfor %}{% assign own = 1 %}{{ own }}'

  assert.equal((await t.ask('PUT', `${url}/telegram/default`, { body: text })).status, 201)
})

test('where nothing is declared, any parameter may be read', async () => {
  const path = '/templates/free/sms/default'

  assert.equal((await t.ask('PUT', path, { body: '{{ anything.at.all }}' })).status, 201)
  assert.equal(
    (await t.ask('PUT', path, { body: '{{ event.tpye }}' })).body.code,
    'invalid_template',
  )
})

test('every version says who made it, and any of them can be restored', async () => {
  const path = `${url}/push/pt-BR`
  await t.ask('PUT', path, { title: 'One', body: 'b' })
  await t.ask('PUT', path, { title: 'Two', body: 'b' })
  assert.equal((await t.ask('DELETE', path)).status, 204)
  assert.equal((await t.ask('GET', path)).status, 404)
  assert.equal((await t.ask('DELETE', path)).status, 404)

  const restored = await t.ask('POST', `${path}/versions/1/restore`)
  const { body } = await t.ask('GET', `${path}/versions`)

  assert.deepEqual([restored.body.version, restored.body.content.title], [4, 'One'])
  assert.deepEqual(
    body.versions.map((row: Record<string, unknown>) => [row.version, row.content, row.author]),
    [
      [4, { title: 'One', body: 'b' }, 'test'],
      [3, null, 'test'],
      [2, { title: 'Two', body: 'b' }, 'test'],
      [1, { title: 'One', body: 'b' }, 'test'],
    ],
  )
  assert.equal((await t.ask('GET', `${path}/versions/2`)).body.content.title, 'Two')
  assert.equal((await t.ask('POST', `${path}/versions/3/restore`)).body.code, 'wrong_status')
  const unknown = await t.ask('GET', `${path}/versions/9`)
  assert.deepEqual([unknown.status, unknown.body.detail], [404, 'The newest version is 4.'])
})

test('an event type that is changed says which templates no longer fit', async () => {
  await given.eventType(t, 'changing', {
    channels: ['sms'],
    params: { properties: { a: {}, b: {} } },
  })
  await given.template(t, 'changing', 'sms', { body: '{{ a }} {{ b }}' })

  const body = { channels: ['sms'], params: { properties: { a: {} } } }
  const { status, body: changed } = await t.ask('PUT', '/event-types/changing', body)

  assert.equal(status, 200)
  assert.equal(changed.warnings.length, 1)
  const [{ template, pointer, detail }] = changed.warnings
  assert.deepEqual([template, pointer], ['sms/default', '/body'])
  assert.match(detail, /"b" is no declared name/)
  assert.equal(
    (await t.ask('POST', `/templates/changing/sms/default/versions/1/restore`)).status,
    422,
  )
})

// channel, template, what is rendered
const previews: [string, object, object][] = [
  [
    'in_app',
    { title: 'New Product: {{ name }}', body: 'B', url: '/p/{{ name }}' },
    { title: 'New Product: X', body: 'B', url: '/p/X' },
  ],
  ['push', { title: '{{ name }}', body: 'B' }, { title: 'X', body: 'B' }],
  ['sms', { body: '{{ name }}' }, { body: 'X' }],
  ['telegram', { body: '{{ name }}' }, { body: 'X' }],
  ['slack', { body: '{{ name }}' }, { body: 'X' }],
  ['discord', { body: '{{ name }}' }, { body: 'X' }],
  ['teams', { body: '{{ name }}' }, { body: 'X' }],
  [
    'webhook',
    { body: { n: '{{ name }}', list: ['{{ count }}'] } },
    { body: { n: 'X', list: [3] } },
  ],
]
for (const [channel, template, rendered] of previews)
  test(`a template for ${channel} can be previewed`, async () => {
    const params = { name: 'X', count: 3 }
    const { body } = await t.ask('POST', '/templates/preview', { channel, template, params })

    assert.deepEqual(body.rendered, rendered, JSON.stringify(body))
    assert.ok(body.variables.includes('name'))
  })

test('a preview of an e-mail has subject, HTML and text', async () => {
  const template = {
    subject: 'Hi {{ subscriber.data.name }}',
    body: '# {{ name }}',
    preheader: 'Look',
  }
  const subscriber = { data: { name: 'Ben' } }
  const params = { name: '<b>' }
  const { body } = await t.ask('POST', '/templates/preview', {
    channel: 'email',
    template,
    params,
    subscriber,
  })

  const { subject, html, text } = body.rendered
  assert.equal(subject, 'Hi Ben')
  assert.match(text, /^<b>\n\n-- \nUnsubscribe: https:\/\/example\.com\/unsubscribe\n/)
  assert.match(html, /<h1 style="[^"]*">&lt;b&gt;<\/h1>/)
  assert.match(html, /Look/)
  assert.match(html, /<a href="https:&#47;&#47;|<a href="https:\/\/example.com\/unsubscribe"/)
})

test('a preview without parameters shows examples for what the event type declares', async () => {
  const template = {
    body: '{{ order_id }} {{ total }} {{ url }} {{ customer.name }} {{ event.type }}',
  }
  const { body } = await t.ask('POST', '/templates/preview', {
    channel: 'sms',
    template,
    event_type: 'order.shipped',
  })

  assert.equal(body.rendered.body, 'order_id 3 https://example.com/ name order.shipped')
})

// what, body, code, pointer
const refusedPreviews: [string, object, string, string][] = [
  ['a wrong field', { channel: 'sms', template: { bdy: 'x' } }, 'invalid_request', '/template/bdy'],
  [
    'what does not parse',
    { channel: 'sms', template: { body: '{{' } },
    'invalid_template',
    '/body',
  ],
  [
    'an undeclared name',
    { channel: 'sms', template: { body: '{{ x }}' }, event_type: 'order.shipped' },
    'invalid_template',
    '/body',
  ],
  [
    'an unknown event type',
    { channel: 'sms', template: { body: 'x' }, event_type: 'no' },
    'unknown_event_type',
    '/event_type',
  ],
  [
    'a locale that is none',
    { channel: 'sms', template: { body: 'x' }, locale: 'x_' },
    'invalid_request',
    '/locale',
  ],
  [
    'a bomb',
    { channel: 'sms', template: { body: '{% for i in (1..9999999) %}{% endfor %}' } },
    'invalid_template',
    '/body',
  ],
]
for (const [what, body, code, pointer] of refusedPreviews)
  test(`a preview is refused: ${what}`, async () => {
    const answer = await t.ask('POST', '/templates/preview', body)

    assert.equal(answer.body.code, code, JSON.stringify(answer.body))
    assert.ok(answer.body.errors.some((error: { pointer: string }) => error.pointer === pointer))
  })

test('an e-mail has no headers but those that Belfry writes', async () => {
  await given.subscriber(t, 'ana', { email: 'ana@example.com' })
  const message = { to: ['ana'], channels: ['email'], message: 'Hi' }
  const others = { headers: { 'X-A\r\nBcc': 'x' }, bcc: 'eve@example.com', reply_to: 'x', cc: 'x' }
  for (const [name, value] of Object.entries(others)) {
    const template = { subject: 'x', body: 'x', [name]: value }
    const saved = await t.ask('PUT', '/templates/free/email/default', template)
    const sent = await t.ask('POST', '/notifications', { ...message, [name]: value })

    for (const { status, body } of [saved, sent])
      assert.deepEqual([status, body.errors[0].pointer], [422, `/${name}`], JSON.stringify(body))
  }
})

test('an SMS that is more than one is said to be, with the character that makes it so', async () => {
  const template = { body: `It’s ${'a'.repeat(80)}` }
  const preview = await t.ask('POST', '/templates/preview', { channel: 'sms', template })
  const saved = await t.ask('PUT', '/templates/free/sms/de', template)
  const short = await t.ask('PUT', '/templates/free/sms/fr', { body: 'court' })

  assert.deepEqual(preview.body.sms, { encoding: 'UCS-2', units: 85, segments: 2, because: '’' })
  assert.match(saved.body.warnings[0].detail, /is 2 SMS .* "’" makes it UCS-2/)
  assert.equal(short.body.warnings, undefined)
})
