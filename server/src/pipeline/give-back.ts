// Deliveries that were begun, and of which no byte has left.
import type { Context } from '../context.ts'
import { releaseDeliveries } from '../sql/queue.ts'
import { settleDeliveries } from '../sql/settle.ts'
import { notAttempted, type Unattempted } from './not-attempted.ts'

/** They may begin again from `dueAt` on. What was cancelled meanwhile was never sent, and ends as that. */
export async function giveBack(ctx: Context, begun: Unattempted[], dueAt: Date): Promise<void> {
  const released = await releaseDeliveries(ctx.db, begun, dueAt)
  const ids = new Set(released.map(({ deliveryId }) => deliveryId))
  const cancelled = begun.filter(({ deliveryId }) => !ids.has(deliveryId))
  if (cancelled.length === 0) return
  const ends = cancelled.map((each) => notAttempted(ctx, each, 'cancelled'))
  await settleDeliveries(ctx.db, ends, { now: ctx.clock.now(), worker: ctx.worker })
  ctx.waits.tell()
}
