// Plans: what is sent first, what waits, and what never has to be sent because somebody has read it.
// `then` is a word of plans; nobody awaits a step.
/* oxlint-disable unicorn/no-thenable */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { given, until } from './given.ts'
import { createPlanStory, type PlanStory } from './plan-story.ts'

let story: PlanStory

before(async () => {
  story = await createPlanStory()
})

after(() => story.close())

afterEach(() => story.begin())

const escalation = [
  { send: ['in_app'] },
  { wait: { for: '30m', unless: 'read' } },
  { send: ['webhook'] },
]

test('what is not read in time is sent on the next channel, and the trace says so', async () => {
  await story.plan('escalated', escalation)

  const event = await story.happens('escalated', 'p00000')
  const early = await story.notificationOf(event)
  story.belfry.clock.advance({ minutes: 31 })
  const late = await story.ended(event)

  assert.equal(early.status, 'processing')
  assert.match(story.steps(early)[0]!, /^wait: waits until .*: it waits 30m for it to be read$/)
  assert.equal(late.status, 'delivered')
  assert.deepEqual(story.steps(late), [
    'wait: went on: it waited 30m for it to be read, which did not happen',
  ])
  assert.deepEqual(
    late.deliveries.map(({ channel, status }: Record<string, string>) => [channel, status]),
    [['webhook', 'delivered']],
  )
  assert.equal(story.received().length, 1)
  await story.check()
})

test('what is read in time ends there and then, and nothing more is sent', async () => {
  await story.plan('escalated', escalation)
  const event = await story.happens('escalated', 'p00001')
  const { id } = await story.notificationOf(event)

  const { status } = await story.belfry.ask('POST', `/subscribers/p00001/notifications/${id}/read`)
  const over = await story.ended(event)
  story.belfry.clock.advance({ minutes: 31 })

  assert.equal(status, 200)
  assert.deepEqual([over.status, over.reason], ['delivered', null])
  assert.deepEqual(story.steps(over), [
    'wait: ended: it waited 30m for it to be read; it was read, so nothing more is sent',
  ])
  assert.equal(story.received().length, 0)
  await story.check()
})

test('what was acted upon ends a wait for it to be acknowledged; reading it does not', async () => {
  await story.plan('to.approve', [
    { send: ['in_app'] },
    { wait: { for: '30m', unless: 'acknowledged' } },
    { send: ['webhook'] },
  ])
  const read = await story.happens('to.approve', 'p00000')
  const approved = await story.happens('to.approve', 'p00001')

  const { id } = await story.notificationOf(read)
  await story.belfry.ask('POST', `/subscribers/p00000/notifications/${id}/read`)
  const { id: other } = await story.notificationOf(approved)
  await story.belfry.ask('POST', `/subscribers/p00001/notifications/${other}/acknowledge`)
  const over = await story.ended(approved)
  story.belfry.clock.advance({ minutes: 31 })
  const late = await story.ended(read)

  const { body: feed } = await story.belfry.ask('GET', '/subscribers/p00001/notifications')
  const item = feed.notifications.find((one: Record<string, unknown>) => one['id'] === other)
  assert.equal(over.deliveries.length, 0)
  assert.equal(late.deliveries.length, 1)
  assert.equal(story.received().length, 1)
  assert.ok(over.acknowledged_at)
  assert.equal(item.acknowledged_at, over.acknowledged_at)
  assert.equal(late.acknowledged_at, null)
})

test('an event with the same key ends a wait for it, another key does not, and nothing is sent', async () => {
  const unless = { event: 'order.paid', key: '{{ order }}' }
  await story.plan('order.due', [{ wait: { for: '1d', unless } }, { send: ['webhook'] }])
  const due = await story.happens('order.due', 'p00002', { order: 7 })
  const other = await story.happens('order.due', 'p00003', { order: 8 })

  await story.happens('order.paid', 'p00004', { order: 7 })
  const over = await story.ended(due)
  const waiting = await story.notificationOf(other)
  story.belfry.clock.advance({ hours: 25 })
  const late = await story.ended(other)

  assert.deepEqual([over.status, over.reason], ['skipped', 'no_longer_needed'])
  assert.equal(waiting.status, 'scheduled')
  assert.equal(late.status, 'delivered')
  assert.equal(story.received().length, 1)
  await story.check()
})

test('a wait without a key is ended by an event about the same person', async () => {
  await story.plan('cart.left', [
    { wait: { for: '1d', unless: { event: 'order.paid' } } },
    { send: ['webhook'] },
  ])
  const ana = await story.happens('cart.left', 'p00000')
  const ben = await story.happens('cart.left', 'p00001')

  await story.happens('order.paid', 'p00000')
  const over = await story.ended(ana)
  story.belfry.clock.advance({ hours: 25 })
  const late = await story.ended(ben)

  assert.equal(over.reason, 'no_longer_needed')
  assert.equal(late.status, 'delivered')
})

