// A process is killed without warning at every step of a plan, or loses its database there. Another one goes on;
// everybody is told what they would have been told, and nothing twice without a reason.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { checkConservation } from './conservation.ts'
import { armFaults, type Fault } from './faults.ts'
import { createLook, given, until, type Look } from './given.ts'
import { startProcess } from './process.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink
const accepted: string[] = []
const to = ['p00000', 'p00001', 'p00002']

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.people(belfry, 3, receiver.url)
  await given.eventType(belfry, 'order.due', {
    channels: undefined,
    retry: { attempts: 5, delay: '1s', backoff: 'fixed' },
    plan: [
      { digest: { window: '10s', key: '{{ story }}' } },
      { throttle: { limit: 2, per: '1h', key: '{{ story }}' } },
      { send: ['webhook'] },
      { wait: { for: '10s' } },
      { send: ['webhook'] },
    ],
  })
  const body = { story: '{{ story }}', items: '{{ digest.items }}' }
  await given.template(belfry, 'order.due', 'webhook', { body })
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

afterEach(() => checkConservation(look, { accepted, receipts: receiver.requests }))

async function toItsEnd(): Promise<void> {
  let looks = 0
  await until('every plan and delivery has ended', async () => {
    if (++looks % 20 === 0) belfry.clock.advance({ minutes: 2 }) // more than any lease
    const open = `select (select count(*) from belfry.plan_runs) + (select count(*) from belfry.queue)
      + (select count(*) from belfry.event_queue) + (select count(*) from belfry.digest_buckets)`
    return (await look.number(open)) === 0
  })
}

type Told = { path: string; id: unknown; story: string; items: { part: number }[] }

/** Both events of a story were told to everybody at both steps, each in one digest. */
function checkTold(story: string): void {
  const all = receiver.requests.map(({ path, body, headers }): Told => {
    return { path, id: headers['webhook-id'], ...JSON.parse(body) }
  })
  for (const person of to) {
    const own = all.filter((told) => told.story === story && told.path === `/${person}`)
    const once = new Map(own.map((told) => [told.id, told])).values()
    const parts = [...once].flatMap(({ items }) => items.map(({ part }) => part))
    assert.deepEqual(
      parts.toSorted((a, b) => a - b),
      [1, 1, 2, 2],
      `${person}: ${JSON.stringify(own)}`,
    )
  }
}

const points: Record<string, string> = {
  'beginning a plan': 'insert into belfry.plan_runs',
  'taking what is due': 'update belfry.plan_runs r set epoch = r.epoch + 1, due_at',
  'opening a digest': 'insert into belfry.digest_buckets',
  'joining a digest': 'set bucket_id = e."bucketId"',
  'closing a digest': 'row_number() over (partition by bucket_id',
  'counting for a throttle': 'insert into belfry.throttles',
  'storing a step': 'update belfry.deliveries d set is_replaced',
}

for (const [point, statement] of Object.entries(points))
  for (const when of ['before', 'after'] as const) {
    const story = `${when} ${point}`
    const fault: Fault = { statement, nth: 1, when, what: 'die' }

    test(`a process killed ${story} leaves a plan that another goes on with`, async () => {
      const fast = { since: belfry.clock.now().getTime(), times: 20 }
      const victim = await startProcess(belfry, { faults: [fault], fast, worker: { pollMs: 10 } })
      for (const part of [1, 2]) {
        const headers = { 'idempotency-key': `${story} ${part}`.replaceAll(' ', '-') }
        const body = { type: 'order.due', to, params: { story, part } }
        const answer = await victim.ask('POST', '/events', body, headers).catch(() => null)
        // One that died meanwhile is asked for again, of another.
        const { status, body: told } =
          answer ?? (await belfry.ask('POST', '/events', body, headers))
        assert.equal(status, 202)
        accepted.push(told.event_id)
      }
      assert.deepEqual(await victim.exited, { code: null, signal: 'SIGKILL' })

      const successor = belfry.work({ pollMs: 10, sweepMs: 30 })
      await toItsEnd()
      await successor.stop()

      checkTold(story)
    })
  }

for (const when of ['before', 'after'] as const)
  test(`whichever statement of a plan is cut off ${when} it was carried out, it goes on`, async () => {
    let hasFired = true
    for (let nth = 1; hasFired; nth++) {
      assert.ok(nth < 100, 'the story never ends untouched')
      const story = `cut ${when} ${nth}`
      for (const part of [1, 2])
        accepted.push(await given.event(belfry, 'order.due', { to, params: { story, part } }))
      const armed = armFaults([{ statement: '', nth, when, what: 'cut' }], isOfPlans)
      const worker = belfry.work({ pollMs: 5, sweepMs: 30 })
      await toItsEnd()
      hasFired = armed.fired > 0
      armed.disarm()
      await worker.stop()
      checkTold(story)
      if (!hasFired) assert.ok(nth > 8, `only ${nth} statements were tried`)
    }
  })

/** Not what finds nothing, again and again: those of a plan that has come to something. */
function isOfPlans(text: string): boolean {
  return (
    /plan_runs|digest_buckets|throttles|plan_pins/.test(text) &&
    !/select count\(\*\)|skip locked/.test(text)
  )
}
