// What happened is said again: by today's registry, to whoever hears of it today.
import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createLook, given, untilQuiet } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
after(async () => {
  await look.close()
  await t.close()
})

const wait = { prefer: 'wait=20' }
const eventCount = () => look.number('select count(*) from belfry.events')
const say = async (body: object) => (await t.ask('POST', '/events', body, wait)).body.event
const show = async (id: string) => (await t.ask('GET', `/events/${id}`)).body
const recipients = async (event: string) =>
  (await t.ask('GET', `/notifications?event_id=${event}`)).body.notifications
    .map((one: { recipient_id: string }) => one.recipient_id)
    .toSorted()

before(async () => {
  for (const id of ['ana', 'ben', 'cleo']) await given.subscriber(t, id)
  await given.topic(t, 'staff', ['ana'])
  await given.eventType(t, 'sale', { channels: ['in_app'], audience: [{ topic: 'staff' }] })
  t.work()
})

test('a replay is a new event for today’s audience, and who has heard of it hears of it again', async () => {
  const original = await say({ type: 'sale', params: { n: 1 }, to: ['cleo'], thread_key: 'a/1' })
  await given.topic(t, 'staff', ['ben'])

  const { status, body } = await t.ask('POST', `/events/${original.id}/replay`, undefined, wait)

  assert.equal(status, 200)
  assert.equal(body.replay_of, original.id)
  assert.notEqual(body.event_id, original.id)
  const { event } = body
  assert.deepEqual(
    [event.replay_of, event.params, event.thread_key, event.status],
    [original.id, { n: 1 }, 'a/1', 'processed'],
  )
  assert.deepEqual(await recipients(original.id), ['ana', 'cleo'])
  assert.deepEqual(await recipients(event.id), ['ana', 'ben', 'cleo'])
  assert.equal((await show(original.id)).replay_of, null)
})

test('the registry of today decides, and what it would refuse is refused', async () => {
  await given.eventType(t, 'order', { channels: ['in_app'], level: 'standard' })
  const usual = await say({ type: 'order', params: { n: 'one' }, to: ['ana'] })
  const urgent = await say({ type: 'order', params: { n: 2 }, to: ['ana'], level: 'critical' })
  const params = { type: 'object', properties: { n: { type: 'integer' } } }
  const audience = [{ topic: 'staff' }]
  await given.eventType(t, 'order', { channels: ['in_app'], params, audience, level: 'standard' })

  const misfit = await t.ask('POST', `/events/${usual.id}/replay`)
  const again = await t.ask('POST', `/events/${urgent.id}/replay`, undefined, wait)

  assert.deepEqual([misfit.status, misfit.body.code], [422, 'invalid_params'])
  const { event } = again.body
  assert.deepEqual([event.type_version, event.level], [2, 'critical'])
  assert.deepEqual(await recipients(event.id), ['ana', 'ben'])
})

test('a level that the event type says is said by today’s', async () => {
  await given.eventType(t, 'alarm', { channels: ['in_app'], level: 'critical' })
  const { id, level } = await say({ type: 'alarm', to: ['ana'] })
  await given.eventType(t, 'alarm', { channels: ['in_app'], level: 'standard' })

  const { body } = await t.ask('POST', `/events/${id}/replay`, undefined, wait)

  assert.deepEqual([level, body.event.level], ['critical', 'standard'])
})

test('a direct message is sent again as it was', async () => {
  const message = { to: ['ana'], channels: ['in_app'], subject: 'Hi', message: 'Hello.' }
  const { body } = await t.ask('POST', '/notifications', message, wait)

  const again = await t.ask('POST', `/events/${body.event_id}/replay`, undefined, wait)

  assert.equal(again.status, 200, JSON.stringify(again.body))
  const feed = await t.ask('GET', '/subscribers/ana/notifications?limit=2')
  const [newest, before] = feed.body.notifications
  assert.equal(newest.event_id, again.body.event_id)
  assert.deepEqual(newest.content, before.content)
})

test('the same request again replays nothing twice', async () => {
  const { id } = await say({ type: 'sale' })
  const key = { 'idempotency-key': `replay/${id}` }

  const first = await t.ask('POST', `/events/${id}/replay`, undefined, key)
  const count = await eventCount()
  const again = await t.ask('POST', `/events/${id}/replay`, undefined, key)

  assert.deepEqual(again.body, first.body)
  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.equal(await eventCount(), count)
})

test('what is unknown, cancelled or not processed yet is not replayed', async () => {
  const nobody = await t.ask('POST', `/events/${randomUUIDv7()}/replay`)
  const scheduled_time = new Date(Date.now() + 3_600_000).toISOString()
  const { id } = await say({ type: 'sale', scheduled_time })
  await t.ask('POST', `/events/${id}/cancel`)
  const count = await eventCount()

  const cancelled = await t.ask('POST', `/events/${id}/replay`)
  await look.rows(`update belfry.events set status = 'accepted' where id = $1`, [id])
  const early = await t.ask('POST', `/events/${id}/replay`)
  await look.rows(`update belfry.events set status = 'cancelled' where id = $1`, [id])

  assert.equal(nobody.status, 404)
  assert.deepEqual([cancelled.status, cancelled.body.current_status], [409, 'cancelled'])
  assert.deepEqual([early.status, early.body.current_status], [409, 'accepted'])
  assert.equal(await eventCount(), count)
})

