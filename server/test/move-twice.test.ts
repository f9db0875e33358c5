// Somebody moves again while what waits for them is looked at for the first time.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { momentOf } from '../src/domain/local-time.ts'
import { moveTimes } from '../src/pipeline/move-times.ts'
import type { Database } from '../src/sql/db.ts'
import { createLook, given, until } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const other = await t.another()
const look = createLook(t.connection)
after(async () => {
  await look.close()
  await t.close()
})

test('of two moves at once the later one counts, for what is shown and for the plan too', async () => {
  await given.subscriber(t, 'nomad', { timezone: 'Europe/Lisbon', email: 'n@example.com' })
  const plan = [{ send: ['email'] }, { wait: { for: '1h' } }, { send: ['email'] }]
  await given.eventType(t, 'tour', { channels: ['email'], plan })
  await given.template(t, 'tour', 'email', { subject: 'Hi', body: 'Hello' })
  const day = Temporal.PlainDate.from(t.clock.now().toISOString().slice(0, 10)).add({ days: 3 })
  const local = `${day.toString()}T15:00:00`
  const event = await given.event(t, 'tour', { to: ['nomad'], scheduled_time: local })
  const worker = t.work({ pollMs: 10 })
  await until('it waits', async () => {
    const waiting = 'select count(*) from belfry.plan_runs'
    return (await look.number(waiting)) === 1
  })
  await worker.stop()
  const moveTo = (timezone: string) => t.ask('PUT', '/subscribers/nomad', { timezone })
  const { db } = t.ctx
  let count = 0
  const late: Database = {
    ...db,
    async transaction(work) {
      // The first takes the moves, the second stores what was planned by them.
      if (++count === 2) {
        await moveTo('America/New_York')
        assert.equal(await moveTimes(other, 10), 1)
      }
      return db.transaction(work)
    },
  }
  const planDueAt = async () =>
    (await look.rows('select due_at from belfry.plan_runs'))[0].due_at.getTime()
  const before = await planDueAt()

  await moveTo('Asia/Tokyo')
  await moveTimes({ ...t.ctx, db: late }, 10)
  const { body } = await t.ask('GET', `/notifications?event_id=${event}`)

  const [found] = body.notifications
  const [lisbon, newYork] = ['Europe/Lisbon', 'America/New_York'].map((zone) =>
    momentOf(local, zone),
  )
  assert.equal(count, 2)
  assert.equal(found.timezone, 'America/New_York')
  assert.equal(found.scheduled_time, newYork!.toISOString())
  assert.equal(found.estimated_delivery_time, newYork!.toISOString())
  assert.equal((await planDueAt()) - before, newYork!.getTime() - lisbon!.getTime())
})
