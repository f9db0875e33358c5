// What has served its time is forgotten; what is pending never is.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { pruneLagMs } from '../src/pipeline/prune-lag.ts'
import { pruneAll } from '../src/worker/pruning.ts'
import { createLook, given, until, untilQuiet } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
after(async () => {
  await look.close()
  await t.close()
})

const never = new AbortController().signal
const prune = () => pruneAll(t.ctx, never)
const countOf = (table: string) => look.number(`select count(*) from belfry.${table}`)

const nothing = { events: 0, notifications: 0, deliveries: 0, attempts: 0, contents: 0 }

async function counts() {
  const tables = Object.keys(nothing)
  const all = await Promise.all(tables.map(countOf))
  return Object.fromEntries(tables.map((table, i) => [table, all[i]]))
}

before(async () => {
  await given.eventType(t, 'sale', { channels: ['in_app', 'email'] })
  await given.template(t, 'sale', 'in_app', { title: 'Sale', body: 'Today.' })
  await given.template(t, 'sale', 'email', { subject: 'Sale', body: 'Hello {{ subscriber.id }}.' })
  await given.subscriber(t, 'ana', { email: 'ana@example.com' })
  await given.subscriber(t, 'ben', { email: 'ben@example.com', locale: 'pt' })
  t.work({ pruneMs: 3_600_000 })
})

beforeEach(async () => {
  const tables = [...Object.keys(nothing), 'event_queue', 'queue', 'prune_later', 'prune_marks']
  for (const table of tables) await look.rows(`delete from belfry.${table}`)
})

// The clock of these tests runs ahead of that of the ids by weeks: the times that are on record decide.
test('what has ended is forgotten after 72 hours and the event after 30 days; configuration and people stay', async () => {
  const id = await given.event(t, 'sale', { to: ['ana', 'ben'] })
  await untilQuiet(look)
  // One text shared in-app, one email text each.
  const all = { events: 1, notifications: 2, deliveries: 2, attempts: 2, contents: 3 }

  t.clock.advance({ hours: 71 })
  await prune()
  assert.deepEqual(await counts(), all)

  t.clock.advance({ hours: 2 })
  await prune()
  assert.deepEqual(await counts(), { ...nothing, events: 1 })
  const feed = await t.ask('GET', '/subscribers/ana/notifications')
  assert.deepEqual(feed.body.notifications, [])
  const { body } = await t.ask('GET', `/events/${id}`)
  assert.deepEqual([body.status, body.recipient_count, body.notifications], ['processed', 2, {}])

  t.clock.advance({ hours: 30 * 24 })
  await prune()
  assert.deepEqual(await counts(), nothing)
  assert.equal((await t.ask('GET', `/events/${id}`)).status, 404)
  assert.deepEqual(
    [await countOf('templates'), await countOf('subscribers'), await countOf('addresses')],
    [2, 2, 2],
  )
})

// The database stamps answers by its own clock: that of the program says nothing about their age.
test('the first answer to a key is kept for two days by the clock of the database', async () => {
  const ask = () =>
    t.ask('POST', '/events', { type: 'sale', to: ['ana'] }, { 'idempotency-key': 'kept' })
  const first = await ask()

  t.clock.advance({ hours: 100 })
  await prune()
  const repeated = await ask()
  await look.rows(`update belfry.idempotency set created_at = now() - interval '49 hours'`)
  await prune()
  const forgotten = await ask()

  assert.deepEqual(repeated.body, first.body)
  assert.notEqual(forgotten.body.event_id, first.body.event_id)
  await untilQuiet(look)
})

test('how far the clean-up is behind is known, and nothing when it has done its work', async () => {
  await given.event(t, 'sale', { to: ['ana'] })
  await untilQuiet(look)
  await prune() // from here on there is a mark
  const lagHours = async () => (await pruneLagMs(t.ctx.db, t.clock.now())) / 3_600_000

  assert.equal(await lagHours(), 0)
  t.clock.advance({ hours: 100 })
  assert.ok(Math.abs((await lagHours()) - 28) < 1)

  await prune()
  assert.equal(await lagHours(), 0)
})

