// What waits when somebody moves, or changes their quiet hours, or a workspace its hours: it is looked at again, and
// never begins by what held before.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { momentOf } from '../src/domain/local-time.ts'
import { fanOut } from '../src/pipeline/fan-out.ts'
import { moveTimes } from '../src/pipeline/move-times.ts'
import type { Database, Sql } from '../src/sql/db.ts'
import { insertEvents } from '../src/sql/events.ts'
import { startWorker } from '../src/worker/worker.ts'
import { createLook, createRandom, given, until } from './given.ts'
import { acceptedEvent } from './rows.ts'
import { createTestContext } from './test-context.ts'

const rounds = Number(process.env.BELFRY_TEST_RACE_ROUNDS ?? 200)
const abreast = 8
const hours = { quietStart: '08:00', quietEnd: '22:00' }
const t = await createTestContext({ config: hours })
const other = await t.another()
const look = createLook(t.connection)
after(async () => {
  await look.close()
  await t.close()
})

const show = async (id: string) => (await t.ask('GET', `/notifications/${id}`)).body

async function send(message: Record<string, unknown>): Promise<string> {
  const answer = await t.ask('POST', '/notifications', { message: 'Hello', ...message })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  return answer.body.notification_ids[0]
}

async function change(method: string, url: string, body: unknown): Promise<void> {
  const answer = await t.ask(method, url, body)
  assert.ok(answer.status < 300, `${method} ${url}: ${JSON.stringify(answer.body)}`)
}

const person = (id: string, timezone: string | null) =>
  given.subscriber(t, id, { timezone, email: `${id}@example.com` })

/** A time on the wall so many days from now. */
function onTheWall(days: number, time: string): string {
  const day = Temporal.PlainDate.from(t.clock.now().toISOString().slice(0, 10)).add({ days })
  return `${day.toString()}T${time}`
}

/** Moves time on to the next moment at which a clock in `timezone` shows `time`. */
function goOnTo(time: string, timezone: string): void {
  const now = Temporal.Instant.fromEpochMilliseconds(t.clock.now().getTime())
  const local = now.toZonedDateTimeISO(timezone)
  const next = local.withPlainTime(time)
  const moment = Temporal.ZonedDateTime.compare(next, local) > 0 ? next : next.add({ days: 1 })
  t.clock.advance({ seconds: (moment.epochMilliseconds - now.epochMilliseconds) / 1_000 })
}

const changes: [what: string, (id: string) => Promise<void>][] = [
  ['their preferences', (id) => change('PATCH', `/preferences/${id}`, { timezone: 'Asia/Tokyo' })],
  ['the subscriber', (id) => change('PUT', `/subscribers/${id}`, { timezone: 'Asia/Tokyo' })],
  [
    'many subscribers',
    (id) => change('POST', '/subscribers/bulk', { subscribers: [{ id, timezone: 'Asia/Tokyo' }] }),
  ],
]

for (const [i, [what, move]] of changes.entries())
  test(`a time on the wall moves with the zone of a person, changed with ${what}`, async () => {
    await person(`mover-${i}`, 'Europe/Lisbon')
    const local = onTheWall(3, '15:00:00')
    const to = [`mover-${i}`]
    const id = await send({ to, channels: ['email', 'in_app'], scheduled_time: local })
    const before = await show(id)

    await move(`mover-${i}`)
    await moveTimes(t.ctx, 100)
    const moved = await show(id)

    assert.equal(
      new Date(before.scheduled_time).getTime(),
      momentOf(local, 'Europe/Lisbon').getTime(),
    )
    assert.equal(moved.scheduled_time, momentOf(local, 'Asia/Tokyo').toISOString())
    assert.equal(moved.local_scheduled_time, `${local}+09:00`)
    assert.equal(moved.timezone, 'Asia/Tokyo')
    assert.equal(moved.estimated_delivery_time, moved.scheduled_time)
    for (const delivery of moved.deliveries)
      assert.equal(delivery.next_attempt_at, moved.scheduled_time)
  })

