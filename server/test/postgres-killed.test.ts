// PostgreSQL itself is killed without warning, twice, while events come in. It is started again, and
// everything that was accepted is there.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { checkConservation } from './conservation.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let receiver: HttpSink

before(async () => {
  delete process.env['BELFRY_TEST_CLUSTER'] // a PostgreSQL of our own: others would not like it
  belfry = await createTestContext()
  receiver = await createHttpSink()
  const retry = { attempts: 8, delay: '1s', backoff: 'fixed' }
  await given.webhooks(belfry)
  await given.eventType(belfry, 'order', { retry })
  await given.people(belfry, 10, receiver.url)
  belfry.work({ pollMs: 20, sweepMs: 50 })
})

after(async () => {
  await receiver.close()
  await belfry.close()
})

/** Looks through connections of its own: those of before a kill are broken, and may not know it yet. */
async function looking<T>(read: (look: Look) => Promise<T>): Promise<T> {
  const look = createLook(belfry.connection)
  try {
    return await read(look)
  } finally {
    await look.close()
  }
}

async function killPostgres(): Promise<void> {
  const [file] = await looking((look) => look.rows(`select pg_read_file('postmaster.pid') as text`))
  process.kill(Number.parseInt(file.text, 10), 'SIGKILL')
}

test('when PostgreSQL is killed, what was accepted is delivered once it is back', async () => {
  const accepted: string[] = []
  const load = new AbortController()
  const refused: number[] = []

  async function send(lane: number): Promise<void> {
    for (let i = 0; !load.signal.aborted; i++) {
      const body = { type: 'order', to: [`p0000${i % 10}`], params: { lane, i } }
      const headers = { 'idempotency-key': `${lane}-${i}` }
      await until('it is accepted', async () => {
        const answer = await belfry.ask('POST', '/events', body, headers)
        if (answer.status === 202) accepted.push(answer.body.event_id)
        else refused.push(answer.status)
        return answer.status === 202
      })
    }
  }

  const senders = Promise.all([0, 1, 2, 3].map(send))
  for (const least of [200, 400]) {
    await until('many events are accepted', () => accepted.length > least)
    const refusedBefore = refused.length
    await killPostgres()
    await until('requests are refused', () => refused.length > refusedBefore)
    const already = accepted.length
    await until('it is back', () => accepted.length > already)
  }
  load.abort()
  await senders
  belfry.clock.advance({ minutes: 10 })

  assert.deepEqual([...new Set(refused)], [503])
  assert.equal(new Set(accepted).size, accepted.length)
  await looking(async (look) => {
    await untilQuiet(look)
    await checkConservation(look, { accepted, receipts: receiver.requests })
  })
})
