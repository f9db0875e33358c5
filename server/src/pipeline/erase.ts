// Forgetting people who asked for it, after they have become unreachable: batch by batch, until nothing is
// left and nobody who had read them before can add anything.
import type { Context } from '../context.ts'
import { endErasure, eraseNotifications, listErasures } from '../sql/erase.ts'
import { fanOutLeaseMs } from './intake.ts'

const atOnce = 20
const batchSize = 500

/** One batch of each person who is being erased. True: there is more to do right now. */
export async function forgetErased(ctx: Context): Promise<boolean> {
  // Whoever found their people before the erasure has given up by then.
  const settledBefore = new Date(ctx.clock.now().getTime() - 2 * fanOutLeaseMs)
  let isMore = false
  for (const person of await listErasures(ctx.db, atOnce)) {
    const count = await ctx.db.transaction((tx) => eraseNotifications(tx, person, batchSize))
    if (count === batchSize) isMore = true
    else await endErasure(ctx.db, person, settledBefore)
  }
  return isMore
}
