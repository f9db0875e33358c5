// Requests that prefer to wait are answered when the work is done.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createClient } from '../../client/src/client.ts'
import { startWorker, type Worker } from '../src/worker/worker.ts'
import { createLook, given, until } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
const other = await t.another()
let elsewhere: Worker | null = null
after(async () => {
  await look.close()
  await elsewhere?.stop(1_000)
  await t.close()
})

const wait = { prefer: 'wait=20' }
const eventCount = () => look.number('select count(*) from belfry.events')

before(async () => {
  await given.eventType(t, 'sale', { channels: ['in_app'] })
  await given.subscriber(t, 'ana', { email: 'ana@example.com' })
})

// header, why it is refused
const refused: [string, string][] = [
  ['wait=0', 'nobody waits for nothing'],
  ['wait=31', 'longer than anybody waits'],
  ['wait=1.5', 'seconds are whole'],
  ['wait=-1', 'time runs forward'],
  ['wait=soon', 'no number'],
  ['wait', 'no number at all'],
  ['respond-async, wait=99', 'among others'],
]
for (const [prefer, why] of refused)
  test(`Prefer: ${prefer} is refused (${why}), and nothing is stored`, async () => {
    const count = await eventCount()
    const requests: [string, unknown][] = [
      ['/events', { type: 'sale', to: ['ana'] }],
      ['/events/batch', [{ type: 'sale', to: ['ana'] }]],
      ['/notifications', { to: ['ana'], channels: ['in_app'], message: 'Hello.' }],
      ['/notifications/in_app', { recipient_id: 'ana', content: 'Hello.' }],
    ]
    for (const [url, body] of requests) {
      const answer = await t.ask('POST', url, body, { prefer })
      assert.deepEqual([answer.status, answer.body.code], [422, 'invalid_request'], url)
      assert.match(answer.body.detail, /^Prefer: wait takes .* from 1 to 30/)
    }
    assert.equal(await eventCount(), count)
  })

test('other preferences are ignored, as their standard asks', async () => {
  const body = { type: 'sale', to: ['ana'] }

  const answer = await t.ask('POST', '/events', body, { prefer: 'return=minimal, waiting=9' })

  assert.deepEqual([answer.status, answer.headers['preference-applied']], [202, undefined])
})

test('what is not done in time is answered with what is known', async () => {
  const body = { type: 'sale', to: ['ana'] }

  const answer = await t.ask('POST', '/events', body, { prefer: 'wait=1' })

  assert.equal(answer.status, 202)
  assert.equal(answer.headers['preference-applied'], 'wait=1')
  assert.deepEqual(
    [answer.body.message, answer.body.event.status, answer.body.event.recipient_count],
    ['Event accepted', 'accepted', 0],
  )
})

test('a repeated request waits too, and is told how the first one stands now', async () => {
  const repeat = { ...wait, 'idempotency-key': 'sale/1' }
  const body = { type: 'sale', to: ['ana'] }
  const first = await t.ask('POST', '/events', body, { 'idempotency-key': 'sale/1' })
  assert.deepEqual(Object.keys(first.body), ['status', 'event_id', 'message'])
  elsewhere = startWorker(other, { pollMs: 50 })

  const again = await t.ask('POST', '/events', body, repeat)
  const without = await t.ask('POST', '/events', body, { 'idempotency-key': 'sale/1' })

  assert.equal(again.status, 200)
  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.equal(again.body.event_id, first.body.event_id)
  assert.equal(again.body.event.status, 'processed')
  assert.deepEqual([without.status, without.body], [202, first.body])
})

test('an event is answered when its people are found, by whatever process', async () => {
  const answer = await t.ask('POST', '/events', { type: 'sale', to: ['ana', 'nobody'] }, wait)

  assert.equal(answer.status, 200)
  assert.equal(answer.headers['preference-applied'], 'wait=20')
  const { message, event, event_id: id } = answer.body
  assert.equal(message, 'Event processed')
  assert.deepEqual([event.id, event.status, event.recipient_count], [id, 'processed', 2])
  assert.deepEqual(event.notifications, { delivered: 1, skipped: 1 })
  assert.deepEqual(event, (await t.ask('GET', `/events/${id}`)).body)
})

