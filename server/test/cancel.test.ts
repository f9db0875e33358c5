// Cancelling races with everything that could begin. After the answer nothing begins, except what was
// counted as in flight; and the counts add up.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Db } from '../src/sql/db.ts'
import { claimDeliveries, type ClaimedDelivery } from '../src/sql/queue.ts'
import { settleDeliveries, type Settlement } from '../src/sql/settle.ts'
import { createAttempts } from '../src/worker/attempts.ts'
import { startWorker, type Worker } from '../src/worker/worker.ts'
import { createLook, createRandom, given, until, untilQuiet, type Look } from './given.ts'
import { createHttpSink, type HttpSink, type SunkRequest } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.eventType(belfry, 'news')
  await given.eventType(belfry, 'reminder', {
    retry: { attempts: 5, delay: '1s', backoff: 'fixed' },
  })
  await given.people(belfry, 30, receiver.url)
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

const person = (i: number) => `p${String(i).padStart(5, '0')}`
const everybody = Array.from({ length: 30 }, (_, i) => person(i))

type Counts = { cancelled: number; in_flight: number; done: number }

async function cancel(event: string): Promise<Counts> {
  const { status, body } = await belfry.ask('POST', `/events/${event}/cancel`)
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

async function deliveriesOf(event: string): Promise<{ id: string; status: string }[]> {
  return look.rows(
    `select d.id, d.status from belfry.deliveries d
     join belfry.notifications n on n.workspace_id = d.workspace_id and n.id = d.notification_id
     where n.event_id = $1 order by d.id`,
    [event],
  )
}

/** Runs `work` in a transaction that stays open until `meanwhile` waits for a lock, then commits it. */
async function whileItIsUndecided<T>(
  work: (tx: Db) => Promise<unknown>,
  meanwhile: () => Promise<T>,
): Promise<T> {
  let answer!: Promise<T>
  await belfry.ctx.db.transaction(async (tx) => {
    await work(tx)
    answer = meanwhile()
    await until('the other one waits for a lock', async () => {
      const waiting = `select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      return (await look.number(waiting)) > 0
    })
  })
  return answer
}

const in1Minute = () => new Date(Date.now() + 60_000)

function claimAll(db: Db): Promise<ClaimedDelivery[]> {
  const now = belfry.clock.now()
  const claim = { channel: 'webhook', limit: 100, worker: 'test', now } as const
  return claimDeliveries(db, { ...claim, leaseUntil: in1Minute(), carriers: [] })
}

/** A waiting event of which the deliveries are in the queue, due and not begun. */
async function waitingEvent(to: string[]): Promise<string> {
  const worker = belfry.work({ channels: [] })
  const event = await given.event(belfry, 'reminder', { to })
  await until('the deliveries wait', async () => (await deliveriesOf(event)).length === to.length)
  await worker.stop()
  return event
}

function failed(begun: ClaimedDelivery): Settlement {
  const { workspaceId, deliveryId, notificationId, epoch, attempt, begunAt } = begun
  return {
    workspaceId,
    deliveryId,
    notificationId,
    epoch,
    number: attempt,
    provider: 'test',
    outcome: 'retry',
    code: 'http_503',
    detail: null,
    worker: 'test',
    startedAt: begunAt,
    durationMs: 1,
    status: null,
    reason: 'http_503',
    dueAt: belfry.clock.now(),
  }
}

test('an attempt that begins at the very moment of a cancel is counted as in flight, and is the last', async () => {
  const event = await waitingEvent([person(0)])
  let begun: ClaimedDelivery[] = []

  const counts = await whileItIsUndecided(
    async (tx) => (begun = await claimAll(tx)),
    () => cancel(event),
  )
  await settleDeliveries(belfry.ctx.db, begun.map(failed), {
    now: belfry.clock.now(),
    worker: 'test',
  })

  assert.equal(begun.length, 1)
  assert.deepEqual([counts.cancelled, counts.in_flight, counts.done], [0, 1, 0])
  assert.deepEqual(
    (await deliveriesOf(event)).map(({ status }) => status),
    ['cancelled'],
  )
  assert.equal(await look.number('select count(*) from belfry.queue'), 0)
})

test('a retry that is arranged at the very moment of a cancel does not happen', async () => {
  const event = await waitingEvent([person(0)])
  const begun = await claimAll(belfry.ctx.db)

  const counts = await whileItIsUndecided(
    (tx) => settleDeliveries(tx, begun.map(failed), { now: belfry.clock.now(), worker: 'test' }),
    () => cancel(event),
  )

  assert.deepEqual([counts.cancelled, counts.in_flight, counts.done], [1, 0, 0])
  assert.equal(await look.number('select count(*) from belfry.queue'), 0)
})

test('a delivery that is cancelled before its late attempt could start is never attempted', async () => {
  const event = await waitingEvent([person(2)])
  const [begun] = await claimAll(belfry.ctx.db)
  const counts = await cancel(event)
  const already = receiver.requests.length
  const attempts = createAttempts(belfry.ctx, {
    accepts: () => true,
    concurrencyOf: () => 1,
    onFree: () => {},
    onRetry: () => {},
    onError: assert.ifError,
  })
  belfry.clock.advance({ seconds: 10 }) // so late that it is given back

  attempts.starter.reserve('webhook')
  const listener = { recipient: 'ana', isSubscriber: true, level: 'standard' } as const
  const ana = { ...listener, objection: null, holds: [] }
  attempts.begin({ ...begun!, ...ana, content: { body: 'x' } })
  await attempts.idle()

  assert.deepEqual([counts.cancelled, counts.in_flight, counts.done], [0, 1, 0])
  const [delivery] = await deliveriesOf(event)
  assert.equal(delivery?.status, 'cancelled')
  assert.equal(receiver.requests.length, already)
})

type Round = { event: string; counts: Counts; before: Set<string> }

/** Whose webhooks have arrived, by delivery. */
const arrived = (requests: SunkRequest[]) =>
  new Set(requests.map(({ headers }) => String(headers['webhook-id'])))

async function checkRound({ event, counts, before }: Round, now: Set<string>): Promise<void> {
  const deliveries = await deliveriesOf(event)
  const told = `${event}: ${JSON.stringify(counts)} of ${deliveries.length}`
  assert.equal(counts.cancelled + counts.in_flight + counts.done, deliveries.length, told)
  const late = deliveries.filter(({ id }) => now.has(id) && !before.has(id))
  assert.ok(late.length <= counts.in_flight, `${late.length} began after the answer; ${told}`)
  const never = deliveries.filter(({ status }) => status === 'cancelled')
  assert.ok(never.length >= counts.cancelled, told)
  assert.ok(
    never.every(({ id }) => !now.has(id)),
    `cancelled, and sent all the same; ${told}`,
  )
}

test('hundreds of cancels at random moments: nothing begins after the answer, and the counts add up', async () => {
  const random = createRandom(20_261_121)
  const workers: Worker[] = [belfry.work({ concurrency: 8, channels: ['webhook'] })]
  workers.push(startWorker(await belfry.another(), { concurrency: 8, channels: ['webhook'] }))
  const rounds: Round[] = []

  async function playRounds(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const to = everybody.slice(0, 1 + Math.floor(random() * everybody.length))
      const event = await given.event(belfry, 'news', { to })
      const turns = Math.floor(random() ** 2 * 60)
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
      const counts = await cancel(event)
      rounds.push({ event, counts, before: arrived(receiver.requests.slice(-2_000)) })
    }
  }
  await Promise.all(Array.from({ length: 6 }, () => playRounds(50)))
  await untilQuiet(look)
  await Promise.all(workers.map((worker) => worker.stop()))

  const now = arrived(receiver.requests)
  for (const round of rounds) await checkRound(round, now)
  const some = (what: keyof Counts) => rounds.filter(({ counts }) => counts[what] > 0).length
  assert.ok(some('cancelled') > 20, `only ${some('cancelled')} rounds cancelled something`)
  assert.ok(some('in_flight') + some('done') > 20, 'too few rounds were under way')
})

test('a single notification is either cancelled and never sent, or it is not cancelled', async () => {
  const random = createRandom(7)
  const worker = belfry.work({ concurrency: 8, channels: ['webhook'] })
  const cancelled: string[] = []
  const refused: string[] = []

  async function playRounds(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const message = { to: [person(3)], channels: ['webhook'], message: 'Hello' }
      const { body } = await belfry.ask('POST', '/notifications', message)
      const id: string = body.notification_ids[0]
      const turns = Math.floor(random() * 12)
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
      const { status } = await belfry.ask('POST', `/notifications/${id}/cancel`)
      assert.ok(status === 200 || status === 409, String(status))
      ;(status === 200 ? cancelled : refused).push(id)
    }
  }
  await Promise.all(Array.from({ length: 10 }, () => playRounds(20)))
  await untilQuiet(look)
  await worker.stop()

  const sent = arrived(receiver.requests)
  const rows = await look.rows(
    `select notification_id, id, status from belfry.deliveries where notification_id = any ($1)`,
    [[...cancelled, ...refused]],
  )
  assert.equal(rows.length, 200)
  for (const { notification_id: id, id: delivery, status } of rows) {
    assert.equal(status, cancelled.includes(id) ? 'cancelled' : 'delivered')
    assert.equal(sent.has(delivery), refused.includes(id))
  }
})
