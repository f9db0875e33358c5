// What happens after an attempt that did not work: when it is tried again, how often, and how it ends.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { createLook, given, until, type Look } from './given.ts'
import { closedPort, createHttpSink, type HttpReply, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.eventType(belfry, 'usual')
  await given.eventType(belfry, 'twice', { retry: { attempts: 2, delay: '1s', backoff: 'fixed' } })
  await given.eventType(belfry, 'thrice', { retry: { attempts: 3, delay: '3s', backoff: 'fixed' } })
  await given.people(belfry, 2, receiver.url)
  const address = { webhook: `http://127.0.0.1:${await closedPort()}/` }
  await given.subscriber(belfry, 'away', { addresses: address })
  belfry.work({ pollMs: 10 })
})

let already = 0
beforeEach(() => void (already = receiver.requests.length))
afterEach(() => void (receiver.answer = () => ({})))

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

const answers = (...replies: (HttpReply | 'hang up')[]) => {
  const left = [...replies]
  receiver.answer = (_request, response) => {
    const reply = left.length > 1 ? left.shift()! : left[0]!
    if (reply !== 'hang up') return reply
    response.destroy()
    return null
  }
}

const requestCount = () => receiver.requests.length - already

/** How the event's only delivery stands. */
async function deliveryOf(event: string) {
  const [row] = await look.rows(
    `select d.id, d.status, d.reason, d.attempt_count, q.due_at, q.worker is not null as is_begun,
       array(select outcome from belfry.attempts a
         where a.workspace_id = d.workspace_id and a.delivery_id = d.id order by number) as outcomes
     from belfry.notifications n
     join belfry.deliveries d on d.workspace_id = n.workspace_id and d.notification_id = n.id
     left join belfry.queue q on q.delivery_id = d.id
     where n.event_id = $1`,
    [event],
  )
  return row
}

/** Waits for the outcome of attempt `number`; answers in how many seconds the next one is due, if any. */
async function outcome(event: string, number: number): Promise<number | null> {
  let delivery = await deliveryOf(event)
  await until(`attempt ${number} has an outcome`, async () => {
    delivery = await deliveryOf(event)
    return delivery?.outcomes.length === number && !delivery.is_begun
  })
  return delivery.due_at && (delivery.due_at.getTime() - belfry.clock.now().getTime()) / 1_000
}

async function ended(event: string) {
  await until('the delivery has ended', async () => {
    const delivery = await deliveryOf(event)
    return delivery !== undefined && !['scheduled', 'processing'].includes(delivery.status)
  })
  const { status, reason, attempt_count: attempts, outcomes } = await deliveryOf(event)
  return { status, reason, attempts, outcomes }
}

const send = (type: string, more: Record<string, unknown> = {}) =>
  given.event(belfry, type, { to: ['p00000'], ...more })

test('a receiver that is always busy is asked once more than the schedule is long, then no more', async () => {
  const delays = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]
  answers({ status: 503 })
  const event = await send('usual')

  for (const [i, delay] of delays.entries()) {
    const due = await outcome(event, i + 1)
    assert.ok(
      due !== null && due > delay / 2 - 2 && due <= delay,
      `${due} s after attempt ${i + 1}`,
    )
    belfry.clock.advance({ seconds: delay })
  }

  assert.deepEqual(await ended(event), {
    status: 'failed',
    reason: 'http_503',
    attempts: 8,
    outcomes: Array<string>(8).fill('retry'),
  })
  belfry.clock.advance({ hours: 48 })
  assert.equal(requestCount(), 8)
})

test('an event type says itself how often and how fast its deliveries are tried again', async () => {
  answers({ status: 500 })
  const event = await send('thrice')

  for (const number of [1, 2]) {
    const due = await outcome(event, number)
    assert.ok(due !== null && due > 1 && due <= 3, `${due} s`)
    belfry.clock.advance({ seconds: 3 })
  }

  assert.equal((await ended(event)).status, 'failed')
  assert.equal(requestCount(), 3)
})

test('an event type says it by channel, and a channel by itself where no type does', async () => {
  const once = { attempts: 1, delay: '1s', backoff: 'fixed' }
  await given.eventType(belfry, 'by-channel', { retry: { webhook: once } })
  await given.eventType(belfry, 'of-another', { retry: { email: once } })
  answers({ status: 500 })
  belfry.ctx.config.retry = { webhook: { attempts: 2, delay: '1s', backoff: 'fixed' } }

  const ofChannel = await ended(await send('by-channel'))
  const event = await send('of-another')
  await outcome(event, 1)
  belfry.clock.advance({ seconds: 1 })
  const ofAnother = await ended(event)
  belfry.ctx.config.retry = null

  assert.deepEqual([ofChannel.attempts, ofAnother.attempts], [1, 2])
  const misfit = await belfry.ask('PUT', '/event-types/misfit', {
    channels: ['email'],
    retry: { fax: once },
  })
  assert.equal(misfit.status, 422)
})

