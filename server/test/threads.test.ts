// Messages on one subject: a newer one of a thread takes the place of the older ones, for each person.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { newId } from '../src/new-id.ts'
import { fanOut } from '../src/pipeline/fan-out.ts'
import { insertEvents, type AcceptedEvent } from '../src/sql/events.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { acceptedEvent } from './rows.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { openStream } from './stream-client.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.people(belfry, 20, receiver.url)
  const channels = ['in_app', 'webhook']
  await given.eventType(belfry, 'order.changed', { channels })
  await given.eventType(belfry, 'comment.added', { channels, thread: 'keep' })
  for (const type of ['order.changed', 'comment.added'])
    await given.template(belfry, type, 'in_app', { title: '{{ n }}', body: 'B' })
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

afterEach(() => void (receiver.answer = () => ({})))

const tomorrow = () => new Date(belfry.clock.now().getTime() + 86_400_000).toISOString()

async function told(type: string, thread_key: string, body: Record<string, unknown>) {
  const event = await given.event(belfry, type, { thread_key, ...body })
  const worker = belfry.work({ pollMs: 10 })
  await until('its people are found', async () => {
    const answer = await belfry.ask('GET', `/events/${event}`)
    return answer.body.status === 'processed'
  })
  await worker.stop()
  const { body: list } = await belfry.ask('GET', `/notifications?event_id=${event}`)
  return list.notifications[0].id as string
}

const storyOf = async (id: string) => (await belfry.ask('GET', `/notifications/${id}`)).body

async function titlesOf(person: string): Promise<string[]> {
  const { body } = await belfry.ask('GET', `/subscribers/${person}/notifications`)
  return body.notifications.map(({ content }: { content: { title: string } }) => content.title)
}

async function unreadOf(person: string): Promise<number> {
  const { body } = await belfry.ask('GET', `/subscribers/${person}/notifications/counts`)
  return body.unread_count
}

test('what still waits is replaced by the newer one, and the trace names it', async () => {
  const waits = { to: ['p00000'], scheduled_time: tomorrow() }
  const older = await told('order.changed', 'order:1', { ...waits, params: { n: 1 } })
  const newer = await told('order.changed', 'order:1', { ...waits, params: { n: 2 } })

  const story = await storyOf(older)
  assert.deepEqual([story.status, story.reason], ['cancelled', 'superseded'])
  assert.equal(story.superseded_by, newer)
  const said = story.trace.map(({ because }: { because: string }) => because)
  assert.ok(said.includes(`the newer notification ${newer} of its thread took its place`))
  const left = await storyOf(newer)
  assert.deepEqual([left.status, left.superseded_by], ['scheduled', null])
})

test('what is shown in the feed is taken back, and counts follow', async () => {
  const older = await told('order.changed', 'order:2', { to: ['p00001'], params: { n: 1 } })
  await told('order.changed', 'order:3', { to: ['p00001'], params: { n: 'another' } })
  const before = [await unreadOf('p00001'), (await titlesOf('p00001')).length]

  const newer = await told('order.changed', 'order:2', { to: ['p00001'], params: { n: 2 } })

  assert.deepEqual(before, [2, 2])
  assert.deepEqual(await titlesOf('p00001'), ['2', 'another'])
  assert.equal(await unreadOf('p00001'), 2)
  const story = await storyOf(older)
  assert.deepEqual([story.reason, story.superseded_by], ['retracted', newer])
  assert.notEqual(story.retracted_at, null)
  const last = story.trace.findLast(({ step }: { step: string }) => step === 'thread')
  assert.equal(last.decision, 'retracted')
  const path = `/subscribers/p00001/notifications/${older}/read`
  assert.equal((await belfry.ask('POST', path)).status, 404)
})

test('who follows their feed hears that it was taken back', async () => {
  const url = await belfry.app.listen({ port: 0 })
  const { body } = await belfry.ask('POST', '/subscribers/p00001/token', {})
  const stream = await openStream(url, { token: body.token })
  const older = await told('order.changed', 'order:9', { to: ['p00001'], params: { n: 1 } })
  await stream.next(({ event, data }) => event === 'notification.created' && data.id === older)

  const newer = await told('order.changed', 'order:9', { to: ['p00001'], params: { n: 2 } })
  await stream.next(({ event, data }) => event === 'notification.created' && data.id === newer)
  const removed = await stream.next(({ event }) => event === 'notification.removed')
  stream.close()

  assert.deepEqual(removed.data, { id: older })
})

test('what is in the archive stays there', async () => {
  const older = await told('order.changed', 'order:4', { to: ['p00002'], params: { n: 1 } })
  await belfry.ask('POST', `/subscribers/p00002/notifications/${older}/archive`)

  await told('order.changed', 'order:4', { to: ['p00002'], params: { n: 2 } })

  const path = '/subscribers/p00002/notifications?filter=archived'
  const { body } = await belfry.ask('GET', path)
  assert.deepEqual(
    body.notifications.map(({ id }: { id: string }) => id),
    [older],
  )
})

test('a conversation keeps every message, and so does a thread of another person', async () => {
  for (const n of [1, 2]) await told('comment.added', 'post:1', { to: ['p00003'], params: { n } })
  await told('order.changed', 'order:5', { to: ['p00003'], params: { n: 'mine' } })
  await told('order.changed', 'order:5', { to: ['p00004'], params: { n: 'yours' } })

  assert.deepEqual(await titlesOf('p00003'), ['mine', '2', '1'])
})

