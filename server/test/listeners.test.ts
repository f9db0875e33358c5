// Code that listens to events: side by side, at least once, and never in each other's way.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createBelfry, type Belfry, type BelfryOptions, type HeardEvent } from '../src/belfry.ts'
import { ApiError } from '../src/errors.ts'
import { createListeners } from '../src/listeners.ts'
import { claimRuns, insertListener, settleRun } from '../src/sql/listeners.ts'
import { createLook, given, until } from './given.ts'
import { createTestContext, testSecret } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
const dataDir = await mkdtemp(join(tmpdir(), 'belfry-listeners-'))
after(async () => {
  await look.close()
  await t.close()
  await rm(dataDir, { recursive: true, force: true })
})

const { host, port, user, database } = t.connection
const query = new URLSearchParams({
  host: String(host),
  user: String(user),
  ...(port && { port: String(port) }),
})
const options: BelfryOptions = {
  databaseUrl: `postgresql:///${database}?${query}`,
  secret: testSecret,
  dataDir,
  logLevel: 'silent',
}
const start = () => createBelfry({ ...options, roles: [] })

const say = (type: string, params: Record<string, unknown> = {}) =>
  given.event(t, type, { to: ['ana'], params })
const runsOf = async (id: string) => (await t.ask('GET', `/events/${id}`)).body.listeners
const untilEnded = (id: string, count = 1) =>
  until('its listeners have ended', async () => {
    const runs = await runsOf(id)
    return runs.filter((run: { finished_at: unknown }) => run.finished_at).length === count
  })

before(async () => {
  for (const type of ['sale', 'shipped', 'away', 'other', 'slow'])
    await given.eventType(t, type, { channels: ['in_app'] })
})

test('listeners of one event run side by side; one that fails stops no other and is told on the event', async () => {
  await using belfry = await start()
  const heard: HeardEvent[] = []
  const bothStarted = Promise.withResolvers<void>()
  await belfry.on(
    'sale',
    async (event) => {
      heard.push(event)
      await bothStarted.promise // only the other one ends this
    },
    { name: 'first' },
  )
  await belfry.on('sale', () => bothStarted.resolve(), { name: 'second' })
  const fail = () => {
    throw new TypeError('no stock')
  }
  await belfry.on('sale', fail, { name: 'third', attempts: 1 })

  const { eventId } = await belfry.trigger('sale', { n: 7 }, { to: ['ana'] })
  await untilEnded(eventId, 3)

  const runs = await runsOf(eventId)
  const told = runs.map((run: Record<string, unknown>) => [
    run['name'],
    run['status'],
    run['attempt_count'],
    run['error'],
    typeof run['duration_ms'],
    run['next_at'],
  ])
  assert.deepEqual(told, [
    ['first', 'done', 1, null, 'number', null],
    ['second', 'done', 1, null, 'number', null],
    ['third', 'failed', 1, 'TypeError: no stock', 'number', null],
  ])
  const { createdAt, ...event } = heard[0]!
  assert.ok(createdAt instanceof Date)
  assert.deepEqual(event, {
    id: eventId,
    type: 'sale',
    level: 'standard',
    params: { n: 7 },
    threadKey: null,
    replayOf: null,
    attempt: 1,
  })
  assert.equal(heard.length, 1)
})

test('what happens while nobody is there waits; what happened before anybody listened is not heard', async () => {
  const heard: unknown[] = []
  const listen = (belfry: Belfry) => belfry.on('away', ({ params }) => void heard.push(params['n']))
  await say('away', { n: 1 })
  {
    await using belfry = await start()
    await listen(belfry)
  }
  const id = await say('away', { n: 2 })
  const [waiting] = await runsOf(id)
  assert.deepEqual([waiting.name, waiting.status], ['default', 'waiting'])

  await using belfry = await start()
  await listen(belfry)
  await untilEnded(id)

  assert.deepEqual(heard, [2])
})

test('programs of one name share the events', async () => {
  await using one = await start()
  await using two = await start()
  const heard: string[] = []
  for (const belfry of [one, two])
    await belfry.on('other', ({ id }) => void heard.push(id), { name: 'shared' })

  const ids = await Promise.all(Array.from({ length: 40 }, () => say('other')))
  await until('all are heard', () => heard.length >= ids.length)
  for (const id of ids) await untilEnded(id)

  assert.deepEqual(new Set(heard), new Set(ids))
  assert.equal(heard.length, ids.length)
})

