// "Why did I get this?": a link in what was sent, a page that says which rule it was, and what a person may
// change there, each with a way back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fingerprints } from './fingerprints.ts'
import { createLook, given, until, untilQuiet } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext({ config: { publicUrl: 'https://notify.example.com/belfry' } })
const look = createLook(t.connection)
t.work()
after(async () => {
  await look.close()
  await t.close()
})

before(async () => {
  const channels = ['in_app', 'email', 'sms']
  const audience = [{ topic: 'product:42#manager' }]
  await given.eventType(t, 'order.shipped', { name: 'Order shipped', channels, audience })
  await given.eventType(t, 'password.reset', { name: 'Reset', level: 'critical', channels })
  for (const type of ['order.shipped', 'password.reset'])
    await given.template(t, type, 'email', { subject: 'S', body: 'Hello {{ subscriber.id }}' })
  for (const id of ['ana', 'ben', 'cleo', 'dan', 'eva', 'finn', 'gus'])
    await given.subscriber(t, id, { email: `${id}@example.com`, timezone: 'Europe/Lisbon' })
  await given.topic(t, 'product:42%23manager', ['ana', 'ben', 'cleo', 'dan', 'eva', 'gus'])
})

/** The path of the link at the foot of the e-mail that somebody got about an event. */
async function pathIn(id: string, event: string): Promise<string> {
  await untilQuiet(look)
  const { body } = await t.ask('GET', `/notifications?event_id=${event}&recipient_id=${id}`)
  const { body: story } = await t.ask('GET', `/notifications/${body.notifications[0].id}`)
  const { html } = story.deliveries.find((d: { channel: string }) => d.channel === 'email').content
  const [, path] = /href="https:\/\/notify\.example\.com\/belfry(\/why\/[^"]+)"/.exec(html)!
  return path!
}

/** The event whose notification tells what a digest of all these has gathered. */
async function gathered(type: string, threads: string[]): Promise<string> {
  const plan = [{ digest: { window: '1h', close_at: threads.length } }, { send: ['email'] }]
  await given.eventType(t, type, { channels: undefined, plan, thread: 'keep' })
  await given.template(t, type, 'email', { subject: 'S', body: '{{ digest.count }}' })
  for (const thread_key of threads) await given.event(t, type, { to: ['ana'], thread_key })
  let told: { id: string }[] = []
  await until('it is told', async () => {
    told = await look.rows(
      `select e.id from belfry.events e
       join belfry.notifications n on n.event_id = e.id
       join belfry.deliveries d on d.notification_id = n.id
       where e.type = $1 and d.channel = 'email'`,
      [type],
    )
    return told.length > 0
  })
  return told[0]!.id
}

async function pathFor(id: string, body: Record<string, unknown> = {}): Promise<string> {
  return pathIn(id, await given.event(t, 'order.shipped', body))
}

/** As a browser asks: no key. */
const visit = (url: string) => t.app.inject({ method: 'GET', url })
const press = (url: string, form: Record<string, string>) =>
  t.app.inject({
    method: 'POST',
    url,
    payload: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
const saidBy = async (id: string) => (await t.ask('GET', `/preferences/${id}`)).body

/** The hidden fields of the form behind "Undo", as a browser sends them. */
function undoIn(html: string): Record<string, string> {
  const [, was] = /name="was" value="([^"]*)"/.exec(html)!
  const text = was!.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
  return { do: 'undo', was: text }
}

test('the page says which rule led to the person, and opening it changes nothing', async () => {
  const path = await pathFor('ana', { thread_key: 'order:7' })
  const before = await fingerprints(look)

  const page = await visit(path)

  assert.equal(page.statusCode, 200)
  assert.match(String(page.headers['content-security-policy']), /default-src 'none'/)
  assert.match(page.body, /<h1>Why did I get this\?<\/h1>/)
  assert.match(page.body, /<strong>Order shipped<\/strong>/)
  assert.match(page.body, /You are manager of product:42\./)
  assert.match(page.body, /It came by email, since you have not turned that off\./)
  assert.match(
    page.body,
    /Mute this thread[^]*Tell me in the app instead of by email[^]*Never again/,
  )
  assert.doesNotMatch(page.body, /by SMS/, 'there is no number')
  assert.doesNotMatch(page.body, /<script|set-cookie/i)
  assert.equal(page.headers['set-cookie'], undefined)
  assert.deepEqual(await fingerprints(look), before)
})

test('a thread can be muted, and heard again', async () => {
  const path = await pathFor('ben', { thread_key: 'order:8' })

  const done = await press(path, { do: 'mute_thread' })
  assert.match(done.body, /role="status"[^>]*>This thread is muted/)
  assert.deepEqual((await saidBy('ben')).muted_threads, { 'order:8': true })
  const again = await press(path, { do: 'mute_thread' })
  assert.match(again.body, /It was so before/)

  const undone = await press(path, undoIn(done.body))
  assert.match(undone.body, /again as it was before/)
  assert.deepEqual((await saidBy('ben')).muted_threads, {})
  const { body: log } = await t.ask('GET', '/preferences/ben/changes')
  assert.deepEqual(
    log.changes.map(({ by }: { by: { kind: string } }) => by.kind),
    ['why_link', 'why_link'],
  )
})

