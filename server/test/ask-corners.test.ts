// What happens around an ask that may keep the next from being asked, or have somebody asked who should not be: people
// who are erased, fan-outs that fail, asks that cannot be looked at. The parts are worked one by one, in either order.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { forgetErased } from '../src/pipeline/erase.ts'
import { escalate } from '../src/pipeline/escalate.ts'
import { fanOutSafely } from '../src/pipeline/fan-out-safely.ts'
import { nudgeAsks } from '../src/sql/asks.ts'
import { cancelDeliveries } from '../src/sql/cancel-deliveries.ts'
import { insertErasure } from '../src/sql/erase.ts'
import { claimEvents } from '../src/sql/events.ts'
import { failEvents } from '../src/sql/failed-events.ts'
import { holdPreferences } from '../src/sql/preferences.ts'
import { claimDeliveries } from '../src/sql/queue.ts'
import { createLook, given, until, type Look } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
const workspaceId = 1

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  for (const id of ['ana', 'ben', 'cem', 'dee', 'fay', 'gus'])
    await given.subscriber(belfry, id, { email: `${id}@example.com` })
})

after(async () => {
  await look.close()
  await belfry.close()
})

async function ask(who: string, next: string[]): Promise<string> {
  const { status, body } = await belfry.ask('POST', '/notifications', {
    to: [who],
    channels: ['email'],
    message: 'Down',
    acknowledge: { within: '5m', escalate_to: next },
  })
  assert.equal(status, 202, JSON.stringify(body))
  await escalate(belfry.ctx, 100) // somebody is being asked, so it waits
  return body.event_id
}

const soon = () => new Date(belfry.clock.now().getTime() + 60_000)
const claim = () =>
  claimEvents(belfry.ctx.db, { limit: 5, now: belfry.clock.now(), leaseUntil: soon() })
async function findPeople(): Promise<void> {
  await fanOutSafely(belfry.ctx, await claim(), null)
}
async function peopleOf(event: string): Promise<string[]> {
  const people = 'select recipient from belfry.notifications where event_id = $1 order by id'
  return (await look.rows(people, [event])).map(({ recipient }) => recipient)
}
/** Nobody is being asked of it any more. */
async function fallsSilent(event: string): Promise<void> {
  await look.rows('delete from belfry.plan_runs where event_id = $1', [event])
  const now = belfry.clock.now()
  await look.rows('update belfry.asks set due_at = $2 where event_id = $1', [event, now])
}
const erase = (id: string) => belfry.ask('POST', `/subscribers/${id}/erase`)

for (const [who, first, second] of [
  ['dee', forgetErased, escalate],
  ['fay', escalate, forgetErased],
] as const)
  test(`the next is asked when the only one is erased, with ${first.name} first`, async () => {
    const event = await ask(who, ['ben'])
    const { status } = await erase(who)
    assert.ok(status < 300)
    await first(belfry.ctx, 100)
    await second(belfry.ctx, 100)
    await findPeople()

    assert.deepEqual(await peopleOf(event), ['ben'])
    await fallsSilent(event)
    await escalate(belfry.ctx, 100)
    await until('they are forgotten', async () => {
      belfry.clock.advance({ minutes: 10 })
      await forgetErased(belfry.ctx)
      return (await look.number('select count(*) from belfry.erasures')) === 0
    })
    const [row] = await look.rows('select is_erased, audience from belfry.events where id = $1', [
      event,
    ])
    assert.equal(row.is_erased, true)
    assert.ok(!JSON.stringify(row.audience).includes(who))
  })

test('an erasure does not hold an ask while it waits for those who plan by preferences', async () => {
  const { db } = belfry.ctx
  const event = await ask('gus', ['ben'])
  const erasure = { workspaceId, subscriberId: 'gus', now: belfry.clock.now() }
  const waiting = `select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'`
  let erasing: Promise<unknown> = Promise.resolve()
  await db.transaction(async (tx) => {
    await holdPreferences(tx, workspaceId)
    erasing = db.transaction((other) => insertErasure(other, erasure))
    await until('the erasure waits', async () => (await look.number(waiting)) === 1)
    await nudgeAsks(tx, [{ workspaceId, eventId: event }], belfry.clock.now())
  })

  assert.equal(await erasing, true)
})

test('those of a level who cannot be found leave the event as it is, and the next level is asked', async () => {
  const event = await ask('ana', ['ben', 'cem'])
  await fallsSilent(event)
  await escalate(belfry.ctx, 100)
  const claimed = (await claim()).find(({ id }) => id === event)
  const failed = { workspaceId, id: claimed!.id, epoch: claimed!.epoch, error: 'It cannot be.' }
  await failEvents(belfry.ctx.db, [failed], belfry.clock.now())
  const { body } = await belfry.ask('GET', `/events/${event}`)
  await escalate(belfry.ctx, 100)
  await findPeople()

  assert.deepEqual([body.status, body.error], ['processed', 'It cannot be.'])
  assert.deepEqual(await peopleOf(event), ['ana', 'cem'])
})

test('an ask that cannot be looked at holds up none of the others', async () => {
  const events = [await ask('ana', ['ben']), await ask('ana', ['ben']), await ask('ana', ['ben'])]
  for (const event of events) await fallsSilent(event)
  await look.rows(`delete from belfry.events where id = $1`, [events[0]])
  await look.rows(`update belfry.asks set due_at = due_at - interval '1 s' where event_id = $1`, [
    events[0],
  ])

  await escalate(belfry.ctx, 100)
  await findPeople()

  for (const event of events.slice(1)) assert.deepEqual(await peopleOf(event), ['ana', 'ben'])
  assert.ok(belfry.logged.some(({ eventId }) => eventId === events[0]))
  await look.rows('delete from belfry.asks where event_id = $1', [events[0]])
})

test('what is in flight is new to the first who stops it only', async () => {
  const event = await ask('ana', ['ben'])
  const now = belfry.clock.now()
  const wanted = { limit: 100, worker: 'w', now, leaseUntil: soon(), carriers: [] }
  await claimDeliveries(belfry.ctx.db, { ...wanted, channel: 'email' })
  const [{ id }] = await look.rows('select id from belfry.notifications where event_id = $1', [
    event,
  ])
  const stop = () => cancelDeliveries(belfry.ctx.db, { workspaceId, notificationIds: [id], now })
  const [first, second] = [await stop(), await stop()]

  assert.deepEqual([first.inFlight, first.newlyInFlight], [1, 1])
  assert.deepEqual([second.inFlight, second.newlyInFlight], [1, 0])
})
