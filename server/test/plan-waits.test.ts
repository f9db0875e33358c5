// While a plan waits, the world goes on: people read, wish and leave, plans and templates are edited, time runs
// out. What waits keeps the plan and the texts it began with; what people want is asked again at each step.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { given, until } from './given.ts'
import { createPlanStory, type PlanStory } from './plan-story.ts'

let story: PlanStory

before(async () => {
  story = await createPlanStory()
})

after(() => story.close())

afterEach(async () => {
  await story.check()
  story.begin()
})

const later = [{ wait: { for: '1h' } }, { send: ['webhook'] }]
const pass = () => story.belfry.clock.advance({ minutes: 61 })
const texts = () => story.received().map(({ body }) => JSON.parse(body))

for (const [done, unless, isOver] of [
  ['seen', 'seen', true],
  ['read', 'seen', true],
  ['read', 'read', true],
  ['acknowledge', 'read', true],
  ['acknowledge', 'acknowledged', true],
  ['seen', 'read', false],
  ['read', 'acknowledged', false],
] as const)
  test(`a wait unless ${unless} ${isOver ? 'is over at once' : 'begins all the same'} after ${done} in an earlier step`, async () => {
    const type = `${done}.${unless}`
    await story.plan(type, [
      { send: ['in_app'] },
      { wait: { for: '1h' } },
      { wait: { for: '2d', unless } },
      { send: ['webhook'] },
    ])
    const event = await story.happens(type, 'p00000')

    assert.equal((await story.does('p00000', event, done)).status, 200)
    pass()
    if (!isOver) {
      await until('it waits for the second time', async () =>
        story.steps(await story.notificationOf(event)).some((step) => /waits .* 2d/.test(step)),
      )
      await story.belfry.ask('POST', `/events/${event}/cancel`)
    }
    const told = await story.ended(event)

    assert.equal(story.received().length, 0)
    const [first, second] = story.steps(told)
    assert.equal(first, 'wait: went on: it waited 1h')
    const before = `wait: ended: it was to wait 2d for it to be ${unless}; it was ${unless} before, so nothing more is sent`
    assert.equal(second, isOver ? before : undefined)
  })

test('a plan edited while something waits is for what comes after, whatever was changed', async () => {
  await story.plan('edited', later)
  const old = await story.happens('edited', 'p00000')
  const other = await story.happens('edited', 'p00001')

  await story.plan('edited', [{ wait: { for: '10h' } }, { send: ['in_app'] }])
  const young = await story.happens('edited', 'p00000')
  await story.belfry.ask('DELETE', '/event-types/edited')
  pass()
  const ended = await Promise.all([old, other].map(story.ended))
  const waiting = await story.notificationOf(young)

  assert.deepEqual(
    ended.map(({ status, deliveries }) => [status, deliveries[0].channel]),
    [
      ['delivered', 'webhook'],
      ['delivered', 'webhook'],
    ],
  )
  assert.equal(waiting.finished_at, null)
  assert.match(story.steps(waiting)[0]!, /it waits 10h/)
  await story.belfry.ask('POST', `/events/${young}/cancel`)
})

test('an awaited event ends the wait also after the plan has forgotten it', async () => {
  const unless = { event: 'order.paid', key: '{{ order }}' }
  await story.plan('reminder', [{ wait: { for: '1h', unless } }, { send: ['webhook'] }])
  const old = await story.happens('reminder', 'p00000', { order: 'forgotten' })

  await story.plan('reminder', later)
  await story.happens('order.paid', 'p00004', { order: 'forgotten' })
  const told = await story.ended(old)

  assert.equal(told.reason, 'no_longer_needed')
})

test('a template edited while something waits changes nothing of it', async () => {
  await story.plan('worded', later)
  await given.template(story.belfry, 'worded', 'webhook', { body: { text: 'old {{ n }}' } })
  const old = await story.happens('worded', 'p00000', { n: 1 })

  await given.template(story.belfry, 'worded', 'webhook', { body: { text: 'new {{ n }}' } })
  const young = await story.happens('worded', 'p00000', { n: 2 })
  pass()
  await Promise.all([old, young].map(story.ended))

  const told = new Set(texts().map(({ text }) => text))
  assert.deepEqual(told, new Set(['old 1', 'new 2']))
})

test('who switches a channel off while a plan waits gets nothing on it, at any later step', async () => {
  await story.plan('asked.again', [...later, ...later])
  const never = await story.happens('asked.again', 'p00000')
  const once = await story.happens('asked.again', 'p00001')
  const say = async (person: string, webhook: boolean | null) => {
    const body = { channels: { webhook } }
    const { status } = await story.belfry.ask('PATCH', `/preferences/${person}`, body)
    assert.equal(status, 200)
  }

  await say('p00000', false)
  pass()
  await until('the other one is told', () => story.received().length === 1)
  await say('p00001', false)
  pass()
  const told = await Promise.all([never, once].map(story.ended))

  assert.deepEqual(
    told.map(({ status, deliveries }) => [
      status,
      deliveries.map(({ reason }: { reason: string | null }) => reason),
    ]),
    [
      ['skipped', ['preference_off', 'preference_off']],
      ['delivered', [null, 'preference_off']],
    ],
  )
  assert.equal(story.received().length, 1)
  for (const person of ['p00000', 'p00001']) await say(person, null)
})

