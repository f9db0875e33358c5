// Unsubscribing by one click, and the page behind a preferences link: what mail carries, what GET and
// POST do, and links that do not work.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import PostalMime from 'postal-mime'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { createLook, given, untilQuiet } from './given.ts'
import { createSmtpSink } from './sinks.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext({ config: { publicUrl: 'https://notify.example.com/belfry' } })
const look = createLook(t.connection)
const sink = await createSmtpSink()
t.work()
after(async () => {
  await t.close()
  await look.close()
  await sink.close()
})

before(async () => {
  const settings = {
    host: '127.0.0.1',
    port: sink.port,
    require_tls: false,
    from: 'shop@example.com',
  }
  const provider = { channel: 'email', kind: 'smtp', name: 'sink', settings }
  assert.equal((await t.ask('POST', '/providers', provider)).status, 201)
  const channels = ['in_app', 'email']
  await given.eventType(t, 'order.shipped', { name: 'Order shipped', category: 'orders', channels })
  await given.eventType(t, 'order.late', { name: 'Order late', category: 'orders', channels })
  await given.eventType(t, 'newsletter', { name: 'Newsletter', channels: ['email'] })
  await given.eventType(t, 'product.new', { name: 'New products', opt_in: true, channels })
  await given.eventType(t, 'password.reset', { name: 'Reset', level: 'critical', channels })
  for (const type of ['order.shipped', 'newsletter'])
    await given.template(t, type, 'email', { subject: 'S', body: 'Hello' })
  for (const id of ['ana', 'ben', 'cleo', 'dan', 'eva', 'finn', 'gus'])
    await given.subscriber(t, id, { email: `${id}@example.com` })
})

/** The last e-mail to somebody. */
async function mailTo(id: string) {
  await untilQuiet(look)
  const mail = sink.messages.findLast(({ to }) => to.includes(`${id}@example.com`))
  assert.ok(mail, `there is no mail to ${id}`)
  const parsed = await PostalMime.parse(mail.raw)
  const header = (name: string) => parsed.headers.find(({ key }) => key === name)?.value ?? null
  return { ...parsed, header }
}

/** The path of the link to unsubscribe in a new e-mail of this event type. */
async function unsubscribePathFor(id: string, type: string): Promise<string> {
  await given.event(t, type, { to: [id] })
  const link = (await mailTo(id)).header('list-unsubscribe')
  return new URL(/^<(.+)>$/.exec(link!)![1]!).pathname.replace('/belfry', '')
}

const preferencesPathOf = (subscriberId: string, workspaceId = 1) =>
  new URL(t.ctx.links.preferences({ workspaceId, subscriberId })).pathname.replace('/belfry', '')

/** As a browser or a mail program asks: no key. */
const visit = (
  method: string,
  url: string,
  body?: string,
  type = 'application/x-www-form-urlencoded',
) =>
  t.app.inject({
    method: method as 'GET',
    url,
    ...(body !== undefined && { payload: body, headers: { 'content-type': type } }),
  })

const saidBy = async (id: string) => (await t.ask('GET', `/preferences/${id}`)).body
const changesOf = async (id: string) =>
  (await t.ask('GET', `/preferences/${id}/changes`)).body.changes

test('an e-mail says where to unsubscribe with one click, each person by a link of their own', async () => {
  await given.event(t, 'order.shipped', { to: ['ana', 'ben'] })

  const [toAna, toBen] = [await mailTo('ana'), await mailTo('ben')]

  assert.match(
    toAna.header('list-unsubscribe')!,
    /^<https:\/\/notify\.example\.com\/belfry\/unsubscribe\/[\w-]+\.[\w-]+>$/,
  )
  assert.equal(toAna.header('list-unsubscribe-post'), 'List-Unsubscribe=One-Click')
  assert.notEqual(toAna.header('list-unsubscribe'), toBen.header('list-unsubscribe'))
  assert.equal(toAna.html, toBen.html)
  const contents = `select count(distinct content_id) from belfry.deliveries where channel = 'email'`
  assert.equal(await look.number(contents), 1, 'the text is shared')
})

