// The same small story again and again, each time with another statement to PostgreSQL failing, until
// none is left that could fail. Whichever it was: the story ends well.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { checkConservation } from './conservation.ts'
import { armFaults, type Fault } from './faults.ts'
import { createLook, given, until, type Look } from './given.ts'
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
  await given.eventType(belfry, 'order', {
    channels: ['in_app', 'webhook'],
    retry: { attempts: 5, delay: '1s', backoff: 'fixed' },
  })
  const body = { to: '{{ subscriber.id }}' }
  await given.template(belfry, 'order', 'webhook', { body })
  await given.people(belfry, 3, receiver.url)
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

/** One event and one direct message, asked for until they are accepted. */
async function tell(story: string): Promise<void> {
  const requests: [string, unknown][] = [
    ['/events', { type: 'order', to: ['p00000', 'p00001'], params: { story } }],
    ['/notifications', { to: ['p00002'], channels: ['webhook'], message: story }],
  ]
  for (const [url, body] of requests)
    await until(`${url} is accepted`, async () => {
      const headers = { 'idempotency-key': `${story}${url}` }
      const answer = await belfry.ask('POST', url, body, headers)
      assert.ok(
        [202, 503].includes(answer.status),
        `${answer.status} ${JSON.stringify(answer.body)}`,
      )
      if (answer.body.event_id) accepted.push(answer.body.event_id)
      return answer.status === 202
    })
}

/** Waits for the end, and lets time pass when something waits for its lease to be over. */
async function toItsEnd(): Promise<void> {
  let looks = 0
  await until('the story has ended', async () => {
    if (++looks % 20 === 0) belfry.clock.advance({ minutes: 1 })
    const queues =
      'select (select count(*) from belfry.queue) + (select count(*) from belfry.event_queue)'
    return (await look.number(queues)) === 0
  })
}

const faults: [string, Pick<Fault, 'when' | 'what'>][] = [
  ['fails before it is sent', { when: 'before', what: 'cut' }],
  ['is carried out, and the answer is lost', { when: 'after', what: 'cut' }],
]
for (const [what, how] of faults) {
  test(`whichever statement ${what}, everything accepted ends, and nothing is repeated without a reason`, async () => {
    let nth = 0
    let hasFired = true
    while (hasFired) {
      nth++
      assert.ok(nth < 200, 'the story never ends untouched')
      // A worker of its own, so that each round starts at the same point.
      const worker = belfry.work({ pollMs: 60_000, sweepMs: 30, channels: ['webhook'] })
      belfry.ctx.signals.ring('belfry_config')
      const armed = armFaults([{ statement: 'belfry.', nth, ...how }], isOurs)
      await tell(`${what.slice(0, 2)}-${nth}`.replaceAll(' ', ''))
      hasFired = armed.fired > 0
      const endless = setInterval(() => {
        belfry.ctx.signals.ring('belfry_events')
        belfry.ctx.signals.ring('belfry_deliveries')
      }, 50)
      await toItsEnd()
      clearInterval(endless)
      hasFired = armed.fired > 0
      armed.disarm()
      await worker.stop()
      await checkConservation(look, { accepted, receipts: receiver.requests })
    }
    assert.ok(nth > 8, `only ${nth} statements were tried`)
  })
}

/** Not what the test itself looks at, and not what the sweeps ask all the time. */
function isOurs(text: string): boolean {
  return !/select count\(\*\) from belfry\.queue\)|e\.recipient_count|and q\.is_begun and|analyze belfry/.test(
    text,
  )
}

test('an attempt whose text could not be read is not counted: nothing had been sent', async () => {
  const event = await given.event(belfry, 'order', { to: ['p00000'] })
  const idle = belfry.work({ channels: [] })
  const fannedOut = 'select count(*) from belfry.event_queue'
  await until('it waits to be claimed', async () => (await look.number(fannedOut)) === 0)
  await idle.stop()
  const statement = 'belfry.contents c on c.workspace_id = w.'
  const armed = armFaults([{ statement, nth: 1, when: 'before', what: 'cut' }])

  const worker = belfry.work({ pollMs: 10 })
  await until('it has ended', async () => {
    const { body } = await belfry.ask('GET', `/notifications?event_id=${event}`)
    return body.notifications[0].status === 'delivered'
  })
  armed.disarm()
  await worker.stop()
  accepted.push(event)

  const attempts = await look.rows(
    `select a.number, a.outcome from belfry.notifications n
     join belfry.deliveries d on d.workspace_id = n.workspace_id and d.notification_id = n.id
     join belfry.attempts a on a.workspace_id = d.workspace_id and a.delivery_id = d.id
     where n.event_id = $1`,
    [event],
  )
  assert.equal(armed.fired, 1)
  assert.deepEqual(attempts, [{ number: 1, outcome: 'delivered' }])
  await checkConservation(look, { accepted, receipts: receiver.requests })
})
