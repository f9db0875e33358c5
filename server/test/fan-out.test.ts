// Who hears about an event: everybody once, by whichever way they were named, chunk by chunk.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fanOut } from '../src/pipeline/fan-out.ts'
import { claimEvents, type ClaimedEvent } from '../src/sql/events.ts'
import { startWorker } from '../src/worker/worker.ts'
import { checkConservation } from './conservation.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

const memberCount = 12_000

let belfry: TestContext
let look: Look
let ids: string[]

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  for (const type of ['news', 'personal', 'pinned', 'poison'])
    await given.eventType(belfry, type, { channels: ['in_app'] })
  await given.template(belfry, 'news', 'in_app', { title: 'News', body: 'Read {{ title }}' })
  const body = 'Dear {{ subscriber.id }}'
  await given.template(belfry, 'personal', 'in_app', { title: 'News', body })
  ids = await given.people(belfry, memberCount, 'http://127.0.0.1')
  await given.topic(belfry, 'everybody', ids)
  await given.topic(belfry, 'few', ids.slice(0, 3))
  await given.topic(belfry, 'others', ids.slice(2, 6))
})

after(async () => {
  await look.close()
  await belfry.close()
})

/** Stored while nobody works, so that a test decides who takes it when. */
const waiting = (type: string, to: unknown[], params = {}) =>
  given.event(belfry, type, { to, params })

async function workUntilQuiet(): Promise<void> {
  const worker = belfry.work()
  await untilQuiet(look)
  await worker.stop()
}

function claim(): Promise<ClaimedEvent[]> {
  const now = belfry.clock.now()
  const leaseUntil = new Date(now.getTime() + 30_000)
  return claimEvents(belfry.ctx.db, { limit: 10, now, leaseUntil })
}

const notificationsOf = (event: string) =>
  look.rows(
    `select recipient, via, status, reason, content_id from belfry.notifications
     where event_id = $1 order by recipient`,
    [event],
  )

test('a person named in several ways is told once', async () => {
  const event = await waiting('news', ['p00001', { topic: 'few' }, 'p00001', { topic: 'others' }])
  await workUntilQuiet()

  const told = await notificationsOf(event)
  assert.deepEqual(
    told.map(({ recipient, via }) => [recipient, via]),
    [
      [ids[0], ['topic:few']],
      [ids[1], ['request', 'topic:few']],
      [ids[2], ['topic:few', 'topic:others']],
      [ids[3], ['topic:others']],
      [ids[4], ['topic:others']],
      [ids[5], ['topic:others']],
    ],
  )
  const { body } = await belfry.ask('GET', `/events/${event}`)
  assert.deepEqual([body.status, body.recipient_count], ['processed', 6])
  assert.deepEqual(
    body.audience.map(({ found }: { found: number }) => found),
    [1, 3, 1, 4],
  )
})

test('every member of a large topic is told once, and all share one text', async () => {
  const event = await waiting('news', [
    'p00003',
    { topic: 'everybody' },
    { topic: 'few' },
    'p11999',
  ])
  await workUntilQuiet()

  const told = await notificationsOf(event)
  assert.equal(told.length, memberCount)
  assert.equal(new Set(told.map(({ recipient }) => recipient)).size, memberCount)
  assert.equal(new Set(told.map((row) => row.content_id)).size, 1)
  const others = [
    [ids[1], ['topic:everybody', 'topic:few']],
    [ids[3], ['request', 'topic:everybody']],
    [ids[11_999], ['topic:everybody', 'request']],
  ] as const
  for (const [id, via] of others)
    assert.deepEqual(told.find(({ recipient }) => recipient === id)?.via, via)
  const { body } = await belfry.ask('GET', `/events/${event}`)
  assert.deepEqual(
    [body.recipient_count, ...body.audience.map(({ found }: { found: number }) => found)],
    [memberCount, 1, memberCount, 3, 1],
  )
})