test('what waits for its day outlives both times, is delivered, and goes after its own 72 hours', async () => {
  const day = new Date(t.clock.now().getTime() + 40 * 86_400_000).toISOString()
  await given.event(t, 'sale', { to: ['ana'], scheduled_time: day })
  await until('it is planned', async () => (await countOf('queue')) === 2)

  t.clock.advance({ hours: 39 * 24 })
  await prune()
  assert.equal(await countOf('queue'), 2)
  assert.deepEqual(await counts(), {
    events: 1,
    notifications: 1,
    deliveries: 2,
    attempts: 0,
    contents: 2,
  })

  t.clock.advance({ hours: 25 })
  await untilQuiet(look)
  assert.equal((await t.ask('GET', '/subscribers/ana/notifications')).body.count, 1)
  t.clock.advance({ hours: 71 })
  await prune()
  assert.equal(await countOf('notifications'), 1)
  t.clock.advance({ hours: 2 })
  await prune()
  assert.deepEqual(await counts(), nothing)
  assert.equal(await countOf('prune_later'), 0)
})

test('an event type keeps its notifications as long as it says; the version an event began with counts', async () => {
  await given.eventType(t, 'code', { channels: ['in_app'], retention: '1h' })
  await given.eventType(t, 'contract', { channels: ['in_app'], retention: '40d' })
  const kinds = async () =>
    (await look.rows('select type from belfry.notifications order by type')).map(({ type }) => type)
  const ofEvents = async () =>
    (await look.rows('select type from belfry.events order by type')).map(({ type }) => type)
  for (const type of ['code', 'contract', 'sale']) await given.event(t, type, { to: ['ana'] })
  await untilQuiet(look)
  await given.eventType(t, 'code', { channels: ['in_app'], name: 'kept as long as any other' })
  await given.event(t, 'code', { to: ['ben'] })
  await untilQuiet(look)

  t.clock.advance({ hours: 2 })
  await prune()
  assert.deepEqual(await kinds(), ['code', 'contract', 'sale'])
  t.clock.advance({ hours: 72 })
  await prune()
  assert.deepEqual(await kinds(), ['contract'])
  t.clock.advance({ hours: 28 * 24 })
  await prune()
  assert.deepEqual([await kinds(), await ofEvents()], [['contract'], ['contract']])
  t.clock.advance({ hours: 12 * 24 })
  await prune()
  assert.deepEqual([await kinds(), await ofEvents()], [[], []])
})

test('of a broadcast the ended go in parts, and the text they share goes with the last', async () => {
  const ids = await given.people(t, 2_500, 'https://example.com')
  await given.topic(t, 'everybody', ids)
  await given.event(t, 'sale', { to: [{ topic: 'everybody' }] })
  await untilQuiet(look)
  await look.rows(
    `update belfry.notifications set pending = 1, finished_at = null where recipient = 'p01700'`,
  )
  const sharedCount = () =>
    look.number('select count(*) from belfry.contents where event_id is not null')

  t.clock.advance({ hours: 73 })
  await prune()
  assert.deepEqual(
    [await countOf('notifications'), await countOf('deliveries'), await sharedCount()],
    [1, 1, 1],
  )

  await look.rows('update belfry.notifications set pending = 0, finished_at = $1', [t.clock.now()])
  t.clock.advance({ hours: 73 })
  await prune()
  assert.deepEqual(await counts(), { ...nothing, events: 1 })
})

test('a text is not taken for one of another event that began in the same millisecond', async () => {
  await given.event(t, 'sale', { to: ['ana'] })
  await untilQuiet(look)
  await look.rows(
    `insert into belfry.contents (workspace_id, id, event_id, content)
    select workspace_id, (left(id::text, 18) || '-bfff-000000000000')::uuid, $1, content
    from belfry.contents where event_id is not null`,
    ['01900000-0000-7000-8000-000000000000'],
  )

  t.clock.advance({ hours: 73 })
  await prune()

  const left = await look.rows('select event_id from belfry.contents')
  assert.deepEqual(left, [{ event_id: '01900000-0000-7000-8000-000000000000' }])
})