test('a time is replayed in parts, without what is none of it', async () => {
  await given.eventType(t, 'step', { channels: ['in_app'], audience: ['{{ who }}'] })
  await given.eventType(t, 'other', { channels: ['in_app'] })
  const since = t.clock.now().toISOString()
  const steps = Array.from({ length: 450 }, (_, n) => ({ type: 'step', params: { n, who: 'ana' } }))
  const others = [
    { type: 'other', to: ['ana'] },
    { type: 'step', params: { who: 'ana', n: 900 }, scheduled_time: '2027-01-01T00:00:00Z' },
  ]
  const { body } = await t.ask('POST', '/events/batch', [...steps, ...others], wait)
  const ids = body.results.map((result: { event_id: string }) => result.event_id)
  await t.ask('POST', `/events/${ids[451]}/cancel`)
  await t.ask('POST', `/events/${ids[0]}/replay`, undefined, wait)
  const until = new Date(t.clock.now().getTime() + 1_000).toISOString()
  await look.rows(`update belfry.events set params = '{"who": {}}' where id = $1`, [ids[9]])
  const range = { type: 'step', since, until }
  const count = await eventCount()

  const dry = await t.ask('POST', '/events/replay', { ...range, dry_run: true })
  assert.deepEqual([dry.status, await eventCount()], [200, count])
  const { refusals, ...counts } = dry.body
  assert.deepEqual(counts, {
    status: 'success',
    message: '449 events would be replayed',
    dry_run: true,
    matched: 450,
    replayed: 449,
    refused: 1,
    next_after: null,
  })
  assert.deepEqual(
    refusals.map((one: Record<string, string>) => [one['event_id'], one['code']]),
    [[ids[9], 'invalid_params']],
  )

  const key = { 'idempotency-key': 'step/1' }
  const first = await t.ask('POST', '/events/replay', { ...range, limit: 250 }, key)
  const repeated = await t.ask('POST', '/events/replay', { ...range, limit: 250 }, key)
  assert.deepEqual([first.status, first.body.replayed], [202, 249])
  assert.deepEqual(repeated.body, first.body)
  const after = first.body.next_after
  const rest = await t.ask('POST', '/events/replay', { ...range, limit: 250, after })
  assert.deepEqual([rest.body.matched, rest.body.next_after], [200, null])

  await untilQuiet(look)
  const replays = await look.rows(
    `select replay_of, status from belfry.events where replay_of = any ($1)`,
    [ids],
  )
  const stepIds = new Set(ids.slice(0, 450)).difference(new Set([ids[9]]))
  assert.deepEqual(new Set(replays.map((row) => row.replay_of)), stepIds)
  assert.equal(replays.length, 450, 'and the one that was replayed before')
  assert.ok(replays.every((row) => row.status === 'processed'))
})

// body, the field that is named
const refused: [object, RegExp][] = [
  [{}, /\/since/],
  [{ since: '2026-11-20T00:00:00Z' }, /\/until/],
  [{ since: '2026-11-20T00:00:00Z', until: '2026-11-20T00:00:00Z' }, /\/until must be later/],
  [{ since: 'yesterday', until: '2026-11-20T00:00:00Z' }, /\/since/],
  [{ since: '2026-11-19T00:00:00Z', until: '2026-11-20T00:00:00Z', limit: 10_001 }, /\/limit/],
  [
    { since: '2026-11-19T00:00:00Z', until: '2026-11-20T00:00:00Z', status: 'cancelled' },
    /\/status/,
  ],
]
for (const [body, field] of refused)
  test(`a range is refused: ${JSON.stringify(body)}`, async () => {
    const answer = await t.ask('POST', '/events/replay', body)

    assert.equal(answer.status, 422)
    assert.match(answer.body.detail, field)
  })

test('a time of a type that is misspelt is refused with the nearest name; one without events is empty', async () => {
  await given.eventType(t, 'order.returned', { channels: ['in_app'] })
  const range = { since: '2026-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' }
  const replayed = (type: string) => t.ask('POST', '/events/replay', { ...range, type })

  const misspelt = await replayed('order.retuned')
  assert.deepEqual([misspelt.status, misspelt.body.code], [422, 'unknown_event_type'])
  assert.match(misspelt.body.errors[0].detail, /Did you mean "order.returned"/)
  assert.equal(misspelt.body.errors[0].pointer, '/type')
  assert.equal((await replayed('order.returned')).body.matched, 0)
})
