// So much waits for a change of hours that to look at it again takes longer than one lease.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { moveTimes } from '../src/pipeline/move-times.ts'
import type { Database } from '../src/sql/db.ts'
import { listDueMoves } from '../src/sql/moves.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const other = await t.another()
after(() => t.close())

test('what takes longer than one lease is not begun anew by others', async () => {
  const scheduled_time = new Date(t.clock.now().getTime() + 86_400_000).toISOString()
  const common = { channels: ['email'], message: 'Hello', scheduled_time }
  for (let i = 0; i < 11; i++) {
    const to = Array.from({ length: 50 }, (_, j) => ({
      id: `p-${i}-${j}`,
      email: `p-${i}-${j}@example.com`,
    }))
    const { status } = await t.ask('POST', '/notifications', { to, ...common })
    assert.equal(status, 202)
  }
  await t.ask('PUT', '/preference-defaults', { hours: { start: '06:30', end: '23:00' } })
  const { db } = t.ctx
  const seenByOthers: number[] = []
  const slow: Database = {
    ...db,
    async transaction(work) {
      const result = await db.transaction(work)
      t.clock.advance({ seconds: 50 })
      const due = await listDueMoves(other.db, { now: t.clock.now(), limit: 10 })
      seenByOthers.push(due.length)
      return result
    },
  }

  const count = await moveTimes({ ...t.ctx, db: slow }, 10)
  const left = await moveTimes(other, 10)

  assert.deepEqual([count, left], [1, 0])
  assert.deepEqual(seenByOthers, [0, 0, 0], 'it was taken, and two pages of 500 looked at')
})