test('many clean up at once, and each event is cleaned up', async () => {
  const events = Array.from({ length: 600 }, () => ({ type: 'sale', to: ['ana'] }))
  for (let i = 0; i < 2; i++) await t.ask('POST', '/events/batch', events)
  await untilQuiet(look)
  const other = await t.another()

  t.clock.advance({ hours: 31 * 24 })
  await Promise.all([prune(), pruneAll(other, never), prune(), pruneAll(other, never)])
  await prune()

  assert.deepEqual(await counts(), nothing)
})

test('an event whose people are not found yet is left alone', async () => {
  const paused = new Date(t.clock.now().getTime() + 100 * 86_400_000)
  await given.event(t, 'sale', { to: ['ana'] })
  await untilQuiet(look)
  await look.rows(
    `insert into belfry.event_queue (event_id, workspace_id, lane, due_at)
    select id, workspace_id, 1, $1 from belfry.events`,
    [paused],
  )

  t.clock.advance({ hours: 31 * 24 })
  await prune()

  assert.equal(await countOf('events'), 1)
})

test('counts of deliveries are kept for 35 days', async () => {
  await given.event(t, 'sale', { to: ['ana'] })
  await untilQuiet(look)
  const days = 24

  t.clock.advance({ hours: 34 * days })
  await prune()
  const kept = await countOf('stats')
  t.clock.advance({ hours: 2 * days })
  await prune()

  assert.ok(kept > 0)
  assert.equal(await countOf('stats'), 0)
})

test('what a throttle has counted is forgotten once its time is over', async () => {
  const plan = [{ throttle: { limit: 1, per: '1h' } }, { send: ['in_app'] }]
  await given.eventType(t, 'throttled', { channels: undefined, plan })
  await given.event(t, 'throttled', { to: ['ana'] })
  await until('it is counted', async () => (await countOf('throttles')) === 1)

  t.clock.advance({ minutes: 59 })
  await prune()
  const early = await countOf('throttles')
  t.clock.advance({ minutes: 2 })
  await prune()

  assert.equal(early, 1)
  assert.equal(await countOf('throttles'), 0)
})

test('what waits in a plan for longer than anything is kept is still told, with its text', async () => {
  const plan = (steps: unknown[]) => ({ channels: undefined, retention: '1d', plan: steps })
  const unless = { event: 'sale', key: '{{ order }}' }
  await given.eventType(t, 'patient', plan([{ wait: { for: '200d' } }, { send: ['email'] }]))
  await given.eventType(
    t,
    'paid.late',
    plan([{ wait: { for: '300d', unless } }, { send: ['email'] }]),
  )
  await given.template(t, 'patient', 'email', { subject: 'At last', body: 'No {{ n }}' })
  const patient = await given.event(t, 'patient', { to: ['ana'], params: { n: 1 } })
  const late = await given.event(t, 'paid.late', { to: ['ben'], params: { order: 7 } })
  await untilQuiet(look)

  t.clock.advance({ hours: 199 * 24 })
  await prune()
  await given.event(t, 'sale', { to: ['ana'], params: { order: 7 } })
  t.clock.advance({ hours: 25 })
  await until('both plans are over', async () => (await countOf('plan_runs')) === 0)
  await untilQuiet(look)

  const endOf = async (event: string) => {
    const { body } = await t.ask('GET', `/notifications?event_id=${event}`)
    const [{ id }] = body.notifications
    return (await t.ask('GET', `/notifications/${id}`)).body
  }
  const told = await endOf(patient)
  assert.equal(told.status, 'delivered')
  assert.equal(told.deliveries[0].content.subject, 'At last')
  assert.equal((await endOf(late)).reason, 'no_longer_needed')
})
