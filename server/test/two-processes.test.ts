// Two processes on one database: they share the work, and what one is told the other knows.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { checkConservation } from './conservation.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { startProcess, type BelfryProcess } from './process.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink
let processes: BelfryProcess[]

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.people(belfry, 50, receiver.url)
  await given.eventType(belfry, 'news', { channels: ['in_app'] })
  await given.eventType(belfry, 'order', { channels: ['webhook'] })
  await given.template(belfry, 'news', 'in_app', { title: 'Version 0', body: '-' })
  processes = await Promise.all([startProcess(belfry), startProcess(belfry)])
})

after(async () => {
  for (const process of processes) process.kill('SIGTERM')
  for (const process of processes) assert.deepEqual(await process.exited, { code: 0, signal: null })
  await look.close()
  await receiver.close()
  await belfry.close()
})

test('a provider that was set up through one process is used by the other at once', async () => {
  const [a, b] = processes
  await given.webhooks(a!)
  const event = await given.event(b!, 'order', { to: ['p00001'] })
  await untilQuiet(look)

  const [delivery] = await look.rows(
    `select a.provider, a.outcome from belfry.notifications n
     join belfry.deliveries d on d.workspace_id = n.workspace_id and d.notification_id = n.id
     join belfry.attempts a on a.workspace_id = d.workspace_id and a.delivery_id = d.id
     where n.event_id = $1`,
    [event],
  )
  assert.deepEqual(delivery, { provider: 'receiver', outcome: 'delivered' })
  assert.equal(receiver.requests.length, 1)
})

test('a template that was changed through one process is used by the other within a second', async () => {
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
    await until('the other one uses it', async () => (await titleThrough(b!)) === `Version ${version}`)
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

  const senders = processes.flatMap((process) => Array.from({ length: 10 }, () => send(process, 100)))
  await Promise.all(senders)
  await untilQuiet(look)

  assert.equal(accepted.length, 2_000)
  const sent = receiver.requests.slice(already)
  assert.equal(sent.length, 2_000)
  assert.equal(new Set(sent.map(({ headers }) => headers['webhook-id'])).size, 2_000)
  await checkConservation(look, { accepted, receipts: receiver.requests })
  const workers = await look.rows('select distinct worker from belfry.attempts')
  assert.equal(workers.length, 2, 'one of them did all the work')
})
