// How old the place of a stream is: as old as what it has read up to, however often it was told since. Results are
// forgotten after an hour, so a place that is older must not be taken for a good one.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Message, Outlet } from '../src/live/connections.ts'
import type { Sql } from '../src/sql/db.ts'
import { createLook, given, until } from './given.ts'
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

const path = '/stream?types=notification.sent'
const pages = 3

/** The position before more happened than a stream reads at once. */
async function positionBeforePages(): Promise<string> {
  const stream = await openStream(url, { token: t.key, path })
  await until('it has begun', () => stream.position() !== null)
  const position = stream.position()!
  stream.close()
  await end(look, await underWay(look, pages * 500 - 10))
  return position
}

/** A client that takes a page, and nothing more until it is told to. */
function createSlowClient() {
  const messages: Message[] = []
  const client = { messages, waitingBytes: 0, position: null as string | null, ended: '' }
  const outlet: Outlet = {
    kind: 'sse',
    send(message) {
      messages.push(message)
      client.position = message.position ?? client.position
      client.waitingBytes = 1e9
    },
    beat: (position) => void (client.position = position),
    end: (ending) => void (client.ended = ending),
    cut: () => void (client.ended = 'cut'),
    get waitingBytes() {
      return client.waitingBytes
    },
  }
  return { client, outlet }
}

const all = { channel: null, status: null, type: null, recipientId: null, eventId: null }
const filter = { ...all, types: ['notification.sent'] }

function follow(position: string) {
  const { client, outlet } = createSlowClient()
  const given = { workspaceId: 1, filter, outlet, takenUntilMs: Infinity, position }
  return { client, stream: t.ctx.resultStreams.join(given) }
}

test('between two pages a position stays as old as what the first of them began with', async (story) => {
  const position = await positionBeforePages()

  t.clock.advance({ minutes: 40 })
  const { client, stream } = follow(position)
  await until('it has a page', () => client.messages.length === 500)
  t.ctx.resultStreams.leave(stream)
  t.clock.advance({ minutes: 20 })
  const back = await openStream(url, { token: t.key, path, position: client.position })
  story.after(() => back.close())

  assert.match(client.position!, /~/, 'between two pages')
  assert.equal((await back.next(() => true)).event, 'reset')
})

test('a stream that comes forward too slowly says so, and goes on from now', async (story) => {
  const position = await positionBeforePages()

  t.clock.advance({ minutes: 49 })
  const { client, stream } = follow(position)
  story.after(() => t.ctx.resultStreams.leave(stream))
  await until('it has a page', () => client.messages.length === 500)
  t.clock.advance({ minutes: 10 })
  client.waitingBytes = 0
  await until('it is told', () => client.messages.length > 500)
  client.waitingBytes = 0
  await until('it has a place', () => client.position !== null && !client.position.includes('~'))
  await end(look, await underWay(look, 1))
  await until('it hears again', () => client.messages.length > 501)

  assert.deepEqual(
    client.messages.slice(500).map(({ event }) => event),
    ['reset', 'notification.sent'],
  )
})

test('a feed has the position of the moment its changes were looked up, not of the one it was told', async (story) => {
  await given.subscriber(t, 'ana')
  const { body } = await t.ask('POST', '/subscribers/ana/token', {})
  const before = t.clock.now().getTime()
  const { db } = t.ctx
  const query = db.query.bind(db)
  story.mock.method(db, 'query', async (statement: Sql) => {
    const answer = await query(statement)
    if (statement.text.includes('belfry.changes')) t.clock.advance({ minutes: 10 })
    return answer
  })

  const stream = await openStream(url, { token: body.token })
  await until('it has begun', () => stream.position() !== null)
  stream.close()

  const takenMs = parseInt(stream.position()!.split('-')[0]!, 36) * 1_000
  assert.ok(takenMs - before < 5 * 60_000, `${takenMs - before} ms later`)
})

test('a position of a database that is further than this one, as after a restore, begins anew', async (story) => {
  const seconds = Math.floor(t.clock.now().getTime() / 1_000)
  const far = 2n ** 40n + 99n
  const position = `${seconds.toString(36)}-${far}:${far}:`

  const stream = await openStream(url, { token: t.key, path, position })
  story.after(() => stream.close())
  const { event } = await stream.next(() => true)
  await until('it has begun', () => stream.position() !== null)
  const [id] = await underWay(look, 1)
  await end(look, [id!])
  const heard = await stream.next(({ event }) => event === 'notification.sent')

  assert.equal(event, 'reset')
  assert.equal(heard.data.data.id, id)
})
