// Forcing races with cancelling, with a worker that begins, and with one that puts back what it has begun: one of
// them wins, and every answer is true.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Db } from '../src/sql/db.ts'
import { claimDeliveries, type ClaimedDelivery } from '../src/sql/queue.ts'
import { settleDeliveries, type Settlement } from '../src/sql/settle.ts'
import { createLook, createRandom, given, until, untilQuiet, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.eventType(belfry, 'reminder')
  await given.people(belfry, 8, receiver.url)
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

const tomorrow = () => new Date(belfry.clock.now().getTime() + 86_400_000)

/** The ids of the notifications of an event that waits, by itself until tomorrow. */
async function waiting(to: string[], scheduledTime?: Date): Promise<string[]> {
  const worker = belfry.work({ channels: [] })
  const more = scheduledTime && { scheduled_time: scheduledTime.toISOString() }
  const event = await given.event(belfry, 'reminder', { to, ...more })
  const of = 'select id from belfry.notifications where event_id = $1 order by id'
  await until('they wait', async () => (await look.rows(of, [event])).length === to.length)
  await worker.stop()
  return (await look.rows(of, [event])).map(({ id }) => id)
}

const act = (id: string, what: string) => belfry.ask('POST', `/notifications/${id}/${what}`)

async function claimOne(): Promise<ClaimedDelivery> {
  const now = belfry.clock.now()
  const leaseUntil = new Date(now.getTime() + 60_000)
  const claim = {
    channel: 'webhook',
    limit: 1,
    worker: 'test',
    now,
    leaseUntil,
    carriers: [],
  } as const
  const [begun] = await claimDeliveries(belfry.ctx.db, claim)
  return begun!
}

/** It was not the time for it: no attempt was made. */
function putBack(db: Db, begun: ClaimedDelivery) {
  const settlement: Settlement = {
    ...begun,
    number: null,
    provider: '',
    outcome: null,
    code: null,
    detail: null,
    worker: 'test',
    startedAt: begun.begunAt,
    durationMs: null,
    status: null,
    reason: 'quiet_hours',
    because: 'quiet hours',
    dueAt: tomorrow(),
  }
  return settleDeliveries(db, [settlement], { now: belfry.clock.now(), worker: 'test' })
}

test('what was begun when it was forced goes out now, though its worker puts it back for its hours', async () => {
  const [id] = await waiting(['p00000'])
  const begun = await claimOne()

  const forced = await act(id!, 'force')
  await putBack(belfry.ctx.db, begun)
  const { body: story } = await belfry.ask('GET', `/notifications/${id}`)

  assert.deepEqual([forced.status, forced.body.in_flight], [409, 1])
  assert.equal(story.deliveries[0].reason, null)
  assert.ok(new Date(story.estimated_delivery_time) <= belfry.clock.now())
  const worker = belfry.work({ pollMs: 10 })
  await untilQuiet(look)
  await worker.stop()
  assert.equal(receiver.requests.length, 1)
})

test('what is being put back when it is forced goes out now', async () => {
  const [id] = await waiting(['p00000'])
  const begun = await claimOne()
  let forcing!: ReturnType<typeof act>

  await belfry.ctx.db.transaction(async (tx) => {
    await putBack(tx, begun)
    forcing = act(id!, 'force')
    await until('it waits for the lock', async () => {
      const text = `select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      return (await look.number(text)) > 0
    })
  })

  assert.equal((await forcing).status, 200)
  const text =
    'select count(*) from belfry.queue where is_forced and worker is null and due_at <= $1'
  assert.equal(await look.number(text, [belfry.clock.now()]), 1)
  await look.rows('delete from belfry.queue')
})

test('of force and cancel at once one wins: cancelled is never sent, and not cancelled is sent once', async () => {
  const random = createRandom(5)
  const everybody = Array.from({ length: 8 }, (_, i) => `p0000${i}`)
  let won = { cancel: 0, force: 0 }
  for (let round = 0; round < 25; round++) {
    const ids = await waiting(everybody, tomorrow())
    const worker = belfry.work({ pollMs: 5 })
    const answers = await Promise.all(
      ids.map(async (id) => {
        const later = async (what: string) => {
          const turns = Math.floor(random() * 12)
          for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve))
          return act(id, what)
        }
        const [force, cancel] = await Promise.all([later('force'), later('cancel')])
        return { id, force, cancel }
      }),
    )
    await untilQuiet(look)
    await worker.stop()
    const callsFor = ({ deliveries }: { deliveries: { id: string }[] }) =>
      receiver.requests.filter(({ headers }) => headers['webhook-id'] === deliveries[0]!.id).length
    for (const { id, force, cancel } of answers) {
      const { body } = await belfry.ask('GET', `/notifications/${id}`)
      const said = `force ${force.status} ${force.body.current_status}, cancel ${cancel.status}`
      if (cancel.status === 200) {
        assert.deepEqual([body.status, callsFor(body)], ['cancelled', 0], said)
        if (force.status === 409) assert.equal(force.body.current_status, 'cancelled')
        won = { ...won, cancel: won.cancel + 1 }
      } else {
        assert.deepEqual([force.status, cancel.status], [200, 409], said)
        assert.deepEqual([body.status, callsFor(body)], ['delivered', 1], said)
        won = { ...won, force: won.force + 1 }
      }
    }
  }
  assert.equal(won.cancel + won.force, 200)
  assert.ok(won.cancel > 0 && won.force > 0, JSON.stringify(won))
})
