// What becomes of notifications, to those who follow it with a key: each result once and none missed, however they
// commit, whoever comes and goes, in whatever process.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createApp } from '../src/http/app.ts'
import type { Sql } from '../src/sql/db.ts'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { createLook, createRandom, given, until, type Look } from './given.ts'
import { end, underWay } from './result-story.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { openSocket, openStream, type Heard, type Stream } from './stream-client.ts'
import { createKey, createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
let look: Look
let sink: HttpSink
let url: string

before(async () => {
  t = await createTestContext()
  look = createLook(t.connection)
  sink = await createHttpSink()
  url = await t.app.listen({ port: 0 })
  t.work({ pollMs: 10 })
  await given.webhooks(t)
  await given.subscriber(t, 'ana', { addresses: { webhook: `${sink.url}/ana` } })
  await given.subscriber(t, 'ben', { addresses: { webhook: `${sink.url}/ben` } })
})
after(async () => {
  await t.close()
  await look.close()
  await sink.close()
})

/** A stream that hears whatever happens from now on. */
async function follow(path = '/stream', token = t.key): Promise<Stream> {
  const stream = await openStream(url, { token, path })
  await until('it has begun', () => stream.position() !== null)
  return stream
}

async function notify(to: string, channel = 'webhook'): Promise<string> {
  const direct = { to: [to], channels: [channel], message: 'Hello' }
  const { status, body } = await t.ask('POST', '/notifications', direct)
  assert.equal(status, 202, JSON.stringify(body))
  return body.notification_ids[0]
}

const idOf = ({ data }: Heard) => data.data.id as string

test('what becomes of a delivery and of its notification is told as GET shows it', async (story) => {
  const stream = await follow()
  const { next, position, socket } = await openSocket(url, { token: t.key, path: '/ws' })
  story.after(() => stream.close())
  story.after(() => socket.close())
  await until('it has begun', () => position() !== null)

  const id = await notify('ana')

  const heard = await stream.next(({ event }) => event === 'notification.delivered')
  const { body: shown } = await t.ask('GET', `/notifications/${id}`)
  const [shownDelivery] = shown.deliveries
  const delivery = stream.heard.find(({ event }) => event === 'delivery.delivered')!
  for (const [what, of] of [
    [heard.data.data, shown],
    [delivery.data.data, shownDelivery],
  ])
    for (const [name, value] of Object.entries(what as Record<string, unknown>))
      if (name in of) assert.deepEqual(value, of[name], name)
  assert.equal(heard.data.type, 'notification.delivered')
  assert.equal(heard.data.timestamp, shown.finished_at)
  assert.equal(delivery.data.data.notification_id, id)
  assert.equal(delivery.data.data.recipient_id, 'ana')
  assert.equal(delivery.data.data.attempt_count, 1)
  assert.deepEqual((await next(({ event }) => event === heard.event)).data, heard.data)
})

test('what was read is told, and what was skipped', async (story) => {
  const stream = await follow(
    '/stream?types=notification.read,notification.delivered,delivery.skipped',
  )
  story.after(() => stream.close())

  const id = await notify('ana', 'in_app')
  await stream.next((heard) => heard.event === 'notification.delivered' && idOf(heard) === id)
  await t.ask('POST', `/subscribers/ana/notifications/${id}/read`)
  const read = await stream.next(({ event }) => event === 'notification.read')
  await notify('ana', 'email')
  const skipped = await stream.next(({ event }) => event === 'delivery.skipped')

  assert.equal(idOf(read), id)
  assert.equal(read.data.timestamp, read.data.data.read_at)
  assert.equal(read.data.data.status, 'delivered')
  assert.equal(skipped.data.data.reason, 'no_address')
})

test('filters let through what they name, and refuse what is none', async (story) => {
  const wanted = await follow(
    '/stream?recipient_id=ben&channel=webhook&status=delivered&types=delivery.delivered',
  )
  const { socket, next } = await openSocket(url, { token: t.key, path: '/ws?recipient_id=ben' })
  story.after(() => wanted.close())
  story.after(() => socket.close())

  await notify('ana')
  const id = await notify('ben')
  const heard = await wanted.next(() => true)
  const overSocket = await next(({ event }) => event.startsWith('notification.'))

  assert.equal(heard.data.data.notification_id, id)
  assert.equal(wanted.heard.length, 1)
  assert.equal(idOf(overSocket), id)
  for (const query of ['types=delivery.lost', 'status=gone', 'nothing=1', 'event_id=7']) {
    const { status, body } = await t.ask('GET', `/stream?${query}`)
    assert.equal(status, 422, query)
    assert.equal(body.errors[0].pointer, `?${query.split('=')[0]}`)
    await assert.rejects(openSocket(url, { token: t.key, path: `/ws?${query}` }), /422/)
  }
})

test('a key of another workspace hears nothing of this one, and needs the right to read', async (story) => {
  const other = await insertWorkspace(t.ctx.db, { key: 'other', name: 'Other', isTest: false })
  const stranger = await follow(
    '/stream',
    await createKey(t.ctx, ['notifications:read'], other!.id),
  )
  const own = await follow()
  story.after(() => stranger.close())
  story.after(() => own.close())

  await notify('ana')
  await own.next(({ event }) => event === 'notification.delivered')
  const place = own.position()!
  const resumed = await openStream(url, {
    token: await createKey(t.ctx, ['*'], other!.id),
    path: '/stream',
    position: place,
  })
  await until('it goes on', () => resumed.position() !== null)
  resumed.close()

  assert.deepEqual(stranger.heard, [])
  assert.deepEqual(resumed.heard, [])
  const blind = await createKey(t.ctx, ['events:write'])
  assert.equal((await openStream(url, { token: blind, path: '/stream' })).status, 403)
  await assert.rejects(openSocket(url, { token: blind, path: '/ws' }), /403/)
})

test('begun while somebody was changing something, a stream tells whatever changes from its first position on', async (story) => {
  const workspace = await insertWorkspace(t.ctx.db, { key: 'late', name: 'Late', isTest: false })
  const token = await createKey(t.ctx, ['*'], workspace!.id)
  const [first, second] = await underWay(look, 2, workspace!.id)
  const writer = await t.ctx.db.connect()
  story.after(() => writer.end())
  const say = (id: string) =>
    writer.query(`update belfry.notifications set status = 'sent' where id = $1`, [id])

  const { db } = t.ctx
  const query = db.query.bind(db)
  let looks = 0
  story.mock.method(db, 'query', (statement: Sql) => {
    looks += Number(statement.text.includes('pg_locks'))
    return query(statement)
  })

  await writer.query('begin')
  await say(first!)
  const opened = await openStream(url, { token, path: '/stream' })
  story.after(() => opened.close())
  await until('it is followed', async () => {
    const own = 'select count(*) from belfry.followings where workspace_id = $1'
    return (await look.number(own, [workspace!.id])) === 1
  })
  await until('it has looked several times whether they are done', () => looks > 2)
  assert.equal(opened.position(), null, 'it waits for the one that may not have seen it')
  await writer.query('commit')
  await until('it has begun', () => opened.position() !== null)
  await say(second!)

  assert.equal(idOf(await opened.next(() => true)), second)
})

test('whoever comes and goes, in two processes, misses nothing that commits late and out of order', async (story) => {
  const other = createApp(await t.another())
  story.after(() => other.close())
  const urls = [url, await other.listen({ port: 0 })]
  const random = createRandom(7)
  const ids = await underWay(look, 3_000)
  const path = '/stream?types=notification.sent'
  let stream = await follow(path)
  const heard = new Set<string>()
  let position = stream.position()
  const over = new AbortController()
  let visits = 0

  const coming = (async () => {
    while (!over.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, random() * 25))
      position = stream.position() ?? position
      stream.close()
      for (const one of stream.heard) heard.add(idOf(one))
      stream = await openStream(urls[visits++ % 2]!, { token: t.key, path, position })
    }
  })()
  const writing: Promise<unknown>[] = []
  for (let i = 0; i < ids.length; i += 20) {
    writing.push(end(look, ids.slice(i, i + 20), random() * 20))
    if (random() < 0.5) await writing.shift()
  }
  await Promise.all(writing)
  over.abort()
  await coming
  story.after(() => stream.close())

  await until('all were heard', () => {
    for (const one of stream.heard) heard.add(idOf(one))
    return heard.size === ids.length
  })
  assert.ok(visits > 3, String(visits))
})

test('what came while nobody was there is told page by page, also to one that stops between two', async (story) => {
  const path = '/stream?types=notification.sent'
  const first = await follow(path)
  const position = first.position()
  first.close()
  const ids = await underWay(look, 1_800)
  await end(look, ids.slice(0, 900))
  await end(look, ids.slice(900))
  const heard: string[] = []
  const take = async (at: string | null) => {
    const stream = await openStream(url, { token: t.key, path, position: at })
    await stream.next(({ id }) => id !== null)
    stream.close()
    const last = stream.heard.findLastIndex(({ id }) => id !== null)
    heard.push(...stream.heard.slice(0, last + 1).map(idOf))
    return stream.heard[last]!.id
  }

  let at = position
  for (let visits = 0; heard.length < ids.length && visits < 20; visits++) at = await take(at)

  assert.deepEqual([...heard].toSorted(), ids.toSorted(), 'each of them once')
  const rest = await openStream(url, { token: t.key, path, position: at })
  story.after(() => rest.close())
  await until('it goes on', () => rest.position() !== at && rest.position() !== null)
  assert.deepEqual(rest.heard, [])
})
