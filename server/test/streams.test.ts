// A feed as it changes: what a person hears over their stream, how it goes on after it was cut, and what ends it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { wakeSnoozed } from '../src/pipeline/feed.ts'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { given, until } from './given.ts'
import { openSocket, openStream, type Heard } from './stream-client.ts'
import { createKey, createTestContext } from './test-context.ts'

const t = await createTestContext()
let url = ''

before(async () => {
  url = await t.app.listen({ port: 0 })
  t.work()
  await given.eventType(t, 'news', { channels: ['in_app'] })
  await given.template(t, 'news', 'in_app', { title: 'T', body: '{{ n }}' })
})
after(() => t.close())

let people = 0

async function person(): Promise<{ id: string; token: string }> {
  const id = `p${people++}`
  await given.subscriber(t, id)
  const { body } = await t.ask('POST', `/subscribers/${id}/token`, {})
  return { id, token: body.token }
}

const tell = (to: string[], n: string | number = 0) =>
  given.event(t, 'news', { to, params: { n: String(n) } })
const created = (n: string | number) => (heard: Heard) =>
  heard.event === 'notification.created' && heard.data.content.body === String(n)
const unread = (count: number) => (heard: Heard) =>
  heard.event === 'counts' && heard.data.unread_count === count

test('a person hears of what is new for them, of what was done with it, and how much is unread', async () => {
  const { id, token } = await person()
  const stream = await openStream(url, { token })
  await stream.next(unread(0))

  await tell([id], 'hello')
  const { data: item, id: position } = await stream.next(created('hello'))
  await stream.next(unread(1))
  await t.ask('POST', `/subscribers/${id}/notifications/${item.id}/read`)
  const read = await stream.next(({ event }) => event === 'notification.updated')
  await stream.next(unread(0))
  stream.close()

  assert.equal(stream.headers['content-type'], 'text/event-stream; charset=utf-8')
  assert.equal(stream.headers['cache-control'], 'no-store')
  assert.equal(stream.headers['access-control-allow-origin'], '*')
  assert.notEqual(position, null)
  assert.equal(read.data.id, item.id)
  const { body } = await t.ask('GET', `/subscribers/${id}/notifications`)
  assert.deepEqual(read.data, body.notifications[0])
})

test('nobody hears of what is not theirs, nor of the same name in another workspace', async () => {
  const [ana, ben] = [await person(), await person()]
  const { id: theirs } = (await insertWorkspace(t.ctx.db, { key: 'theirs', name: 'Theirs' }))!
  const theirKey = await createKey(t.ctx, ['*'], theirs)
  const headers = { authorization: `Bearer ${theirKey}` }
  const askThem = (method: string, path: string, body: unknown) =>
    t.ask(method, path, body, headers)
  await askThem('PUT', `/subscribers/${ana.id}`, {})
  const { body: made } = await askThem('POST', `/subscribers/${ana.id}/token`, {})
  const [hers, his, namesake] = [
    await openStream(url, ana),
    await openStream(url, ben),
    await openStream(url, { token: made.token }),
  ]
  for (const stream of [hers, his, namesake]) await stream.next(unread(0))

  await tell([ana.id], 'mine')
  await hers.next(created('mine'))
  const direct = { to: [ana.id], channels: ['in_app'], message: 'theirs' }
  await askThem('POST', '/notifications', direct)
  await namesake.next(created('theirs'))
  await tell([ben.id], 'his')
  await his.next(created('his'))

  const bodies = (heard: Heard[]) =>
    heard.flatMap(({ event, data }) => (event === 'notification.created' ? data.content.body : []))
  assert.deepEqual(bodies(hers.heard), ['mine'])
  assert.deepEqual(bodies(his.heard), ['his'])
  assert.deepEqual(bodies(namesake.heard), ['theirs'])
  for (const stream of [hers, his, namesake]) stream.close()
})

test('whoever comes back hears what they have missed, and not what they had heard', async () => {
  const { id, token } = await person()
  const first = await openStream(url, { token })
  await first.next(unread(0))
  await tell([id], 1)
  await first.next(created(1))
  const position = first.position()
  first.close()
  await until('nobody is connected', () => t.ctx.streams.count === 0)
  await tell([id], 2)
  await tell([id], 3)
  await until('they are stored', async () => {
    const { body } = await t.ask('GET', `/subscribers/${id}/notifications/counts`)
    return body.unread_count === 3
  })

  const second = await openStream(url, { token, position })
  await second.next(created(2))
  await second.next(created(3))
  await second.next(unread(3))
  second.close()

  assert.equal(second.heard.filter(({ event }) => event === 'notification.created').length, 2)
})

const strangePositions = [
  'nonsense',
  '0',
  "1'; drop table belfry.changes; --",
  'x'.repeat(7_000),
  '1-1:1:',
  () => `${Math.floor(Date.now() / 1_000).toString(36)}-900000000:900000001:`,
  () => `${Math.floor(Date.now() / 1_000 - 3_600).toString(36)}-700:700:`,
]
for (const strange of strangePositions)
  test(`a position that is none, or too old, is answered by a reset: ${String(strange).slice(0, 60)}`, async () => {
    const { id, token } = await person()
    const position = typeof strange === 'string' ? strange : strange()

    const stream = await openStream(url, { token, position })
    const { id: next } = await stream.next(({ event }) => event === 'reset')
    await tell([id], 1)
    await stream.next(created(1))
    stream.close()

    assert.notEqual(next, null)
  })

