import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createRows, later, now, storeEvent } from '../../test/rows.ts'
import { claimEvents, moveLeases } from './events.ts'
import { waitForData } from './waiting-events.ts'

const rows = await createRows()
const { db, look } = rows
after(() => rows.close())

test('what waits for data comes when it was said, though the lease of its group is renewed meanwhile', async () => {
  await storeEvent(db)
  const [event] = await claimEvents(db, { limit: 1, now, leaseUntil: later(30) })

  await waitForData(db, event!, { dueAt: later(600), notes: [] })
  await moveLeases(db, [event!], { now, until: later(60) })

  const waiting = await look.rows('select due_at, failure_count from belfry.event_queue')
  assert.deepEqual(waiting, [{ due_at: later(600), failure_count: 1 }])
})
