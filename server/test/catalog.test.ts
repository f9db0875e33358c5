// GET and PUT /catalog: all configuration in one document, applied whole or not at all.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { readForms } from '../src/catalog/check.ts'
import { partsOf } from '../src/catalog/parts.ts'
import { given } from './given.ts'
import { createKey, createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
before(async () => {
  t = await createTestContext()
})
after(() => t.close())

test('while a large catalog is checked, others have their turn', async () => {
  const params = { type: 'object', properties: { id: { type: 'string', pattern: '^[a-z]+$' } } }
  const types = Array.from({ length: 300 }, (_, i) => [`many.${i}`, { channels: ['sms'], params }])
  const over = new AbortController()
  let turns = 0
  const counting = (async () => {
    for (; !over.signal.aborted; turns++) await setImmediate()
  })()

  await readForms(t.ctx, partsOf({ event_types: Object.fromEntries(types) }).parts)
  over.abort()
  await counting

  assert.ok(turns > 2, `${turns} turns`)
})

const catalog = {
  event_types: {
    'order.shipped': {
      channels: ['in_app', 'email'],
      category: 'orders',
      params: { type: 'object', properties: { order_id: { type: 'string' } } },
    },
  },
  layouts: { shop: { body: '<html><body>{{ content }}</body></html>' } },
  partials: { order: { body: 'Order {{ order_id }}' } },
  translations: { fr: { messages: { order: { sent: 'Expédiée' } } } },
  templates: {
    'order.shipped': {
      email: { default: { subject: '{% render "order" %}', body: '{% layout "shop" %}Hello' } },
      in_app: { default: { title: 'On its way', body: '{% render "order" %}' } },
    },
  },
  sources: {
    shop: {
      auth: { kind: 'basic', username: 'shop', password: 'correct horse' },
      event: { type: 'order.shipped', params: { order_id: '/id' } },
    },
  },
  providers: {
    email: {
      'My relay': {
        kind: 'smtp',
        settings: {
          host: 'smtp.example.com',
          user: 'u',
          password: 'hunter2',
          from: 'a@example.com',
        },
      },
    },
  },
}

const put = (body: unknown, query = '') => t.ask('PUT', `/catalog${query}`, body)
const changesOf = (body: { changes: { action: string; part: string }[] }) =>
  body.changes.map(({ action, part }) => `${action} ${part}`)

test('a catalog is tried without a trace, applied once, and the same again changes nothing', async () => {
  const { body: tried } = await put({ catalog }, '?dry_run=true')
  const { body: before } = await t.ask('GET', '/catalog')
  const { status, body: applied } = await put({ catalog })
  const { body: again } = await put({ catalog })

  assert.equal(status, 200)
  assert.deepEqual(tried.counts, { created: 8, updated: 0, deleted: 0, unchanged: 0, kept: 0 })
  assert.deepEqual(before.parts, [])
  assert.deepEqual(changesOf(applied), changesOf(tried))
  assert.deepEqual(again.counts, { created: 0, updated: 0, deleted: 0, unchanged: 8, kept: 0 })
  assert.equal(again.revision, applied.revision)
})

test('what is shown has no secrets, and applied as it is changes nothing', async () => {
  const { body: shown } = await t.ask('GET', '/catalog')
  const { body: applied } = await put({ catalog: shown.catalog, revision: shown.revision })

  assert.doesNotMatch(JSON.stringify(shown), /hunter2|correct horse/)
  assert.deepEqual(shown.catalog.event_types['order.shipped'], {
    ...catalog.event_types['order.shipped'],
    retention: '72h',
  })
  assert.deepEqual(shown.catalog.templates, catalog.templates)
  assert.deepEqual(applied.changes, [])
  const password = await t.ask('GET', '/providers')
  assert.deepEqual(password.body.providers[0].secrets, ['password'])
})

test('only what changed gets a new version, and work on its way keeps the old one', async () => {
  const sent = await given.event(t, 'order.shipped', { to: ['ana'], params: { order_id: 'A1' } })
  await given.subscriber(t, 'ana')
  const changed = structuredClone(catalog)
  changed.templates['order.shipped'].in_app.default.title = 'It is on its way'

  const { body } = await put({ catalog: changed })

  assert.deepEqual(changesOf(body), ['update /templates/order.shipped/in_app/default'])
  assert.equal(body.counts.unchanged, 7)
  const { body: template } = await t.ask('GET', '/templates/order.shipped/in_app/default')
  assert.equal(template.version, 2)
  assert.equal((await t.ask('GET', '/event-types/order.shipped')).body.version, 1)
  assert.equal((await t.ask('GET', `/events/${sent}`)).body.type, 'order.shipped')
})

// what is wrong, the change, where, what is said
const wrong: [string, object, string, RegExp][] = [
  [
    'a field nobody knows',
    { event_types: { a: { channels: ['sms'], catgory: 'x' } } },
    '/catalog/event_types/a/catgory',
    /Did you mean "category"/,
  ],
  [
    'a parameter of a template that is not declared',
    { templates: { 'order.shipped': { sms: { default: { body: 'x\n{{ oder_id }}' } } } } },
    '/catalog/templates/order.shipped/sms/default/body',
    /^line 2, column 4: .*Did you mean "order_id"/,
  ],
  [
    'a template of an event type that is not there',
    { templates: { 'order.shiped': { sms: { default: { body: 'x' } } } } },
    '/catalog/templates/order.shiped/sms/default',
    /There is no event type "order.shiped"\. Did you mean "order.shipped"/,
  ],
  [
    'a channel that is none',
    { templates: { 'order.shipped': { emial: { default: { body: 'x' } } } } },
    '/catalog/templates/order.shipped/emial/default',
    /"emial" is no channel.*Did you mean "email"/,
  ],
  [
    'a locale written otherwise',
    { translations: { 'pt-br': { messages: {} } } },
    '/catalog/translations/pt-br',
    /must be "pt-BR"/,
  ],
  [
    'a schema that is none',
    { event_types: { a: { channels: ['sms'], params: { type: 'strng' } } } },
    '/catalog/event_types/a/params',
    /./,
  ],
  [
    'a layout without a place for the text',
    { layouts: { empty: { body: 'x' } } },
    '/catalog/layouts/empty/body',
    /has no \{\{ content \}\}/,
  ],
  [
    'a source of an event type that is not there',
    { sources: { a: { auth: { kind: 'none' }, event: { type: 'nope' } } } },
    '/catalog/sources/a/event/type',
    /There is no event type "nope"/,
  ],
  [
    'a source without its secret',
    {
      sources: {
        a: { auth: { kind: 'hmac', header: 'X-S' }, event: { type: 'order.shipped', params: {} } },
      },
    },
    '/catalog/sources/a/auth/secret',
    /is required/,
  ],
  [
    'settings of a provider',
    {
      providers: {
        email: { x: { kind: 'smtp', settings: { host: 'a', from: 'b@c.de', prt: 1 } } },
      },
    },
    '/catalog/providers/email/x/settings/prt',
    /Did you mean "port"/,
  ],
  [
    'a provider that is moved with a secret that is not given again',
    {
      providers: {
        email: {
          'My relay': {
            kind: 'smtp',
            settings: { host: 'evil.example.com', user: 'u', from: 'a@example.com' },
          },
        },
      },
    },
    '/catalog/providers/email/My relay/settings/password',
    /must be given again/,
  ],
  ['a part that is no object', { sources: { a: 1 } }, '/catalog/sources/a', /must be an object/],
]

for (const [what, change, pointer, said] of wrong)
  test(`nothing of a catalog is stored with ${what}`, async () => {
    const good = { partials: { fresh: { body: 'new' } } }
    const { status, body } = await put({ catalog: { ...good, ...change } })

    assert.equal(status, 422)
    assert.equal(body.code, 'invalid_catalog')
    const problem = body.errors.find((error: { pointer: string }) => error.pointer === pointer)
    assert.ok(problem, JSON.stringify(body.errors))
    assert.match(problem.detail, said)
    assert.equal((await t.ask('GET', '/partials/fresh')).status, 404)
  })

test('who read it before somebody changed it is refused, and told who', async () => {
  const { body: read } = await t.ask('GET', '/catalog')
  await t.ask('PUT', '/partials/order', { body: 'The order {{ order_id }}' })

  const { status, body } = await put({ catalog, revision: read.revision })

  assert.equal(status, 412)
  assert.equal(body.code, 'changed_meanwhile')
  assert.match(body.detail, /partial order by "test"/)
})

test('what is not named stays, and goes only when asked', async () => {
  const { event_types, providers } = catalog
  const { body: kept } = await put({ catalog: { event_types } })
  const { body: tried } = await put(
    { catalog: { event_types, providers } },
    '?prune=true&dry_run=true',
  )
  const { body: pruned } = await put({ catalog: { event_types, providers } }, '?prune=true')
  const { body: left } = await t.ask('GET', '/catalog')

  assert.equal(kept.counts.kept, 7)
  assert.equal(tried.counts.deleted, 6)
  assert.deepEqual(changesOf(pruned), changesOf(tried))
  assert.deepEqual(
    left.parts.map(({ part }: { part: string }) => part),
    ['/event_types/order.shipped', '/providers/email/My relay'],
  )
})

test('two that apply catalogs at once both succeed, each as a whole', async () => {
  const withPartials = (text: string) => ({
    catalog: { partials: { one: { body: text }, two: { body: text }, three: { body: text } } },
  })
  const answers = await Promise.all(['a', 'b', 'c', 'd'].map((text) => put(withPartials(text))))

  const { body } = await t.ask('GET', '/catalog')
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  )
  const texts = Object.values(body.catalog.partials).map((part) => (part as { body: string }).body)
  assert.equal(new Set(texts).size, 1)
})

test('a key that may only read can look at the catalog and not apply one', async () => {
  const reader = { authorization: `Bearer ${await createKey(t.ctx, ['config:read'])}` }

  assert.equal((await t.ask('GET', '/catalog', undefined, reader)).status, 200)
  assert.equal((await t.ask('PUT', '/catalog', { catalog: {} }, reader)).status, 403)
})

test('a key that may only send sees nothing of it', async () => {
  const sender = { authorization: `Bearer ${await createKey(t.ctx, ['events:write'])}` }

  assert.equal((await t.ask('GET', '/catalog', undefined, sender)).status, 403)
})
