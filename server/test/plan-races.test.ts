// Plans under races: many who add to digests, close them, cancel and wake at once, each as another process
// would. Whatever the order: each event is in exactly one digest, and nobody waits for what has happened.
// BELFRY_TEST_RACE_EVENTS sets how many events; 2,000 take some minutes.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../src/context.ts'
import { cancelWholeEvent } from '../src/pipeline/cancel.ts'
import { closeDueDigests } from '../src/pipeline/digest.ts'
import { fanOut } from '../src/pipeline/fan-out.ts'
import { runDuePlans } from '../src/pipeline/plan-run.ts'
import { storeTurns } from '../src/pipeline/plan-store.ts'
import { planTurns } from '../src/pipeline/plan-turn.ts'
import { insertEvents, type AcceptedEvent } from '../src/sql/events.ts'
import { claimPlanRuns, holdPlanRuns } from '../src/sql/plan-runs.ts'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { createLook, createRandom, given, type Asking, type Look } from './given.ts'
import { acceptedEvent, workspaceId } from './rows.ts'
import { createKey, createTestContext, type TestContext } from './test-context.ts'

const eventCount = Number(process.env.BELFRY_TEST_RACE_EVENTS ?? 240)
const seed = Number(process.env.BELFRY_TEST_SEED ?? 17)
const windowMs = 1_000

let belfry: TestContext
let look: Look
let contexts: Context[]
let people: string[]

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  people = await given.people(belfry, 120, 'http://127.0.0.1:9')
  await plan('seen.together', [
    { digest: { window: '1s', key: '{{ key }}', show: 100 } },
    { send: ['in_app'] },
  ])
  await plan('seen.later', [{ digest: { window: '1h', show: 100 } }, { send: ['in_app'] }])
  await plan('bill', [
    { wait: { for: '1d', unless: { event: 'paid', key: '{{ bill }}' } } },
    { send: ['in_app'] },
  ])
  await plan('cart', [{ wait: { for: '1d', unless: { event: 'paid' } } }, { send: ['in_app'] }])
  await given.eventType(belfry, 'paid', { channels: ['in_app'] })
  contexts = [belfry.ctx, await belfry.another(), await belfry.another()]
})

after(async () => {
  await look.close()
  await belfry.close()
})

async function plan(key: string, steps: unknown[]) {
  await given.eventType(belfry, key, { channels: undefined, plan: steps })
}

async function accepted(type: string, to: string[], params = {}): Promise<AcceptedEvent> {
  const at = belfry.clock.now()
  const about = { type, audience: to.map((id) => ({ id })), params, createdAt: at, dueAt: at }
  const event = acceptedEvent(about)
  await insertEvents(belfry.ctx.db, [event], [])
  return event
}

async function find(ctx: Context, event: AcceptedEvent): Promise<void> {
  await fanOut(ctx, ctx.db, [{ ...event, epoch: 1, cursor: null }], null)
}

/** Goes on with plans in every process until `isDone`, and then until nothing is due. */
async function goOn(isDone: () => boolean): Promise<void> {
  const each = contexts.map(async (ctx) => {
    for (;;) {
      const isLast = isDone()
      const count = (await closeDueDigests(ctx, 50)) + (await runDuePlans(ctx, 50))
      if (isLast && count === 0) return
      await sleep(1)
    }
  })
  await Promise.all(each)
}

const faultsLogged = () =>
  belfry.logged.filter(({ msg }) => String(msg).startsWith('a plan could not go on'))

type Digest = {
  n: string
  items: { n: number; key: string }[]
  status: string
  opened: Date
  closed: Date
}

