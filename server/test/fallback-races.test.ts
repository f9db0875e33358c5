// Fallbacks under races: deliveries end while their time runs out, plans are looked at by three processes at once,
// and somebody cancels. Whatever the order: one step at a time for each person, nobody who was reached is told again,
// and after a cancel nothing begins.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../src/context.ts'
import type { CarriedChannel } from '../src/domain/channel.ts'
import { runDuePlans } from '../src/pipeline/plan-run.ts'
import { storeTurns } from '../src/pipeline/plan-store.ts'
import { planTurns } from '../src/pipeline/plan-turn.ts'
import { claimPlanRuns, holdPlanRuns } from '../src/sql/plan-runs.ts'
import { claimDeliveries, type ClaimedDelivery } from '../src/sql/queue.ts'
import { settleDeliveries, type Settlement } from '../src/sql/settle.ts'
import { createLook, createRandom, given, type Look } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

const messageCount = Number(process.env.BELFRY_TEST_RACE_EVENTS ?? 60)
const seed = Number(process.env.BELFRY_TEST_SEED ?? 17)
const random = createRandom(seed)
const channels: CarriedChannel[] = ['email', 'sms', 'telegram']

let belfry: TestContext
let look: Look
let contexts: Context[]

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  const person = { email: 'ana@example.com', phone: '+12025550150', addresses: { telegram: '4' } }
  await given.subscriber(belfry, 'ana', person)
  contexts = [belfry.ctx, await belfry.another(), await belfry.another()]
})

after(async () => {
  await look.close()
  await belfry.close()
})

async function send(more: Record<string, unknown>): Promise<string> {
  const message = { to: ['ana'], channels: ['email'], message: 'Hi', ...more }
  const { status, body } = await belfry.ask('POST', '/notifications', message)
  assert.equal(status, 202, JSON.stringify(body))
  return body.notification_ids[0]
}

async function begin(ctx: Context, channel: CarriedChannel, limit = 10) {
  const now = belfry.clock.now()
  const leaseUntil = new Date(now.getTime() + 1_000 * 86_400_000)
  return claimDeliveries(ctx.db, { channel, limit, worker: 'w', now, leaseUntil, carriers: [] })
}

type End = Pick<Settlement, 'outcome' | 'status' | 'dueAt' | 'code'>
const sent: End = { outcome: 'sent', status: 'sent', dueAt: null, code: null }
const failed: End = { outcome: 'failed', status: 'failed', dueAt: null, code: 'refused' }
const inDoubt = (): End => {
  return { outcome: 'ambiguous', status: null, dueAt: belfry.clock.now(), code: 'timeout' }
}

async function end(ctx: Context, begun: ClaimedDelivery[], ends: () => End): Promise<void> {
  const settlements = begun.map(({ begunAt: startedAt, attempt, ...one }): Settlement => {
    const made = { number: attempt, provider: 'p', detail: null, worker: 'w', durationMs: 1 }
    const ended = ends()
    return { ...one, ...made, startedAt, reason: ended.code, ...ended }
  })
  const settled = await settleDeliveries(ctx.db, settlements, {
    now: belfry.clock.now(),
    worker: 'w',
  })
  const reached = settled.filter(({ status }) => status === 'sent').map((one) => one.deliveryId)
  for (const { deliveryId, notificationId } of begun)
    if (reached.includes(deliveryId)) reachedAt.set(notificationId, belfry.clock.now())
}

/** When it was known for certain that somebody had been reached. */
const reachedAt = new Map<string, Date>()

async function goOn(): Promise<void> {
  while ((await runDuePlans(belfry.ctx, 50)) > 0);
}

const faultsLogged = () =>
  belfry.logged.filter(({ msg }) => String(msg).startsWith('a plan could not go on'))

const openCount = () =>
  look.number(`select (select count(*) from belfry.notifications where pending > 0)
    + (select count(*) from belfry.plan_runs) + (select count(*) from belfry.queue)`)

type Cancelled = { id: string; at: Date }

/** Until nothing is open any more. */
async function playAll(ids: string[]): Promise<Cancelled[]> {
  const cancelled: Cancelled[] = []
  const over = new AbortController()
  const each = async (work: () => Promise<unknown>) => {
    while (!over.signal.aborted) {
      await work()
      await sleep(random() * 8)
    }
  }
  const deliver = (ctx: Context, channel: CarriedChannel) => async () => {
    const begun = await begin(ctx, channel, 5)
    await sleep(random() * 15)
    belfry.clock.advance({ minutes: random() * 10 }) // as fast as the work is
    await end(ctx, begun, () => (random() < 0.15 ? sent : random() < 0.6 ? failed : inDoubt()))
  }
  async function cancelSome() {
    const id = ids[Math.floor(random() * ids.length)]!
    if (random() > 0.3 || cancelled.length > ids.length / 4) return
    const { status } = await belfry.ask('POST', `/notifications/${id}/cancel`)
    if (status === 200) cancelled.push({ id, at: belfry.clock.now() })
  }
  const watch = async () => {
    if ((await openCount()) === 0) over.abort()
  }
  await Promise.all([
    ...contexts.map((ctx) => each(() => runDuePlans(ctx, 20))),
    ...contexts.flatMap((ctx) => channels.map((channel) => each(deliver(ctx, channel)))),
    each(cancelSome),
    each(watch),
  ])
  return cancelled
}

