// A process is killed without warning between the end of one channel and the beginning of the next, or loses its
// database there. Another one goes on: everybody is told on one channel, and nothing twice without a reason.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { checkConservation } from './conservation.ts'
import { armFaults, type Fault } from './faults.ts'
import { createLook, given, until, type Look } from './given.ts'
import { startProcess } from './process.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  await given.subscriber(belfry, 'ana', { email: 'failed@belfry.test', phone: '+12025550150' })
  await given.subscriber(belfry, 'ben', { phone: '+12025550151' })
})

after(async () => {
  await look.close()
  await belfry.close()
})

afterEach(() => checkConservation(look, { accepted: [], receipts: [] }))

const message = { to: ['ana', 'ben'], channels: ['email'], fallback_channels: ['sms'] }

async function checkTold(ids: string[]): Promise<void> {
  let looks = 0
  await until('all of it has ended', async () => {
    if (++looks % 20 === 0) belfry.clock.advance({ minutes: 2 }) // more than any lease
    const open = `select (select count(*) from belfry.notifications where pending > 0)
      + (select count(*) from belfry.plan_runs)`
    return (await look.number(open)) === 0
  })
  for (const id of ids) {
    const { body } = await belfry.ask('GET', `/notifications/${id}`)
    const ways = body.deliveries.map(({ channel, status }: Record<string, string>) => [
      channel,
      status,
    ])
    assert.deepEqual(ways.at(-1), ['sms', 'delivered'], JSON.stringify(body.trace))
    assert.equal(ways.length, 2)
  }
}

const points: Record<string, string> = {
  'settling what was waited for': 'update belfry.plan_runs r set due_at = least',
  'storing the next step': 'update belfry.deliveries d set is_replaced',
}

for (const [point, statement] of Object.entries(points))
  for (const when of ['before', 'after'] as const)
    test(`a process killed ${when} ${point} leaves a message that another goes on with`, async () => {
      const fault: Fault = { statement, nth: 1, when, what: 'die' }
      const victim = await startProcess(belfry, { faults: [fault], worker: { pollMs: 10 } })
      const headers = { 'idempotency-key': `${when}-${point}`.replaceAll(' ', '-') }
      const body = { ...message, message: `${when} ${point}` }
      const answer = await victim.ask('POST', '/notifications', body, headers).catch(() => null)
      assert.deepEqual(await victim.exited, { code: null, signal: 'SIGKILL' })
      // One that died meanwhile is asked for again, of another.
      const asked = answer ?? (await belfry.ask('POST', '/notifications', body, headers))
      assert.equal(asked.status, 202)

      const successor = belfry.work({ pollMs: 10, sweepMs: 30 })
      await checkTold(asked.body.notification_ids)
      await successor.stop()
    })

for (const when of ['before', 'after'] as const)
  test(`whichever statement of a fallback is cut off ${when} it was carried out, it goes on`, async () => {
    const worker = belfry.work({ pollMs: 5, sweepMs: 30 })
    let hasFired = true
    let nth = 0
    for (; hasFired; nth++) {
      assert.ok(nth < 100, 'the story never ends untouched')
      const body = { ...message, message: `cut ${when} ${nth}` }
      const { body: answer } = await belfry.ask('POST', '/notifications', body)
      const fault: Fault = { statement: '', nth: nth + 1, when, what: 'cut' }
      const armed = armFaults([fault], isOfFallbacks)
      await checkTold(answer.notification_ids)
      hasFired = armed.fired > 0
      armed.disarm()
    }
    await worker.stop()
    assert.ok(nth > 3, `only ${nth} statements were tried`)
  })

/** Not what finds nothing, again and again, nor what this story asks. */
function isOfFallbacks(text: string): boolean {
  const isOther = /select count\(\*\)|limit \$|coalesce\(b\.due_at/.test(text)
  return /plan_runs|is_open|is_replaced/.test(text) && !isOther
}
