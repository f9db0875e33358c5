// Attempts whose worker died, or fell silent past its lease: the message may have gone out, and nobody
// can say. Each is recorded as ambiguous and goes on by the same rules as any other outcome.
import type { Context } from '../context.ts'
import type { Outcome } from '../domain/outcome.ts'
import { listExpiredLeases, type ExpiredLease } from '../sql/queue.ts'
import { settleDeliveries, type Settlement } from '../sql/settle.ts'
import { isUnavailable } from '../sql/unavailable.ts'
import { retryPolicyOf, settlementOf } from './deliver.ts'

const batchSize = 500

/**
 * Answers how many were rescued. Safe to run anywhere at any time: the settlement is fenced, so a
 * worker that answers just now wins or loses as a whole.
 */
export async function rescue(ctx: Context): Promise<number> {
  const now = ctx.clock.now()
  const expired = await listExpiredLeases(ctx.db, now, batchSize, ctx.reach())
  if (expired.length === 0) return 0

  const settlements = await Promise.all(expired.map((lease) => ambiguous(ctx, lease)))
  return settle(ctx, settlements, now)
}

async function ambiguous(ctx: Context, lease: ExpiredLease): Promise<Settlement> {
  const { providerId, worker } = lease
  const detail = `${worker} did not say how the attempt ended`
  const outcome: Outcome = { kind: 'ambiguous', code: 'worker_lost', detail }
  const provider = providerId === null ? null : ctx.providers.byId(providerId)
  const name = provider?.name ?? (providerId === null ? 'sandbox' : 'unknown')
  const made = { worker, provider: name, durationMs: null }
  const policy = await retryPolicyOf(ctx, lease)
  return settlementOf(ctx, lease, outcome, { policy, made, provider })
}

/** Together; one by one when one of them cannot be stored, so that it holds up nobody else. */
async function settle(ctx: Context, settlements: Settlement[], now: Date): Promise<number> {
  try {
    const settled = await settleDeliveries(ctx.db, settlements, { now, worker: ctx.worker })
    if (settled.some(({ isAwaited }) => isAwaited)) ctx.signals.ring('belfry_plans')
    return settled.length
  } catch (error) {
    if (isUnavailable(error)) throw error
    if (settlements.length === 1) {
      const { deliveryId } = settlements[0]!
      ctx.log.error({ err: error, deliveryId }, 'a lost attempt could not be recorded')
      return 0
    }
  }
  let count = 0
  for (const one of settlements) count += await settle(ctx, [one], now)
  return count
}
