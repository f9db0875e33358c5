// What templates share: layouts, partials and translations, from saving them to what people read.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, untilQuiet, type Look } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'
import { fanOut } from '../src/pipeline/fan-out.ts'
import { claimEvents } from '../src/sql/events.ts'

let t: TestContext
let look: Look

before(async () => {
  t = await createTestContext()
  look = createLook(t.connection)
  for (const [id, locale] of [
    ['ana', 'pt-BR'],
    ['ben', 'en'],
    ['cleo', 'fr'],
  ] as const)
    await given.subscriber(t, id, { email: `${id}@example.com`, locale })
})
after(async () => {
  await look.close()
  await t.close()
})

const put = (path: string, body: object) => t.ask('PUT', path, body)

async function preview(channel: string, template: object, more: object = {}) {
  const { body } = await t.ask('POST', '/templates/preview', { channel, template, ...more })
  assert.ok(body.rendered, JSON.stringify(body))
  return body
}

async function workUntilQuiet(): Promise<void> {
  const worker = t.work()
  await untilQuiet(look)
  await worker.stop()
}

const textsOf = (event: string) =>
  look.rows(
    `select n.recipient, c.content from belfry.notifications n
     join belfry.contents c on c.workspace_id = n.workspace_id and c.id = n.content_id
     where n.event_id = $1 order by 1`,
    [event],
  )

test('a partial is rendered with the values of its text, and with its own', async () => {
  await put('/partials/greeting', { body: 'Hello {{ name }}, order {{ order_id }}{{ local }}' })
  const body = '{% assign local = 1 %}{% render "greeting", name: "Ana" %}.'

  const { rendered } = await preview('sms', { body }, { params: { order_id: 7 } })

  assert.equal(rendered.body, 'Hello Ana, order 7.')
})

test('partials go neither in circles nor without end', async () => {
  const first = await put('/partials/a', { body: '{% render "b" %}' })
  assert.match(first.body.errors[0].detail, /no partial "b"/)
  await put('/partials/b', { body: 'b' })
  await put('/partials/a', { body: '{% render "b" %}' })

  const circle = await put('/partials/b', { body: 'x\n{% render "a" %}' })
  const itself = await put('/partials/a', { body: '{% render "a" %}' })

  assert.match(
    circle.body.errors[0].detail,
    /^partial "a", line 1, column 1: .*in a circle: b → a → b/,
  )
  assert.match(itself.body.errors[0].detail, /in a circle: a → a/)
})

test('a chain of partials has an end', async () => {
  await put('/partials/d1', { body: 'x' })
  for (let i = 2; i <= 8; i++) await put(`/partials/d${i}`, { body: `{% render "d${i - 1}" %}` })

  const { body } = await put('/partials/d9', { body: '{% render "d8" %}' })

  assert.match(body.errors[0].detail, /nested deeper than 8/)
})

test('a name that a partial reads is checked with the template that renders it', async () => {
  await given.eventType(t, 'strict', { channels: ['sms'], params: { properties: { a: {} } } })
  await put('/partials/strict', { body: '{{ a }}' })
  await given.template(t, 'strict', 'sms', { body: '{% render "strict" %}' })

  const changed = await put('/partials/strict', { body: '{{ a }} {{ b }}' })
  const again = await put('/templates/strict/sms/default', { body: '{% render "strict" %}!' })

  assert.deepEqual([changed.status, changed.body.warnings[0].template], [200, 'strict/sms/default'])
  assert.match(
    again.body.errors[0].detail,
    /^partial "strict", line 1, column 12: "b" is no declared/,
  )
})

test('a partial that is used cannot be deleted; what uses it is named', async () => {
  await given.eventType(t, 'user', { channels: ['sms'] })
  await put('/partials/used', { body: 'used' })
  await put('/partials/between', { body: '{% render "used" %}' })
  await given.template(t, 'user', 'sms', { body: '{% render "used" %}' })

  const { body } = await t.ask('DELETE', '/partials/used')
  assert.deepEqual(body.used_by, ['partial between', 'user/sms/default'])

  await t.ask('DELETE', '/templates/user/sms/default')
  await t.ask('DELETE', '/partials/between')
  assert.equal((await t.ask('DELETE', '/partials/used')).status, 204)
  assert.equal((await t.ask('GET', '/partials/used')).status, 404)
})

test('parts are kept in versions, and any of them can be restored', async () => {
  await put('/partials/kept', { body: 'one' })
  await put('/partials/kept', { body: 'two' })
  await t.ask('DELETE', '/partials/kept')

  const { body } = await t.ask('POST', '/partials/kept/versions/1/restore')
  const versions = await t.ask('GET', '/partials/kept/versions')

  assert.deepEqual([body.version, body.body, body.author], [4, 'one', 'test'])
  assert.deepEqual(
    versions.body.versions.map((row: Record<string, unknown>) => row.body),
    ['one', null, 'two', 'one'],
  )
  assert.equal((await t.ask('POST', '/partials/kept/versions/3/restore')).status, 409)
})

test('an e-mail is put into the layout it names, styles included', async () => {
  const layout =
    '<html><head><style>p { color: red } @media (max-width: 400px) { p { color: blue } }</style></head>' +
    '<body><title>{{ subject }}</title>{{ content }}<p>{{ workspace.name }}</p></body></html>'
  await put('/layouts/shop', { body: layout })

  const source = { subject: '<S>', body: '{% layout "shop" %}\nHello **{{ x }}**' }
  const { rendered } = await preview('email', source, { params: { x: '<i>' } })

  assert.match(rendered.html, /<title>&lt;S&gt;<\/title>/)
  assert.match(
    rendered.html,
    /<p style="[^"]*color: ?red[^"]*">Hello <strong>&lt;i&gt;<\/strong><\/p>/,
  )
  assert.match(rendered.html, /<p style="color: ?red;?">Default<\/p>/)
  assert.match(rendered.html, /@media/)
  assert.equal(rendered.text.trim(), 'Hello <i>')
})

