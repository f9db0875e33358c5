// Data sources are configured by people we trust less than ourselves, and their URLs are made of values of nobody we
// trust: what is refused when they are saved, what a value cannot do, and where secrets go.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createService, json } from './data-story.ts'
import { createLook, given, until, untilQuiet } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
const service = await createService()
const other = await createService()
const { url } = service
t.work()
after(async () => {
  await look.close()
  await t.close()
  await service.close()
  await other.close()
})

const params = {
  type: 'object',
  properties: { order_id: { type: 'string' } },
  additionalProperties: false,
}
const put = (data: unknown, more: object = {}) =>
  t.ask('PUT', '/event-types/order.refused', { channels: ['in_app'], params, data, ...more })

// what is given as `data`, and what is said of it, where
const refused: [data: unknown, pointer: string, detail: RegExp][] = [
  [{ order: { url: 'ftp://orders.example/' } }, '/data/order/url', /must begin with http/],
  [{ order: { url: 'https://{{ order_id }}/x' } }, '/data/order/url', /must begin with http/],
  [{ order: { url: 'https://a.example{{ order_id }}/x' } }, '/data/order/url', /must begin with/],
  [{ order: { url: 'https://a.example' } }, '/data/order/url', /a host and a "\/"/],
  [{ order: { url: 'https://user:pw@a.example/' } }, '/data/order/url', /must begin with http/],
  [{ order: { url: 'http://10.0.0.1/' } }, '/data/order/url', /BELFRY_ALLOW_PRIVATE_ADDRESSES/],
  [{ order: { url: 'http://orders.internal/' } }, '/data/order/url', /not a public address/],
  [{ order: { url: 'http://0x7f000002/' } }, '/data/order/url', /not a public address/],
  [{ order: { url: 'http://[::ffff:a9fe:a9fe]/' } }, '/data/order/url', /not a public address/],
  [{ order: { url: 'https://a.example:25/' } }, '/data/order/url', /port 25/],
  [{ order: { url: `${url}/{{ order_idd }}` } }, '/data/order/url', /Did you mean "order_id"/],
  [{ order: { url: `${url}/{{ subscriber.id }}` } }, '/data/order/url', /once for an event/],
  [{ order: { url: `${url}/{{ order_id ` } }, '/data/order/url', /line 1, column/],
  [{ order: { url: `${url}/{% for i in (1..9) %}{% endfor %}` } }, '/data/order/url', /no loops/],
  [{ order: { url: `${url}/`, timeout: '11s' } }, '/data/order/timeout', /at most 10s/],
  [{ order: { url: `${url}/`, timeout: '500ms' } }, '/data/order/timeout', /duration/],
  [{ order: { url: `${url}/`, cache: '25h' } }, '/data/order/cache', /at most 24h/],
  [{ order: { url: `${url}/`, retries: 3 } }, '/data/order/retries', /not known/],
  [{ order: {} }, '/data/order/url', /required/],
  [{ order: { url: `${url}/`, headers: { host: 'x' } } }, '/data/order/headers/host', /set by/],
  [{ order: { url: `${url}/`, headers: { 'x-a': 'a\r\nb' } } }, '/data/order/headers/x-a', /ASCII/],
  [{ order: { url: `${url}/`, headers: { 'x-a': null } } }, '/data/order/headers/x-a', /its value/],
  [
    { order: { url: `${url}/`, headers: { 'x-a': 'a', 'X-A': 'b' } } },
    '/data/order/headers/X-A',
    /twice/,
  ],
  [{ 'order-total': { url: `${url}/` } }, '/data', /order-total|small letters/],
  [
    Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`s${i}`, { url: `${url}/` }])),
    '/data',
    /10 are the most/,
  ],
]
for (const [data, pointer, detail] of refused)
  test(`${JSON.stringify(data).slice(0, 90)} is refused, with its place`, async () => {
    const { status, body } = await put(data)

    assert.equal(status, 422, JSON.stringify(body))
    const error = body.errors.find((one: { pointer: string }) => one.pointer.startsWith(pointer))
    assert.match(error?.detail ?? JSON.stringify(body.errors), detail)
  })

test('a data source that would hide a parameter is refused', async () => {
  const hidden = { ...params, properties: { data: {} } }
  const { status, body } = await put({ order: { url: `${url}/` } }, { params: hidden })

  assert.equal(status, 422)
  assert.match(body.errors[0].detail, /would hide the parameter "data"/)
})