test('a moment with its offset stays, and so does a time on the wall of a zone that was given', async () => {
  await person('stayer', 'Europe/Lisbon')
  const at = new Date(t.clock.now().getTime() + 86_400_000 * 2)
  at.setUTCHours(3, 0, 0, 0)
  const moment = await send({
    to: ['stayer'],
    channels: ['email'],
    scheduled_time: at.toISOString(),
  })
  const local = onTheWall(2, '12:00:00')
  const wall = { scheduled_time: local, timezone: 'Asia/Kolkata' }
  const inKolkata = await send({ to: ['stayer'], channels: ['email'], ...wall })
  const before = await show(moment)

  await change('PATCH', '/preferences/stayer', { timezone: 'Asia/Tokyo' })
  await moveTimes(t.ctx, 100)
  const [one, two] = [await show(moment), await show(inKolkata)]

  assert.equal(before.appropriate_delivery, false, 'it is night in Lisbon')
  assert.equal(one.scheduled_time, at.toISOString())
  assert.equal(one.appropriate_delivery, true, 'and noon in Tokyo')
  assert.equal(one.estimated_delivery_time, at.toISOString())
  assert.equal(two.scheduled_time, momentOf(local, 'Asia/Kolkata').toISOString())
  assert.equal(two.timezone, 'Asia/Kolkata')
})

test('what waits only for quiet hours goes out when these end early, or the workspace changes its own', async () => {
  await person('sleeper', 'Europe/Lisbon')
  await person('owl', 'Europe/Lisbon')
  await change('PATCH', '/preferences/sleeper', { quiet_hours: { start: '20:00', end: '10:00' } })
  goOnTo('23:30', 'Europe/Lisbon')
  const sleeper = await send({ to: ['sleeper'], channels: ['email'] })
  const owl = await send({ to: ['owl'], channels: ['email'] })
  const before = [await show(sleeper), await show(owl)].map((one) => one.estimated_delivery_time)

  await change('PATCH', '/preferences/sleeper', { quiet_hours: { start: '01:00', end: '06:00' } })
  await change('PUT', '/preference-defaults', { hours: { start: '06:30', end: '23:00' } })
  await moveTimes(t.ctx, 100)
  const [first, second] = [await show(sleeper), await show(owl)]
  await change('PUT', '/preference-defaults', {})

  assert.match(before[0], /T10:00/)
  assert.match(before[1], /T08:00/)
  assert.equal(first.deliveries[0].reason, null)
  assert.ok(new Date(first.estimated_delivery_time) <= t.clock.now())
  assert.match(second.estimated_delivery_time, /T06:30/)
})

test('what has become due meanwhile is left to begin, and still says what it had to wait for', async () => {
  await person('late', 'Europe/Lisbon')
  await change('PATCH', '/preferences/late', { quiet_hours: { start: '20:00', end: '10:00' } })
  goOnTo('23:30', 'Europe/Lisbon')
  const id = await send({ to: ['late'], channels: ['email'] })
  await change('PATCH', '/preferences/late', { quiet_hours: { start: '01:00', end: '06:00' } })
  goOnTo('10:00', 'Europe/Lisbon')

  await moveTimes(t.ctx, 100)
  const found = await show(id)

  const said = found.trace.map((entry: { because: string }) => entry.because)
  assert.ok(said.some((because: string) => because.startsWith('late had quiet hours until')))
  assert.equal(found.deliveries[0].reason, 'quiet_hours')
})

test('who has moved to where it is not that late yet is not told early, whoever looked again or not', async () => {
  await person('westward', 'Europe/Lisbon')
  goOnTo('10:00', 'Europe/Lisbon')
  const local = onTheWall(0, '11:00:00')
  const id = await send({ to: ['westward'], channels: ['email'], scheduled_time: local })
  const worker = startWorker(t.ctx, { pollMs: 10 }) // without a scheduler: nobody looks again
  await change('PUT', '/subscribers/westward', { timezone: 'America/New_York' })

  t.clock.advance({ hours: 1.1 })
  const dueAt = momentOf(local, 'America/New_York')
  await until('it is put back', async () => {
    const [{ due_at: due }] = await look.rows(
      'select due_at from belfry.queue where notification_id = $1',
      [id],
    )
    return due.getTime() === dueAt.getTime()
  })
  const early = (await show(id)).attempt_count
  t.clock.advance({ hours: 5 })
  await until('it is sent', async () => /sent|delivered/.test((await show(id)).status))
  await worker.stop(2_000)

  assert.equal(early, 0)
})

