// Events that are rendered apart belong to one worker for as long as that takes, and not for ever.
import assert from 'node:assert/strict'
import { after, beforeEach, mock, test, type TestContext } from 'node:test'
import { until } from '../../test/given.ts'
import { createRows, later, storeEvent } from '../../test/rows.ts'
import { fanOutLeaseMs, longestFanOutMs } from '../pipeline/intake.ts'
import { claimEvents, type ClaimedEvent } from '../sql/events.ts'
import { createApart } from './apart.ts'

const { db, look, close } = await createRows()
after(close)
beforeEach(() => look.rows('truncate belfry.events, belfry.event_queue'))

const leaseSeconds = fanOutLeaseMs / 1_000
const warnings: unknown[] = []

/** A worker that has begun with the only event; its time, and its end, are the test's. */
async function beginSlowly(t: TestContext) {
  let seconds = 0
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.timers.reset())
  const { promise: found, resolve: end } = Promise.withResolvers<void>()
  const clock = { now: () => later(seconds), close: () => {} }
  const log = { warn: (fields: unknown) => warnings.push(fields) }
  const apart = createApart({ db, clock, log }, { find: () => found, onFree: () => {} })
  await storeEvent(db, { epoch: 0 })
  await apart.begin([await claimAt(0)])
  return {
    /** Moves time on, and lets everything that is due then happen. */
    async passTo(next: number, leaseUntil: Date) {
      const passedMs = (next - seconds) * 1_000
      seconds = next
      mock.timers.tick(passedMs)
      await until(`the lease ends at ${leaseUntil.toISOString()}`, async () => {
        const [row] = await look.rows('select due_at from belfry.event_queue')
        return row?.due_at.getTime() === leaseUntil.getTime()
      })
    },
    end,
    idle: apart.idle,
  }
}

/** The moments at which leases are renewed, in seconds. */
function renewals(last: number): number[] {
  const every = leaseSeconds / 3
  return Array.from({ length: last / every }, (_, i) => (i + 1) * every)
}

/** What another worker would get. */
function claimAt(seconds: number): Promise<ClaimedEvent[]> {
  const leaseUntil = later(seconds + leaseSeconds)
  return claimEvents(db, { limit: 10, now: later(seconds), leaseUntil })
}

test('while the texts of an event are rendered apart its lease is renewed, and nobody else takes it', async (t) => {
  const worker = await beginSlowly(t)

  for (const seconds of renewals(2 * leaseSeconds)) {
    await worker.passTo(seconds, later(seconds + leaseSeconds))
    assert.deepEqual(await claimAt(seconds), [], `after ${seconds} s`)
  }
  worker.end()
  await worker.idle()

  const end = 3 * leaseSeconds
  await worker.passTo(end, later(end)) // the last renewal was at 2 × the lease, and no other comes
  assert.equal((await claimAt(end)).length, 1)
  assert.deepEqual(warnings, [])
})

test('an event whose texts are never ready is for another worker in the end', async (t) => {
  const worker = await beginSlowly(t)
  const last = (longestFanOutMs - fanOutLeaseMs) / 1_000
  for (const seconds of renewals(last)) await worker.passTo(seconds, later(seconds + leaseSeconds))

  await worker.passTo(last + leaseSeconds / 3, later(last + leaseSeconds))

  assert.deepEqual(await claimAt(last + leaseSeconds - 1), [])
  assert.equal((await claimAt(last + leaseSeconds)).length, 1)
  worker.end()
  await worker.idle()
})
