// A scheduler that dies between any two statements has done all of what was due, or nothing.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Context } from '../src/context.ts'
import { runDueSchedules } from '../src/pipeline/schedule-run.ts'
import { createStory } from './schedule-story.ts'

const story = await createStory()
after(() => story.close())
const { t, look, moveTo, put } = story

/** Loses its connection at the statement with this number. */
function dyingAt(number: number): Context {
  let count = 0
  const { db } = t.ctx
  const transaction: typeof db.transaction = (work) =>
    db.transaction((tx) =>
      work({
        query(statement) {
          if (count++ >= number)
            throw Object.assign(new Error('lost'), { code: 'ECONNRESET', syscall: 'read' })
          return tx.query(statement)
        },
      }),
    )
  return { ...t.ctx, db: { ...db, transaction } }
}

test('whichever statement it dies at, what is due is made once, by whoever comes next', async () => {
  moveTo('2027-01-01T12:00Z')
  await put('local', { to: [{ topic: 'team' }], cron: '0 9 * * *', catch_up: '1d' })
  await put('fixed', { to: ['ana'], cron: '0 9 * * *', timezone: 'UTC' })
  moveTo('2027-01-02T09:00:05Z')
  const counts = async () => [
    await look.number(`select count(*) from belfry.events`),
    await look.number(`select count(*) from belfry.occurrences where status = 'made'`),
  ]

  let deaths = 0
  for (;;) {
    try {
      await runDueSchedules(dyingAt(deaths), 10)
      break
    } catch {
      deaths++
      assert.deepEqual(await counts(), [0, 0], `it died at statement ${deaths}`)
    }
  }
  await runDueSchedules(t.ctx, 10)

  assert.ok(deaths >= 6, String(deaths))
  // Tokyo, Paris and UTC had nine today, New York yesterday; and the one in UTC.
  assert.deepEqual(await counts(), [5, 5])
})