test('a worker that dies before its chunk is stored changes neither the counts nor the reasons', async () => {
  const event = await waiting('news', [{ topic: 'everybody' }, { topic: 'few' }])
  const dying = await belfry.another()
  for (let i = 0; i < 4; i++) {
    const events = await claim()
    // Its transaction never commits.
    await assert.rejects(
      dying.db.transaction(async (tx) => {
        await fanOut(dying, tx, events, null)
        throw new Error('killed')
      }),
    )
    belfry.clock.advance({ minutes: 5 })
    await fanOut(belfry.ctx, belfry.ctx.db, await claim(), null)
  }

  const told = await notificationsOf(event)
  assert.deepEqual(told[0]!.via, ['topic:everybody', 'topic:few'])
  assert.deepEqual(told[3]!.via, ['topic:everybody'])
  const { body } = await belfry.ask('GET', `/events/${event}`)
  assert.deepEqual([body.status, body.recipient_count], ['processed', memberCount])
  assert.deepEqual(
    body.audience.map(({ found }: { found: number }) => found),
    [memberCount, 3],
  )
})

test('a text that names its reader is stored for each of them', async () => {
  const event = await waiting('personal', [{ topic: 'few' }])
  await workUntilQuiet()

  const contents = await look.rows(
    `select c.content ->> 'body' as body from belfry.notifications n
     join belfry.contents c on c.workspace_id = n.workspace_id and c.id = n.content_id
     where n.event_id = $1 order by 1`,
    [event],
  )
  assert.deepEqual(
    contents.map(({ body }) => body),
    ['Dear p00000', 'Dear p00001', 'Dear p00002'],
  )
})

test('a name that belongs to nobody is seen to be skipped', async () => {
  const event = await waiting('news', ['p00000', 'nobody'])
  await workUntilQuiet()

  const skipped = (await notificationsOf(event)).filter(({ status }) => status === 'skipped')
  assert.deepEqual(
    skipped.map(({ recipient, reason }) => [recipient, reason]),
    [['nobody', 'unknown_recipient']],
  )
})

test('an event that names only people who are not known is for nobody, and each is told of', async () => {
  await given.eventType(belfry, 'unheard', { channels: ['in_app'], otherwise: ['no-one'] })
  const event = await waiting('unheard', ['nobody'])
  await workUntilQuiet()

  const { body } = await belfry.ask('GET', `/events/${event}`)
  assert.deepEqual([body.status, body.notifications], ['no_audience', { skipped: 2 }])
})

test('an event whose topics have no members tells nobody, and says so', async () => {
  const event = await waiting('news', [{ topic: 'deserted' }])
  await workUntilQuiet()

  const { body } = await belfry.ask('GET', `/events/${event}`)
  assert.deepEqual([body.status, body.recipient_count], ['no_audience', 0])
  assert.deepEqual(body.audience, [{ topic: 'deserted', from: 'request', found: 0 }])
  assert.deepEqual(
    body.trace.map(({ decision, because }: Record<string, string>) => `${decision}: ${because}`),
    [
      'accepted: an event of type news (version 1), level standard, was stored',
      'found 0: the topic deserted has no members',
      'no_audience: no entry of the audience led to anybody',
    ],
  )
})

test('a template that is changed half way through a broadcast changes nothing for it', async () => {
  await given.template(belfry, 'pinned', 'in_app', { title: 'Old', body: 'Old' })
  const event = await waiting('pinned', [{ topic: 'everybody' }])
  await fanOut(belfry.ctx, belfry.ctx.db, await claim(), null)
  assert.equal((await notificationsOf(event)).length, 5_000)

  await given.template(belfry, 'pinned', 'in_app', { title: 'New', body: 'New' })
  await workUntilQuiet()

  const titles = await look.rows(
    `select c.content ->> 'title' as title, count(*)::integer as count
     from belfry.notifications n
     join belfry.contents c on c.workspace_id = n.workspace_id and c.id = n.content_id
     where n.event_id = $1 group by 1`,
    [event],
  )
  assert.deepEqual(titles, [{ title: 'Old', count: memberCount }])
})