test('a condition chooses the way, and says how it came out', async () => {
  await story.plan('order.big', [
    { if: 'total > 100', then: [{ send: ['webhook'] }], else: [{ send: ['in_app'] }] },
  ])
  await story.plan('only.big', [{ if: 'total > 100', then: [{ send: ['webhook'] }] }])

  const big = await story.ended(await story.happens('order.big', 'p00000', { total: 101 }))
  const small = await story.ended(await story.happens('order.big', 'p00000', { total: 7 }))
  const nothing = await story.ended(await story.happens('only.big', 'p00000', { total: 7 }))

  assert.deepEqual(
    [big, small].map(({ deliveries, content }) => [deliveries.length, content?.title ?? null]),
    [
      [1, null],
      [0, 'Hello'],
    ],
  )
  assert.deepEqual(story.steps(big), ['if: true: `total > 100` holds'])
  assert.deepEqual([nothing.status, nothing.reason], ['skipped', 'condition_false'])
  assert.deepEqual(story.steps(nothing), ['if: false: `total > 100` does not hold'])
})

test('a throttle lets so many through for each key, and more once its time is over', async () => {
  const throttle = { limit: 1, per: '1h', key: '{{ server }}' }
  await story.plan('server.down', [{ throttle }, { send: ['webhook'] }])

  const first = await story.ended(await story.happens('server.down', 'p00000', { server: 'a' }))
  const second = await story.ended(await story.happens('server.down', 'p00000', { server: 'a' }))
  const other = await story.ended(await story.happens('server.down', 'p00000', { server: 'b' }))
  story.belfry.clock.advance({ minutes: 61 })
  const later = await story.ended(await story.happens('server.down', 'p00000', { server: 'a' }))

  assert.deepEqual(
    [first, second, other, later].map(({ status, reason }) => [status, reason]),
    [
      ['delivered', null],
      ['skipped', 'throttled'],
      ['delivered', null],
      ['delivered', null],
    ],
  )
  assert.deepEqual(story.steps(second), [
    'throttle: throttled: only 1 per 1h for key a are let through',
  ])
  assert.equal(story.received().length, 3)
})

test('a digest gathers what happens in its window, for each key, and tells it once', async () => {
  const digest = { window: '10m', key: '{{ order }}', show: 2 }
  await story.plan('comment.added', [{ send: ['in_app'] }, { digest }, { send: ['webhook'] }])
  await given.template(story.belfry, 'comment.added', 'webhook', {
    body: { text: '{{ digest.count }}', items: '{{ digest.items }}', more: '{{ digest.more }}' },
  })

  const events: string[] = []
  for (const by of ['ana', 'ben', 'cem'])
    events.push(await story.happens('comment.added', 'p00000', { order: 7, by }))
  const other = await story.happens('comment.added', 'p00000', { order: 8, by: 'dia' })
  await until('all of them wait together', async () => {
    const waiting = await story.look.number(
      'select count(*) from belfry.plan_runs where bucket_id is not null',
    )
    return waiting === 4
  })
  const early = story.received().length
  story.belfry.clock.advance({ minutes: 11 })
  const all = await Promise.all([...events, other].map(story.ended))

  assert.equal(early, 0)
  const bodies = story.received().map(({ body }) => JSON.parse(body))
  assert.deepEqual(
    bodies.toSorted((a, b) => b.text - a.text),
    [
      {
        text: '3',
        items: [
          { order: 7, by: 'ana' },
          { order: 7, by: 'ben' },
        ],
        more: 1,
      },
      { text: '1', items: [{ order: 8, by: 'dia' }], more: 0 },
    ].map((body) => ({ ...body, text: Number(body.text) })),
  )
  assert.deepEqual(
    all.map(({ deliveries }) => deliveries.length),
    [0, 0, 1, 1],
  )
  assert.deepEqual(story.steps(all[0]), [
    `digest: merged: it is one of the 3 events of the digest that went on as notification ${all[2].id}`,
  ])
  assert.equal(await story.look.number('select count(*) from belfry.digest_buckets'), 0)
  await story.check()
})

test('what comes to the feed after a wait is told as such, not as there from the start', async () => {
  await story.plan('reminded', [{ wait: { for: '1h' } }, { send: ['in_app'] }])

  const event = await story.happens('reminded', 'p00000')
  const early = await story.notificationOf(event)
  story.belfry.clock.advance({ minutes: 61 })
  const late = await story.ended(event)

  const ofFeed = ({ trace }: { trace: Record<string, string>[] }) =>
    trace.filter(({ step }) => step === 'in_app').map(({ because }) => because)
  assert.deepEqual(ofFeed(early), [])
  assert.deepEqual(ofFeed(late), ['it came to the in-app feed'])
  assert.deepEqual(story.steps(late), ['wait: went on: it waited 1h'])
  const arrivedAt = late.trace.find(({ step }: { step: string }) => step === 'in_app').at
  const { body: feed } = await story.belfry.ask('GET', '/subscribers/p00000/notifications')
  assert.equal(feed.notifications[0].created_at, arrivedAt)
  const { body: told } = await story.belfry.ask('POST', '/explain', { event_id: event })
  const [person] = told.people
  assert.deepEqual(
    person.channels.map(({ at }: { at: string }) => at),
    [arrivedAt],
  )
  assert.match(person.sentences[0], new RegExp(`in the app .*${arrivedAt.slice(11, 16)}\\.$`))
})
