// A worker that fell silent past its lease is taken for dead. When it speaks again it cannot undo what
// was decided meanwhile; only its success is still welcome, if nobody has begun again.
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, afterEach, before, test } from 'node:test'
import pg from 'pg'
import { rescue } from '../src/pipeline/rescue.ts'
import { startWorker } from '../src/worker/worker.ts'
import { checkConservation } from './conservation.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { startProcess } from './process.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink
const accepted: string[] = []

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.eventType(belfry, 'soon', { retry: { attempts: 3, delay: '1s', backoff: 'fixed' } })
  await given.eventType(belfry, 'later', { retry: { attempts: 3, delay: '6h', backoff: 'fixed' } })
  await given.people(belfry, 1, receiver.url)
})

afterEach(() => void (receiver.answer = () => ({})))

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

/** The receiver keeps everybody waiting; answers how the first one may be answered. */
function holdAnswers(): { next(status: number): void } {
  const held: ServerResponse[] = []
  receiver.answer = (_request, response) => {
    held.push(response)
    return null
  }
  return { next: (status) => void held.shift()!.writeHead(status).end() }
}

async function send(asking: Pick<TestContext, 'ask'>, type: string): Promise<string> {
  const already = receiver.requests.length
  accepted.push(await given.event(asking, type, { to: ['p00000'] }))
  await receiver.waitFor(already + 1)
  return String(receiver.requests[already]!.headers['webhook-id'])
}

async function storyOf(delivery: string) {
  const [row] = await look.rows('select status from belfry.deliveries where id = $1', [delivery])
  const attempts = await look.rows(
    'select outcome from belfry.attempts where delivery_id = $1 order by number',
    [delivery],
  )
  return { status: row.status, attempts: attempts.map(({ outcome }) => outcome) }
}

const tooLate = (logged: Record<string, unknown>[]) =>
  logged.some(({ msg }) => msg === 'an outcome came too late: the lease was over')

test('a process that was frozen past its lease cannot undo what another one did meanwhile', async () => {
  const frozen = await startProcess(belfry)
  const answers = holdAnswers()
  const delivery = await send(frozen, 'soon')
  frozen.kill('SIGSTOP')
  receiver.answer = () => ({})

  const other = await startProcess(belfry, { aheadMs: 10 * 60_000 })
  await untilQuiet(look)
  answers.next(400)
  frozen.kill('SIGCONT')
  await until('the frozen one has learned that it is too late', () => tooLate(frozen.logged))
  for (const process of [frozen, other]) process.kill('SIGTERM')
  await Promise.all([frozen.exited, other.exited])

  assert.deepEqual(await storyOf(delivery), {
    status: 'delivered',
    attempts: ['ambiguous', 'delivered'],
  })
  await checkConservation(look, { accepted, receipts: receiver.requests })
})

test('a failure that is reported after the lease was over changes nothing', async () => {
  const worker = belfry.work({ sweepMs: 60_000 })
  const answers = holdAnswers()
  const delivery = await send(belfry, 'later')
  belfry.clock.advance({ minutes: 10 })
  assert.equal(await rescue(await belfry.another()), 1)
  const [before] = await look.rows('select due_at, epoch, attempt from belfry.queue')

  answers.next(400)
  await until('it was too late', () => tooLate(belfry.logged))

  const [now] = await look.rows('select due_at, epoch, attempt from belfry.queue')
  assert.deepEqual(now, before)
  assert.deepEqual(await storyOf(delivery), { status: 'processing', attempts: ['ambiguous'] })
  receiver.answer = () => ({})
  belfry.clock.advance({ hours: 7 })
  await untilQuiet(look)
  await worker.stop()
})

test('a success that is reported after the lease was over saves the person a duplicate', async () => {
  const worker = belfry.work({ sweepMs: 60_000 })
  const answers = holdAnswers()
  const delivery = await send(belfry, 'later')
  belfry.clock.advance({ minutes: 10 })
  assert.equal(await rescue(await belfry.another()), 1)

  answers.next(200)
  await untilQuiet(look)
  belfry.clock.advance({ hours: 7 })
  await worker.stop()

  assert.deepEqual(await storyOf(delivery), { status: 'delivered', attempts: ['delivered'] })
  const sent = receiver.requests.filter(({ headers }) => headers['webhook-id'] === delivery)
  assert.equal(sent.length, 1)
})

test('a success that is reported while somebody has begun again does not end the second attempt', async () => {
  const worker = belfry.work({ sweepMs: 60_000 })
  const answers = holdAnswers()
  const delivery = await send(belfry, 'soon')
  belfry.clock.advance({ minutes: 10 })
  const already = receiver.requests.length
  assert.equal(await rescue(belfry.ctx), 1)
  belfry.clock.advance({ seconds: 2 })
  await receiver.waitFor(already + 1)
  const lateBefore = belfry.logged.length

  answers.next(200)
  await until('it was too late', () => tooLate(belfry.logged.slice(lateBefore)))
  assert.equal((await storyOf(delivery)).status, 'processing')
  answers.next(200)
  await untilQuiet(look)
  await worker.stop()

  assert.deepEqual(await storyOf(delivery), {
    status: 'delivered',
    attempts: ['ambiguous', 'delivered'],
  })
  await checkConservation(look, { accepted, receipts: receiver.requests })
})

test('an attempt that could not start until its lease was nearly over is given back, and begun anew', async () => {
  const finder = belfry.work({ channels: [] })
  accepted.push(await given.event(belfry, 'soon', { to: ['p00000'] }))
  await until(
    'it waits',
    async () => (await look.number('select count(*) from belfry.queue')) === 1,
  )
  await finder.stop()
  const already = receiver.requests.length
  const begun = 'select count(*) from belfry.queue where worker is not null'
  const lock = new pg.Client(belfry.connection)
  await lock.connect()
  await lock.query('begin; lock table belfry.event_types in access exclusive mode')

  const worker = startWorker(await belfry.another())
  await until('it has begun', async () => (await look.number(begun)) === 1)
  belfry.clock.advance({ seconds: 10 })
  const nearlyOverAt = belfry.clock.now()
  await lock.query('commit')
  await lock.end()
  await untilQuiet(look)
  await worker.stop()

  assert.equal(receiver.requests.length, already + 1)
  const attempts = await look.rows(
    `select number, started_at from belfry.attempts order by started_at desc limit 1`,
  )
  assert.equal(attempts[0].number, 1)
  assert.ok(attempts[0].started_at >= nearlyOverAt)
  await checkConservation(look, { accepted, receipts: receiver.requests })
})