test('an event that reaches nobody is done as well', async () => {
  await given.eventType(t, 'quiet', { channels: ['in_app'], audience: [{ topic: 'nobody' }] })

  const { status, body } = await t.ask('POST', '/events', { type: 'quiet' }, wait)

  assert.deepEqual([status, body.event.status], [200, 'no_audience'])
})

test('of many events each is told what became of it', async () => {
  const events = [{ type: 'sale', to: ['ana'] }, { type: 'nothing' }, { type: 'quiet' }]

  const { status, body } = await t.ask('POST', '/events/batch', events, wait)

  assert.equal(status, 200)
  assert.deepEqual(
    body.results.map((result: Record<string, unknown>) => [
      result['status'],
      result['event_status'],
      result['recipient_count'],
    ]),
    [
      ['success', 'processed', 1],
      ['error', undefined, undefined],
      ['success', 'no_audience', 0],
    ],
  )
})

test('a message is answered when its deliveries have ended', async () => {
  const message = { to: ['ana'], channels: ['in_app', 'email'], message: 'Hello.' }
  const many = await t.ask('POST', '/notifications', message, wait)
  const one = await t.ask(
    'POST',
    '/notifications/email',
    { recipient_id: 'ana', content: 'Hello.' },
    wait,
  )

  assert.deepEqual([many.status, many.body.event.notifications], [200, { delivered: 1 }])
  assert.equal(one.status, 200)
  assert.equal(one.body.notification.id, one.body.notification_id)
  assert.equal(one.body.notification.status, 'delivered')
})

test('a message that waits for its day is not waited for longer than asked', async () => {
  const scheduled_time = new Date(Date.now() + 3_600_000).toISOString()
  const message = { recipient_id: 'ana', content: 'Hello.', scheduled_time }

  const { status, body } = await t.ask('POST', '/notifications/email', message, {
    prefer: 'wait=1',
  })

  assert.deepEqual([status, body.notification.status], [202, 'scheduled'])
})

test('a client waits by saying so', async () => {
  const url = await t.app.listen({ host: '127.0.0.1', port: 0 })
  const client = createClient({ url, key: t.key })

  const { event } = await client.trigger('sale', {}, { to: ['ana'] }, { waitSeconds: 20 })

  assert.equal(event?.status, 'processed')
})

test('a thousand who wait share a few looks at the database', async () => {
  await elsewhere!.stop(1_000)
  const id = await given.event(t, 'sale', { to: ['ana'] })
  const { db } = t.ctx
  const query = db.query.bind(db)
  let lookCount = 0
  db.query = (statement) => {
    if (statement.text.includes('as w ("workspaceId"')) lookCount++
    return query(statement)
  }
  const awaited = [{ workspaceId: 1, eventId: id, what: 'found' as const }]
  const patience = { longestMs: 500, gone: new AbortController().signal }

  const ends = await Promise.all(
    Array.from({ length: 1_000 }, () => t.ctx.waits.until(awaited, patience)),
  )
  db.query = query

  assert.ok(ends.every((isDone) => !isDone))
  assert.ok(lookCount >= 1 && lookCount <= 20, `${lookCount} looks`)
})

test('who hangs up waits no longer, and a process that stops lets everybody go', async () => {
  const id = await given.event(t, 'sale', { to: ['ana'] })
  const awaited = [{ workspaceId: 1, eventId: id, what: 'found' as const }]
  const caller = new AbortController()
  const hangsUp = t.ctx.waits.until(awaited, { longestMs: 60_000, gone: caller.signal })
  const stays = t.ctx.waits.until(awaited, {
    longestMs: 60_000,
    gone: new AbortController().signal,
  })

  caller.abort()
  assert.equal(await hangsUp, false)
  t.ctx.waits.release()
  assert.equal(await stays, false)
  const late = { longestMs: 60_000, gone: new AbortController().signal }
  assert.equal(await t.ctx.waits.until(awaited, late), false)
})

test('nobody rings while nobody waits', async () => {
  const fresh = await t.another()
  const asking = await t.another()
  const rings: string[] = []
  fresh.signals.on('belfry_done', () => rings.push('done'))

  fresh.waits.tell()
  assert.deepEqual(rings, [])
  asking.waits.announce()
  await until('the announcement has arrived', () => {
    fresh.waits.tell()
    return rings.length > 0
  })
})
