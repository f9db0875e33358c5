// Channels are paused, resumed and slowed down while they work, through any process and for all of them.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { startWorker, type Worker } from '../src/worker/worker.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createKey, createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink
let other: TestContext['ctx']
let elsewhere: Worker
const people = 30

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.eventType(belfry, 'told')
  await given.topic(belfry, 'all', await given.people(belfry, people, receiver.url))
  await given.webhooks(belfry)
  // The API of one process, and the worker of another.
  other = await belfry.another()
  elsewhere = startWorker(other, { pollMs: 10 })
})

afterEach(async () => {
  await belfry.ask('PATCH', '/channels/webhook', { paused: false })
  await work({ concurrency: null, rate_limit: null })
  await untilQuiet(look)
  receiver.answer = () => ({})
})

after(async () => {
  await elsewhere.stop()
  await look.close()
  await receiver.close()
  await belfry.close()
})

const broadcast = () => given.event(belfry, 'told', { to: [{ topic: 'all' }] })
const webhook = async () => {
  const { body } = await belfry.ask('GET', '/channels')
  return body.channels.find(({ channel }: { channel: string }) => channel === 'webhook')
}

/** Changes how it is worked, and waits until the other process has heard of it. */
async function work(change: Record<string, unknown>) {
  const answer = await belfry.ask('PATCH', '/channels/webhook', change)
  const { status, concurrency, rate_limit: limit } = answer.body
  await until('the other process has heard of it', () => {
    const known = other.channelControls.of('webhook')
    const isSame =
      known.isPaused === (status === 'paused') && known.perSecond === (limit?.per_second ?? null)
    return isSame && known.concurrency === concurrency
  })
  return answer
}

test('what comes while a channel is paused waits, visibly, and goes when it is resumed', async () => {
  const { status, body: paused } = await work({ paused: true, reason: 'the gateway is moved' })
  const before = receiver.requests.length
  await broadcast()
  await until(
    'all of it waits',
    async () => (await look.number('select count(*) from belfry.queue')) >= people,
  )
  const waiting = await webhook()
  const { body: one } = await belfry.ask('GET', '/notifications?recipient_id=p00001&limit=1')
  const { body: told } = await belfry.ask('GET', `/notifications/${one.notifications[0].id}`)
  const { body: resumed } = await belfry.ask('PATCH', '/channels/webhook', { paused: false })
  await untilQuiet(look)

  assert.deepEqual([status, paused.status, paused.reason], [200, 'paused', 'the gateway is moved'])
  assert.ok(waiting.waiting >= people && waiting.oldest_age_seconds >= 0, JSON.stringify(waiting))
  assert.deepEqual(
    [waiting.status, resumed.status === 'paused', resumed.reason],
    ['paused', false, null],
  )
  assert.match(
    told.trace.at(-1).because,
    /^webhook is paused \(the gateway is moved\); it goes on when it is resumed$/,
  )
  assert.ok(receiver.requests.length - before >= people)
  const attempts = await look.rows('select distinct number from belfry.attempts')
  assert.deepEqual(attempts, [{ number: 1 }])
})

test('how many attempts there are at once can be changed while they are made', async () => {
  const ends: (() => void)[] = []
  receiver.answer = (_request, response) => {
    ends.push(() => response.end())
    return null
  }
  await work({ concurrency: 2 })
  await broadcast()
  await until('both places are taken', () => ends.length === 2)
  await until(
    'the others wait',
    async () => (await look.number('select count(*) from belfry.queue')) === people,
  )
  const two = await look.number('select count(*) from belfry.queue where worker is not null')

  await belfry.ask('PATCH', '/channels/webhook', { concurrency: 5 })
  await until('there are five', () => ends.length === 5)
  const five = await look.number('select count(*) from belfry.queue where worker is not null')
  receiver.answer = () => ({})
  ends.forEach((end) => end())

  assert.deepEqual([two, five], [2, 5])
})

test('a channel keeps to its limit in all processes together, and what waits uses up no attempt', async () => {
  const perSecond = 20
  const { body } = await work({ rate_limit: { per_second: perSecond } })
  belfry.work({ pollMs: 10 })
  const before = receiver.requests.length

  const begunAt = Date.now()
  await broadcast()
  await receiver.waitFor(before + people)
  const tookMs = receiver.requests.at(-1)!.at.getTime() - begunAt
  await untilQuiet(look)

  assert.deepEqual(body.rate_limit, { per_second: perSecond })
  const burst = perSecond / 5
  assert.ok(tookMs >= ((people - burst) / perSecond) * 1_000 * 0.9, `sent after ${tookMs} ms`)
  const attempts = await look.rows('select distinct number from belfry.attempts')
  assert.deepEqual(attempts, [{ number: 1 }])
})

