// Two processes on one database: they share the work, and what one is told the other knows.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createApp } from '../src/http/app.ts'
import { startWorker } from '../src/worker/worker.ts'
import { checkConservation } from './conservation.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { startProcess, type BelfryProcess } from './process.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink
let processes: BelfryProcess[] = []

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.people(belfry, 50, receiver.url)
  await given.eventType(belfry, 'news', { channels: ['in_app'] })
  await given.eventType(belfry, 'order', { channels: ['webhook'] })
  await given.template(belfry, 'news', 'in_app', { title: 'Version 0', body: '-' })
})

after(async () => {
  for (const process of processes) process.kill('SIGTERM')
  for (const process of processes) assert.deepEqual(await process.exited, { code: 0, signal: null })
  await look.close()
  await receiver.close()
  await belfry.close()
})

test('a provider that was set up through one process is used by the other at once', async () => {
  const other = await belfry.another()
  const worker = startWorker(other)
  const app = createApp(other)
  const headers = { authorization: `Bearer ${belfry.key}` }
  const event = { type: 'order', to: ['p00001'] }
  const send = () => app.inject({ method: 'POST', url: '/events', headers, payload: event })
  await send() // there is none yet: it is caught by the sandbox
  await untilQuiet(look)

  await given.webhooks(belfry)
  await send()
  await untilQuiet(look)
  await worker.stop()
  await app.close()

  const attempts = await look.rows('select provider from belfry.attempts order by started_at')
  assert.deepEqual(attempts, [{ provider: 'sandbox' }, { provider: 'receiver' }])
  assert.equal(receiver.requests.length, 1)
})

test('a template that was changed through one process is used by the other within a second', async () => {
  processes = await Promise.all([startProcess(belfry), startProcess(belfry)])
  const [a, b] = processes
  const titleThrough = async (process: BelfryProcess) => {
    const event = await given.event(process, 'news', { to: ['p00002'] })
    await untilQuiet(look)
    const [row] = await look.rows(
      `select c.content ->> 'title' as title from belfry.notifications n
       join belfry.contents c on c.workspace_id = n.workspace_id and c.id = n.content_id
       where n.event_id = $1`,
      [event],
    )
    return row?.title
  }
  assert.equal(await titleThrough(b!), 'Version 0') // and remembers it

  for (let version = 1; version <= 5; version++) {
    await given.template(a!, 'news', 'in_app', { title: `Version ${version}`, body: '-' })
    const changedAt = performance.now()
    await until(
      'the other one uses it',
      async () => (await titleThrough(b!)) === `Version ${version}`,
    )
    assert.ok(performance.now() - changedAt < 1_000)
  }
})

test('two thousand events through two processes at once are each delivered exactly once', async () => {
  const already = receiver.requests.length
  const accepted: string[] = []
  async function send(process: BelfryProcess, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const to = [`p${String((i * 7) % 50).padStart(5, '0')}`]
      accepted.push(await given.event(process, 'order', { to, params: { i } }))
    }
  }

  const senders = processes.flatMap((process) =>
    Array.from({ length: 10 }, () => send(process, 100)),
  )
  await Promise.all(senders)
  await untilQuiet(look)

  assert.equal(accepted.length, 2_000)
  const sent = receiver.requests.slice(already)
  assert.equal(sent.length, 2_000)
  assert.equal(new Set(sent.map(({ headers }) => headers['webhook-id'])).size, 2_000)
  await checkConservation(look, { accepted, receipts: receiver.requests })
  const workers = await look.rows('select distinct worker from belfry.attempts')
  assert.ok(workers.length >= 2, 'one of them did all the work')
})

test('two processes that write down outcomes of the same notifications never wait in a circle', async () => {
  const deadlocks = 'select deadlocks from pg_stat_database where datname = current_database()'
  await given.eventType(belfry, 'both', { channels: ['webhook', 'email'] })
  const people = Array.from({ length: 50 }, (_, i) => `p${String(i).padStart(5, '0')}`)
  for (const id of people) await given.subscriber(belfry, id, { email: `${id}@example.com` })
  const before = await look.number(deadlocks)

  const send = (i: number) => given.event(processes[i % 2]!, 'both', { to: people })
  await Promise.all(Array.from({ length: 40 }, (_, i) => send(i)))
  await untilQuiet(look)

  assert.equal((await look.number(deadlocks)) - before, 0)
  assert.deepEqual(
    await look.rows(
      'select distinct status, pending from belfry.notifications where channel = $1',
      ['webhook'],
    ),
    [{ status: 'delivered', pending: 0 }],
  )
})
