// What a stream of results can cost: little for a client that does not read, nothing where nobody follows.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { createLook, until } from './given.ts'
import { end, underWay } from './result-story.ts'
import { openStream } from './stream-client.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
const url = await t.app.listen({ port: 0 })
after(async () => {
  await t.close()
  await look.close()
})

test('a position that is none, or too old, begins anew and says so', async (story) => {
  for (const position of ['nonsense', `${(1).toString(36)}-5:5:`, 'zzzzzz-5:5:~5:5:~x~1']) {
    const stream = await openStream(url, { token: t.key, path: '/stream', position })
    story.after(() => stream.close())
    assert.equal((await stream.next(() => true)).event, 'reset', position)
  }
})

test('of a client that does not read little is kept, and it goes on from where it was', async (story) => {
  const path = '/stream?types=notification.sent'
  const earlier = await openStream(url, { token: t.key, path })
  await until('it has begun', () => earlier.position() !== null)
  const position = earlier.position()!
  earlier.close()
  const ids = await underWay(look, 20_000)
  await end(look, ids)
  await until('the others are gone', () => t.ctx.resultStreams.count === 0)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  story.after(() => socket.destroy())
  const head = ['GET /stream HTTP/1.1', 'Host: a', `Authorization: Bearer ${t.key}`]
  let waiting = 0
  const join = t.ctx.resultStreams.join.bind(t.ctx.resultStreams)
  story.mock.method(t.ctx.resultStreams, 'join', (given: Parameters<typeof join>[0]) => {
    const { outlet } = given
    const watch = setInterval(() => (waiting = Math.max(waiting, outlet.waitingBytes)), 5)
    story.after(() => clearInterval(watch))
    return join(given)
  })

  socket.write(`${[...head, `Last-Event-ID: ${position}`].join('\r\n')}\r\n\r\n`)
  await until('it is behind', () => waiting > 100_000)
  const reader = await openStream(url, {
    token: t.key,
    path: '/stream?types=notification.sent',
    position,
  })
  story.after(() => reader.close())
  await until('another hears all', () => reader.heard.length === ids.length)

  assert.ok(waiting < 1_000_000, `${waiting} bytes`)
  assert.equal(t.ctx.resultStreams.count, 2)
})

test('nothing is written down for a workspace that nobody follows', async () => {
  const quiet = await insertWorkspace(t.ctx.db, { key: 'quiet', name: 'Quiet', isTest: false })

  await end(look, await underWay(look, 3, quiet!.id))

  assert.equal(
    await look.number('select count(*) from belfry.results where workspace_id = $1', [quiet!.id]),
    0,
  )
})
