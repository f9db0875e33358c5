// GET /metrics?period=: how the notifications of the last while stand, by who delivers them.
import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { after, before, test } from 'node:test'
import { startWorker } from '../src/worker/worker.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink
const host = hostname()

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.people(belfry, 20, receiver.url)
  await given.eventType(belfry, 'told', { retry: { attempts: 3, delay: '1h', backoff: 'fixed' } })
  await given.eventType(belfry, 'both', { channels: ['in_app', 'webhook'] })
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

const counted = async (query = '') => {
  const { status, body } = await belfry.ask('GET', `/metrics?period=3600${query}`)
  assert.equal(status, 200)
  return body
}

const to = (from: number, end: number) =>
  Array.from({ length: end - from }, (_, i) => `p${String(from + i).padStart(5, '0')}`)

test('before anything is made there is nothing to count', async () => {
  const { timestamp, ...counts } = await counted()

  assert.ok(Math.abs(Date.parse(timestamp) - belfry.clock.now().getTime()) < 60_000)
  assert.deepEqual(counts, { servers: {}, total: 0 })
})

test('what no worker has begun is counted where any of them may take it', async () => {
  const tomorrow = new Date(belfry.clock.now().getTime() + 86_400_000).toISOString()
  await given.event(belfry, 'told', { to: to(0, 3), scheduled_time: tomorrow })
  const worker = startWorker(belfry.ctx, { channels: ['email'], pollMs: 10 })
  await until(
    'they are planned',
    async () => (await look.number('select count(*) from belfry.queue')) === 3,
  )
  await worker.stop(1_000)

  const { servers, total } = await counted()

  assert.deepEqual(servers, {
    'webhook.worker.any': {
      channels: { webhook: { total: 3, statuses: { scheduled: 3 } } },
      total: 3,
    },
  })
  assert.equal(total, 3)
})

test('several workers of a host are counted together, each notification once however often it was tried', async () => {
  receiver.answer = ({ path }) => ({
    status: path.endsWith('9') ? 503 : path.endsWith('8') ? 400 : 200,
  })
  const other = await belfry.another()
  const workers = [belfry.ctx, other].map((ctx) => startWorker(ctx, { pollMs: 10, concurrency: 2 }))
  await given.event(belfry, 'told', { to: to(0, 20) })
  const settled = async () => (await look.number('select count(*) from belfry.attempts')) >= 20
  await until('all are tried', settled)
  belfry.clock.advance({ hours: 2 })
  await until(
    'two are tried again',
    async () => (await look.number('select count(*) from belfry.attempts where number = 2')) === 2,
  )
  await until(
    'their outcomes are known',
    async () =>
      (await look.number('select count(*) from belfry.queue where worker is not null')) === 0,
  )

  const whole = (await belfry.ask('GET', '/metrics?period=86400&server=webhook.worker.' + host))
    .body
  for (const worker of workers) await worker.stop(1_000)

  assert.deepEqual(whole.servers, {
    [`webhook.worker.${host}`]: {
      channels: { webhook: { total: 20, statuses: { delivered: 16, failed: 2, processing: 2 } } },
      total: 20,
    },
  })
  assert.equal(whole.total, 20)
})

test('only what was made within the period counts, and a channel or a server alone when asked', async () => {
  receiver.answer = () => ({})
  await look.rows('delete from belfry.queue')
  const worker = startWorker(belfry.ctx, { pollMs: 10 })
  await given.event(belfry, 'both', { to: to(0, 4) })
  await until(
    'the event is found',
    async () =>
      (await look.number('select count(*) from belfry.deliveries where status = $1', [
        'delivered',
      ])) === 20,
  )
  await untilQuiet(look)
  await worker.stop(1_000)

  const all = await counted()
  const inApp = await counted('&channel=in_app')
  const nobody = await counted('&server=webhook.worker.elsewhere')

  assert.equal(all.total, 8)
  assert.deepEqual(Object.keys(all.servers).sort(), ['in_app.worker.any', `webhook.worker.${host}`])
  assert.deepEqual(inApp.servers, {
    'in_app.worker.any': {
      channels: { in_app: { total: 4, statuses: { delivered: 4 } } },
      total: 4,
    },
  })
  assert.deepEqual(nobody.servers, {})
})

const refused = [
  'period=0',
  'period=-5',
  'period=soon',
  'period=',
  'period=90000',
  'period=1e9',
  'channel=email',
  'server=x',
  'period=60&channel=carrier_pigeon',
  'period=60&since=today',
]
for (const query of refused)
  test(`/metrics?${query} is refused, and the answer says why`, async () => {
    const { status, body } = await belfry.ask('GET', `/metrics?${query}`)

    assert.equal(status, 422)
    assert.match(body.errors[0].pointer, /^\?(period|channel|server|since)$/)
  })

test('without a period it is the Prometheus text of the process', async () => {
  const { body } = await belfry.ask('GET', '/metrics')

  assert.match(body, /^# HELP/m)
})
