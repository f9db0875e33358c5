// No gap, whatever happens: transactions that commit late and out of order, clients that come and go, processes
// that stop, and two of them on one database.
import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { after, before, test } from 'node:test'
import { openDatabase, type Database } from '../src/sql/db.ts'
import { createLook, createRandom, given, until, type Look } from './given.ts'
import { startProcess } from './process.ts'
import { openStream, type Heard, type Stream } from './stream-client.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
let look: Look
let db: Database

before(async () => {
  t = await createTestContext()
  look = createLook(t.connection)
  db = openDatabase({ connection: t.connection, poolSize: 8 })
})
after(async () => {
  await look.close()
  await db.close()
  await t.close()
})

async function tokenFor(id: string): Promise<string> {
  await given.subscriber(t, id)
  return (await t.ask('POST', `/subscribers/${id}/token`, {})).body.token
}

/** An item with its change, in a transaction that waits before it commits. */
function writeSlowly(subscriberId: string, mark: string, delayMs: number): Promise<unknown> {
  const [id, content, event] = [randomUUIDv7(), randomUUIDv7(), randomUUIDv7()]
  return db.transaction(async (tx) => {
    const say = (text: string, values: unknown[]) => tx.query({ name: '', text, values })
    await say(
      `with c as (
        insert into belfry.contents (workspace_id, id, content)
        values (1, $3, json_build_object('title', 'T', 'body', $5::text))
      ), n as (
        insert into belfry.notifications (workspace_id, id, event_id, recipient, is_subscriber, level, channel,
          status, pending, content_id, feed, created_at)
        values (1, $1, $4, $2, true, 'standard', 'in_app', 'delivered', 0, $3, 1, now())
      )
      insert into belfry.changes (workspace_id, what, notification_ids, recipients)
      values (1, 'created', array[$1::uuid], array[$2])`,
      [id, subscriberId, content, event, mark],
    )
    await say('select pg_sleep($1)', [delayMs / 1_000])
  })
}

const marksOf = (heard: Heard[]) =>
  heard.flatMap(({ event, data }) => (event === 'notification.created' ? data.content.body : []))

test('two writers that commit late and out of order, and a client that comes and goes: nothing is missed', async () => {
  const url = await t.app.listen({ port: 0 })
  const token = await tokenFor('ana')
  const seed = Math.floor(Math.random() * 2 ** 31)
  const random = createRandom(seed)
  const count = 60
  const writers = { areDone: false }
  async function write(writer: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await writeSlowly('ana', `${writer}-${i}`, random() * 40)
      t.ctx.streams.tell()
    }
  }
  // Somebody else's transaction, open all the time: it delays nobody, and nothing is missed for it.
  const foreign = await db.connect()
  await foreign.query('begin')
  await foreign.query('select pg_current_xact_id()')
  const heard: Heard[] = []
  let position: string | null = null
  const start = await openStream(url, { token, position })
  await start.next(({ event }) => event === 'counts')
  position = start.position()
  start.close()
  const writing = Promise.all([write(0), write(1)]).then(() => (writers.areDone = true))

  let connections = 0
  while (!writers.areDone) {
    const stream: Stream = await openStream(url, { token, position })
    connections++
    await new Promise((resolve) => setTimeout(resolve, random() * 120))
    stream.close()
    await stream.ended
    heard.push(...stream.heard)
    position = stream.position() ?? position
  }
  await writing
  const last = await openStream(url, { token, position })
  await last.next(({ event, data }) => event === 'counts' && data.unread_count === 2 * count)
  heard.push(...last.heard)
  last.close()
  await foreign.query('commit')
  await foreign.end()

  const wanted = [0, 1].flatMap((writer) =>
    Array.from({ length: count }, (_, i) => `${writer}-${i}`),
  )
  assert.deepEqual(new Set(marksOf(heard)), new Set(wanted), `seed ${seed}`)
  assert.equal(heard.filter(({ event }) => event === 'reset').length, 0)
  assert.ok(connections > 5)
})

test('what commits while somebody else’s transaction is open is heard at once', async () => {
  const url = `http://127.0.0.1:${(t.app.server.address() as { port: number }).port}`
  const token = await tokenFor('ben')
  const foreign = await db.connect()
  await foreign.query('begin')
  await foreign.query('select pg_current_xact_id()')
  const stream = await openStream(url, { token })
  await stream.next(({ event }) => event === 'counts')

  await writeSlowly('ben', 'now', 0)
  t.ctx.streams.tell()
  await stream.next(({ event }) => event === 'notification.created')
  stream.close()

  await foreign.query('rollback')
  await foreign.end()
})

test('a stream goes on in another process, and after a restart', async () => {
  const token = await tokenFor('cleo')
  const direct = (n: number) => ({ to: ['cleo'], channels: ['in_app'], message: `${n}` })
  const isMessage = (n: number) => (one: Heard) =>
    one.event === 'notification.created' && one.data.content.body === `${n}`
  const [a, b] = await Promise.all([startProcess(t), startProcess(t)])
  const first = await openStream(a.url, { token })
  await first.next(({ event }) => event === 'counts')

  await b.ask('POST', '/notifications', direct(1))
  await first.next(isMessage(1))
  const position = first.position()
  a.kill('SIGTERM')
  await first.ended
  assert.deepEqual(await a.exited, { code: 0, signal: null })
  await b.ask('POST', '/notifications', direct(2))
  const second = await openStream(b.url, { token, position })
  await second.next(isMessage(2))
  const next = second.position()
  b.kill('SIGKILL')
  await second.ended
  const c = await startProcess(t)
  await c.ask('POST', '/notifications', direct(3))
  const third = await openStream(c.url, { token, position: next })
  await third.next(isMessage(3))
  await third.next(({ event, data }) => event === 'counts' && data.unread_count === 3)
  third.close()
  c.kill('SIGTERM')
  await c.exited

  assert.match(first.text(), /: stopping\n\n$/)
  assert.deepEqual(marksOf(second.heard), ['2'])
  assert.deepEqual(marksOf(third.heard), ['3'])
})

test('changes are forgotten after an hour, and a position from before is answered by a reset', async () => {
  const token = await tokenFor('dora')
  const url = `http://127.0.0.1:${(t.app.server.address() as { port: number }).port}`
  const first = await openStream(url, { token })
  await first.next(({ event }) => event === 'counts')
  const position = first.position()
  first.close()
  await writeSlowly('dora', 'early', 0)

  t.clock.advance({ hours: 2 })
  await look.rows(`update belfry.changes set changed_at = changed_at - interval '2 hours'`)
  t.work({ pruneMs: 10 })
  await until(
    'they are gone',
    async () => (await look.number('select count(*) from belfry.changes')) === 0,
  )
  const { body } = await t.ask('POST', '/subscribers/dora/token', {})
  const second = await openStream(url, { token: body.token, position })

  await second.next(({ event }) => event === 'reset')
  second.close()
})