test('a broadcast reaches those who are connected with one change for all', async () => {
  const everybody = Array.from({ length: 500 }, (_, i) => `b${String(i).padStart(3, '0')}`)
  for (let i = 0; i < 500; i += 250) {
    const subscribers = everybody.slice(i, i + 250).map((id) => ({ id }))
    await t.ask('POST', '/subscribers/bulk', { subscribers })
  }
  await given.topic(t, 'all', everybody)
  const tokens = await Promise.all(
    ['b000', 'b250', 'b499'].map(
      async (id) => (await t.ask('POST', `/subscribers/${id}/token`, {})).body.token as string,
    ),
  )
  const outsider = await person()
  const streams = await Promise.all(
    [...tokens, outsider.token].map((token) => openStream(url, { token })),
  )
  for (const stream of streams) await stream.next(unread(0))
  const event = { type: 'news', to: [{ topic: 'all' }], params: { n: 'all' } }
  const { body } = await t.ask('POST', '/events', event)

  for (const stream of streams.slice(0, 3)) await stream.next(created('all'))
  await tell([outsider.id], 'one')
  await streams[3]!.next(created('one'))

  const changes = await t.ctx.db.query<{ count: number }>({
    name: '',
    text: 'select count(*) as count from belfry.changes where event_id = $1',
    values: [body.event_id],
  })
  assert.equal(changes[0]!.count, 1)
  assert.equal(streams[3]!.heard.filter(({ event }) => event === 'notification.created').length, 1)
  for (const stream of streams) stream.close()
})

test('what was snoozed comes back as if it were new; much at once is a reset', async () => {
  const { id, token } = await person()
  const feed = `/subscribers/${id}/notifications`
  await tell([id], 'later')
  const stream = await openStream(url, { token })
  await stream.next(unread(1))
  const { body } = await t.ask('GET', feed)
  const until = new Date(t.clock.now().getTime() + 60_000).toISOString()
  await t.ask('POST', `${feed}/${body.notifications[0].id}/snooze`, { until })
  await stream.next(unread(0))

  t.clock.advance({ minutes: 2 })
  await wakeSnoozed(t.ctx)
  await stream.next(created('later'))
  await stream.next(unread(1))
  const direct = { to: [id], channels: ['in_app'], message: 'x' }
  await Promise.all(Array.from({ length: 120 }, () => t.ask('POST', '/notifications', direct)))
  await stream.next(unread(121))
  await t.ask('POST', `${feed}/read-all`, {})
  await stream.next(({ event }) => event === 'reset')
  await stream.next(unread(0))
  stream.close()
})

test('a stream ends with its token, and says so', async () => {
  const { id } = await person()
  const { body } = await t.ask('POST', `/subscribers/${id}/token`, { expires_in: '1m' })
  const stream = await openStream(url, { token: body.token })
  const { closed, next } = await openSocket(url, { token: body.token })
  await stream.next(unread(0))

  t.clock.advance({ seconds: 95 })
  await stream.next(({ event }) => event === 'token_expired')
  await stream.ended
  await next(({ event }) => event === 'token_expired')

  assert.deepEqual(await closed, { code: 4401, reason: 'token_expired' })
  assert.equal((await openStream(url, { token: body.token })).status, 401)
})

test('a person has twenty streams and not one more, and may come back when one is closed', async () => {
  const { token } = await person()
  const streams = await Promise.all(Array.from({ length: 20 }, () => openStream(url, { token })))

  const refused = await openStream(url, { token })
  streams[0]!.close()
  await until('there is room', () => t.ctx.streams.count === 19)
  const again = await openStream(url, { token })

  assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '5'])
  assert.equal(again.status, 200)
  for (const stream of [...streams, again]) stream.close()
})

test('over a WebSocket a person hears the same, and goes on where they were', async () => {
  const { id, token } = await person()
  const first = await openSocket(url, { token })
  await first.next(unread(0))
  await tell([id], 1)
  await first.next(created(1))
  const position = first.position()
  first.socket.close()
  await first.closed
  await tell([id], 2)
  await until('it is stored', async () => {
    const { body } = await t.ask('GET', `/subscribers/${id}/notifications/counts`)
    return body.unread_count === 2
  })

  const second = await openSocket(url, { token, position })
  await second.next(created(2))
  await second.next(unread(2))
  second.socket.close()

  assert.equal(second.heard.filter(({ event }) => event === 'notification.created').length, 1)
})

// what a client sends over its WebSocket, the code it is closed with
const bad: [string, (socket: Awaited<ReturnType<typeof openSocket>>['socket']) => void, number][] =
  [
    ['a message', (socket) => socket.send('hello'), 1008],
    ['five kilobytes', (socket) => socket.send('x'.repeat(5_000)), 1009],
  ]
for (const [what, send, code] of bad)
  test(`a WebSocket is closed when it is sent ${what}`, async () => {
    const { token } = await person()
    const { socket, closed } = await openSocket(url, { token })

    send(socket)

    assert.equal((await closed).code, code)
    await until('it is forgotten', () => t.ctx.streams.count === 0)
  })