test('a listener that takes too long is told so and given up; one that ends its program each time too', async () => {
  await using belfry = await start()
  const gaveUp = Promise.withResolvers<unknown>()
  const work = async (_: HeardEvent, signal: AbortSignal) => {
    await once(signal, 'abort')
    gaveUp.resolve(signal.reason)
    await new Promise(() => {}) // never, whatever it is told
  }
  await belfry.on('slow', work, { name: 'late', attempts: 1, timeoutMs: 50 })
  const id = await say('slow')
  assert.match(String(await gaveUp.promise), /longer than 50 ms/)
  await until('it has failed', async () => {
    const runs: { name: string; status: string }[] = await runsOf(id)
    return runs.some(({ name, status }) => name === 'late' && status === 'failed')
  })

  await look.rows(
    `update belfry.listener_runs set status = 'running', due_at = now(), attempt_count = 1
     where event_id = $1 and listener = 'late'`,
    [id],
  )
  await until('it is given up', async () => {
    const runs: { name: string; error: string }[] = await runsOf(id)
    return runs.some(({ name, error }) => name === 'late' && error.includes('each time'))
  })
})

test('who forgets hears nothing more, and nothing is kept for it', async () => {
  await using belfry = await start()
  const listening = await belfry.on('sale', () => {}, { name: 'gone' })
  await listening.forget()

  const id = await say('sale')

  const runs: { name: string }[] = await runsOf(id)
  assert.ok(!runs.some(({ name }) => name === 'gone'))
})

test('a replay is heard again, and says of what it is one', async () => {
  t.work()
  const listeners = createListeners(t.ctx, 1)
  const heard: (string | null)[] = []
  await listeners.on('other', ({ replayOf }) => void heard.push(replayOf), { name: 'replays' })
  const { body } = await t.ask(
    'POST',
    '/events',
    { type: 'other', to: ['ana'] },
    { prefer: 'wait=20' },
  )
  await t.ask('POST', `/events/${body.event_id}/replay`)
  await until('both are heard', () => heard.length === 2)
  await listeners.stop()

  assert.deepEqual(heard, [null, body.event_id])
})

test('who listens to what there is not, or twice by one name, is refused', async () => {
  await using belfry = await start()
  await belfry.on('sale', () => {})

  await assert.rejects(
    belfry.on('sail', () => {}),
    (error) => error instanceof ApiError && /Did you mean "sale"/.test(error.message),
  )
  await assert.rejects(
    belfry.on('sale', () => {}),
    /another name/,
  )
  await assert.rejects(
    belfry.on('sale', () => {}, { name: '' }),
    /1 to 200 characters/,
  )
  await assert.rejects(
    belfry.on('sale', () => {}, { name: 'x', attempts: 0 }),
    /attempts must be/,
  )
})

test('an event that nobody listens to leaves no row', async () => {
  await given.eventType(t, 'unheard', { channels: ['in_app'] })
  const before = await look.number('select count(*) from belfry.listener_runs')

  const id = await say('unheard')

  assert.deepEqual(await runsOf(id), [])
  assert.equal(await look.number('select count(*) from belfry.listener_runs'), before)
})

// From here on the clock of `t` is ahead of those of other programs.
test('what failed is tried again', async () => {
  const listeners = createListeners(t.ctx, 1)
  const attempts: number[] = []
  const work = ({ attempt }: HeardEvent) => {
    attempts.push(attempt)
    if (attempt < 3) throw new Error(`not yet: ${attempt}`)
  }
  await listeners.on('shipped', work)
  const id = await say('shipped')

  for (const attempt of [1, 2]) {
    await until('an attempt has failed', async () => {
      const [run] = await runsOf(id)
      return run.attempt_count === attempt && run.status === 'waiting'
    })
    const [run] = await runsOf(id)
    assert.equal(run.error, `Error: not yet: ${attempt}`)
    assert.ok(run.next_at)
    t.clock.advance({ minutes: 1 })
  }
  await untilEnded(id)
  await listeners.stop()

  assert.deepEqual(attempts, [1, 2, 3])
  const [run] = await runsOf(id)
  assert.deepEqual([run.status, run.error], ['done', 'Error: not yet: 2'])
})

test('a run whose program died is done by another, and the dead one changes nothing any more', async () => {
  const key = { workspaceId: 1, type: 'slow', name: 'labels' }
  const listeners = createListeners(t.ctx, 1)
  await insertListener(t.ctx.db, key)
  const id = await say('slow')
  const now = t.ctx.clock.now()
  const claim = {
    ...key,
    limit: 10,
    worker: 'dead',
    now,
    leaseUntil: new Date(now.getTime() + 5_000),
  }
  const [dead] = await claimRuns(t.ctx.db, claim)
  assert.equal(dead?.event, id)
  assert.deepEqual(await claimRuns(t.ctx.db, claim), [], 'not while its lease lasts')

  t.clock.advance({ minutes: 1 })
  await listeners.on('slow', () => {}, { name: 'labels' })
  await untilEnded(id)
  const end = { workspaceId: 1, eventId: id, listener: 'labels', epoch: 1, durationMs: 1, now }
  const late = await settleRun(t.ctx.db, { ...end, status: 'failed', error: 'late', dueAt: null })
  await listeners.stop()

  assert.equal(late, false)
  const [run] = await runsOf(id)
  assert.deepEqual([run.status, run.attempt_count, run.error], ['done', 2, null])
})