test('what a plan comes to in the night waits for the morning', async () => {
  await story.plan('nightly', later)
  const event = await story.happens('nightly', 'p00002')
  const now = story.belfry.clock.now()
  const hour = (hours: number) =>
    new Date(now.getTime() + hours * 3_600_000).toISOString().slice(11, 16)
  const quiet = { quiet_hours: { start: hour(0.5), end: hour(4) } }

  const { status } = await story.belfry.ask('PATCH', '/preferences/p00002', quiet)
  pass()
  await until('its delivery is planned', async () => {
    const { deliveries } = await story.notificationOf(event)
    return deliveries.length === 1
  })
  const [held] = (await story.notificationOf(event)).deliveries
  story.belfry.clock.advance({ hours: 4 })
  const told = await story.ended(event)

  assert.equal(status, 200)
  assert.deepEqual([held.status, held.reason], ['scheduled', 'quiet_hours'])
  assert.equal(told.status, 'delivered')
  const back = await story.belfry.ask('PATCH', '/preferences/p00002', { quiet_hours: null })
  assert.equal(back.status, 200)
})

test('what expires while its plan waits is not sent, and says so', async () => {
  await story.plan('short.lived', later)
  const expires = new Date(story.belfry.clock.now().getTime() + 30 * 60_000)
  const event = await story.happens('short.lived', 'p00000', {}, { expires_at: expires })

  pass()
  const told = await story.ended(event)

  assert.deepEqual([told.status, told.reason], ['skipped', 'expired'])
  assert.deepEqual(story.steps(told), ['plan: ended: its time was over before it could go on'])
  assert.equal(story.received().length, 0)
})

// a kind of waiting, the plan, its step
const waits: [string, unknown[], string][] = [
  ['a wait', later, 'wait'],
  [
    'a wait for something to be read',
    [{ send: ['in_app'] }, { wait: { for: '1h', unless: 'read' } }, { send: ['webhook'] }],
    'wait',
  ],
  [
    'a wait for an event',
    [{ wait: { for: '1h', unless: { event: 'order.paid' } } }, { send: ['webhook'] }],
    'wait',
  ],
  ['a digest', [{ digest: { window: '1h' } }, { send: ['webhook'] }], 'digest'],
  ['the second wait', [{ wait: { for: '1s' } }, ...later], 'wait'],
]

for (const [i, [what, steps, step]] of waits.entries()) {
  test(`cancelling ends ${what}, for good`, async () => {
    await story.plan(`cancelled.${i}`, steps)
    const whole = await story.happens(`cancelled.${i}`, 'p00000')
    const alone = await story.happens(`cancelled.${i}`, 'p00001')
    if (what === 'the second wait') story.belfry.clock.advance({ seconds: 2 })
    for (const event of [whole, alone]) await story.waitsAt(event, step)

    const first = await story.belfry.ask('POST', `/events/${whole}/cancel`)
    const { id } = await story.notificationOf(alone)
    const second = await story.belfry.ask('POST', `/notifications/${id}/cancel`)
    pass()
    const told = await Promise.all([whole, alone].map(story.ended))

    assert.ok(first.status < 300 && second.status < 300, JSON.stringify([first, second]))
    const status = what.includes('read') ? 'delivered' : 'cancelled'
    assert.deepEqual(
      told.map((one) => one.status),
      [status, status],
    )
    assert.equal(story.received().length, 0)
    assert.equal(await story.look.number('select count(*) from belfry.plan_runs'), 0)
  })

  test(`who is erased is not told by ${what}, and nothing of it is left`, async () => {
    const type = `erased.${i}`
    await story.plan(type, steps)
    await given.subscriber(story.belfry, type, {
      addresses: { webhook: `${story.receiver.url}/${type}` },
    })
    const event = await story.happens(type, type)
    if (what === 'the second wait') story.belfry.clock.advance({ seconds: 2 })
    await story.waitsAt(event, step)

    const { status } = await story.belfry.ask('DELETE', `/subscribers/${type}`)
    pass()
    await until('nothing of it waits', async () => {
      const count = await story.look.number(`
        select (select count(*) from belfry.plan_runs) + (select count(*) from belfry.digest_buckets)`)
      return count === 0
    })

    assert.ok(status < 300)
    assert.equal(story.received().length, 0)
  })
}

test('an event that is replayed goes through its plan anew', async () => {
  await story.plan('replayed', later)
  const event = await story.happens('replayed', 'p00003')
  pass()
  await story.ended(event)

  const { status, body } = await story.belfry.ask('POST', `/events/${event}/replay`, {
    reason: 'They lost it.',
  })
  assert.equal(status, 202, JSON.stringify(body))
  await story.waitsAt(body.event_id, 'wait')
  const before = story.received().length
  pass()
  const told = await story.ended(body.event_id)

  assert.equal(before, 1)
  assert.equal(told.status, 'delivered')
  assert.equal(story.received().length, 2)
})
