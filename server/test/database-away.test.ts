// The database goes away and comes back. Belfry says that it cannot accept, keeps what it knows, and goes
// on by itself; nothing that was accepted is lost.
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, afterEach, before, test } from 'node:test'
import { checkConservation, duplicateCount } from './conservation.ts'
import { createDatabaseProxy, type DatabaseProxy } from './database-proxy.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let proxy: DatabaseProxy
let look: Look
let receiver: HttpSink
const accepted: string[] = []

before(async () => {
  belfry = await createTestContext({
    async route(connection) {
      look = createLook(connection)
      proxy = await createDatabaseProxy(connection)
      return proxy.connection
    },
  })
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  const retry = { attempts: 8, delay: '1s', backoff: 'fixed' }
  await given.eventType(belfry, 'order', { retry })
  await given.people(belfry, 10, receiver.url)
  belfry.work({ sweepMs: 50 })
})

afterEach(() => void (receiver.answer = () => ({})))

after(async () => {
  await belfry.close()
  await proxy.close()
  await look.close()
  await receiver.close()
})

/** Sends an event until it is accepted; answers what was answered on the way. */
async function sendUntilAccepted(key: string): Promise<number[]> {
  const statuses: number[] = []
  const body = { type: 'order', to: ['p00001', 'p00002'], params: { key } }
  await until(`${key} is accepted`, async () => {
    const answer = await belfry.ask('POST', '/events', body, { 'idempotency-key': key })
    statuses.push(answer.status)
    if (answer.status === 202) accepted.push(answer.body.event_id)
    else if (answer.status === 503) assert.ok(answer.headers['retry-after'])
    return answer.status === 202
  })
  return statuses
}

async function sendMany(name: string, count: number): Promise<number[]> {
  const statuses: number[] = []
  const send = async (lane: number) => {
    for (let i = 0; i < count; i++)
      statuses.push(...(await sendUntilAccepted(`${name}-${lane}-${i}`)))
  }
  await Promise.all([send(0), send(1), send(2), send(3)])
  return statuses
}

test('connections that are ended again and again cost an answer now and then, but no event', async () => {
  const load = sendMany('ended', 25)
  let isOver = false
  void load.finally(() => (isOver = true))
  let rounds = 0
  await until('the load is over', async () => {
    rounds++
    await look.rows(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'belfry'`,
    )
    await new Promise((resolve) => setTimeout(resolve, 40))
    return isOver || rounds > 20
  })
  const statuses = await load
  belfry.clock.advance({ minutes: 10 })
  await untilQuiet(look)

  assert.ok(rounds > 3)
  const others = statuses.filter((status) => ![202, 409, 503].includes(status))
  assert.deepEqual(others, [])
  assert.equal(new Set(accepted).size, accepted.length)
  await checkConservation(look, { accepted, receipts: receiver.requests })
})

test('while the database is away requests are refused, and health says so; then all goes on', async () => {
  await proxy.cut()
  const refused = await belfry.ask('POST', '/events', { type: 'order', to: ['p00001'] })
  const ready = await belfry.ask('GET', '/health/ready')
  const alive = await belfry.ask('GET', '/health')
  await proxy.open()
  await sendUntilAccepted('afterwards')
  await untilQuiet(look)

  assert.deepEqual([refused.status, refused.body.code], [503, 'unavailable'])
  assert.ok(refused.headers['retry-after'])
  assert.deepEqual([ready.status, alive.status], [503, 200])
  await checkConservation(look, { accepted, receipts: receiver.requests })
})

test('answers of receivers that come while the database is away are not lost, however long it takes', async () => {
  const held: ServerResponse[] = []
  receiver.answer = (_request, response) => {
    held.push(response)
    return null
  }
  const already = receiver.requests.length
  const duplicatesBefore = duplicateCount(receiver.requests)
  await sendUntilAccepted('long-outage')
  await receiver.waitFor(already + 2)

  await proxy.cut()
  for (const response of held) response.writeHead(200).end()
  await new Promise((resolve) => setTimeout(resolve, 11_000)) // longer than an outage by accident
  await proxy.open()
  await untilQuiet(look)

  assert.equal(duplicateCount(receiver.requests), duplicatesBefore)
  const outcomes = await look.rows(
    `select a.outcome from belfry.events e
     join belfry.notifications n on n.workspace_id = e.workspace_id and n.event_id = e.id
     join belfry.deliveries d on d.workspace_id = n.workspace_id and d.notification_id = n.id
     join belfry.attempts a on a.workspace_id = d.workspace_id and a.delivery_id = d.id
     where e.params ->> 'key' = 'long-outage'`,
  )
  assert.deepEqual(outcomes, [{ outcome: 'delivered' }, { outcome: 'delivered' }])
  await checkConservation(look, { accepted, receipts: receiver.requests })
})
