import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { createLook, given, until, type Look } from '../../test/given.ts'
import { createTestContext, type TestContext } from '../../test/test-context.ts'
import type { Context } from '../context.ts'
import type { Sql } from '../sql/db.ts'
import { claim } from './claim.ts'
import { createContentCache } from './content-cache.ts'

let belfry: TestContext
let look: Look

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
})

after(async () => {
  await look.close()
  await belfry.close()
})

/** Texts are read when `opened` is resolved. */
function behindGate(ctx: Context, opened: Promise<void>, onRead: () => void): Context {
  const query = async <Row>(statement: Sql) => {
    if (statement.text.includes('join belfry.contents')) {
      onRead()
      await opened
    }
    return ctx.db.query<Row>(statement)
  }
  return { ...ctx, db: { ...ctx.db, query } }
}

test('a text that is forgotten while others are read is not missing', async () => {
  await given.eventType(belfry, 'news')
  const [one, another] = await given.people(belfry, 2, 'https://example.com')
  const finder = belfry.work({ channels: [] })
  await given.event(belfry, 'news', { to: [one, another] }) // two deliveries, one text
  await given.event(belfry, 'news', { to: [one], params: { text: 'another' } })
  const waiting = 'select count(*) from belfry.queue'
  await until('they wait', async () => (await look.number(waiting)) === 3)
  await finder.stop()
  const cache = createContentCache({ mostTexts: 1 })
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  const { promise: isReading, resolve: reading } = Promise.withResolvers<void>()
  const claimSome = (ctx: Context, limit: number) => {
    const now = belfry.clock.now()
    const leaseUntil = new Date(now.getTime() + 60_000)
    return claim(ctx, cache, { channel: 'webhook', worker: 'w', limit, now, leaseUntil })
  }

  const [first] = await claimSome(belfry.ctx, 1)
  const claiming = claimSome(behindGate(belfry.ctx, opened, reading), 2)
  await isReading
  cache.set('new', { body: 'for which the first one is forgotten' })
  open()
  const contents = (await claiming).map(({ content }) => content)

  assert.equal(contents.length, 2)
  assert.ok(contents.some((content) => isDeepStrictEqual(content, first!.content)))
  assert.ok(contents.every((content) => content !== undefined))
})

test('what was cancelled while its text could not be read was never sent, and ends as cancelled', async () => {
  const [one, another] = await given.people(belfry, 2, 'https://example.com')
  const finder = belfry.work({ channels: [] })
  const event = await given.event(belfry, 'news', { to: [one, another] })
  const deliveries = () =>
    look.rows(
      `select n.id, n.status, n.reason, d.attempt_count, q.worker, q.attempt from belfry.notifications n
       join belfry.deliveries d on d.notification_id = n.id
       left join belfry.queue q on q.delivery_id = d.id
       where n.event_id = $1 order by n.recipient`,
      [event],
    )
  await until('they wait', async () => (await deliveries()).length === 2)
  await finder.stop()
  const [{ id }] = await deliveries()
  const { promise: opened, reject: fail } = Promise.withResolvers<void>()
  const { promise: isReading, resolve: reading } = Promise.withResolvers<void>()
  const now = belfry.clock.now()
  const leaseUntil = new Date(now.getTime() + 60_000)
  const wanted = { channel: 'webhook', worker: 'w', limit: 10, now, leaseUntil } as const

  const claiming = claim(behindGate(belfry.ctx, opened, reading), createContentCache(), wanted)
  await isReading
  const cancelled = await belfry.ask('POST', `/notifications/${id}/cancel`)
  fail(new Error('the connection was lost'))
  await assert.rejects(claiming, /the connection was lost/)

  assert.deepEqual([cancelled.status, cancelled.body.in_flight], [409, 1])
  const left = await deliveries()
  const ended = { status: 'cancelled', reason: 'cancelled', attempt_count: 0, worker: null }
  const again = { status: 'processing', reason: null, attempt_count: 0, worker: null, attempt: 0 }
  assert.deepEqual(left, [
    { id, ...ended, attempt: null },
    { id: left[1].id, ...again },
  ])
})
