// Two processes under load, killed again and again at random moments, with receivers that refuse, hang
// up and dawdle. Time runs ten times as fast for them, so that leases end and retries come while we wait.
// BELFRY_TEST_SEED repeats a run, as far as two processes can be repeated.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { checkConservation, duplicateCount } from './conservation.ts'
import { createLook, createRandom, given, until, untilQuiet, type Look } from './given.ts'
import { startProcess } from './process.ts'
import { createHttpSink, type HttpSink, type SunkRequest } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

const seed = Number(process.env['BELFRY_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const random = createRandom(seed)
const killCount = 5

let belfry: TestContext
let look: Look
let receiver: HttpSink
const accepted: string[] = []
/** What receivers took, whether or not they said so. */
const taken: SunkRequest[] = []

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  const retry = { attempts: 6, delay: '2s', backoff: 'exponential' }
  await given.webhooks(belfry)
  await given.eventType(belfry, 'order', { channels: ['in_app', 'webhook'], retry })
  await given.eventType(belfry, 'news', { channels: ['in_app', 'webhook'], retry })
  await given.template(belfry, 'order', 'webhook', {
    body: { z: '{{ i }}', a: '{{ subscriber.id }}' },
  })
  await given.topic(belfry, 'everybody', await given.people(belfry, 200, receiver.url))
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

function beDifficult(): void {
  receiver.answer = (request, response) => {
    const mood = random()
    if (mood < 0.08) return { status: 503 }
    taken.push(request)
    if (mood < 0.12) response.destroy()
    else if (mood < 0.3) setTimeout(() => response.writeHead(200).end(), mood * 2_000)
    else return { status: 200 }
    return null
  }
}

test(`whoever is killed, what was accepted ends, and duplicates have their reason (seed ${seed})`, async () => {
  const fast = { since: Date.now(), times: 10 }
  const options = { fast, worker: { concurrency: 20 } }
  const running = await Promise.all([startProcess(belfry, options), startProcess(belfry, options)])
  const load = new AbortController()
  beDifficult()

  async function nemesis(): Promise<void> {
    for (let kill = 0; kill < killCount; kill++) {
      const victim = kill % 2
      await new Promise((resolve) => setTimeout(resolve, 200 + random() * 1_300))
      running[victim]!.kill('SIGKILL')
      await running[victim]!.exited
      running[victim] = await startProcess(belfry, options)
    }
    load.abort()
  }

  async function send(lane: number): Promise<void> {
    for (let i = 0; !load.signal.aborted; i++) {
      const isNews = random() < 0.03
      const to = isNews
        ? [{ topic: 'everybody' }]
        : [`p${String((lane * 31 + i) % 200).padStart(5, '0')}`]
      const body = { type: isNews ? 'news' : 'order', to, params: { i, lane } }
      const headers = { 'idempotency-key': `soak-${lane}-${i}` }
      await until('it is accepted', async () => {
        const process = running[Math.floor(random() * 2)]!
        const answer = await process.ask('POST', '/events', body, headers).catch(() => null)
        if (answer) assert.ok([202, 409, 503].includes(answer.status), JSON.stringify(answer.body))
        if (answer?.status === 202) accepted.push(answer.body.event_id)
        return answer?.status === 202
      })
      await new Promise((resolve) => setTimeout(resolve, random() * 60))
    }
  }

  await Promise.all([nemesis(), ...[0, 1, 2, 3].map(send)])
  receiver.answer = (request) => (taken.push(request), { status: 200 })
  await untilQuiet(look)
  for (const process of running) process.kill('SIGTERM')
  for (const process of running) assert.deepEqual(await process.exited, { code: 0, signal: null })

  assert.equal(new Set(accepted).size, accepted.length, 'two requests got the same event')
  assert.equal(await look.number('select count(*) from belfry.events'), accepted.length)
  await checkConservation(look, { accepted, receipts: taken })
  await checkThatItWasHard()
})

/** A run in which nothing went wrong has proved nothing. */
async function checkThatItWasHard(): Promise<void> {
  assert.ok(accepted.length > 100, `only ${accepted.length} events`)
  const outcomes: { code: string; count: number }[] = await look.rows(
    'select code, count(*)::integer as count from belfry.attempts group by 1',
  )
  const count = new Map(outcomes.map((row) => [row.code, row.count]))
  for (const code of ['worker_lost', 'http_503', 'connection_lost', 'http_200'])
    assert.ok((count.get(code) ?? 0) > 0, `no attempt ended with ${code}`)
  assert.ok(duplicateCount(taken) > 0, 'nothing was sent twice')
}
