// A provider that is down for very many: every delivery gets the attempts of its schedule, no more and no
// fewer, and the retries come as a stream.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, until, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink

const people = 1_000
const attempts = 5

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  receiver.answer = () => ({ status: 503 })
  await given.webhooks(belfry)
  const retry = { attempts, delay: '10m', backoff: 'fixed' } // without a budget all at once
  await given.eventType(belfry, 'told', { retry })
  await given.topic(belfry, 'all', await given.people(belfry, people, receiver.url))
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

async function dueSeconds(): Promise<number[]> {
  const rows = await look.rows(
    'select floor(extract(epoch from due_at))::float8 as second from belfry.queue where worker is null',
  )
  return rows.map(({ second }) => second)
}

test('a thousand deliveries to a provider that is down make a stream of retries and no wave', async () => {
  await given.event(belfry, 'told', { to: [{ topic: 'all' }] })
  belfry.work({ pollMs: 10 })

  for (let round = 1; round < attempts; round++) {
    await until(`all were tried ${round} times, and wait`, async () => {
      const tried = await look.number('select count(*) from belfry.attempts')
      return tried === round * people && (await dueSeconds()).length === people
    })
    const due = await dueSeconds()
    const perSecond = Object.values(Object.groupBy(due, String)).map((all) => all?.length ?? 0)
    const mean = people / (Math.max(...due) - Math.min(...due) + 1)
    const ratio = Math.max(...perSecond) / mean
    assert.ok(
      ratio < 5,
      `round ${round}: ${Math.max(...perSecond)} in a second, ${mean} on average`,
    )
    const lastDue = new Date(Math.max(...due) * 1_000 + 1_000)
    belfry.clock.advance({ seconds: (lastDue.getTime() - belfry.clock.now().getTime()) / 1_000 })
  }
  await until(
    'all have ended',
    async () => (await look.number('select count(*) from belfry.queue')) === 0,
  )
  belfry.clock.advance({ hours: 48 })

  assert.equal(receiver.requests.length, people * attempts)
  const counts = await look.rows(
    'select status, reason, attempt_count, count(*)::integer from belfry.deliveries group by 1, 2, 3',
  )
  assert.deepEqual(counts, [
    { status: 'failed', reason: 'http_503', attempt_count: attempts, count: people },
  ])
})

test('what was put later says so, on the attempt and in the metrics', async () => {
  const [row] = await look.rows(`select d.notification_id as id from belfry.attempts a
    join belfry.deliveries d on d.workspace_id = a.workspace_id and d.id = a.delivery_id
    where a.detail like '%retry budget%' limit 1`)
  const { body } = await belfry.ask('GET', `/notifications/${row.id}`)
  const details = body.deliveries[0].attempts.map(({ detail }: { detail: string }) => detail)

  assert.match(
    details.join(),
    /tried again \d+ s later than usual: the retry budget of receiver is used up/,
  )
  const metrics = (await belfry.ask('GET', '/metrics')).body
  assert.match(metrics, /belfry_retries_postponed_total\{channel="webhook"\} \d{3}/)
})
