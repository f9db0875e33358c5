// Attempts whose worker died, or fell silent past its lease: the message may have gone out, and nobody
// can say. Each is recorded as ambiguous and goes on by the same rules as any other outcome.
import type { Context } from '../context.ts'
import type { Outcome } from '../domain/outcome.ts'
import { listExpiredLeases } from '../sql/queue.ts'
import { settleDeliveries } from '../sql/settle.ts'
import { retryPolicyOf, settlementOf } from './deliver.ts'

const batchSize = 500

/**
 * Answers how many were rescued. Safe to run anywhere at any time: the settlement is fenced, so a
 * worker that answers just now wins or loses as a whole.
 */
export async function rescue(ctx: Context): Promise<number> {
  const now = ctx.clock.now()
  const expired = await listExpiredLeases(ctx.db, now, batchSize)
  if (expired.length === 0) return 0

  const settlements = await Promise.all(
    expired.map(async (lease) => {
      const detail = `${lease.worker} did not say how the attempt ended`
      const outcome: Outcome = { kind: 'ambiguous', code: 'worker_lost', detail }
      const provider = ctx.providers.find(lease.workspaceId, lease.channel, lease.providerId)
      const { worker } = lease
      return settlementOf(ctx, lease, outcome, await retryPolicyOf(ctx, lease), {
        worker,
        provider: provider?.name ?? 'unknown',
        durationMs: null,
      })
    }),
  )
  const settled = await settleDeliveries(ctx.db, settlements, { now, worker: ctx.worker })
  return settled.length
}