// the header, seconds at least, seconds at most
const retryAfters: [string, () => string, number, number][] = [
  ['in seconds', () => '120', 115, 120],
  ['as a date', () => new Date(belfry.clock.now().getTime() + 600_000).toUTCString(), 590, 600],
  ['that makes no sense', () => 'soon', 0, 3],
  ['that is past', () => 'Mon, 01 Jan 2024 00:00:00 GMT', 0, 3],
  ['of a week', () => '604800', 86_390, 86_400],
]
for (const [form, header, least, most] of retryAfters) {
  test(`a receiver that asks to be left alone with a Retry-After ${form} is heard`, async () => {
    answers({ status: 503, headers: { 'retry-after': header() } }, { status: 200 })
    const event = await send('thrice')

    const due = await outcome(event, 1)
    belfry.clock.advance({ hours: 25 })

    assert.ok(due !== null && due > least && due <= most, `${due} s`)
    assert.equal((await ended(event)).status, 'delivered')
  })
}

// the first answer, how often the receiver is asked when it takes the second one, how it ends
const firstAnswers: [number, number, string][] = [
  [400, 1, 'failed'],
  [401, 1, 'failed'],
  [404, 1, 'failed'],
  [410, 1, 'failed'],
  [301, 1, 'failed'],
  [408, 2, 'delivered'],
  [429, 2, 'delivered'],
  [500, 2, 'delivered'],
  [503, 2, 'delivered'],
  [202, 1, 'delivered'],
]
for (const [status, count, end] of firstAnswers) {
  test(`after ${status} the receiver is asked ${count === 1 ? 'no more' : 'again'}`, async () => {
    answers({ status, headers: { location: '/elsewhere' } }, { status: 200 })
    // An address that is gone gets nothing more: one of its own.
    const event = await send('twice', status === 410 ? { to: ['p00001'] } : {})

    if (count === 2) {
      await outcome(event, 1)
      belfry.clock.advance({ seconds: 1 })
    }

    assert.equal((await ended(event)).status, end)
    assert.equal(requestCount(), count)
  })
}

test('a receiver that takes a message and hangs up is asked again under the same id', async () => {
  answers('hang up', { status: 200 })
  const event = await send('twice')

  await outcome(event, 1)
  belfry.clock.advance({ seconds: 1 })

  const { status, outcomes } = await ended(event)
  assert.deepEqual([status, outcomes], ['delivered', ['ambiguous', 'delivered']])
  const [first, second] = receiver.requests.slice(already)
  assert.equal(second?.headers['webhook-id'], first?.headers['webhook-id'])
  assert.equal(second?.body, first?.body)
})

test('a delivery whose last attempt nobody can vouch for ends unknown', async () => {
  answers('hang up')
  const event = await send('twice')

  await outcome(event, 1)
  belfry.clock.advance({ seconds: 1 })

  const { status, outcomes } = await ended(event)
  assert.deepEqual([status, outcomes], ['unknown', ['ambiguous', 'ambiguous']])
})

test('a delivery that certainly never left ends failed', async () => {
  const event = await given.event(belfry, 'twice', { to: ['away'] })

  await outcome(event, 1)
  belfry.clock.advance({ seconds: 1 })

  const { status, reason } = await ended(event)
  assert.deepEqual([status, reason], ['failed', 'connection_refused'])
})

test('nothing is tried again after it has lost its meaning', async () => {
  answers({ status: 503 })
  const expiresAt = new Date(belfry.clock.now().getTime() + 60_000).toISOString()
  const event = await send('usual', { expires_at: expiresAt })

  await outcome(event, 1)
  belfry.clock.advance({ seconds: 5 })

  const { status, attempts } = await ended(event) // the third attempt would be minutes later
  assert.deepEqual([status, attempts], ['failed', 2])
})

test('what has lost its meaning before it could be tried is skipped', async () => {
  const expiresAt = new Date(belfry.clock.now().getTime() + 60_000).toISOString()
  const later = new Date(belfry.clock.now().getTime() + 59_000).toISOString()
  const event = await send('usual', { expires_at: expiresAt, scheduled_time: later })
  await until('it waits', async () => (await deliveryOf(event)) !== undefined)

  belfry.clock.advance({ minutes: 2 })

  assert.deepEqual(await ended(event), {
    status: 'skipped',
    reason: 'expired',
    attempts: 0,
    outcomes: [],
  })
  assert.equal(requestCount(), 0)
})