test('a worker that held an event for too long adds nobody: another one has taken it', async () => {
  const event = await waiting('news', [{ topic: 'few' }, 'p00010'])
  const slow = await claim()
  belfry.clock.advance({ minutes: 5 })
  const quick = await claim()

  const { begun } = await fanOut(await belfry.another(), belfry.ctx.db, slow, null)
  const addedBySlow = await notificationsOf(event)
  await fanOut(belfry.ctx, belfry.ctx.db, quick, null)

  assert.deepEqual([slow.length, quick.length], [1, 1])
  assert.deepEqual([begun, addedBySlow], [[], []])
  assert.equal((await notificationsOf(event)).length, 4)
  await checkConservation(look, { accepted: [event], receipts: [] })
})

test('a fan-out of an event that was cancelled meanwhile adds nobody', async () => {
  const event = await waiting('news', [{ topic: 'few' }])
  const events = await claim()
  const { body } = await belfry.ask('POST', `/events/${event}/cancel`)

  await fanOut(belfry.ctx, belfry.ctx.db, events, null)

  assert.deepEqual([body.cancelled, body.in_flight, body.done], [0, 0, 0])
  assert.deepEqual(await notificationsOf(event), [])
})

test('several workers share broadcasts without telling anybody twice', async () => {
  const workers = [startWorker(await belfry.another()), startWorker(await belfry.another())]
  const events = await Promise.all(
    Array.from({ length: 4 }, () => waiting('news', [{ topic: 'everybody' }, { topic: 'few' }])),
  )
  await untilQuiet(look)
  await Promise.all(workers.map((worker) => worker.stop()))

  for (const event of events) assert.equal((await notificationsOf(event)).length, memberCount)
  await checkConservation(look, { accepted: events, receipts: [] })
})

// what the template does, its source
const strangeTexts = [
  ['cuts a character in two', '{{ name | slice: 0, 1 }}'],
  ['makes a zero byte', 'a{{ "%00" | url_decode }}b'],
] as const
for (const [what, body] of strangeTexts) {
  test(`a template that ${what} spoils neither its own event nor the others`, async () => {
    await given.template(belfry, 'poison', 'in_app', { title: 'Hello', body })
    const to = ['p00000']
    const poison = await waiting('poison', to, { name: '😀 Ana' })
    const neighbour = await waiting('news', to)
    await workUntilQuiet()

    for (const event of [poison, neighbour]) {
      const statuses = (await notificationsOf(event)).map(({ status }) => status)
      assert.deepEqual(statuses, ['delivered'])
    }
  })
}

test('what is critical is taken first, however its reader is named', async () => {
  const to = [{ id: 'p00001', locale: 'pt' }]
  await given.event(belfry, 'news', { to, level: 'critical' })
  const lanes = await look.rows('select lane from belfry.event_queue')
  await workUntilQuiet()

  assert.deepEqual(lanes, [{ lane: 0 }])
})

test('a flood of broadcasts does not hold up what is urgent', async () => {
  const flood = await Promise.all(
    Array.from({ length: 60 }, () => waiting('news', [{ topic: 'everybody' }])),
  )
  const worker = startWorker(await belfry.another())
  const begun = 'select count(*) from belfry.event_queue where epoch > 0'
  await until('a broadcast is under way', async () => (await look.number(begun)) > 0)

  const urgent = await given.event(belfry, 'news', { to: ['p00001'], level: 'critical' })
  await until('it is there', async () => (await notificationsOf(urgent)).length === 1)
  const behind = await look.number('select count(*) from belfry.event_queue where cursor is null')
  for (const event of flood) await belfry.ask('POST', `/events/${event}/cancel`)
  await untilQuiet(look)
  await worker.stop()

  assert.ok(behind > 0, 'every broadcast had been begun before it')
  await checkConservation(look, { accepted: [...flood, urgent], receipts: [] })
})