test(`with seed ${seed}, each event is in exactly one digest, which closes in time, whoever adds, closes and cancels`, async () => {
  const random = createRandom(seed)
  const cancelled = new Set<number>()
  let n = 0
  let isOver = false
  async function add(ctx: Context): Promise<void> {
    while (n < eventCount) {
      const number = n++
      const key = random() < 0.5 ? 'kept' : 'cancelled'
      const event = await accepted('seen.together', [people[number % 3]!], { n: number, key })
      await find(ctx, event)
      await sleep(random() * 60)
      if (key === 'kept' || random() > 0.2) continue
      const counts = await cancelWholeEvent(ctx, workspaceId, event.id)
      if (counts.cancelled > 0) cancelled.add(number)
    }
  }

  const going = goOn(() => isOver)
  await Promise.all([...contexts, ...contexts].map(add))
  await sleep(windowMs + 100)
  isOver = true
  await going

  const digests: Digest[] = await look.rows(`
    select e.params ->> 'n' as n, d.items, x.status, t.at as closed,
      (select min(f.created_at) from belfry.events f
       where f.params ->> 'n' in (select i ->> 'n' from json_array_elements(d.items) i)
         and f.type = 'seen.together') as opened
    from belfry.digests d
    join belfry.notifications x on x.id = d.notification_id
    join belfry.events e on e.id = x.event_id
    join belfry.plan_notes t on t.notification_id = x.id and t.decision = 'went on'`)
  const told = digests.flatMap(({ items }) => items.map((item) => item.n))
  const kept = Array.from({ length: n }, (_, i) => i).filter((i) => !cancelled.has(i))
  assert.equal(new Set(told).size, told.length, 'an event is in two digests')
  assert.deepEqual(
    kept.filter((i) => !told.includes(i)),
    [],
    'an event is in no digest',
  )
  assert.deepEqual(
    told.filter((i) => cancelled.has(i)),
    [],
    'something cancelled is told',
  )
  assert.ok(cancelled.size > 0)
  assert.ok(digests.some(({ items }) => items.length > 1))
  for (const { items, opened, closed } of digests) {
    const tookMs = closed.getTime() - opened.getTime()
    assert.notEqual(items.length, 0)
    assert.ok(tookMs <= windowMs + 10_000, `it closed after ${tookMs} ms`)
    // Among others, the first may have been cancelled: then it opened before the first that is left.
    if (items[0]!.key === 'kept') assert.ok(tookMs >= windowMs, `it closed after ${tookMs} ms`)
  }
  assert.deepEqual(await leftOver(), [])
  assert.deepEqual(faultsLogged(), [])
})

const leftOver = () =>
  look.rows(`
    select 'run' as what from belfry.plan_runs union all select 'digest' from belfry.digest_buckets
    union all select 'notification' from belfry.notifications where pending <> 0`)

test('digests that close while their events are cancelled and others are added never dead-lock', async () => {
  for (let round = 0; round < 8; round++) {
    const first = await accepted('seen.later', people, { round })
    const second = await accepted('seen.later', people.toReversed(), { round })
    await find(contexts[0]!, first)
    await find(contexts[1]!, second)
    while ((await runDuePlans(contexts[0]!, 50)) > 0);
    belfry.clock.advance({ minutes: 61 })
    await find(contexts[0]!, await accepted('seen.later', people, { round }))

    await Promise.all([
      cancelWholeEvent(contexts[0]!, workspaceId, first.id),
      closeDueDigests(contexts[1]!, 70),
      closeDueDigests(contexts[2]!, 70),
      cancelWholeEvent(contexts[1]!, workspaceId, second.id),
      runDuePlans(contexts[0]!, 90),
      runDuePlans(contexts[2]!, 90),
    ])
  }
  belfry.clock.advance({ minutes: 122 })
  await goOn(() => true)

  assert.deepEqual(await leftOver(), [])
  assert.deepEqual(faultsLogged(), [])
})

