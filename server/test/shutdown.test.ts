// Told to stop, a process ends what it has begun and leaves the rest to others: nothing is lost, nothing
// is left in doubt.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { after, afterEach, before, test } from 'node:test'
import { checkConservation, duplicateCount } from './conservation.ts'
import { createDatabaseProxy, type DatabaseProxy } from './database-proxy.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { startProcess, type BelfryProcess } from './process.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let proxy: DatabaseProxy
let receiver: HttpSink
const accepted: string[] = []

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  proxy = await createDatabaseProxy(belfry.connection)
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.eventType(belfry, 'order')
  await given.people(belfry, 50, receiver.url)
})

afterEach(() => void (receiver.answer = () => ({})))

after(async () => {
  await look.close()
  await receiver.close()
  await proxy.close()
  await belfry.close()
})

const cleanly = { code: 0, signal: null }
const people = Array.from({ length: 50 }, (_, i) => `p${String(i).padStart(5, '0')}`)

function holdAnswers(): ServerResponse[] {
  const held: ServerResponse[] = []
  receiver.answer = (_request, response) => {
    held.push(response)
    return null
  }
  return held
}

test('a process that is told to stop ends its attempts, and leaves the rest untouched', async () => {
  const held = holdAnswers()
  const process = await startProcess(belfry, { worker: { concurrency: 5 } })
  accepted.push(await given.event(process, 'order', { to: people }))
  await receiver.waitFor(5)

  process.kill('SIGTERM')
  await until('it takes no more requests', () =>
    fetch(process.url).then(
      () => false,
      () => true,
    ),
  )
  for (const response of held) response.writeHead(200).end()
  const end = await process.exited

  assert.deepEqual(end, cleanly)
  assert.equal(receiver.requests.length, 5)
  const rest = await look.rows(
    `select worker, attempt, count(*)::integer as count from belfry.queue group by 1, 2`,
  )
  assert.deepEqual(rest, [{ worker: null, attempt: 0, count: 45 }])
  receiver.answer = () => ({})
  const successor = await startProcess(belfry)
  await untilQuiet(look)
  successor.kill('SIGTERM')
  assert.deepEqual(await successor.exited, cleanly)
  assert.equal(duplicateCount(receiver.requests), 0)
  await checkConservation(look, { accepted, receipts: receiver.requests })
})

test('a receiver that never answers does not keep a process from stopping', async () => {
  holdAnswers()
  const process = await startProcess(belfry, { graceMs: 500 })
  const already = receiver.requests.length
  accepted.push(await given.event(process, 'order', { to: ['p00001'] }))
  await receiver.waitFor(already + 1)

  const stoppedAt = performance.now()
  process.kill('SIGTERM')
  const end = await process.exited

  assert.deepEqual(end, cleanly)
  assert.ok(performance.now() - stoppedAt < 5_000)
  receiver.answer = () => ({})
  const successor = await startProcess(belfry, { aheadMs: 10 * 60_000 })
  await untilQuiet(look)
  successor.kill('SIGTERM')
  assert.deepEqual(await successor.exited, cleanly)
  await checkConservation(look, { accepted, receipts: receiver.requests })
})

test('a request whose body never ends does not keep a process from stopping', async () => {
  const process = await startProcess(belfry, { graceMs: 500 })
  const { hostname, port } = new URL(process.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  const head = [
    'POST /events HTTP/1.1',
    'host: belfry',
    `authorization: Bearer ${belfry.key}`,
    'content-type: application/json',
    'expect: 100-continue', // the answer tells that the request is being read
    'content-length: 100',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n{`)
  await once(socket, 'data')
  const trickle = setInterval(() => socket.write(' '), 100)

  const stoppedAt = performance.now()
  process.kill('SIGTERM')
  const end = await process.exited
  clearInterval(trickle)
  socket.destroy()

  assert.deepEqual(end, cleanly)
  assert.ok(performance.now() - stoppedAt < 5_000)
})

test('a database that is away does not keep a process from stopping', async () => {
  const process = await startProcess({ ...belfry, connection: proxy.connection }, { graceMs: 500 })
  accepted.push(await given.event(process, 'order', { to: ['p00001'] }))
  await untilQuiet(look)

  await proxy.cut()
  const stoppedAt = performance.now()
  process.kill('SIGTERM')
  const end = await process.exited
  await proxy.open()

  assert.deepEqual(end, cleanly)
  assert.ok(performance.now() - stoppedAt < 5_000)
})

test('processes that are restarted in turn under load lose nothing and send nothing twice', async () => {
  const running: BelfryProcess[] = [await startProcess(belfry), await startProcess(belfry)]
  const duplicatesBefore = duplicateCount(receiver.requests)
  const load = new AbortController()

  async function send(lane: number): Promise<void> {
    for (let i = 0; !load.signal.aborted; i++) {
      const headers = { 'idempotency-key': `rolling-${lane}-${i}` }
      const body = { type: 'order', to: [people[(lane * 7 + i) % 50]], params: { lane, i } }
      await until('it is accepted', async () => {
        const process = running[(lane + i) % running.length]!
        const answer = await process.ask('POST', '/events', body, headers).catch(() => null)
        if (answer?.status === 202) accepted.push(answer.body.event_id)
        return answer?.status === 202
      })
    }
  }

  const senders = Promise.all([0, 1, 2, 3].map(send))
  for (let restart = 0; restart < 4; restart++) {
    const old = running.shift()!
    running.push(await startProcess(belfry))
    old.kill('SIGTERM')
    assert.deepEqual(await old.exited, cleanly)
  }
  load.abort()
  await senders
  await untilQuiet(look)
  for (const process of running) process.kill('SIGTERM')
  for (const process of running) assert.deepEqual(await process.exited, cleanly)

  assert.ok(accepted.length > 100, `only ${accepted.length} events`)
  assert.equal(duplicateCount(receiver.requests), duplicatesBefore)
  const inDoubt = await look.number(
    `select count(*) from belfry.attempts where outcome = 'ambiguous'`,
  )
  assert.equal(inDoubt, 1, 'more than the one whose receiver never answered')
  await checkConservation(look, { accepted, receipts: receiver.requests })
})
