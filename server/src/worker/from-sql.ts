// What comes through SQL: rung by the database, taken up, and given to those who find its people.
import type { Context } from '../context.ts'
import { fanOutLeaseMs } from '../pipeline/intake.ts'
import { takeUp } from '../pipeline/take-up.ts'
import { claimUnchecked } from '../sql/unchecked-events.ts'
import { createDoorbell, type Doorbell } from './doorbell.ts'
import type { Finding } from './finding.ts'

export type FromSql = {
  bell: Doorbell
  /** Somebody rang: there is something, and more may be committed soon. */
  expect(): void
  /** The next events. */
  turn(): Promise<boolean>
}

// Of transactions that come close together only one rings, and it need not be the last to commit: see sql_ring.
const expectingMs = 2_000
const pauseMs = 25

export function createFromSql(ctx: Context, finding: Finding): FromSql {
  const bell = createDoorbell()
  let expectingUntilMs = -Infinity

  return {
    bell,
    expect() {
      expectingUntilMs = performance.now() + expectingMs
      bell.ring()
    },
    async turn() {
      const limit = await finding.batchSize()
      const now = ctx.clock.now()
      const leaseUntil = new Date(now.getTime() + fanOutLeaseMs)
      const claimed = await claimUnchecked(ctx.db, { limit, now, leaseUntil, reach: ctx.reach() })
      const { ready, isQueued } = await takeUp(ctx, claimed, leaseUntil)
      if (isQueued) ctx.signals.ring('belfry_events')
      await finding.findFor(ready)
      if (performance.now() < expectingUntilMs) bell.ringAt(new Date(now.getTime() + pauseMs), now)
      return claimed.length === limit
    },
  }
}
