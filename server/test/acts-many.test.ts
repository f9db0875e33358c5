// What people do about many notifications at once: those of an event, a thread, or whatever a filter finds.
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { createActStory } from './act-story.ts'
import { given, until, untilQuiet } from './given.ts'
import { createTestContext } from './test-context.ts'

const story = await createActStory()
const { belfry, look, receiver, tomorrow, told, storyOf, act, ended, traced } = story

after(() => story.close())

afterEach(() => void (receiver.answer = () => ({})))

test('an event is forced, and tried again, as a whole', async () => {
  const to = ['p00000', 'p00002', 'p00004']
  const { event } = await told('once', { to, scheduled_time: tomorrow() })
  receiver.answer = ({ path }) => ({ status: path.endsWith('4') ? 200 : 400 })

  const forced = await act(`/events/${event}/force`)
  await untilQuiet(look)
  const { body: after } = await belfry.ask('GET', `/events/${event}`)
  receiver.answer = () => ({})
  const retried = await act(`/events/${event}/retry`)
  await untilQuiet(look)
  const nothing = await act(`/events/${event}/retry`)

  const { message, forced: count, in_flight, done } = forced.body
  assert.deepEqual([message, count, in_flight, done], ['Event delivery forced', 3, 0, 0])
  assert.deepEqual(after.notifications, { delivered: 1, failed: 2 })
  assert.deepEqual([retried.body.retried, retried.body.done], [2, 1])
  assert.deepEqual([nothing.body.retried, nothing.body.done], [0, 3])
  const unknown = '00000000-0000-7000-8000-000000000000'
  assert.equal((await act(`/events/${unknown}/force`)).status, 404)
})

test('people who are found after an event was forced hear at once too', async () => {
  const to = ['p00000', 'p00002']
  const idle = await createTestContext()
  try {
    await given.webhooks(idle)
    await given.people(idle, 5, receiver.url)
    await given.eventType(idle, 'once')
    const event = await given.event(idle, 'once', { to, scheduled_time: tomorrow() })
    const already = receiver.requests.length

    const forced = await idle.ask('POST', `/events/${event}/force`)
    idle.work({ pollMs: 10 })
    await until('both have heard', () => receiver.requests.length === already + 2)

    assert.equal(forced.body.forced, 0)
  } finally {
    await idle.close()
  }
})

test('a thread is forced, tried again and cancelled as a whole', async () => {
  const one = { to: ['p00000', 'p00002'], thread_key: 'order:7', scheduled_time: tomorrow() }
  const events = [await told('once', one), await told('once', { ...one, to: ['p00004'] })]
  const other = await told('once', { ...one, thread_key: 'order:8' })

  const forced = await act('/threads/order:7/force')
  await ended(events[1]!.id, 'delivered')
  const cancelled = await act('/threads/order:8/cancel')
  const nothing = await act('/threads/order%3A8/retry')

  assert.deepEqual([forced.body.thread_key, forced.body.forced], ['order:7', 3])
  assert.deepEqual([cancelled.body.cancelled, cancelled.body.in_flight], [2, 0])
  assert.deepEqual([nothing.body.retried, nothing.body.done], [0, 2])
  assert.equal((await storyOf(other.id)).status, 'cancelled')
  assert.ok(
    (await traced(other.id)).some((line) => line.startsWith('cancel: cancelled: the holder')),
  )
  assert.equal((await act('/threads/order:9/force')).status, 404)
})

test('what a filter finds is counted by a dry run, and then done', async () => {
  const to = ['p00000', 'p00002', 'p00004']
  await told('once', { to, scheduled_time: tomorrow() })
  const filter = { type: 'once', status: 'pending' }
  const counts = async (body: unknown) => {
    const { status, body: answer } = await act('/notifications/cancel', body)
    return [status, answer.dry_run, answer.cancelled, answer.in_flight, answer.done]
  }

  assert.deepEqual(await counts({ ...filter, dry_run: true }), [200, true, 3, 0, 0])
  assert.deepEqual(await counts({ ...filter, recipient_id: 'p00002' }), [200, false, 1, 0, 0])
  assert.deepEqual(await counts(filter), [200, false, 2, 0, 0])
  assert.deepEqual(await counts(filter), [200, false, 0, 0, 0])
})

test('without a filter, or with one that is none, nothing is done', async () => {
  for (const body of [
    {},
    { dry_run: true },
    { dry_run: false },
    { colour: 'red' },
    { status: 'sick' },
  ]) {
    for (const doing of ['cancel', 'force', 'retry']) {
      const { status } = await act(`/notifications/${doing}`, body)
      assert.equal(status, 422, `${doing} ${JSON.stringify(body)}`)
    }
  }
})

test('after a thread, or what a filter finds, is cancelled, nothing begins but what was in flight', async () => {
  const type = 'once'
  const arrived = () => new Set(receiver.requests.map(({ headers }) => headers['webhook-id']))
  for (let round = 0; round < 40; round++) {
    const thread_key = `race:${round}`
    const { event } = await told(type, { to: ['p00000', 'p00001', 'p00002'], thread_key })
    const turns = (round * 7) % 20
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    const { body } =
      round % 2
        ? await act(`/threads/${thread_key}/cancel`)
        : await act('/notifications/cancel', { event_id: event })
    const before = arrived()
    await untilQuiet(look)
    const now = arrived()
    const rows = await look.rows('select id, status from belfry.deliveries where event_id = $1', [
      event,
    ])
    assert.equal(body.cancelled + body.in_flight + body.done, 3)
    assert.ok(rows.filter(({ id }) => now.has(id) && !before.has(id)).length <= body.in_flight)
    const stopped = rows.filter(({ status }) => status === 'cancelled')
    assert.ok(stopped.length >= body.cancelled && stopped.every(({ id }) => !now.has(id)))
  }
})