test('a template reads only sources that there are', async () => {
  await put({ order: { url: `${url}/` } })
  const at = '/templates/order.refused/in_app/default'

  const wrong = await t.ask('PUT', at, { title: 'x', body: 'a\n{{ data.ordr.total }}' })
  const right = await t.ask('PUT', at, { title: 'x', body: '{{ data.order.total }}' })
  const gone = await put(undefined)

  assert.equal(wrong.status, 422)
  assert.equal(
    wrong.body.errors[0].detail,
    'line 2, column 4: "data.ordr" is no declared name. Did you mean "order"? Permitted here: order.',
  )
  assert.equal(right.status, 201)
  assert.match(JSON.stringify(gone.body.warnings), /is no declared name/)
})

test('a preview shows what is given, or an example, and asks nobody', async () => {
  await put({ order: { url: `${url}/orders/{{ order_id }}` } })
  const asked = service.requests.length
  const template = { title: 'Hi', body: '{{ data.order.total }}' }
  const preview = (more: object) =>
    t.ask('POST', '/templates/preview', {
      channel: 'in_app',
      event_type: 'order.refused',
      template,
      ...more,
    })

  const example = await preview({})
  const own = await preview({ data: { order: { total: 7 } } })
  const absent = await preview({ data: {} })
  const unknown = await preview({ data: { ordr: {} } })
  const polluting = await preview({
    template: { title: 'x', body: '{{ data.__proto__.polluted }}' },
  })

  assert.equal(example.body.rendered.body, 'total')
  assert.equal(own.body.rendered.body, '7')
  assert.equal(absent.body.rendered.body, '')
  assert.deepEqual([unknown.status, unknown.body.errors[0].pointer], [422, '/data/ordr'])
  assert.equal(polluting.status, 422)
  assert.equal(({} as { polluted?: string }).polluted, undefined)
  assert.equal(service.requests.length, asked)
})

let count = 0
/** The trace of an event whose text reads `order`, for one person. */
async function asking(source: Record<string, unknown>, eventParams: Record<string, unknown>) {
  const type = `order.asked.${++count}`
  const data = { order: { url: `${url}/orders/{{ id }}`, required: true, ...source } }
  await given.eventType(t, type, { channels: ['in_app'], data })
  await given.template(t, type, 'in_app', { title: 'x', body: '{{ data.order.total }}' })
  const eventId = await given.event(t, type, { params: eventParams, to: ['ana'] })
  await untilQuiet(look)
  const { body } = await t.ask('GET', `/events/${eventId}`)
  const notes = body.trace.filter(({ step }: { step: string }) => step === 'data')
  return { type, why: notes.at(-1).because as string }
}
await given.subscriber(t, 'ana')

// a value, and the path that is asked for; null: nobody is asked
const values: [value: unknown, path: string | null][] = [
  ['A-1', '/orders/A-1'],
  ['../admin', '/orders/..%2Fadmin'],
  ['1?all=true', '/orders/1%3Fall%3Dtrue'],
  ['1#x', '/orders/1%23x'],
  ['@evil.example/', '/orders/%40evil.example%2F'],
  ['a b/é\r\nX: y', '/orders/a%20b%2F%C3%A9%0D%0AX%3A%20y'],
  ['\ud800', '/orders/%EF%BF%BD'],
  ['%2e%2e', '/orders/%252e%252e'],
  [12, '/orders/12'],
  ['..', null],
  ['.', null],
  ['', null],
  [undefined, null],
]
for (const [value, path] of values)
  test(`${JSON.stringify(value)} in a URL stays what it is`, async () => {
    const before = service.requests.length
    const { why } = await asking({}, value === '\ud800' ? { id: '\ufffd' } : { id: value })

    const asked = service.requests.slice(before).map((request) => request.path)
    assert.deepEqual(asked, path === null ? [] : [path])
    if (path === null) assert.match(why, /order could not be fetched: its URL comes out with/)
  })

test('a query may be left empty, a step of the path may not', async () => {
  const before = service.requests.length
  await asking({ url: `${url}/orders/?id={{ id }}&lang={{ lang }}` }, { id: 'a&b=c' })
  const { why } = await asking({ url: `${url}/orders/{{ id }}/lines` }, { id: '' })

  const asked = service.requests.slice(before).map((request) => request.path)
  assert.deepEqual(asked, ['/orders/?id=a%26b%3Dc&lang='])
  assert.match(why, /empty step/)
})

test('what is refused when it is saved is refused when it is asked, too', async () => {
  await asking({}, { id: 'A-2' })
  await look.rows(
    `update belfry.event_types set definition = jsonb_set(definition, '{data,order,url}', $1)
    where key = $2`,
    [JSON.stringify('http://169.254.169.254/latest/{{ id }}'), `order.asked.${count}`],
  )
  const context = await t.another()
  const wanted = {
    event: {
      workspaceId: 1,
      id: crypto.randomUUID(),
      type: 'x',
      params: { id: '1' },
      createdAt: new Date(),
    },
    workspace: null,
    eventType: 'x',
    sources: { order: { url: 'http://169.254.169.254/latest/{{ id }}', required: true } },
    moment: 'first',
  }

  const { data, isPassing } = await context.eventData.gather(wanted)

  assert.equal(isPassing, false)
  assert.match(data.failed.order!, /169\.254\.169\.254 is not a public address/)
})

