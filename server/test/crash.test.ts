// A process is killed without warning at every step of an event's life. Another one takes over; nothing
// is lost, and nobody is told twice unless nobody could know better.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { checkConservation, duplicateCount } from './conservation.ts'
import type { Fault } from './faults.ts'
import { createLook, given, untilQuiet, type Look } from './given.ts'
import { startProcess, type BelfryProcess } from './process.ts'
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
  const retry = { attempts: 5, delay: '1s', backoff: 'fixed' }
  await given.eventType(belfry, 'order.shipped', { retry })
  await given.people(belfry, 3, receiver.url)
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

/** Another worker finds what a dead one has left, and brings it to its end. */
async function takeOver(): Promise<void> {
  belfry.clock.advance({ minutes: 10 }) // more than any lease
  const successor = belfry.work({ sweepMs: 50 })
  await untilQuiet(look)
  await successor.stop()
}

async function killed(victim: BelfryProcess): Promise<void> {
  assert.deepEqual(await victim.exited, { code: null, signal: 'SIGKILL' })
}

const died = (statement: string, when: Fault['when']): Fault[] => [
  { statement, nth: 1, when, what: 'die' },
]

// the moment, the fault, whether the request is answered 202, webhooks more than there are people
const moments: [string, Fault[], boolean, number][] = [
  ['before an event is stored', died('insert into belfry.event_queue', 'before'), false, 0],
  [
    'between storing an event and saying so',
    died('insert into belfry.event_queue', 'after'),
    false,
    0,
  ],
  [
    'between an event’s acceptance and its fan-out',
    died('insert into belfry.notifications', 'before'),
    true,
    0,
  ],
  [
    'between a fan-out and the first byte',
    died('insert into belfry.notifications', 'after'),
    true,
    0,
  ],
  [
    'between the receiver’s answer and writing it down',
    died('insert into belfry.attempts', 'before'),
    true,
    3,
  ],
  [
    'right after the outcome is written down',
    died('insert into belfry.attempts', 'after'),
    true,
    2, // one is written for sure; on a busy machine the others come with the next batch
  ],
]

for (const [moment, faults, isAnswered, duplicates] of moments) {
  test(`a process killed ${moment} loses nothing and repeats only what may have been lost`, async () => {
    const arrivedBefore = receiver.requests.length
    const duplicatesBefore = duplicateCount(receiver.requests)
    const eventsBefore = await look.number('select count(*) from belfry.events')
    const victim = await startProcess(belfry, { faults })

    const to = ['p00000', 'p00001', 'p00002']
    const asked = given.event(victim, 'order.shipped', { to, params: { b: 1, id: 2, a: 3 } })
    const answer = await asked.catch(() => null)
    await killed(victim)
    if (answer) accepted.push(answer)
    await takeOver()

    assert.equal(answer !== null, isAnswered)
    const stored = (await look.number('select count(*) from belfry.events')) - eventsBefore
    assert.equal(stored, moment === 'before an event is stored' ? 0 : 1)
    const sent = receiver.requests.length - arrivedBefore
    const repeated = duplicateCount(receiver.requests) - duplicatesBefore
    assert.equal(sent - repeated, stored * 3)
    assert.ok(repeated <= duplicates, `${repeated} webhooks came again`)
    await checkConservation(look, { accepted, receipts: receiver.requests })
  })
}

test('a process killed while a receiver is thinking sends the same again under the same id', async () => {
  const already = receiver.requests.length
  const victim = await startProcess(belfry)
  receiver.answer = () => {
    victim.kill('SIGKILL')
    return null
  }

  accepted.push(
    await given.event(victim, 'order.shipped', { to: ['p00000'], params: { z: 1, y: 2 } }),
  )
  await killed(victim)
  receiver.answer = () => ({})
  await takeOver()

  const [first, second, ...more] = receiver.requests.slice(already)
  assert.ok(first && second)
  assert.deepEqual(more, [])
  assert.equal(second.headers['webhook-id'], first.headers['webhook-id'])
  assert.equal(second.body, first.body)
  const attempts = await look.rows(
    'select number, outcome, code from belfry.attempts where delivery_id = $1 order by number',
    [first.headers['webhook-id']],
  )
  assert.deepEqual(attempts, [
    { number: 1, outcome: 'ambiguous', code: 'worker_lost' },
    { number: 2, outcome: 'delivered', code: 'http_200' },
  ])
  await checkConservation(look, { accepted, receipts: receiver.requests })
})

test('a process killed between two chunks of a broadcast leaves the rest to another one', async () => {
  await given.eventType(belfry, 'news', { channels: ['in_app'] })
  const ids = await given.people(belfry, 20_000, receiver.url)
  await given.topic(belfry, 'everybody', ids)
  const faults: Fault[] = [
    { statement: 'insert into belfry.notifications', nth: 3, when: 'before', what: 'die' },
  ]
  const victim = await startProcess(belfry, { faults })

  const event = await given.event(victim, 'news', { to: [{ topic: 'everybody' }, 'p00007'] })
  accepted.push(event)
  await killed(victim)
  const half = await look.number('select count(*) from belfry.notifications where event_id = $1', [
    event,
  ])
  await takeOver()

  assert.equal(half, 10_000)
  const told = await look.rows(
    `select count(*)::integer as count, count(distinct recipient)::integer as people,
       count(distinct content_id)::integer as texts
     from belfry.notifications where event_id = $1 and status = 'delivered'`,
    [event],
  )
  assert.deepEqual(told, [{ count: 20_000, people: 20_000, texts: 1 }])
  await checkConservation(look, { accepted, receipts: receiver.requests })
})
