// Two workspaces on one server: whoever holds a key of one learns nothing of the other and changes
// nothing in it, on any route there is. The routes are taken from openapi.json's source, so that none is
// forgotten: a new one must say here what the other workspace has for it.
import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { json } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import type { Sql } from '../src/sql/db.ts'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { given, until } from './given.ts'
import { createKey, createTestContext, type Answer } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

type Media = { examples?: Record<string, { value: unknown }>; example?: unknown }
type Operation = { requestBody?: { content: Record<string, Media> }; security: unknown[] }
type Route = { method: string; path: string; operation: Operation }

await t.app.ready()
const document = t.app.swagger() as unknown as { paths: Record<string, Record<string, Operation>> }
const routes: Route[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    operation,
  })),
)

// In everything the other workspace has: must never be read with our key.
const canary = 'canary-7f3a'
let theirKey = ''
/** What the other workspace has, by the beginning of the path that leads to it. */
const theirs: Record<string, Record<string, string>> = {}

const askAs = (key: string, method: string, url: string, body?: unknown) =>
  url.endsWith('/stream')
    ? openAs(key, url)
    : t.ask(method, url, body, { authorization: `Bearer ${key}` })

/** What has no end is only begun. */
async function openAs(key: string, url: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}` }
  const response = await t.app.inject({ url, headers, payloadAsStream: true })
  const { statusCode: status } = response
  const stream = response.stream()
  if (status !== 200) return { status, headers: response.headers, body: await json(stream) }
  stream.destroy()
  return { status, headers: response.headers, body: {} }
}

before(async () => {
  const { id } = (await insertWorkspace(t.ctx.db, { key: 'theirs', name: canary }))!
  theirKey = await createKey(t.ctx, ['*'], id)
  const them = {
    ask: (method: string, url: string, body?: unknown) => askAs(theirKey, method, url, body),
  }
  const name = `${canary}-name`
  await given.subscriber(them, name, { email: `${canary}@example.com` })
  await given.topic(them, name, [name])
  await given.eventType(them, name, { name, channels: ['in_app', 'email'] })
  await them.ask('PUT', `/layouts/${name}`, { body: `${name} {{ content }}` })
  await them.ask('PUT', `/partials/${name}`, { body: name })
  await them.ask('PUT', '/translations/tlh', { messages: { name } })
  const post = async (url: string, body: unknown) => (await them.ask('POST', url, body)).body
  await given.template(them, name, 'email', { subject: name, body: name })
  const provider = await post('/providers', { channel: 'sms', kind: 'sandbox', name, settings: {} })
  const key = await post('/keys', { name, scopes: ['*'] })
  const hook = await post('/hooks', { url: `https://${canary}.example/`, description: name })
  await them.ask('PATCH', `/preferences/${name}`, { event_types: { [name]: { enabled: true } } })
  const source = { auth: { kind: 'none' }, event: { type: name, params: {} } }
  await them.ask('PUT', `/sources/${name}`, source)
  await them.ask('PUT', `/schedules/${name}`, {
    event: { type: name },
    to: [name],
    cron: '0 9 * * *',
  })
  const event = await given.event(them, name, { to: [name], params: { name }, thread_key: name })
  t.work()
  let notification = ''
  await until('their notification is delivered', async () => {
    const { body } = await them.ask('GET', '/notifications?status=delivered')
    notification = body.notifications[0]?.id ?? ''
    return notification !== ''
  })
  Object.assign(theirs, {
    '/subscribers/': { id: name, event_type: name, notification_id: notification },
    '/me/': { notification_id: notification },
    '/preferences/': { subscriber_id: name },
    '/topics/': { key: name },
    '/event-types/': { key: name },
    '/templates/': { event_type: name, channel: 'email', locale: 'default', version: '1' },
    '/layouts/': { name, version: '1' },
    '/partials/': { name, version: '1' },
    '/translations/': { locale: 'tlh', version: '1' },
    '/providers/': { id: provider.id },
    '/sources/': { key: name },
    '/schedules/': { key: name },
    '/keys/': { id: key.id },
    '/hooks/': { id: hook.id },
    '/events/': { id: event },
    '/threads/': { thread_key: name },
    '/notifications/': { id: notification, channel: 'email' },
    '/channels/': { channel: 'slack' }, // those of everybody, changed with a key of the first workspace
  })
})

/** With our key: what belongs to them is answered as what does not exist. */
async function leaksOf({ method, path, operation }: Route): Promise<string[]> {
  const own = Object.entries(theirs).find(([start]) => path.startsWith(start))?.[1]
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  for (const name of names)
    assert.ok(own?.[name], `say above what the other workspace has as {${name}} of ${path}`)
  const fill = (values: Record<string, string>) =>
    path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name]!))
  const nothing = Object.fromEntries(names.map((name) => [name, nothingLike(name, own?.[name])]))
  const body = exampleOf(operation)

  const answer = await askAs(t.key, method, fill(own ?? {}), body)
  const ofNothing = names.length > 0 ? await askAs(t.key, method, fill(nothing), body) : null
  const leaks: string[] = []
  if (without(answer, own).includes(canary)) leaks.push(`${method} ${path} shows what is theirs`)
  if (ofNothing && without(answer, own) !== without(ofNothing, nothing))
    leaks.push(
      `${method} ${path} tells theirs (${answer.status}) from nothing (${ofNothing.status})`,
    )
  return leaks
}

/** A name of the same form that nobody has. Channels and versions are the same for everybody. */
function nothingLike(name: string, value = ''): string {
  if (name === 'channel' || name === 'version' || value === 'default') return value
  if (name === 'locale') return 'haw'
  return /^[0-9a-f]{8}-/.test(value) ? randomUUIDv7() : 'nothing-like-it'
}

