// More than there is room for: Belfry refuses before it accepts, and keeps what it has accepted.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { checkEvent } from '../src/pipeline/accept.ts'
import { defaultWorkspaceId } from '../src/system.ts'
import { startWorker } from '../src/worker/worker.ts'
import { checkConservation } from './conservation.ts'
import { armFaults, type Fault } from './faults.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.eventType(belfry, 'news', { channels: ['in_app'] })
  await given.eventType(belfry, 'order')
  await given.template(belfry, 'news', 'in_app', {
    title: 'News',
    body: 'Hello {{ subscriber.id }}',
  })
  await given.people(belfry, 40, receiver.url)
})

after(async () => {
  await using undo = new AsyncDisposableStack() // all of it, whatever fails: what stays open keeps the process
  undo.defer(() => belfry.close())
  undo.defer(() => receiver.close())
  undo.defer(() => look.close())
})

test('what waits to be stored has a limit; beyond it requests are refused, and all before it are kept', async (t) => {
  const { ctx } = belfry
  const accepting = { workspaceId: defaultWorkspaceId, traceparent: null }
  const request = { type: 'news', to: ['p00000'] }
  const { event } = await checkEvent(ctx, accepting, request)
  const blocker = new pg.Client(belfry.connection)
  await blocker.connect()
  t.after(() => blocker.end())
  await blocker.query('begin; lock table belfry.events in exclusive mode')

  const ids = Array.from({ length: 5_000 }, () => crypto.randomUUID())
  // Each counts for one event and nine kilobytes: together they are as much as there is room for.
  const bytes = 9 * 1_024
  const stored = Promise.all(ids.map((id) => ctx.intake.store([{ ...event, id }], null, bytes)))
  const refused = await belfry.ask('POST', '/events', request)
  const reading = await belfry.ask('GET', '/events?limit=1')
  await blocker.query('rollback')
  await stored
  const taken = await belfry.ask('POST', '/events', request)
  const worker = belfry.work()
  await untilQuiet(look)
  await worker.stop()

  assert.deepEqual([refused.status, refused.body.code], [503, 'overloaded'])
  assert.equal(refused.headers['retry-after'], '1')
  assert.equal(reading.status, 200)
  assert.equal(taken.status, 202)
  await checkConservation(look, { accepted: [...ids, taken.body.event_id], receipts: [] })
})

test('when nothing is being stored any more it is known, whatever sizes the requests had', async () => {
  const { ctx } = belfry
  const accepting = { workspaceId: defaultWorkspaceId, traceparent: null }
  const { event } = await checkEvent(ctx, accepting, { type: 'news', to: ['p00000'] })

  const sizes = [0.1, 0.2, 0.3, -1_024]
  const stored = sizes.map((bytes) =>
    ctx.intake.store([{ ...event, id: crypto.randomUUID() }], null, bytes),
  )
  const idle = ctx.intake.idle().then(() => 'idle')
  await Promise.all(stored)
  const turn = new Promise((resolve) => setImmediate(resolve, 'still waiting'))

  assert.equal(await Promise.race([idle, turn]), 'idle')
})

test('many messages from a template at once, none of it in memory yet, do not wait for each other', async () => {
  const message = { to: ['p00001'], channels: ['in_app'], template: 'news' }
  belfry.ctx.signals.ring('belfry_config') // everything in memory is forgotten
  const startedAt = performance.now()

  const asked = Array.from({ length: 40 }, () => belfry.ask('POST', '/notifications', message))
  const statuses = new Set((await Promise.all(asked)).map(({ status }) => status))

  assert.deepEqual([...statuses], [202])
  assert.ok(performance.now() - startedAt < 5_000)
})

test('no more attempts are under way than there are places, wherever the deliveries come from', async () => {
  let underWay = 0
  let most = 0
  receiver.answer = (_request, response) => {
    most = Math.max(most, ++underWay)
    setImmediate(() => {
      underWay--
      response.writeHead(200).end()
    })
    return null
  }
  const worker = belfry.work({ concurrency: 3, channels: ['webhook'] })
  const people = Array.from({ length: 20 }, (_, i) => `p${String(i).padStart(5, '0')}`)

  const events = await Promise.all(
    Array.from({ length: 60 }, () => given.event(belfry, 'order', { to: people })),
  )
  await untilQuiet(look)
  await until('nothing is under way', () => worker.busy === 0)
  const [first] = events
  await worker.stop()

  assert.ok(most <= 3, `${most} were under way at once`)
  assert.equal(receiver.requests.length, 1_200)
  await checkConservation(look, { accepted: [first!], receipts: receiver.requests })
})

test('messages that could not be stored after all do not keep their places', async (t) => {
  const worker = startWorker(belfry.ctx, { concurrency: 3, pollMs: 60_000 })
  t.after(() => worker.stop())
  const message = { to: ['p00001', 'p00002'], channels: ['webhook'], message: 'Hello' }
  const faults = Array.from({ length: 4 }, (): Fault => ({
    statement: 'commit',
    nth: 1,
    when: 'before',
    what: 'fail',
  }))
  const armed = armFaults(faults)
  t.after(() => armed.disarm())
  for (let i = 0; i < faults.length; i++)
    assert.equal((await belfry.ask('POST', '/notifications', message)).status, 503)
  armed.disarm()
  const already = receiver.requests.length

  const { status } = await belfry.ask('POST', '/notifications', message)
  assert.equal(status, 202)
  await receiver.waitFor(already + 2)
})
