// Providers that may be given only so much in a time: all processes together keep to it, and what waits for its
// place uses up no attempt.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ActiveProvider } from '../src/providers.ts'
import { Paces } from '../src/paces.ts'
import { startWorker } from '../src/worker/worker.ts'
import { createLook, given, untilQuiet, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink

const perSecond = 20
const burst = 4 // a fifth of a second

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

const start = new Date('2026-06-01T12:00:00Z')
const later = (ms: number) => new Date(start.getTime() + ms)
const limited = (id: string, pace: ActiveProvider['pace']) =>
  ({ workspaceId: 1, id, pace }) as ActiveProvider

/** Each process asks for so many places at once; when those who got none are to come back. */
async function ask(provider: ActiveProvider, count: number, now: Date, isUrgent = false) {
  const processes = [new Paces(belfry.ctx.db), new Paces(belfry.ctx.db)]
  const asked = processes.flatMap((paces) =>
    Array.from({ length: count }, (_, i) =>
      paces.placeFor(provider, { address: `chat-${i}`, isUrgent, now }),
    ),
  )
  const places = await Promise.all(asked)
  return {
    now: places.filter((at) => at === null).length,
    later: places.filter((at) => at !== null),
  }
}

test('two processes give a provider no more than its limit, however they ask', async () => {
  const provider = limited('a', { all: perSecond })

  const first = await ask(provider, 10, start)
  const second = await ask(provider, 10, later(100))
  const third = await ask(provider, 10, later(60_000))

  assert.deepEqual([first.now, second.now, third.now], [burst, 2, burst])
  const places = first.later.map((at) => at.getTime() - start.getTime())
  assert.ok(Math.min(...places) >= 50, 'nobody comes back before there is a place')
  assert.ok(Math.max(...places) <= 1_000, 'nor long after')
  assert.ok(new Set(places).size >= 5, 'and not all at the same time')
})

test('what is urgent takes the next place, whoever waits', async () => {
  const provider = limited('b', { all: 1 })
  await ask(provider, 50, start)

  const urgent = await ask(provider, 1, later(10), true)

  assert.deepEqual(
    new Set(urgent.later.map((at) => at.getTime() - start.getTime())),
    new Set([1_050]),
  )
})

test('one address has its turns, and holds up no other', async () => {
  const provider = limited('c', { address: 1 })

  const first = await ask(provider, 10, start)
  const second = await ask(provider, 10, later(999))
  const third = await ask(provider, 10, later(1_000))

  assert.deepEqual([first.now, second.now, third.now], [10, 0, 10])
})

test('through two processes a broadcast goes out at the pace of its provider, each with one attempt', async () => {
  const count = 30
  const body = {
    channel: 'webhook',
    kind: 'webhook',
    name: 'slow',
    settings: { url: receiver.url },
  }
  const limit = { rate_limit: { per_second: perSecond } }
  const { status, body: made } = await belfry.ask('POST', '/providers', { ...body, ...limit })
  assert.deepEqual([status, made.rate_limit], [201, limit.rate_limit])
  await given.eventType(belfry, 'told')
  await given.topic(belfry, 'all', await given.people(belfry, count, 'https://ignored.example'))
  const other = startWorker(await belfry.another(), { pollMs: 10 })
  belfry.work({ pollMs: 10 })

  const begunAt = Date.now()
  await given.event(belfry, 'told', { to: [{ topic: 'all' }] })
  await receiver.waitFor(count)
  const tookMs = receiver.requests.at(-1)!.at.getTime() - begunAt
  await untilQuiet(look)
  await other.stop()

  assert.ok(tookMs >= ((count - burst) / perSecond) * 1_000, `all were sent after ${tookMs} ms`)
  const ends = await look.rows(
    'select status, reason, attempt_count, count(*)::integer from belfry.deliveries group by 1, 2, 3',
  )
  assert.deepEqual(ends, [{ status: 'delivered', reason: null, attempt_count: 1, count }])
})

test('the place of a provider among others is checked, shown, and kept in the catalog', async () => {
  const body = { channel: 'sms', kind: 'sandbox', name: 'texts', settings: {} }
  const refused = { rate_limit: { per_second: 0 }, weight: 0, critical_may_double: 'yes' }
  for (const [field, value] of Object.entries(refused)) {
    const { status, body: answer } = await belfry.ask('POST', '/providers', {
      ...body,
      [field]: value,
    })
    assert.equal(status, 422, field)
    assert.ok(answer.errors[0].pointer.startsWith(`/${field}`), answer.errors[0].pointer)
  }
  const rank = {
    priority: 2,
    weight: 3,
    rate_limit: { per_second: 2.5 },
    critical_may_double: true,
  }

  const { body: made } = await belfry.ask('POST', '/providers', { ...body, ...rank })
  const { body: catalog } = await belfry.ask('GET', '/catalog')
  const { body: without } = await belfry.ask('PATCH', `/providers/${made.id}`, { rate_limit: null })

  assert.deepEqual({ ...made, ...rank }, made)
  assert.deepEqual(catalog.catalog.providers.sms.texts, { kind: 'sandbox', ...rank, settings: {} })
  assert.deepEqual([without.rate_limit, without.weight], [null, 3])
})