function exampleOf({ requestBody }: Operation): unknown {
  const media = requestBody?.content['application/json']
  return media && (media.example ?? Object.values(media.examples ?? {})[0]?.value ?? {})
}

/** The answer as text, without what may differ: the names asked for, request ids, times. */
function without({ status, body }: Answer, names: Record<string, string> = {}): string {
  let text = `${status} ${JSON.stringify({ ...body, request_id: null })}`
  for (const [name, value] of Object.entries(names)) {
    if (name === 'channel' || name === 'version' || value === 'default') continue
    text = text.replaceAll(value, '<name>').replaceAll(encodeURIComponent(value), '<name>')
  }
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
}

const behindKey = routes.filter(({ operation }) => operation.security.length > 0)
const reads = behindKey.filter(({ method }) => method === 'GET')
// Last those that create what is named in their path: from then on we have something of the same name.
const isNaming = ({ path }: Route) => Number(path.includes('{'))
const writes = ['PATCH', 'DELETE', 'POST', 'PUT'].flatMap((wanted) =>
  behindKey.filter(({ method }) => method === wanted).toSorted((a, b) => isNaming(a) - isNaming(b)),
)
for (const route of reads)
  test(`${route.method} ${route.path} keeps workspaces apart`, async () => {
    assert.deepEqual(await leaksOf(route), [])
  })

// what asks for something of theirs in a body, and the answer to the same about nothing
const references: [string, string, (name: string) => unknown][] = [
  ['POST', '/notifications', (name) => ({ to: [name], channels: ['in_app'], body: 'x' })],
  [
    'POST',
    '/notifications',
    (name) => ({ to: [{ topic: name }], channels: ['in_app'], body: 'x' }),
  ],
  ['POST', '/notifications', (name) => ({ to: ['x'], channels: ['email'], template: name })],
  ['POST', '/notifications/in_app', (name) => ({ recipient_id: name, content: 'x' })],
  ['POST', '/events', (name) => ({ type: name, to: ['x'] })],
  ['POST', '/topics/ours/members', (name) => ({ subscribers: [name] })],
  ['PUT', '/topics/ours/members', (name) => ({ subscribers: [name] })],
]
for (const [method, url, bodyOf] of references)
  test(`${method} ${url} takes their ${JSON.stringify(bodyOf('…'))} for unknown`, async () => {
    const name = theirs['/subscribers/']!.id!

    const answer = await askAs(t.key, method, url, bodyOf(name))
    const ofNothing = await askAs(t.key, method, url, bodyOf('nothing-like-it'))

    assert.ok(answer.status >= 400, JSON.stringify(answer.body))
    const told = (given: Answer, named: string) => without(given, { name: named })
    assert.equal(told(answer, name), told(ofNothing, 'nothing-like-it'))
  })

test('this file would notice: without the condition on the workspace every such route leaks', async () => {
  const { db } = t.ctx
  const query = db.query.bind(db)
  const leaky = (statement: Sql): Sql => ({
    ...statement,
    name: `${statement.name}_leaky`,
    text: statement.text.replaceAll(
      /\b(\w+\.)?workspace_id = (\$\d+)(?!::)/g,
      '($1workspace_id is not null or $2::integer is null)',
    ),
  })
  db.query = (statement) => query(leaky(statement))
  try {
    const ofTheirs = reads.filter(({ path }) => path.includes('{'))
    const noticed = await Promise.all(ofTheirs.map(leaksOf))

    const missed = ofTheirs.filter((_, i) => noticed[i]!.length === 0).map(({ path }) => path)
    assert.deepEqual(missed, [])
  } finally {
    db.query = query
  }
})

for (const route of writes)
  test(`${route.method} ${route.path} keeps workspaces apart`, async () => {
    assert.deepEqual(await leaksOf(route), [])
  })

test('nothing that was asked above has changed anything of theirs', async () => {
  const name = theirs['/subscribers/']!.id!
  const person = await askAs(theirKey, 'GET', `/subscribers/${name}`)
  const preferences = await askAs(theirKey, 'GET', `/preferences/${name}`)
  const members = await askAs(theirKey, 'GET', `/topics/${name}/members`)
  const type = await askAs(theirKey, 'GET', `/event-types/${name}`)
  const template = await askAs(theirKey, 'GET', `/templates/${name}/email/default`)
  const layout = await askAs(theirKey, 'GET', `/layouts/${name}`)
  const partial = await askAs(theirKey, 'GET', `/partials/${name}`)
  const translations = await askAs(theirKey, 'GET', '/translations/tlh')
  const providers = await askAs(theirKey, 'GET', '/providers')
  const notification = await askAs(
    theirKey,
    'GET',
    `/notifications/${theirs['/notifications/']!.id}`,
  )
  const keys = await askAs(theirKey, 'GET', '/keys')

  assert.equal(person.body.email, `${canary}@example.com`)
  assert.deepEqual(
    members.body.members.map((member: { subscriber_id: string }) => member.subscriber_id),
    [name],
  )
  assert.deepEqual(preferences.body.event_types, { [name]: { enabled: true } })
  assert.equal(type.body.version, 1)
  for (const { body } of [template, layout, partial, translations]) assert.equal(body.version, 1)
  assert.equal(providers.body.count, 1)
  assert.equal(notification.body.status, 'delivered')
  assert.ok(
    keys.body.keys.every(({ revoked_at }: { revoked_at: string | null }) => revoked_at === null),
  )
})
