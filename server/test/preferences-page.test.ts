// The page behind a preferences link: what it shows, and that only what a person changes on it is changed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { given } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

before(async () => {
  const channels = ['in_app', 'email']
  await given.eventType(t, 'order.shipped', { category: 'orders & more', channels })
  await given.eventType(t, 'order.late', { category: 'orders & more', channels: ['email', 'sms'] })
  await given.eventType(t, 'newsletter', { name: '<b>News</b>', channels: ['email'] })
  await given.eventType(t, 'product.new', {
    name: 'New products',
    opt_in: true,
    channels: ['email'],
  })
  await given.eventType(t, 'password.reset', { name: 'Reset', level: 'critical', channels })
})

let count = 0
async function somebody(): Promise<{ id: string; path: string }> {
  const id = `person-${++count}`
  await given.subscriber(t, id)
  const { pathname: path } = new URL(t.ctx.links.preferences({ workspaceId: 1, subscriberId: id }))
  return { id, path }
}

const visit = async (path: string) => (await t.app.inject({ method: 'GET', url: path })).body

/** What the form on a page would send, as a browser reads it. */
function fieldsOf(html: string): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [input] of html.matchAll(/<input [^>]+>/g)) {
    const value = (name: string) =>
      new RegExp(`${name}="([^"]*)"`)
        .exec(input)?.[1]
        ?.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))) ?? ''
    if (value('type') === 'hidden' || input.includes(' checked'))
      fields.append(value('name'), value('value'))
  }
  return fields
}

async function submit(path: string, change: (fields: URLSearchParams) => void): Promise<string> {
  const fields = fieldsOf(await visit(path))
  change(fields)
  const { statusCode, body } = await t.app.inject({
    method: 'POST',
    url: path,
    payload: fields.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  assert.equal(statusCode, 200)
  assert.match(body, /Your choices are saved/)
  return body
}

const saidBy = async (id: string) => {
  const { body } = await t.ask('GET', `/preferences/${id}`)
  const { level, channels, categories, event_types } = body
  return { level, channels, categories, event_types }
}
const nothing = { level: 'standard', channels: {}, categories: {}, event_types: {} }

test('it has a choice for each channel of each category, and says what is always sent', async () => {
  const { id, path } = await somebody()

  const html = await visit(path)

  const names = [...new Set(fieldsOf(html).keys())].filter((name) => !name.startsWith('was '))
  assert.deepEqual(names, [
    'level',
    'email type newsletter',
    'in_app category orders & more',
    'email category orders & more',
    'sms category orders & more',
  ])
  assert.match(html, /Always sent, because it is critical: <strong>Reset<\/strong>/)
  assert.match(html, /&#60;b&#62;News/)
  assert.ok(!html.includes('<b>News'))
  // What one may subscribe to is there once; how it comes is asked of those who have.
  const shownOf = (page: string) => [...page.matchAll(/(?<!label=")New products/g)].length
  assert.equal(shownOf(html), 1)
  await t.ask('PATCH', `/preferences/${id}`, { event_types: { 'product.new': { enabled: true } } })
  const subscribed = await visit(path)
  assert.equal(shownOf(subscribed), 1)
  assert.ok(fieldsOf(subscribed).has('email type product.new'))
})

test('saving without a change says nothing, so that defaults go on to hold', async () => {
  const { id, path } = await somebody()
  await t.ask('PUT', '/preference-defaults', { channels: { sms: false } })

  const html = await submit(path, () => {})
  await t.ask('PUT', '/preference-defaults', {})

  assert.ok(!fieldsOf(html).has('sms category orders & more'))
  assert.deepEqual(await saidBy(id), nothing)
  assert.equal((await t.ask('GET', `/preferences/${id}/changes`)).body.count, 0)
})

test('what is ticked and unticked is stored, and logged as done by the link', async () => {
  const { id, path } = await somebody()

  const html = await submit(path, (fields) => {
    fields.delete('email category orders & more')
    fields.delete('email type newsletter')
    fields.append('subscribe product.new', '1')
    fields.set('level', 'critical')
  })

  assert.deepEqual(await saidBy(id), {
    level: 'critical',
    channels: {},
    categories: { 'orders & more': { email: false } },
    event_types: { newsletter: { email: false }, 'product.new': { enabled: true } },
  })
  const shown = fieldsOf(html)
  assert.deepEqual(
    ['email category orders & more', 'subscribe product.new'].map((name) => shown.has(name)),
    [false, true],
  )
  assert.equal(shown.get('level'), 'critical')
  const { body } = await t.ask('GET', `/preferences/${id}/changes`)
  assert.deepEqual([body.count, body.changes[0].by.kind], [1, 'preferences_link'])
})

test('a choice about a category goes before what was said about its event types', async () => {
  const { id, path } = await somebody()
  await t.ask('PATCH', `/preferences/${id}`, {
    event_types: { 'order.late': { email: true, sms: true } },
  })

  await submit(path, (fields) => fields.delete('email category orders & more'))

  assert.deepEqual(await saidBy(id), {
    ...nothing,
    categories: { 'orders & more': { email: false } },
    event_types: { 'order.late': { sms: true } },
  })
})

test('who ends a subscription hears nothing of it, whatever was ticked before or with it', async () => {
  const { id, path } = await somebody()
  const said = { enabled: true, email: true }
  await t.ask('PATCH', `/preferences/${id}`, { event_types: { 'product.new': said } })

  await submit(path, (fields) => fields.delete('subscribe product.new'))

  assert.deepEqual(await saidBy(id), {
    ...nothing,
    event_types: { 'product.new': { enabled: false } },
  })

  await t.ask('PATCH', `/preferences/${id}`, {
    event_types: { 'product.new': { enabled: true, email: false } },
  })
  await submit(path, (fields) => {
    fields.delete('subscribe product.new')
    fields.append('email type product.new', '1')
  })

  const { body } = await t.ask('GET', `/preferences/${id}`)
  const shown = body.effective.find(
    (type: { event_type: string }) => type.event_type === 'product.new',
  )
  assert.equal(shown.channels.email.is_on, false)
})

test('fields that the page does not have are ignored', async () => {
  const { id, path } = await somebody()

  await submit(path, (fields) => {
    fields.append('was email type password.reset', '1')
    fields.append('was fax category orders & more', '1')
    fields.append('was email category other', '1')
    fields.set('level', 'none')
  })

  assert.deepEqual(await saidBy(id), nothing)
})
