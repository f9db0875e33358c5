import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createClock, offsetAfter } from './clock.ts'
import type { Clock } from './context.ts'
import type { Db } from './sql/db.ts'

// what was read, how far the old offset was, how long the reading took, where the middle of it was,
// how far it is now
const cases: [string, number, number, number, number][] = [
  ['what agrees changes nothing', 0, 10, 0, 0],
  ['what may agree changes nothing', 0, 400, 150, 0],
  ['a few milliseconds are not worth it', 0, 0, 4, 0],
  ['a clock that is behind is moved as far as is certain', 0, 100, 3_000, 2_950],
  ['a clock that is ahead is moved as far as is certain', 0, 100, -3_000, -2_950],
  ['a better reading moves it on', 2_950, 2, 3_000, 2_995],
  ['a worse reading does not move it back', 2_995, 800, 3_300, 2_995],
  ['the clocks agree again', 3_000, 2, 0, 5],
]
for (const [what, before, tookMs, middleMs, after] of cases) {
  test(`of an offset: ${what}`, () => {
    const askedAtMs = 1_000_000
    const theirsMs = askedAtMs + tookMs / 2 + middleMs
    const reading = { askedAtMs, theirsMs, answeredAtMs: askedAtMs + tookMs }
    assert.equal(offsetAfter(before, reading), after)
  })
}

/** A database whose clock is ahead, and that takes its time to say so, on a machine whose time stands still. */
function slowDatabase(t: TestContext, times: number[]): Db & { aheadMs: number; reads: number } {
  let elapsedMs = 0
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_000_000 })
  t.mock.method(performance, 'now', () => elapsedMs)
  return {
    aheadMs: 0,
    reads: 0,
    async query<Row>() {
      this.reads++
      const tookMs = times.shift() ?? 2
      elapsedMs += tookMs
      return [{ now: new Date(Date.now() + this.aheadMs + tookMs) }] as Row[] // read at the very end
    },
  }
}

const aheadOf = (clock: Clock) => clock.now().getTime() - Date.now()
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('of the first readings the quickest counts', async (t) => {
  const db = slowDatabase(t, [900, 2, 700])
  db.aheadMs = 10_000

  const clock = await createClock(db)

  assert.equal(aheadOf(clock), 10_000 - 4) // as far as is certain
})

test('a reading that took long, waiting for a connection, does not move the clock', async (t) => {
  const times: number[] = []
  const db = slowDatabase(t, times)
  const clock = await createClock(db)
  db.aheadMs = 60_000
  times.push(12_000)

  t.mock.timers.tick(60_000)
  await turn()
  const afterSlow = aheadOf(clock)
  t.mock.timers.tick(60_000)
  await turn()

  assert.equal(db.reads, 5)
  assert.deepEqual([afterSlow, aheadOf(clock)], [0, 60_000 - 4])
})
