// Statements that write many rows at once, side by side on the same rows: each takes its locks in one
// order, so that none waits for another in a circle.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { sqlState } from '../src/sql/db.ts'
import { insertFanOut } from '../src/sql/fan-out.ts'
import { deliverInApp, lockDueInApp } from '../src/sql/in-app.ts'
import { cancelDeliveries } from '../src/sql/cancel-deliveries.ts'
import { releaseDeliveries } from '../src/sql/queue.ts'
import { until } from './given.ts'
import { again, claim, createRows, fanOutRows, now, settle, settlement } from './rows.ts'
import { storeEvent, workspaceId, type GivenPerson } from './rows.ts'

const { db, look, close } = await createRows()
after(close)

const people: GivenPerson[] = Array.from({ length: 150 }, (_, i) => ({
  recipient: `p${i}`,
  channels: ['webhook', 'sms', 'in_app' as 'push'], // the last waits for its moment in the queue
}))

/** Three deliveries to each person, in an order that has nothing to do with that of the people. */
async function store(): Promise<string[]> {
  const rows = fanOutRows(await storeEvent(db), people)
  for (const delivery of rows.deliveries) delivery.id = randomUUID()
  await insertFanOut(db, rows)
  return rows.notifications.map(({ id }) => id)
}

const settleHalf = (begun: Awaited<ReturnType<typeof claim>>) =>
  settle(
    db,
    begun.map((each, i) => settlement(each, i % 2 ? again : {})),
  )

const showInApp = () =>
  db.transaction(async (tx) => {
    const due = await lockDueInApp(tx, { now, limit: 1_000 })
    const wanted = due.map((each) => ({ ...each, position: randomUUID(), because: null }))
    await deliverInApp(tx, wanted, { now, worker: 'w' })
  })

test('outcomes, in-app messages and cancels that meet on the same people never dead-lock', async () => {
  const states: (string | null)[] = []
  for (let round = 0; round < 40; round++) {
    const notificationIds = await store()
    const webhooks = await claim(db, { limit: 1_000 })
    const messages = await claim(db, { limit: 1_000, channel: 'sms' })
    const work = [
      () => settleHalf(webhooks.slice(0, 120)),
      () => releaseDeliveries(db, webhooks.slice(120).toReversed(), now),
      () => settleHalf(messages),
      showInApp,
      () => cancelDeliveries(db, { workspaceId, notificationIds, now }),
      () =>
        cancelDeliveries(db, { workspaceId, notificationIds: notificationIds.toReversed(), now }),
    ]
    const results = await Promise.allSettled(work.map((each) => each()))
    for (const result of results)
      if (result.status === 'rejected') states.push(sqlState(result.reason))
    await db.query({ name: '', text: 'truncate belfry.queue', values: [] })
  }

  assert.deepEqual(states, [])
})

test('an attempt that fails at the very moment of a cancel was the last', async () => {
  await store()
  const begun = await claim(db, { limit: 1_000 })
  const notificationIds = begun.map(({ notificationId }) => notificationId)

  let settled!: ReturnType<typeof settle>
  await db.transaction(async (tx) => {
    await cancelDeliveries(tx, { workspaceId, notificationIds, now })
    settled = settle(
      db,
      begun.map((each) => settlement(each, again)),
    )
    const waiting = `select count(*) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
    await until('it waits for the cancel', async () => (await look.number(waiting)) > 0)
  })

  assert.ok((await settled).every(({ status }) => status === 'cancelled'))
  assert.equal((await settled).length, people.length)
  assert.equal(await look.number(`select count(*) from belfry.queue where channel = 'webhook'`), 0)
})