const secret = 'Bearer CANARY-4711'

test('headers are sent to the host they were given for, and shown to nobody', async () => {
  const source = { headers: { authorization: secret } }
  const { type } = await asking(source, { id: 'A-3' })
  const sent = service.requests.at(-1)!
  const shown = await t.ask('GET', `/event-types/${type}`)
  const versions = await t.ask('GET', `/event-types/${type}/versions`)
  const catalog = await t.ask('GET', '/catalog')
  const { version: _v, key: _k, created_at: _c, ...same } = shown.body
  const again = await t.ask('PUT', `/event-types/${type}`, same)
  const moved = structuredClone(same)
  moved.data.order.url = `${other.url}/orders/{{ id }}`
  const elsewhere = await t.ask('PUT', `/event-types/${type}`, moved)

  assert.equal(sent.headers.authorization, secret)
  assert.deepEqual(shown.body.data.order.headers, { authorization: null })
  assert.equal(again.status, 200, 'what was read can be written back')
  assert.equal(again.body.version, shown.body.version)
  assert.equal(elsewhere.status, 422)
  assert.equal(elsewhere.body.errors[0].pointer, '/data/order/headers/authorization')
  assert.match(elsewhere.body.errors[0].detail, /must be given again/)
  const stored = await look.rows('select definition::text from belfry.event_types')
  const all = [shown.body, versions.body, catalog.body, again.body, stored, t.logged]
  assert.doesNotMatch(JSON.stringify(all), /CANARY/)
  const event = await given.event(t, type, { params: { id: 'A-3b' }, to: ['ana'] })
  await untilQuiet(look)
  assert.equal(service.requests.at(-1)!.headers.authorization, secret, 'null has kept it')
  assert.doesNotMatch(JSON.stringify((await t.ask('GET', `/events/${event}`)).body), /CANARY/)
})

test('a secret that is changed holds for what is under way, and one that is left out is gone', async () => {
  const { type } = await asking({ headers: { authorization: secret } }, { id: 'A-4' })
  const {
    version: _v,
    key: _k,
    created_at: _c,
    ...same
  } = (await t.ask('GET', `/event-types/${type}`)).body
  const path = '/orders/A-5'
  service.say(path, json({}, 503))
  await t.ask('PUT', `/event-types/${type}`, {
    ...same,
    retry: { attempts: 3, delay: '1s', backoff: 'fixed' },
  })
  await given.event(t, type, { params: { id: 'A-5' }, to: ['ana'] })
  await until('it was asked once', () => service.asked(path) === 1)

  const changed = {
    ...same,
    data: { order: { ...same.data.order, headers: { authorization: 'Bearer new' } } },
  }
  assert.equal((await t.ask('PUT', `/event-types/${type}`, changed)).status, 200)
  await untilQuiet(look)
  const { headers: _headers, ...bare } = same.data.order
  await t.ask('PUT', `/event-types/${type}`, { ...same, data: { order: bare } })
  await given.event(t, type, { params: { id: 'A-6' }, to: ['ana'] })
  await untilQuiet(look)

  const [first, second] = service.requests.filter((request) => request.path === path)
  assert.deepEqual(
    [first!.headers.authorization, second!.headers.authorization],
    [secret, 'Bearer new'],
  )
  assert.equal(service.requests.at(-1)!.headers.authorization, undefined)
})

test('a bomb in what a service answers costs its own people a text, and nobody else', async () => {
  const big = Array.from({ length: 3_000 }, () => Array(10).fill('x'))
  service.say('/orders/bomb', json({ lines: big }))
  const data = { order: { url: `${url}/orders/{{ id }}` } }
  await given.eventType(t, 'order.bomb', {
    channels: ['in_app'],
    data,
    fallback: { title: 'Sorry', body: 'Later' },
  })
  const body =
    '{% for a in data.order.lines %}{% for b in data.order.lines %}{% for c in a %}{{ c }}{% endfor %}{% endfor %}{% endfor %}'
  await given.template(t, 'order.bomb', 'in_app', { title: 'x', body })
  await given.eventType(t, 'order.calm', { channels: ['in_app'] })

  const bomb = await given.event(t, 'order.bomb', { params: { id: 'bomb' }, to: ['ana'] })
  const calm = await given.event(t, 'order.calm', { to: ['ana'] })
  await untilQuiet(look)

  const of = async (id: string) =>
    (await t.ask('GET', `/notifications?event_id=${id}`)).body.notifications[0]
  assert.equal((await of(bomb)).content.body, 'Later')
  assert.equal((await of(calm)).status, 'delivered')
})
