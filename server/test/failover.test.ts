// Several providers of a channel: what one could not take goes to the next at once, what one may have taken
// stays with it, and one that keeps failing is left alone until it is well again.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import type { Phase } from '../src/domain/provider-health.ts'
import { createLook, given, until, type Look } from './given.ts'
import { createHttpSink, type HttpAnswer, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
const sinks: Record<string, HttpSink> = {}
const ids: Record<string, string> = {}

const down: HttpAnswer = () => ({ status: 503 })
const well: HttpAnswer = () => ({})
/** Takes the message, and hangs up without a word. */
const drops: HttpAnswer = (_request, response) => {
  response.destroy()
  return null
}

async function provider(name: string, fields: Record<string, unknown>): Promise<void> {
  const sink = (sinks[name] = await createHttpSink())
  const body = { channel: 'webhook', kind: 'webhook', name, settings: { url: sink.url } }
  const answer = await belfry.ask('POST', '/providers', { ...body, ...fields })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  ids[name] = answer.body.id
}

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  await provider('first', { priority: 1 })
  await provider('spare', { priority: 2 })
  const retry = { attempts: 4, delay: '10s', backoff: 'fixed' }
  await given.eventType(belfry, 'told', { retry })
  await given.eventType(belfry, 'urgent', { retry, level: 'critical' })
  await given.people(belfry, 1, 'https://ignored.example')
  belfry.work({ pollMs: 10, healthMs: 10 })
})

afterEach(async () => {
  for (const sink of Object.values(sinks)) sink.answer = well
  for (const id of Object.values(ids)) await belfry.ask('POST', `/providers/${id}/resume`)
})

after(async () => {
  for (const sink of Object.values(sinks)) await sink.close()
  await look.close()
  await belfry.close()
})

const send = (type = 'told') => given.event(belfry, type, { to: ['p00000'] })

/** How many requests of this delivery each provider got. */
const requestsOf = (key: string) =>
  Object.values(sinks).map(
    ({ requests }) => requests.filter(({ headers }) => headers['webhook-id'] === key).length,
  )

async function deliveryOf(event: string) {
  const [row] = await look.rows(
    `select d.id, d.status, d.reason, d.notification_id, q.is_held, q.worker is null and q.due_at is not null as waits,
       array(select a.provider || ' ' || a.outcome from belfry.attempts a
         where a.workspace_id = d.workspace_id and a.delivery_id = d.id order by number) as attempts
     from belfry.notifications n
     join belfry.deliveries d on d.workspace_id = n.workspace_id and d.notification_id = n.id
     left join belfry.queue q on q.delivery_id = d.id
     where n.event_id = $1`,
    [event],
  )
  return row ?? { attempts: [] }
}

async function ended(event: string) {
  await until('it has ended', async () => {
    const { status = 'processing' } = await deliveryOf(event)
    return status !== 'processing' && status !== 'scheduled'
  })
  return deliveryOf(event)
}

async function traceOf(event: string): Promise<string> {
  const { notification_id: id } = await deliveryOf(event)
  const { body } = await belfry.ask('GET', `/notifications/${id}`)
  return body.trace
    .map((entry: Record<string, string>) => `${entry['decision']}: ${entry['because']}`)
    .join('\n')
}

/** Until those who send have heard of it, too. */
const untilPhase = (name: string, phase: Phase) =>
  until(`${name} is ${phase}`, async () => {
    const { ctx } = belfry
    const provider = ctx.providers.byId(ids[name]!)
    const isKnown = provider && ctx.breakers.phaseOf(provider, belfry.clock.now()) === phase
    return isKnown === true && (await healthOf(name)).state === phase
  })

async function healthOf(name: string) {
  const { body } = await belfry.ask('GET', `/providers/${ids[name]}`)
  return body.health
}

test('what the first one could not take goes to the next one at once, and the trace says so', async () => {
  sinks['first']!.answer = down

  const event = await send()
  const delivery = await ended(event)

  assert.deepEqual(delivery.attempts, ['first retry', 'spare delivered'])
  assert.deepEqual(requestsOf(delivery.id), [1, 1])
  assert.match(await traceOf(event), /through spare: first could not take it just before/)
  const { body: metrics } = await belfry.ask('GET', '/metrics')
  assert.match(metrics, /belfry_failovers_total\{channel="webhook"\} 1/)
})

test('when all of them could not take it, it waits for its next round, which begins with the first', async () => {
  sinks['first']!.answer = down
  sinks['spare']!.answer = down
  const event = await send()
  await until('both were asked', async () => (await deliveryOf(event)).attempts.length === 2)
  await until('it waits', async () => (await deliveryOf(event)).waits)
  sinks['first']!.answer = well

  belfry.clock.advance({ seconds: 10 })
  const delivery = await ended(event)

  assert.deepEqual(delivery.attempts, ['first retry', 'spare retry', 'first delivered'])
})

