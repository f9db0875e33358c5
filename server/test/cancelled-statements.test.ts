// What PostgreSQL refuses for a reason that passes delays events and outcomes, and loses none: an operator
// cancels a statement, a role has a time limit, a table is away for a moment.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { checkConservation } from './conservation.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
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
  await given.eventType(belfry, 'order', { retry: { attempts: 5, delay: '1s', backoff: 'fixed' } })
  await given.people(belfry, 5, receiver.url)
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

const waitingFor = (statement: string) => `from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and query like '%${statement}%'`

/** Locks a table as a backup or a new index does; answers how to let go. */
async function lock(table: string): Promise<() => Promise<void>> {
  const other = new pg.Client(belfry.connection)
  await other.connect()
  await other.query(`begin; lock table belfry.${table} in share mode`)
  return async () => {
    await other.query('commit')
    await other.end()
  }
}

/** Cancels the statement that waits for a lock, as many times as it is tried. */
async function cancelStatement(statement: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++)
    await until(`it is tried for the ${i + 1}. time, and cancelled`, async () => {
      const rows = await look.rows(`select pg_cancel_backend(pid) ${waitingFor(statement)}`)
      await new Promise((resolve) => setTimeout(resolve, 30)) // until PostgreSQL has done so
      return rows.length > 0
    })
}

const eventOf = async (id: string) =>
  (await look.rows('select status, error from belfry.events where id = $1', [id]))[0]

test('an event whose people could not be found, because the statement was cancelled, is only late', async () => {
  const release = await lock('notifications')
  const worker = belfry.work()
  const event = await given.event(belfry, 'order', { to: ['p00000'] })

  await cancelStatement('chunk as', 2)
  const postponed = 'select count(*) from belfry.event_queue where failure_count = 1'
  await until('it waits', async () => (await look.number(postponed)) === 1)
  await release()
  belfry.clock.advance({ seconds: 2 })
  await untilQuiet(look)
  await worker.stop()

  assert.deepEqual(await eventOf(event), { status: 'processed', error: null })
  await checkConservation(look, { accepted: [event], receipts: receiver.requests })
})

test('an outcome is not lost when the statement that stores it is cancelled: nothing is sent twice', async () => {
  const release = await lock('attempts')
  const worker = belfry.work({ sweepMs: 50 })
  const already = receiver.requests.length
  const event = await given.event(belfry, 'order', { to: ['p00001'] })
  await receiver.waitFor(already + 1)

  await cancelStatement('with input as', 3)
  await release()
  await untilQuiet(look)
  await worker.stop()

  assert.equal(receiver.requests.length, already + 1)
  await checkConservation(look, { accepted: [event], receipts: receiver.requests })
})

test('a table that is not there for a moment delays events, each longer, and ends none', async () => {
  await look.rows('alter table belfry.contents rename to contents_away')
  const worker = belfry.work()
  const event = await given.event(belfry, 'order', { to: ['p00002'] })
  const failures = 'select coalesce(max(failure_count), 0) from belfry.event_queue'

  for (const count of [1, 2, 3]) {
    await until(`it has failed ${count} times`, async () => (await look.number(failures)) === count)
    belfry.clock.advance({ seconds: 2 ** count })
  }
  await look.rows('alter table belfry.contents_away rename to contents')
  belfry.clock.advance({ seconds: 60 })
  await untilQuiet(look)
  await worker.stop()

  assert.deepEqual(await eventOf(event), { status: 'processed', error: null })
})

test('an event that cannot be stored fails in our own words, and its neighbours do not', async () => {
  await look.rows(
    `alter table belfry.notifications add constraint no_p3 check (recipient <> 'p00003')`,
  )
  const [bad, good] = [
    await given.event(belfry, 'order', { to: ['p00003'] }),
    await given.event(belfry, 'order', { to: ['p00004'] }),
  ]
  const worker = belfry.work()
  await untilQuiet(look)
  await worker.stop()
  await look.rows('alter table belfry.notifications drop constraint no_p3')

  assert.deepEqual(await eventOf(bad), {
    status: 'failed',
    error: 'Something in it cannot be stored; the log says what.',
  })
  assert.deepEqual(await eventOf(good), { status: 'processed', error: null })
  const logged = belfry.logged.find(({ eventId }) => eventId === bad)
  assert.match(JSON.stringify(logged), /no_p3/)
})