test('what is critical, and what goes to a bare address, cannot be unsubscribed from', async () => {
  await given.event(t, 'password.reset', { to: ['ana'] })
  const critical = await mailTo('ana')
  await t.ask('POST', '/notifications/email', { recipient_id: 'x@example.com', content: 'Hi' })
  const direct = await mailTo('x')

  for (const mail of [critical, direct]) {
    assert.equal(mail.header('list-unsubscribe'), null)
    assert.equal(mail.header('list-unsubscribe-post'), null)
  }
})

test('GET and HEAD show a page and change nothing, however often mail is checked', async () => {
  const path = await unsubscribePathFor('ana', 'order.shipped')

  const [page, head] = [await visit('GET', path), await visit('HEAD', path)]

  assert.deepEqual([page.statusCode, head.statusCode], [200, 200])
  assert.match(page.body, /<form method="post">/)
  assert.match(page.body, /emails about <strong>orders<\/strong>/)
  assert.equal((await saidBy('ana')).updated_at, null)
})

const oneClicks: [string, string | undefined, string?][] = [
  ['a form', 'List-Unsubscribe=One-Click'],
  [
    'a multipart form',
    '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--',
    'multipart/form-data; boundary=b',
  ],
  ['nothing at all', undefined],
]

for (const [i, [what, body, type]] of oneClicks.entries())
  test(`a POST with ${what} unsubscribes at once, without a key, a cookie or a redirect`, async () => {
    const id = `clicker-${i}`
    await given.subscriber(t, id, { email: `${id}@example.com` })
    const path = await unsubscribePathFor(id, 'order.shipped')
    const count = sink.messages.length

    const { statusCode, body: html, headers } = await visit('POST', path, body, type)
    await given.event(t, 'order.late', { to: [id] })
    await untilQuiet(look)

    assert.equal(statusCode, 200)
    assert.match(html, /You are unsubscribed/)
    assert.equal(headers['set-cookie'], undefined)
    assert.equal(sink.messages.length, count)
    assert.deepEqual((await saidBy(id)).categories, { orders: { email: false } })
  })

test('the same POST a hundred times is one entry in the log', async () => {
  const path = await unsubscribePathFor('ben', 'order.shipped')

  const answers = await Promise.all(Array.from({ length: 100 }, () => visit('POST', path)))

  assert.ok(answers.every(({ statusCode }) => statusCode === 200))
  const changes = await changesOf('ben')
  assert.equal(changes.length, 1)
  assert.deepEqual(changes[0].by, { kind: 'unsubscribe_link', name: null })
})

test('an event type without a category is turned off by itself', async () => {
  const path = await unsubscribePathFor('cleo', 'newsletter')

  const { body } = await visit('POST', path)

  assert.match(body, /about <strong>Newsletter<\/strong>/)
  assert.deepEqual((await saidBy('cleo')).event_types, { newsletter: { email: false } })
})

test('what the person had turned on for one event type does not outlive unsubscribing', async () => {
  await t.ask('PATCH', '/preferences/dan', {
    event_types: { 'order.late': { email: true, enabled: true } },
  })
  const path = await unsubscribePathFor('dan', 'order.shipped')
  const count = sink.messages.length

  await visit('POST', path)
  await given.event(t, 'order.late', { to: ['dan'] })
  await untilQuiet(look)

  assert.equal(sink.messages.length, count)
  assert.deepEqual((await saidBy('dan')).event_types, { 'order.late': { enabled: true } })
})

test('a direct message is unsubscribed from as all e-mail is', async () => {
  await t.ask('POST', '/notifications', {
    to: ['eva'],
    channels: ['email'],
    subject: 'S',
    body: 'B',
  })
  const link = (await mailTo('eva')).header('list-unsubscribe')!
  const path = new URL(link.slice(1, -1)).pathname.replace('/belfry', '')

  const { body } = await visit('POST', path)

  assert.match(body, /You get no more emails\./)
  assert.deepEqual((await saidBy('eva')).channels, { email: false })
})

