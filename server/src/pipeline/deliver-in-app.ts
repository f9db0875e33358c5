// In-app messages that were to wait: when their moment comes they enter the feed, unless the person has
// come to want something else.
import type { Context } from '../context.ts'
import { newId } from '../new-id.ts'
import { deliverInApp, lockDueInApp, type DueInApp } from '../sql/in-app.ts'
import { holdPreferences } from '../sql/preferences.ts'
import { postponeInApp } from '../sql/put-back.ts'
import { showPutBack } from './put-back.ts'
import { recheck, type Rechecked } from './recheck.ts'

/** Up to `limit` of them; answers how many. */
export async function deliverDueInApp(ctx: Context, limit: number): Promise<number> {
  const now = ctx.clock.now()
  const { count, putBack } = await ctx.db.transaction(async (tx) => {
    const due = await lockDueInApp(tx, { now, limit, reach: ctx.reach() })
    if (due.length === 0) return { count: 0, putBack: [] }
    // Nobody can change preferences until what is read now has taken effect.
    for (const id of new Set(due.map(({ workspaceId }) => workspaceId)))
      await holdPreferences(tx, id)
    const rechecked = await recheck(ctx, tx, due)
    const weighed = due.map((delivery, i) => ({ ...delivery, ...rechecked[i]! }))
    const isReady = ({ isExpired, objection }: (typeof weighed)[number]) =>
      isExpired || !objection?.until
    const ready = weighed.filter(isReady)
    await deliverInApp(tx, ready.map(entryOf), { now, worker: ctx.worker })
    // They have moved to where it is not that late yet.
    const putBack = weighed
      .filter((each) => !isReady(each))
      .map(({ workspaceId, deliveryId, notificationId, objection }) => {
        return { workspaceId, deliveryId, notificationId, dueAt: objection!.until! }
      })
    if (putBack.length > 0) await postponeInApp(tx, putBack)
    return { count: due.length, putBack }
  })
  await showPutBack(ctx, putBack)
  return count
}

function entryOf({ workspaceId, deliveryId, objection }: DueInApp & Pick<Rechecked, 'objection'>) {
  return { workspaceId, deliveryId, position: newId(), because: objection?.because ?? null }
}