test('what one may have taken stays with it, also when it fails or is paused afterwards', async () => {
  sinks['first']!.answer = drops
  const event = await send()
  await until('it was tried once', async () => (await deliveryOf(event)).attempts.length === 1)
  sinks['first']!.answer = down
  await until('it waits', async () => (await deliveryOf(event)).waits)
  belfry.clock.advance({ seconds: 10 })
  await until('it was tried again', async () => (await deliveryOf(event)).attempts.length === 2)
  await until('it waits again', async () => (await deliveryOf(event)).waits)
  sinks['first']!.answer = well
  await belfry.ask('POST', `/providers/${ids['first']}/pause`)
  belfry.clock.advance({ seconds: 10 })
  await until('it waits for its provider', async () => (await deliveryOf(event)).is_held === true)
  await belfry.ask('POST', `/providers/${ids['first']}/resume`)
  const delivery = await ended(event)

  assert.deepEqual(delivery.attempts, ['first ambiguous', 'first retry', 'first delivered'])
  assert.deepEqual(requestsOf(delivery.id), [3, 0])
  assert.match(await traceOf(event), /through first: it stays with first, which may have taken/)
})

test('a critical one goes on at once where that was allowed, at the risk of coming twice', async () => {
  sinks['first']!.answer = drops
  const change = (on: boolean) =>
    belfry.ask('PATCH', `/providers/${ids['first']}`, { critical_may_double: on })

  await change(true)
  const critical = await ended(await send('urgent'))
  const usual = await send()
  await until('it was tried once', async () => (await deliveryOf(usual)).attempts.length === 1)
  await until('it waits', async () => (await deliveryOf(usual)).waits)
  await change(false)

  assert.deepEqual(critical.attempts, ['first ambiguous', 'spare delivered'])
  assert.deepEqual((await deliveryOf(usual)).attempts, ['first ambiguous'])
})

test('a provider that fails again and again is left alone, tried, and trusted step by step', async () => {
  sinks['first']!.answer = down
  for (let i = 0; i < 10; i++) await ended(await send())
  await untilPhase('first', 'open')
  const { requests } = sinks['first']!
  const countBefore = requests.length

  const through = await send()
  const other = await ended(through)

  assert.deepEqual(other.attempts, ['spare delivered'])
  assert.equal(requests.length, countBefore)
  assert.match(await traceOf(through), /through spare: first is paused by its breaker/)
  const health = await healthOf('first')
  assert.match(health.reason, /^\d+ failed of its last \d+ attempts, http_503$/)
  assert.ok(Date.parse(health.next_probe_at) > Date.parse(health.since))

  sinks['first']!.answer = well
  belfry.clock.advance({ seconds: 31 })
  await until('it was tried, and is closed again', async () => {
    await ended(await send())
    return (await healthOf('first')).state === 'recovering'
  })
  belfry.clock.advance({ minutes: 15 })
  await untilPhase('first', 'closed')
  assert.deepEqual((await ended(await send())).attempts, ['first delivered'])
})

test('without another one they wait, visibly, and go as soon as it is resumed', async () => {
  for (const name of ['first', 'spare']) {
    const { status, body } = await belfry.ask('POST', `/providers/${ids[name]}/pause`, {
      reason: 'maintenance',
    })
    assert.deepEqual(
      [status, body.health.state, body.health.reason],
      [200, 'paused', 'maintenance'],
    )
    await untilPhase(name, 'paused')
  }
  const { body: metrics } = await belfry.ask('GET', '/metrics')
  assert.match(metrics, /belfry_provider_circuit_state\{channel="webhook",provider="spare"\} 4/)
  const event = await send()
  await until('it waits for its provider', async () => (await deliveryOf(event)).is_held === true)

  assert.equal((await healthOf('first')).waiting + (await healthOf('spare')).waiting, 1)
  assert.match(await traceOf(event), /waits: its provider is paused/)
  assert.deepEqual(await deliveryOf(event), { ...(await deliveryOf(event)), attempts: [] })

  await belfry.ask('POST', `/providers/${ids['spare']}/resume`)

  const delivery = await ended(event)
  assert.deepEqual(delivery.attempts, ['spare delivered'])
  assert.match(await traceOf(event), /through spare: first is paused by hand/)
})

test('what is bound to a provider that was taken away ends as unknown', async () => {
  sinks['first']!.answer = drops
  const event = await send()
  await until('it was tried once', async () => (await deliveryOf(event)).attempts.length === 1)
  await until('it waits', async () => (await deliveryOf(event)).waits)

  await belfry.ask('PATCH', `/providers/${ids['first']}`, { enabled: false })
  belfry.clock.advance({ seconds: 10 })
  const delivery = await ended(event)
  await belfry.ask('PATCH', `/providers/${ids['first']}`, { enabled: true })

  assert.deepEqual([delivery.status, delivery.reason], ['unknown', 'provider_gone'])
  assert.deepEqual(delivery.attempts, ['first ambiguous'])
})
