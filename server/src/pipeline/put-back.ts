// What was put back when it was to begin is shown as scheduled again. It is a word, and no more: what happens is
// in the queue, so nothing has to wait for it.
import type { Context } from '../context.ts'
import { holdNotifications } from '../sql/acts.ts'
import { updatePutBack } from '../sql/put-back.ts'
import type { Settled, Settlement } from '../sql/settle.ts'

type PutBack = { workspaceId: number; notificationId: string }

/** Of what was settled, those that nobody was called for and that are still to begin: not for a provider, which is no matter of time. */
export function putBackOf(settlements: Settlement[], settled: Settled[]): PutBack[] {
  const isWaiting = ({ number, status, waitsFor }: Settlement) =>
    number === null && status === null && waitsFor === undefined
  if (!settlements.some(isWaiting)) return []
  const open = new Set(settled.flatMap(({ deliveryId, status }) => (status ? [] : deliveryId)))
  return settlements.filter((each) => isWaiting(each) && open.has(each.deliveryId))
}

/** Never throws. In a transaction of its own: others hold the same notifications in one order. */
export async function showPutBack(ctx: Context, putBack: readonly PutBack[]): Promise<void> {
  for (const [workspaceId, each] of Map.groupBy(putBack, (one) => one.workspaceId)) {
    const notificationIds = [...new Set(each.map(({ notificationId }) => notificationId))]
    try {
      await ctx.db.transaction(async (tx) => {
        await holdNotifications(tx, workspaceId, notificationIds)
        await updatePutBack(tx, { workspaceId, notificationIds })
      })
    } catch (err) {
      const fields = { err, count: notificationIds.length }
      ctx.log.warn(fields, 'what was put back is shown as processing until it begins')
    }
  }
}
