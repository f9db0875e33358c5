// Nothing that was committed through SQL is lost when Belfry is away, or is killed while it takes it up; and nobody is
// told twice.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Fault } from './faults.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { startProcess } from './process.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createApplication, type Application } from './sql-door.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let app: Application
let receiver: HttpSink

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  app = await createApplication(belfry, [1])
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.eventType(belfry, 'order.shipped')
  await given.eventType(belfry, 'order.created')
  await given.eventType(belfry, 'order.numbered', {
    params: { type: 'object', properties: { row: { type: 'number' } } },
  })
  await given.people(belfry, 3, receiver.url)
  await app.client.query(`
    create table orders (id int primary key, customer text);
    create trigger publish after insert on orders for each row
      execute function belfry.trigger_on_change('order', '{"to": "customer"}')`)
})
after(async () => {
  await app.close()
  await look.close()
  await receiver.close()
  await belfry.close()
})

let orderCount = 0

/** One transaction of an application: an event, a message, a change of a table, and an event that will be refused. */
async function commitAll(): Promise<void> {
  await app.client.query('begin')
  await app.value(`select belfry.trigger('order.shipped', '{}', array['p00000', 'p00001'])`)
  await app.value(`select belfry.notify(array['p00002'], array['webhook'], 'Hello')`)
  await app.client.query(`insert into orders values (${++orderCount}, 'p00001')`)
  await app.value(`select belfry.trigger('order.numbered', '{"row": "one"}', array['p00000'])`)
  await app.client.query('commit')
}

/** What arrived from the n-th webhook on, and how often each. */
function arrived(from: number): { person: string; times: number }[] {
  const requests = receiver.requests.slice(from)
  const byId = Object.groupBy(requests, ({ headers }) => String(headers['webhook-id']))
  return Object.values(byId)
    .map((same = []) => ({ person: same[0]!.path.slice(1), times: same.length }))
    .sort((a, b) => a.person.localeCompare(b.person))
}

const once = [
  { person: 'p00000', times: 1 },
  { person: 'p00001', times: 1 },
  { person: 'p00001', times: 1 },
  { person: 'p00002', times: 1 },
]

async function statuses(): Promise<Record<string, number>> {
  const rows = await look.rows(
    'select status, count(*)::integer as count from belfry.events group by 1',
  )
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]))
}

const died = (statement: string, when: Fault['when']): Fault[] => [
  { statement, nth: 1, when, what: 'die' },
]

// the moment, the fault
const moments: [string, Fault[]][] = [
  ['before it has picked anything up', died('q.epoch, q.request', 'before')],
  ['between pick-up and everything else', died('q.epoch, q.request', 'after')],
  ['between refusing one event and completing the others', died("status = 'failed'", 'after')],
  ['before an event is completed', died('set lane = c.lane', 'before')],
  ['between completing an event and finding its people', died('set lane = c.lane', 'after')],
]
for (const [moment, faults] of moments)
  test(`what was committed while no Belfry ran arrives once, when the first one is killed ${moment}`, async () => {
    const from = receiver.requests.length
    const before = await statuses()
    await commitAll()

    const victim = await startProcess(belfry, { faults })
    assert.deepEqual(await victim.exited, { code: null, signal: 'SIGKILL' })
    assert.deepEqual(arrived(from), [])
    belfry.clock.advance({ minutes: 10 }) // more than any lease
    const successor = belfry.work({ sweepMs: 50 })
    await untilQuiet(look)
    await successor.stop()

    assert.deepEqual(arrived(from), once)
    assert.deepEqual(await statuses(), {
      processed: (before['processed'] ?? 0) + 3,
      failed: (before['failed'] ?? 0) + 1,
    })
  })

test('a transaction that is open while Belfry is killed and started again arrives once, after its commit', async () => {
  const from = receiver.requests.length
  const first = await startProcess(belfry)
  await app.client.query('begin')
  await app.value(`select belfry.trigger('order.shipped', '{}', array['p00002'])`)
  first.kill('SIGKILL')
  await first.exited
  const second = await startProcess(belfry, { aheadMs: 20 * 60_000 })
  assert.deepEqual(arrived(from), [])

  await app.client.query('commit')
  await until('it has arrived', () => receiver.requests.length > from)
  await untilQuiet(look)

  assert.deepEqual(arrived(from), [{ person: 'p00002', times: 1 }])
  second.kill('SIGKILL')
  await second.exited
})
