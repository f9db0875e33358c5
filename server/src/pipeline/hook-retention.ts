// Forgetting what hooks were told: what waits too long for a receiver is given up, where everybody sees it.
import type { Context } from '../context.ts'
import { waitingForMs } from '../domain/hook-retry.ts'
import { newId } from '../new-id.ts'
import { deleteOldHookMessages, giveUpHookMessages } from '../sql/hook-retention.ts'

const keptMs = 7 * 24 * 3_600_000

/** Up to `limit` of each; the most that were done of one. */
export async function forgetHookMessages(ctx: Context, now: Date, limit: number): Promise<number> {
  const given = await giveUpHookMessages(ctx.db, {
    before: new Date(now.getTime() - waitingForMs),
    now,
    attemptIds: Array.from({ length: limit }, newId),
    detail: 'It has waited for five days.',
  })
  for (const { hookId, count } of given) {
    ctx.metrics.hookMessagesGivenUp.inc(count)
    ctx.log.error(
      { hookId, count },
      'messages to a hook were given up: its receiver takes less than it is told',
    )
  }
  const givenUp = given.reduce((sum, { count }) => sum + count, 0)
  return Math.max(
    givenUp,
    await deleteOldHookMessages(ctx.db, new Date(now.getTime() - keptMs), limit),
  )
}