test('the layout called default is around Markdown, unless an e-mail wants none', async () => {
  await put('/layouts/default', { body: '<main>{{ content }}</main>' })

  const usual = await preview('email', { subject: 's', body: 'Hi' })
  const none = await preview('email', { subject: 's', body: '{% layout none %}Hi' })
  const html = await preview('email', { subject: 's', body: '<p>Hi</p>' })
  await t.ask('DELETE', '/layouts/default')
  const builtIn = await preview('email', { subject: 's', body: 'Hi' })

  assert.match(usual.rendered.html, /^<main><p[^>]*>Hi<\/p>\s*<\/main>$/)
  assert.match(none.rendered.html, /^<p[^>]*>Hi<\/p>\s*$/)
  assert.equal(html.rendered.html, '<p>Hi</p>')
  assert.match(builtIn.rendered.html, /bf-card/)
})

// what, layout, what is said
const refusedLayouts: [string, string, RegExp][] = [
  ['no place for the text', '<p>no</p>', /has no \{\{ content \}\}/],
  [
    'a name that no layout has',
    '{{ content }}{{ contents }}',
    /"contents" is no declared name.*"content"/,
  ],
  ['within another one', '{% layout "shop" %}{{ content }}', /for e-mails/],
  ['what does not parse', '{{ content }}\n{% if %}', /^line 2/],
]
for (const [what, body, said] of refusedLayouts)
  test(`a layout is refused: ${what}`, async () => {
    const answer = await put('/layouts/refused', { body })

    assert.equal(answer.body.code, 'invalid_template')
    assert.match(answer.body.errors[0].detail, said)
  })

test('each person reads the messages of their language, and those without one are shared', async () => {
  const few = '{n, plural, one {# encomenda} other {# encomendas}} para {who}'
  await put('/translations/default', {
    messages: { parcels: '{n, plural, one {# parcel} other {# parcels}} for {who}', bye: 'Bye' },
  })
  await put('/translations/pt', { messages: { parcels: few } })
  await given.eventType(t, 'parcels', { channels: ['in_app'] })
  const body = '{{ "parcels" | t: n: count, who: name }} {{ "bye" | t }} {{ "no.such" | t }}'
  const saved = await put('/templates/parcels/in_app/default', { title: 'T', body })

  const params = { count: 2, name: '<Ana>' }
  const event = await given.event(t, 'parcels', { to: ['ana', 'ben', 'cleo'], params })
  await workUntilQuiet()

  const texts = await textsOf(event)
  assert.deepEqual(
    texts.map(({ recipient, content }) => [recipient, content.body]),
    [
      ['ana', '2 encomendas para <Ana> Bye no.such'],
      ['ben', '2 parcels for <Ana> Bye no.such'],
      ['cleo', '2 parcels for <Ana> Bye no.such'],
    ],
  )
  assert.match(saved.body.warnings[0].detail, /no language has the message "no\.such"/)
})

test('Russian has more than one plural', async () => {
  const message = '{n, plural, one {# заказ} few {# заказа} many {# заказов} other {# заказа}}'
  await put('/translations/ru', { messages: { orders: { count: message } } })
  const template = { body: '{{ "orders.count" | t: n: n }}' }

  const texts: string[] = []
  for (const n of [1, 3, 5, 21])
    texts.push((await preview('sms', template, { locale: 'ru-RU', params: { n } })).rendered.body)

  assert.deepEqual(texts, ['1 заказ', '3 заказа', '5 заказов', '21 заказ'])
})

test('a message that is no ICU message is refused with its place', async () => {
  const { body } = await put('/translations/de', { messages: { a: { b: '{n, plural, one {x}}' } } })
  const wrong = await put('/translations/de', { messages: { a: 1 } })

  assert.deepEqual([body.code, body.errors[0].pointer], ['invalid_template', '/messages/a/b'])
  assert.deepEqual(
    [wrong.body.code, wrong.body.errors[0].pointer],
    ['invalid_request', '/messages/a'],
  )
})

test('a broadcast on its way keeps the partials and translations it began with', async () => {
  const ids = await given.people(t, 6_000, 'http://127.0.0.1')
  await given.topic(t, 'all', ids)
  await given.eventType(t, 'pinned', { channels: ['in_app'] })
  await put('/partials/pinned', { body: 'old' })
  await put('/translations/default', { messages: { pinned: 'old' } })
  const body = '{% render "pinned" %} {{ "pinned" | t }}'
  await given.template(t, 'pinned', 'in_app', { title: 'T', body })
  const event = await given.event(t, 'pinned', { to: [{ topic: 'all' }] })
  const now = t.clock.now()
  const leaseUntil = new Date(now.getTime() + 30_000)
  const claimed = await claimEvents(t.ctx.db, { limit: 10, now, leaseUntil })
  await fanOut(t.ctx, t.ctx.db, claimed, null)

  await put('/partials/pinned', { body: 'new' })
  await put('/translations/default', { messages: { pinned: 'new' } })
  await workUntilQuiet()

  const texts = await look.rows(
    `select c.content ->> 'body' as body, count(*)::integer as count
     from belfry.notifications n
     join belfry.contents c on c.workspace_id = n.workspace_id and c.id = n.content_id
     where n.event_id = $1 group by 1`,
    [event],
  )
  assert.deepEqual(texts, [{ body: 'old old', count: 6_000 }])
})