test(`with seed ${seed}, there is one step at a time, nobody is told twice, and a cancel is the end`, async () => {
  const ids: string[] = []
  const more = { fallback_channels: ['sms', 'telegram'], fallback_after: '1h' }
  for (let i = 0; i < messageCount; i++)
    ids.push(await send({ ...more, max_retries: 1, retry_delay: '1m' }))

  const cancelled = await playAll(ids)

  // A later step began before the one before it had ended, though that had time.
  const overlaps = await look.rows(`
    select a.notification_id, a.step, b.step, a.finished_at, b.created_at
    from belfry.deliveries a
    join belfry.deliveries b on b.notification_id = a.notification_id and b.step > a.step
    where b.created_at < a.finished_at and not exists (
      select from belfry.plan_notes t where t.notification_id = a.notification_id
        and t.because ~ 'has not got through within 1h' and t.at <= b.created_at)`)
  assert.deepEqual(overlaps, [])
  for (const [id, at] of reachedAt) {
    const after = 'select id from belfry.deliveries where notification_id = $1 and created_at > $2'
    assert.deepEqual(await look.rows(after, [id, at]), [], 'somebody who was reached is told again')
  }
  for (const { id, at } of cancelled) {
    const after = await look.rows(
      `select d.id from belfry.deliveries d
       left join belfry.attempts a on a.delivery_id = d.id
       where d.notification_id = $1 and (d.created_at > $2 or a.started_at > $2)`,
      [id, at],
    )
    assert.deepEqual(after, [])
  }
  const ends = await look.rows(`
    select n.status, n.reason from belfry.notifications n
    where n.status <> all (select d.status from belfry.deliveries d where d.notification_id = n.id)`)
  assert.deepEqual(ends, [])
  // Otherwise the story was too tame.
  assert.ok(cancelled.length > 0)
  for (const how of ['within 1h, so', 'was sent, so', '(2 of 2)', 'nothing left to try'])
    assert.ok(
      await look.number('select count(*) from belfry.plan_notes where strpos(because, $1) > 0', [
        how,
      ]),
      how,
    )
  assert.deepEqual(faultsLogged(), [])
})

test('what ends at the very moment its time is found to be over is seen', async () => {
  const id = await send({ fallback_channels: ['sms'], fallback_after: '1h' })
  const begun = await begin(contexts[0]!, 'email')
  belfry.clock.advance({ minutes: 61 })
  const now = belfry.clock.now()
  const leaseUntil = new Date(now.getTime() + 60_000)
  const runs = await claimPlanRuns(contexts[1]!.db, { limit: 10, now, leaseUntil })
  const planned = await planTurns(contexts[1]!, runs, now)

  // Who stores what follows holds the plan, so that what has ended cannot tell it.
  await contexts[1]!.db.transaction(async (tx) => {
    await holdPlanRuns(tx, runs)
    await end(contexts[0]!, begun, () => sent)
  })
  await storeTurns(contexts[1]!, runs, planned)
  await goOn()

  assert.equal(planned.rows.turns.length, 1)
  const { body } = await belfry.ask('GET', `/notifications/${id}`)
  assert.deepEqual([body.status, body.deliveries.length], ['sent', 1])
})

test('what gets through after its time stops what was begun instead, if it can', async () => {
  const id = await send({ fallback_channels: ['sms', 'telegram'], fallback_after: '1h' })
  const late = await begin(contexts[0]!, 'email')
  belfry.clock.advance({ minutes: 61 })
  await goOn()

  await end(contexts[0]!, late, () => sent)
  await goOn()

  const { body } = await belfry.ask('GET', `/notifications/${id}`)
  const ways = body.deliveries.map(({ channel, status, reason }: Record<string, string>) => [
    channel,
    status,
    reason,
  ])
  assert.deepEqual(ways, [
    ['email', 'sent', null],
    ['sms', 'skipped', 'no_longer_needed'],
  ])
  assert.equal(body.status, 'sent')
  assert.match(JSON.stringify(body.trace), /email has not got through within 1h, so sms/)
})

test('tried again by hand is what was tried last, not what something else took the place of', async () => {
  const id = await send({ fallback_channels: ['sms'] })
  for (const channel of ['email', 'sms'] as const) {
    await end(contexts[0]!, await begin(contexts[0]!, channel), () => failed)
    await goOn()
  }

  const { body } = await belfry.ask('POST', `/notifications/${id}/retry`)
  const again = await Promise.all(channels.map((channel) => begin(contexts[0]!, channel)))
  await end(contexts[0]!, again.flat(), () => sent)

  assert.equal(body.status, 'success')
  assert.deepEqual(
    again.flat().map(({ channel }) => channel),
    ['sms'],
  )
  assert.equal(await openCount(), 0)
})