test('with another limit nobody waits for the turn that the old one gave them', async () => {
  await work({ rate_limit: { per_second: 0.01 } })
  const before = receiver.requests.length
  await broadcast()
  await until('they wait for their turns', async () => {
    const count = await look.number(`select count(*) from belfry.deliveries d
      join belfry.queue q on q.delivery_id = d.id where d.reason = 'rate_limited' and q.worker is null`)
    return count >= people - 1
  })
  await belfry.ask('PATCH', '/channels/webhook', { rate_limit: null })
  await receiver.waitFor(before + people)

  await untilQuiet(look)
})

test('a provider that takes nothing takes no places of its channel', async () => {
  const { body } = await belfry.ask('GET', '/providers')
  const [provider] = body.providers
  await work({ rate_limit: { per_second: 0.01 } })
  await look.rows('delete from belfry.paces')
  await belfry.ask('POST', `/providers/${provider.id}/pause`)
  await until('the other process has heard of it', () => {
    const known = other.providers.byId(provider.id)
    return known !== null && other.breakers.phaseOf(known, belfry.clock.now()) === 'paused'
  })
  await broadcast()
  await until(
    'all of them wait for it',
    async () => (await look.number('select count(*) from belfry.queue where is_held')) === people,
  )
  const places = await look.number('select count(*) from belfry.paces')
  await belfry.ask('PATCH', '/channels/webhook', { rate_limit: null })
  await belfry.ask('POST', `/providers/${provider.id}/resume`)

  assert.equal(places, 0)
})

test('what is of all workspaces is for keys of the first one', async () => {
  const { id } = (await insertWorkspace(belfry.ctx.db, { key: 'theirs', name: 'Theirs' }))!
  const authorization = `Bearer ${await createKey(belfry.ctx, ['*'], id)}`

  const refused = await belfry.ask('PATCH', '/channels/sms', { paused: true }, { authorization })
  const changed = await belfry.ask('PATCH', '/channels/sms', { concurrency: 1 }, { authorization })
  const seen = await belfry.ask('GET', '/channels', undefined, { authorization })

  const workers = await belfry.ask('GET', '/workers', undefined, { authorization })

  assert.deepEqual(
    [refused, changed, seen, workers].map(({ status }) => status),
    [403, 403, 403, 403],
  )
  assert.match(refused.body.detail, /all workspaces: use a key of the first one/)
  assert.equal((await webhook()).concurrency, null)
})

// what is sent, and the field that is named
const nonsense: [string, unknown, string | null][] = [
  ['/channels/webhook', { concurrency: 0 }, '/concurrency'],
  ['/channels/webhook', { concurrency: 1.5 }, '/concurrency'],
  ['/channels/webhook', { concurrency: 5_000 }, '/concurrency'],
  ['/channels/webhook', { rate_limit: { per_second: 0 } }, '/rate_limit/per_second'],
  ['/channels/webhook', { rate_limit: 5 }, '/rate_limit'],
  ['/channels/webhook', { speed: 5 }, '/speed'],
  ['/channels/webhook', { reason: 'why' }, '/reason'],
  ['/channels/webhook', { paused: false, reason: 'why' }, '/reason'],
  ['/channels/webhook', { paused: 'yes' }, '/paused'],
  ['/channels/in_app', { concurrency: 5 }, null],
  ['/channels/pigeon', { concurrency: 5 }, null],
]
for (const [url, body, pointer] of nonsense)
  test(`PATCH ${url} ${JSON.stringify(body)} is refused, and nothing changes`, async () => {
    const answer = await belfry.ask('PATCH', url, body)

    assert.ok([400, 422].includes(answer.status), JSON.stringify(answer.body))
    if (pointer !== null)
      assert.ok(
        answer.body.errors.some((error: { pointer: string }) => error.pointer === pointer),
        JSON.stringify(answer.body),
      )
    const { concurrency, rate_limit } = await webhook()
    assert.deepEqual([concurrency, rate_limit], [null, null])
  })