test('what is waited for ends the wait also when its people are found first, or at the same moment', async () => {
  const random = createRandom(seed)
  const ids: string[] = []
  for (let round = 0; round < 40; round++) {
    const [person, other] = [people[round]!, people[round + 40]!]
    const bill = await accepted('bill', [person], { bill: round })
    const cart = await accepted('cart', [other])
    const paid = await accepted('paid', [other], { bill: round })
    ids.push(bill.id, cart.id)
    const late = (event: AcceptedEvent, ctx: Context) => async () => {
      await sleep(random() * 8)
      await find(ctx, event)
    }
    const all = [late(bill, contexts[0]!), late(cart, contexts[1]!), late(paid, contexts[2]!)]
    let isOver = false
    const going = goOn(() => isOver)
    await Promise.all(all.map((each) => each()))
    isOver = true
    await going
  }

  const ended = await look.rows(
    `select reason, count(*)::integer as count from belfry.notifications where event_id = any ($1)
     group by reason`,
    [ids],
  )
  assert.deepEqual(ended, [{ reason: 'no_longer_needed', count: ids.length }])
  assert.deepEqual(await leftOver(), [])
})

test('what had happened before does not end a wait for it', async () => {
  await find(contexts[0]!, await accepted('paid', [people[0]!], { bill: 'old' }))
  await sleep(2)
  const bill = await accepted('bill', [people[0]!], { bill: 'old' })
  await find(contexts[0]!, bill)
  await goOn(() => true)

  const waiting = await look.number('select count(*) from belfry.plan_runs where event_id = $1', [
    bill.id,
  ])
  assert.equal(waiting, 1)
  await cancelWholeEvent(contexts[0]!, workspaceId, bill.id)
})

test('two workspaces with the same people and plans gather and count apart', async () => {
  const { id } = (await insertWorkspace(belfry.ctx.db, { key: 'theirs', name: 'Theirs' }))!
  const authorization = `Bearer ${await createKey(belfry.ctx, ['*'], id)}`
  const theirs: Asking = {
    ask: (method, url, body) => belfry.ask(method, url, body, { authorization }),
  }
  await given.people(theirs, 1, 'http://127.0.0.1:9')
  const steps = [
    { digest: { window: '1h' } },
    { throttle: { limit: 1, per: '1h' } },
    { send: ['in_app'] },
  ]
  const definition = { channels: undefined, plan: steps }
  for (const asking of [belfry, theirs]) await given.eventType(asking, 'alike', definition)

  const at = belfry.clock.now()
  const audience = [{ id: people[0]! }]
  const events = [workspaceId, id].map((own) =>
    acceptedEvent({ workspaceId: own, type: 'alike', audience, createdAt: at, dueAt: at }),
  )
  await insertEvents(belfry.ctx.db, events, [])
  for (const event of events) await find(contexts[0]!, event)
  await runDuePlans(contexts[0]!, 50)
  belfry.clock.advance({ minutes: 61 })
  await goOn(() => true)

  const told = await look.rows(
    `select workspace_id, status from belfry.notifications where event_id = any ($1)
     order by workspace_id`,
    [events.map((event) => event.id)],
  )
  assert.deepEqual(told, [
    { workspace_id: workspaceId, status: 'delivered' },
    { workspace_id: id, status: 'delivered' },
  ])
  assert.deepEqual(await leftOver(), [])
})

test('what is read at the very moment a wait is looked at ends it', async () => {
  await plan('seen.first', [
    { send: ['in_app'] },
    { wait: { for: '1d', unless: 'read' } },
    { send: ['webhook'] },
  ])
  const event = await accepted('seen.first', [people[0]!])
  await find(contexts[0]!, event)
  const [{ id }] = await look.rows('select id from belfry.notifications where event_id = $1', [
    event.id,
  ])
  const item = `/subscribers/${people[0]}/notifications/${id}`
  await belfry.ask('POST', `${item}/seen`)

  const { db } = contexts[1]!
  const now = belfry.clock.now()
  const leaseUntil = new Date(now.getTime() + 60_000)
  const looked = await claimPlanRuns(db, { limit: 10, now, leaseUntil })
  const planned = await planTurns(contexts[1]!, looked, now)
  // Who stores what follows holds the run, so that reading it cannot tell it.
  await db.transaction(async (tx) => {
    await holdPlanRuns(tx, looked)
    assert.equal((await belfry.ask('POST', `${item}/read`)).status, 200)
  })
  await storeTurns(contexts[1]!, looked, planned)
  await goOn(() => true)

  assert.equal(planned.early.length, 1)
  assert.deepEqual(await leftOver(), [])
})