test('a direct message replaces the one before, unless it says keep', async () => {
  const send = (message: string, more = {}) =>
    belfry.ask('POST', '/notifications', {
      to: ['p00005'],
      channels: ['in_app'],
      message,
      thread_key: 'build',
      ...more,
    })
  await send('kept', { thread: 'keep' })
  await send('running')
  await send('green')

  assert.equal((await belfry.ask('GET', '/subscribers/p00005/notifications')).body.count, 2)
})

test('a retry that waits, and a plan that waits, are replaced; an open digest keeps its events', async () => {
  const plan = [{ send: ['webhook'] }, { wait: { for: '1d' } }, { send: ['webhook'] }]
  await given.eventType(belfry, 'planned', { channels: undefined, plan })
  const digest = [{ digest: { window: '1d' } }, { send: ['in_app'] }]
  await given.eventType(belfry, 'gathered', { channels: undefined, plan: digest })
  receiver.answer = () => ({ status: 503 })
  const planned = await told('planned', 'order:6', { to: ['p00006'] })
  const gathered = await told('gathered', 'order:7', { to: ['p00006'] })
  const worker = belfry.work({ pollMs: 10 })
  await until('it is gathered', async () => {
    const text = 'select count(*) from belfry.plan_runs where bucket_id is not null'
    return (await look.number(text)) === 1
  })
  await until('it was tried', async () => {
    const [delivery] = (await storyOf(planned)).deliveries
    return delivery.attempts[0]?.outcome === 'retry'
  })
  await worker.stop()

  await told('order.changed', 'order:6', { to: ['p00006'] })
  await told('order.changed', 'order:7', { to: ['p00006'] })

  const { status, reason } = await storyOf(planned)
  assert.deepEqual([status, reason], ['cancelled', 'superseded'])
  const waiting = await storyOf(gathered)
  assert.deepEqual([waiting.status, waiting.superseded_by], ['scheduled', null])
})

async function accepted(to: string[], threadKey: string): Promise<AcceptedEvent> {
  const at = belfry.clock.now()
  const audience = to.map((id) => ({ id }))
  const event = acceptedEvent({
    id: newId(), // in the order in which they come, also within a millisecond
    type: 'order.changed',
    threadKey,
    audience,
    createdAt: at,
    dueAt: at,
  })
  await insertEvents(belfry.ctx.db, [event], [])
  return event
}

test('of many at once, found in any order, exactly the newest remains for each person', async () => {
  const contexts = [belfry.ctx, await belfry.another(), await belfry.another()]
  const people = Array.from({ length: 12 }, (_, i) => `p000${String(i + 8).padStart(2, '0')}`)
  for (let round = 0; round < 12; round++) {
    const events: AcceptedEvent[] = []
    for (let i = 0; i < 6; i++)
      events.push(await accepted(i % 2 ? people : people.toReversed(), `race:${round}`))
    const shuffled = events.map((event, i) => ({ event, at: (i * 7 + round * 5) % 6 }))
    shuffled.sort((a, b) => a.at - b.at)

    await Promise.all(
      shuffled.map(({ event }, i) => {
        const ctx = contexts[i % 3]!
        return fanOut(ctx, ctx.db, [{ ...event, epoch: 1, cursor: null }], null)
      }),
    )

    const newest = events.at(-1)!.id
    const left = await look.rows(
      `select n.event_id, count(*)::integer as count,
         count(*) filter (where n.feed = 1)::integer as shown,
         (select count(*)::integer from belfry.queue q join belfry.deliveries d on d.id = q.delivery_id
          where d.event_id = n.event_id) as waiting
       from belfry.notifications n where n.event_id = any ($1)
       group by n.event_id order by n.event_id`,
      [events.map(({ id }) => id)],
    )
    assert.deepEqual(
      left.map(({ event_id: id, ...counts }) => [id === newest, counts.shown, counts.waiting]),
      left.map(({ event_id: id }) => [id === newest, ...(id === newest ? [12, 12] : [0, 0])]),
    )
    assert.equal(left.length, 6)
  }
  await look.rows('truncate belfry.queue')
})

test('one that is found after a newer one is not sent, also where a place is free for it', async () => {
  const older = await accepted(['p00007'], 'late')
  const newer = await accepted(['p00007'], 'late')
  const already = receiver.requests.length
  const { ctx } = belfry
  let places = 1
  const starter = {
    worker: 'test',
    reserve: () => places-- > 0,
    release: () => void places++,
    leaseMs: () => 60_000,
  }
  await fanOut(ctx, ctx.db, [{ ...newer, epoch: 1, cursor: null }], null)

  const { begun } = await fanOut(ctx, ctx.db, [{ ...older, epoch: 1, cursor: null }], starter)

  assert.deepEqual([begun, places], [[], 1])
  const { body } = await belfry.ask('GET', `/notifications?event_id=${older.id}`)
  assert.equal(body.notifications[0].superseded_by !== null, true)
  belfry.work({ pollMs: 10 })
  await untilQuiet(look)
  assert.equal(receiver.requests.length, already + 1)
})