test('what has become critical stays on, and the page says why', async () => {
  const path = await unsubscribePathFor('finn', 'newsletter')
  await t.ask('PUT', '/event-types/newsletter', {
    name: 'Newsletter',
    channels: ['email'],
    level: 'critical',
  })

  const { statusCode, body } = await visit('POST', path)
  await t.ask('PUT', '/event-types/newsletter', { name: 'Newsletter', channels: ['email'] })

  assert.equal(statusCode, 200)
  assert.match(body, /These messages are always sent/)
  assert.deepEqual((await saidBy('finn')).event_types, {})
})

test('links that do not work all get the same page, and change nothing', async () => {
  const { links } = t.ctx
  const unsubscribe = await unsubscribePathFor('gus', 'order.shipped')
  const preferences = preferencesPathOf('gus')
  const other = (await insertWorkspace(t.ctx.db, { key: 'other', name: 'Other' }))!
  const [text, signature] = unsubscribe.slice('/unsubscribe/'.length).split('.') as [string, string]
  const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`
  const moved = Buffer.from(
    Buffer.from(text, 'base64url').toString().replace('[1,1,', `[1,${other.id},`),
  ).toString('base64url')
  const target = { subscriberId: 'nobody', eventType: null, channel: 'email' } as const
  const erased = new URL(links.unsubscribe({ workspaceId: 1, ...target })).pathname.slice(7)

  const pages = await Promise.all(
    [
      `/unsubscribe/${text}.${flipped}`,
      `/unsubscribe/${text.slice(0, -2)}.${signature}`,
      `/unsubscribe/${text}`,
      `/unsubscribe/${moved}.${signature}`,
      `/unsubscribe/${text}.${signature}.x`,
      '/unsubscribe/x',
      `/unsubscribe/${preferences.slice('/p/'.length)}`,
      `/p/${text}.${signature}`,
      '/p/x',
      preferencesPathOf('gus', other.id),
      preferencesPathOf('nobody'),
      erased,
    ].flatMap((url) => [visit('GET', url), visit('POST', url, 'level=critical')]),
  )

  assert.deepEqual(new Set(pages.map(({ statusCode }) => statusCode)), new Set([404]))
  assert.equal(new Set(pages.map(({ body }) => body)).size, 1)
  assert.equal((await saidBy('gus')).updated_at, null)
})

test('the pages load nothing from elsewhere, run nothing, and tell nobody of the link', async () => {
  const { headers, body } = await visit('GET', preferencesPathOf('gus'))

  assert.match(String(headers['content-security-policy']), /default-src 'none'; style-src 'sha256-/)
  assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/)
  assert.deepEqual(
    [headers['referrer-policy'], headers['cache-control'], headers['x-robots-tag']],
    ['no-referrer', 'no-store', 'noindex'],
  )
  assert.ok(!/<script|<link|<img|style="/.test(body))
})

test('a personal e-mail has its links at its foot, and they work', async () => {
  await given.template(t, 'order.late', 'email', {
    subject: 'S',
    body: 'Hello {{ subscriber.id }}',
  })
  await given.event(t, 'order.late', { to: ['gus'] })

  const { html } = await mailTo('gus')

  const paths = [...html!.matchAll(/href="https:\/\/notify\.example\.com\/belfry([^"]+)"/g)]
  assert.deepEqual(
    paths.map(([, path]) => path!.split('/')[1]),
    ['unsubscribe', 'p', 'why'],
  )
  for (const [, path] of paths) assert.equal((await visit('GET', path!)).statusCode, 200)
})

test('a link that was used before says so, and asks nothing', async () => {
  await given.subscriber(t, 'hal', { email: 'hal@example.com' })
  const path = await unsubscribePathFor('hal', 'newsletter')
  assert.match((await visit('GET', path)).body, /<h1>Unsubscribe<\/h1>[^]*<button>/)

  await visit('POST', path, 'List-Unsubscribe=One-Click')
  const { statusCode, body } = await visit('GET', path)

  assert.equal(statusCode, 200)
  assert.match(body, /<h1>You are unsubscribed<\/h1>/)
  assert.ok(!body.includes('<button>'))
})
