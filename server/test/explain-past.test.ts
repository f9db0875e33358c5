// Why each person got it or did not, asked afterwards: of the stored trace, in sentences to be passed on.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fingerprints } from './fingerprints.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { createKey, createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let event: string
const now = new Date('2026-06-01T09:02:00.000Z')

before(async () => {
  belfry = await createTestContext()
  belfry.clock.now = () => now
  look = createLook(belfry.connection)
  const zone = { timezone: 'Europe/Lisbon' }
  await given.subscriber(belfry, 'ana', {
    ...zone,
    email: 'ana@example.com',
    data: { name: 'Ana' },
  })
  await given.subscriber(belfry, 'ben', { email: 'ben@example.com' })
  await given.subscriber(belfry, 'cleo', { ...zone, data: { name: 'Cleo' } })
  await given.topic(belfry, 'product:42%23manager', ['ana', 'ben'])
  await given.eventType(belfry, 'order.shipped', {
    category: 'orders',
    channels: ['in_app', 'email'],
    audience: [{ topic: 'product:42#manager' }],
  })
  await given.template(belfry, 'order.shipped', 'email', {
    subject: 'Shipped',
    body: 'It is on its way',
  })
  await belfry.ask('PATCH', '/preferences/ana', { categories: { orders: { email: false } } })
  event = await given.event(belfry, 'order.shipped', {})
  const worker = belfry.work()
  await untilQuiet(look)
  await worker.stop()
})

after(async () => {
  await look.close()
  await belfry.close()
})

const explain = (body: unknown, query = '') => belfry.ask('POST', `/explain${query}`, body)
type Person = { recipient_id: string; notification_id: string | null; sentences: string[] }
const sentencesOf = (people: Person[]) => people.map(({ sentences }) => sentences)

test('of an event everybody it was for is told about', async () => {
  const { status, body } = await explain({ event_id: event })

  assert.equal(status, 200, JSON.stringify(body))
  assert.equal(body.is_dry_run, false)
  assert.deepEqual(body.sentences, [
    'order.shipped was accepted at 2026-06-01 09:02 UTC.',
    'It was for 2 people.',
  ])
  assert.deepEqual(sentencesOf(body.people), [
    [
      'Ana got it in the app at 10:02.',
      'Email was not sent, because Ana turned off email for orders on 1 June.',
      'Times are those of Europe/Lisbon.',
    ],
    [
      'ben got it in the app at 09:02.',
      'Email was delivered to b•••@example.com at 09:02 through sandbox.',
      'Times are those of UTC.',
    ],
  ])
  assert.deepEqual(body.people[1].reasons, [{ kind: 'topic', topic: 'product:42#manager' }])
  assert.ok(body.people[1].trace.length > 2)
})

test('one notification is told about alone, and one person of an event', async () => {
  const { body } = await explain({ event_id: event, recipient_id: 'ana' })
  const [ana] = body.people
  const { body: alone } = await explain({ notification_id: ana.notification_id })

  assert.equal(body.count, 1)
  assert.deepEqual(alone.people, [ana])
})

test('of somebody it was not for only what is known is said', async () => {
  await given.topic(belfry, 'product:42%23manager', ['cleo'])
  const { body } = await explain({ event_id: event, recipient_id: 'cleo' })

  const [cleo] = body.people
  assert.equal(cleo.notification_id, null)
  assert.equal(cleo.sentences[0], 'Cleo was not told: it was for others.')
  assert.match(cleo.sentences[1], /^Cleo was not manager of product:42 .*, but is by now \(since /)
})

test('an event is explained page by page', async () => {
  const first = await explain({ event_id: event }, '?limit=1')
  const cursor = encodeURIComponent(first.body.next_cursor)
  const second = await explain({ event_id: event }, `?limit=1&cursor=${cursor}`)

  assert.deepEqual(
    [...first.body.people, ...second.body.people].map((person: Person) => person.recipient_id),
    ['ana', 'ben'],
  )
  assert.equal(second.body.next_cursor, null)
  const misused = await explain(
    { event_id: event, recipient_id: 'ana' },
    '?now=2026-01-01T00:00:00Z',
  )
  assert.equal(misused.body.code, 'invalid_request')
})

test('what is not there is not found, and asking changes nothing', async () => {
  const before = await fingerprints(look)
  const id = '01a1fbb4-bd9c-7130-a956-2f575e613672'

  for (const body of [
    { event_id: id },
    { event_id: id, recipient_id: 'ana' },
    { notification_id: id },
  ])
    assert.equal((await explain(body)).status, 404)
  const wrong: [unknown, string][] = [
    [{ event_id: 'x' }, '/event_id'],
    [{ event_id: event, person: 'ana' }, '/person'],
    [{ event_id: event, recipient_id: 'a\u0007' }, '/recipient_id'],
    [{ notification_id: 7 }, '/notification_id'],
  ]
  for (const [body, pointer] of wrong) {
    const answer = await explain(body)
    assert.deepEqual([answer.status, answer.body.errors[0].pointer], [422, pointer])
  }
  await explain({ event_id: event })

  assert.deepEqual(await fingerprints(look), before)
})

test('another workspace finds nothing of it, and a key needs its scope', async () => {
  const { body } = await explain({ event_id: event })
  const asked = [{ event_id: event }, { notification_id: body.people[0].notification_id }]
  const { id } = (await insertWorkspace(belfry.ctx.db, { key: 'other', name: 'Other' }))!
  const others = await createKey(belfry.ctx, ['*'], id)
  const small = await createKey(belfry.ctx, ['events:read', 'notifications:write'])
  const askAs = async (key: string, what: unknown) =>
    (await belfry.ask('POST', '/explain', what, { authorization: `Bearer ${key}` })).status

  for (const what of asked) assert.equal(await askAs(others, what), 404)
  assert.equal(await askAs(others, { type: 'order.shipped', to: ['ana'] }), 422)
  for (const what of asked) assert.equal(await askAs(small, what), 403)
})

test('what entered the feed at its own time is told once, as having come then', async () => {
  const scheduled_time = new Date(now.getTime() + 3_600_000)
  await given.eventType(belfry, 'reminder', { channels: ['in_app'] })
  const reminder = await given.event(belfry, 'reminder', { to: ['ana'], scheduled_time })
  const worker = belfry.work()
  await until('it waits', async () => (await look.number('select count(*) from belfry.queue')) > 0)
  belfry.clock.now = () => scheduled_time
  await untilQuiet(look)
  await worker.stop()

  const { body } = await explain({ event_id: reminder })
  const { body: feed } = await belfry.ask('GET', '/subscribers/ana/notifications')
  belfry.clock.now = () => now

  const [{ sentences, channels, trace }] = body.people
  assert.deepEqual(sentences, [
    'Ana got it in the app at 11:02.',
    'Times are those of Europe/Lisbon.',
  ])
  const at = scheduled_time.toISOString()
  assert.deepEqual(
    channels.map((one: Record<string, string>) => [one['channel'], one['status'], one['at']]),
    [['in_app', 'delivered', at]],
  )
  assert.equal(feed.notifications[0].created_at, at)
  assert.deepEqual(
    trace
      .filter(({ step }: { step: string }) => step === 'in_app')
      .map((one: Record<string, string>) => `${one['decision']}: ${one['because']}`),
    ['planned: in_app is among the channels', 'delivered: it came to the in-app feed'],
  )
})