test('what is forced while it is looked at again stays forced', async () => {
  await person('hurried', 'Europe/Lisbon')
  goOnTo('16:00', 'Europe/Lisbon') // by night in Tokyo
  const id = await send({ to: ['hurried'], channels: ['email'] })
  await change('PUT', '/subscribers/hurried', { timezone: 'Asia/Tokyo' })
  const { db } = t.ctx
  let count = 0
  const late: Database = {
    ...db,
    async transaction(work) {
      // The first takes the moves, the second moves what was read.
      if (++count === 2) await change('POST', `/notifications/${id}/force`, {})
      return db.transaction(work)
    },
  }

  await moveTimes({ ...t.ctx, db: late }, 100)
  const found = await show(id)

  assert.equal(count, 2)
  assert.ok(new Date(found.estimated_delivery_time) <= t.clock.now())
  assert.equal(found.timezone, 'Europe/Lisbon')
})

const zones = ['Europe/Lisbon', 'Asia/Tokyo', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia']

test('a fan-out that has read somebody before they moved plans again, though what waits was looked at in between', async () => {
  await given.eventType(t, 'held', { channels: ['email'] })
  await person('held', 'Europe/Lisbon')
  const local = onTheWall(5, '12:00:00')
  const now = t.clock.now()
  const event = {
    ...acceptedEvent({ type: 'held', audience: [{ id: 'held' }], createdAt: now, dueAt: now }),
    scheduledLocal: local,
  }
  await insertEvents(other.db, [event], [])
  const [read, mayStore] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const db: Database = {
    ...other.db,
    async query<Row>(statement: Sql): Promise<Row[]> {
      if (statement.text.includes('insert into belfry.notifications')) {
        read.resolve()
        await mayStore.promise
      }
      return other.db.query<Row>(statement)
    },
  }

  const fanned = fanOut({ ...other, db }, db, [{ ...event, epoch: 1, cursor: null }], null)
  await read.promise
  await change('PUT', '/subscribers/held', { timezone: 'Asia/Tokyo' })
  await moveTimes(t.ctx, 100)
  mayStore.resolve()
  await fanned
  await moveTimes(t.ctx, 100)
  const { body } = await t.ask('GET', `/notifications?event_id=${event.id}`)

  const [found] = body.notifications
  assert.equal(found.scheduled_time, momentOf(local, 'Asia/Tokyo').toISOString())
  assert.equal(found.estimated_delivery_time, found.scheduled_time)
})

test(`in ${rounds} races of a fan-out with people who move, all end at the hour of where they went`, async () => {
  const random = createRandom(11)
  const pick = () => zones[Math.floor(random() * zones.length)]!
  const local = onTheWall(5, '12:00:00')
  await given.eventType(t, 'race', { channels: ['email'] })
  await given.template(t, 'race', 'email', { subject: 'Hi', body: 'Hello' })
  const run = async (round: number) => {
    const id = `racer-${round}`
    await person(id, pick())
    const now = t.clock.now()
    const event = {
      ...acceptedEvent({ type: 'race', audience: [{ id }], createdAt: now, dueAt: now }),
      scheduledLocal: local,
    }
    await insertEvents(other.db, [event], [])
    const timezone = pick()
    const [waitMs, sweepMs] = [random() * 8, random() * 8]
    const fanned = sleep(waitMs).then(() =>
      fanOut(other, other.db, [{ ...event, epoch: 1, cursor: null }], null),
    )
    await change('PUT', `/subscribers/${id}`, { timezone })
    await sleep(sweepMs)
    await moveTimes(t.ctx, 100)
    await fanned
    return { event: event.id, timezone }
  }
  for (let i = 0; i < rounds; i += abreast) {
    const ended = await Promise.all(Array.from({ length: abreast }, (_, j) => run(i + j)))
    while ((await moveTimes(t.ctx, 100)) > 0);
    for (const { event, timezone } of ended) {
      const [row] = await look.rows(
        `select n.timezone, n.scheduled_at, q.due_at from belfry.notifications n
         join belfry.queue q on q.notification_id = n.id where n.event_id = $1`,
        [event],
      )
      assert.equal(row.due_at.toISOString(), momentOf(local, timezone).toISOString())
      assert.equal(row.scheduled_at.getTime(), row.due_at.getTime())
      assert.equal(row.timezone, timezone)
    }
  }
})
