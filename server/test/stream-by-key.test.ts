// The feed of a subscriber as it changes, for the server of the customer: with a secret key instead of a token.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { streamFeed } from '../../client/src/client.ts'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { until } from './given.ts'
import { openSocket, openStream, type Heard } from './stream-client.ts'
import { createKey, createTestContext } from './test-context.ts'

const t = await createTestContext()
let url = ''
const strangeId = 'org:1/ana#2 ü' // as ids may be

before(async () => {
  url = await t.app.listen({ port: 0 })
  t.work()
  for (const id of ['ana', 'ben', strangeId])
    await t.ask('PUT', `/subscribers/${encodeURIComponent(id)}`, {})
})
after(() => t.close())

const say = (to: string, message: string) =>
  t.ask('POST', '/notifications', { to: [to], channels: ['in_app'], message })
const said = (message: string) => (heard: Heard) =>
  heard.event === 'notification.created' && heard.data.content.body === message
const isCounts = ({ event }: Heard) => event === 'counts'
const pathOf = (id: string, last: 'stream' | 'ws') =>
  `/subscribers/${encodeURIComponent(id)}/${last}`

for (const id of ['ana', strangeId])
  test(`a server hears what is new for ${id} and for nobody else, and goes on where it was`, async () => {
    const [stream, socket] = [
      await openStream(url, { token: t.key, path: pathOf(id, 'stream') }),
      await openSocket(url, { token: t.key, path: pathOf(id, 'ws') }),
    ]
    for (const { next } of [stream, socket]) await next(isCounts)

    await say('ben', 'not yours')
    await say(id, 'one')
    for (const { next } of [stream, socket]) await next(said('one'))
    const position = stream.position()
    stream.close()
    socket.socket.close()
    await until('nobody is connected', () => t.ctx.streams.count === 0)
    await say(id, 'two')
    const again = await openStream(url, { token: t.key, path: pathOf(id, 'stream'), position })
    await again.next(said('two'))
    again.close()

    const all = JSON.stringify([stream.heard, socket.heard, again.heard])
    assert.ok(!all.includes('not yours'))
    assert.equal(again.heard.filter(({ event }) => event === 'notification.created').length, 1)
  })

test('the client follows it, too', async () => {
  const events = streamFeed({ url, token: t.key, subscriber: strangeId })
  for await (const { event } of events) {
    if (event === 'counts') await say(strangeId, 'hello')
    if (event === 'notification.created') break
  }
  await until('nobody is connected', () => t.ctx.streams.count === 0)
})

test('the metrics say how many streams are open', async () => {
  const stream = await openStream(url, { token: t.key, path: pathOf('ana', 'stream') })
  const sockets = [
    await openSocket(url, { token: t.key, path: pathOf('ana', 'ws') }),
    await openSocket(url, { token: t.key, path: pathOf('ben', 'ws') }),
  ]
  const lines = async () =>
    (await t.app.inject({ url: '/metrics', headers: { authorization: `Bearer ${t.key}` } })).body
      .split('\n')
      .filter((line) => line.startsWith('belfry_open_streams{'))

  const open = await lines()
  stream.close()
  for (const { socket } of sockets) socket.close()
  await until('they are gone', () => t.ctx.streams.count === 0)

  assert.deepEqual(open.toSorted(), [
    'belfry_open_streams{kind="sse"} 1',
    'belfry_open_streams{kind="websocket"} 2',
  ])
  assert.deepEqual((await lines()).toSorted(), [
    'belfry_open_streams{kind="sse"} 0',
    'belfry_open_streams{kind="websocket"} 0',
  ])
})

// who asks, whose feed, the status
const refusals: [string, () => Promise<string>, string, number][] = [
  ['a key that may not read notifications', () => createKey(t.ctx, ['events:write']), 'ana', 403],
  ['a key that is none', async () => `bf_sk_${'x'.repeat(40)}`, 'ana', 401],
  ['the person with their own token', tokenOfAna, 'ana', 403],
  ['the key of another workspace', keyOfOthers, 'ana', 404],
  ['our key', async () => t.key, 'nobody', 404],
]
for (const [who, tokenOf, id, status] of refusals)
  test(`${who} is answered ${status} for the stream of ${id}`, async () => {
    const token = await tokenOf()

    const stream = await openStream(url, { token, path: pathOf(id, 'stream') })
    const socket = openSocket(url, { token, path: pathOf(id, 'ws') })

    assert.equal(stream.status, status)
    await assert.rejects(socket, { message: `Unexpected server response: ${status}` })
    assert.equal(t.ctx.streams.count, 0)
  })

test('no WebSocket is opened for an id that cannot be read', async () => {
  for (const id of ['%E0%A4', '%00'])
    await assert.rejects(openSocket(url, { token: t.key, path: `/subscribers/${id}/ws` }), {
      message: 'Unexpected server response: 404',
    })
})

test('a stream ends with its key, and after fifteen minutes in any case', async () => {
  const name = 'for an hour'
  const inTwoMinutes = new Date(t.clock.now().getTime() + 120_000).toISOString()
  const asked = { name, scopes: ['notifications:read'], expires_at: inTwoMinutes }
  const { body } = await t.ask('POST', '/keys', asked)
  const [short, long] = [
    await openStream(url, { token: body.key, path: pathOf('ana', 'stream') }),
    await openSocket(url, { token: t.key, path: pathOf('ana', 'ws') }),
  ]
  const isOver = ({ event }: Heard) => event === 'token_expired'

  t.clock.advance({ minutes: 2 })
  await short.next(isOver)
  await short.ended
  assert.equal(t.ctx.streams.count, 1)
  t.clock.advance({ minutes: 13 })
  await long.next(isOver)

  assert.equal((await long.closed).code, 4401)
})

async function tokenOfAna(): Promise<string> {
  return (await t.ask('POST', '/subscribers/ana/token', {})).body.token
}

async function keyOfOthers(): Promise<string> {
  const made = await insertWorkspace(t.ctx.db, { key: 'theirs', name: 'Theirs' })
  return createKey(t.ctx, ['*'], made!.id)
}
