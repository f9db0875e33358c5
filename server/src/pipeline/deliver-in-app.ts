// In-app messages that were to wait: when their moment comes they enter the feed, unless the person has
// come to want something else.
import type { Context } from '../context.ts'
import { deliverInApp, lockDueInApp } from '../sql/in-app.ts'
import { holdPreferences } from '../sql/preferences.ts'
import { recheck } from './recheck.ts'

/** Up to `limit` of them; answers how many. */
export function deliverDueInApp(ctx: Context, limit: number): Promise<number> {
  const now = ctx.clock.now()
  return ctx.db.transaction(async (tx) => {
    const due = await lockDueInApp(tx, { now, limit })
    if (due.length === 0) return 0
    // Nobody can change preferences until what is read now has taken effect.
    for (const id of new Set(due.map(({ workspaceId }) => workspaceId)))
      await holdPreferences(tx, id)
    const rechecked = await recheck(ctx, tx, due)
    const wanted = due.map(({ workspaceId, deliveryId }, i) => ({
      workspaceId,
      deliveryId,
      because: rechecked[i]!.objection?.because ?? null,
    }))
    await deliverInApp(tx, wanted, { now, worker: ctx.worker })
    return due.length
  })
}