test('who has muted as many threads as there may be is told so', async () => {
  const path = await pathFor('eva', { thread_key: 'order:9' })
  const threads = Array.from({ length: 200 }, (_, i) => [`thread-${i}`, true])
  const patch = { muted_threads: Object.fromEntries(threads) }
  assert.equal((await t.ask('PATCH', '/preferences/eva', patch)).status, 200)

  const refused = await press(path, { do: 'mute_thread' })

  assert.match(refused.body, /<h1>This cannot be done<\/h1>[^]*200 threads/)
  assert.equal(Object.keys((await saidBy('eva')).muted_threads).length, 200)
})

test('another channel can be chosen for the same, and taken back', async () => {
  const path = await pathFor('cleo')

  const done = await press(path, { do: 'instead', channel: 'in_app' })
  assert.match(done.body, /You are told in the app from now on, and no more by email\./)
  const own = { 'order.shipped': { in_app: true, email: false } }
  assert.deepEqual((await saidBy('cleo')).event_types, own)

  await press(path, undoIn(done.body))
  assert.deepEqual((await saidBy('cleo')).event_types, {})
})

test('never again takes back what was turned on, and undo brings it back', async () => {
  const before = { 'order.shipped': { email: true } }
  await t.ask('PATCH', '/preferences/dan', { event_types: before })
  const path = await pathFor('dan')

  const done = await press(path, { do: 'never' })
  assert.match(done.body, /You get no more of “Order shipped” but what is critical\./)
  assert.deepEqual((await saidBy('dan')).event_types, { 'order.shipped': { enabled: false } })

  await press(path, undoIn(done.body))
  assert.deepEqual((await saidBy('dan')).event_types, before)
})

test('a form that this page did not make changes nothing it does not offer', async () => {
  const path = await pathFor('gus')
  const foreign = [
    { field: ['level'], before: 'critical' },
    { field: ['channels', 'sms'], before: false },
    { field: ['event_types', 'password.reset', 'email'], before: false },
    { field: ['event_types', 'order.shipped', '__proto__'], before: false },
    { field: ['muted_threads', 'other'], before: true },
  ]
  const forms: Record<string, string>[] = [
    { do: 'undo', was: JSON.stringify(foreign) },
    { do: 'undo', was: '{' },
    { do: 'undo', was: '[null, 1, {"field": [1], "before": true}]' },
    { do: 'mute_thread' }, // it has none
    { do: 'instead', channel: 'sms' },
    { do: 'surprise' },
    {},
  ]

  for (const form of forms) {
    const answer = await press(path, form)
    assert.equal(answer.statusCode, 200, JSON.stringify(form))
  }
  assert.equal((await saidBy('gus')).updated_at, null)
})

test('what is critical says so, and offers nothing', async () => {
  const event = await given.event(t, 'password.reset', { to: ['finn'] })
  const page = await visit(await pathIn('finn', event))

  assert.match(page.body, /You were named by whoever sent it\./)
  assert.match(page.body, /It is critical: everybody it is for gets it/)
  assert.doesNotMatch(page.body, /<form/)
})

test('links that do not work all look the same, and one whose story is gone still works', async () => {
  const target = { subscriberId: 'ana', eventId: '01a1fbb4-bd9c-7130-a956-2f575e613672' }
  const pathOf = (given: { workspaceId: number; subscriberId: string; eventId: string }) =>
    new URL(t.ctx.links.why({ ...given, channel: 'email' })).pathname.replace('/belfry', '')
  const good = pathOf({ workspaceId: 1, ...target })
  const wrong = [
    '/why/x',
    `${good}x`,
    good.replace('/why/', '/unsubscribe/'),
    pathOf({ workspaceId: 2, ...target }),
    pathOf({ workspaceId: 1, ...target, subscriberId: 'nobody' }),
  ]

  const pages = await Promise.all(wrong.map(visit))
  assert.deepEqual(new Set(pages.map(({ statusCode }) => statusCode)), new Set([404]))
  assert.equal(new Set(pages.map(({ body }) => body)).size, 1)
  const old = await visit(good)
  assert.equal(old.statusCode, 200)
  assert.match(old.body, /details of this message are not kept any more/)
})

test('a digest of one thread offers to mute it; of several, nobody could tell which', async () => {
  const one = await visit(await pathIn('ana', await gathered('one.thread', ['post:1', 'post:1'])))
  const two = await visit(await pathIn('ana', await gathered('two.threads', ['post:1', 'post:2'])))

  assert.match(one.body, /Mute this thread/)
  assert.doesNotMatch(two.body, /Mute this thread/)
  assert.match(two.body, /Never again/)
})
