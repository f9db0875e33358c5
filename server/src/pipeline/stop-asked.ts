// After the answer that is enough for everybody: nobody else is looked for, and what others are still asked is
// stopped, in batches that are each for good. Cut in the middle, the rest is done by whoever looks at it next.
import type { Context } from '../context.ts'
import { listShown } from '../sql/acknowledge.ts'
import { countStopped, findAsk, markStopped } from '../sql/asks.ts'
import { insertChanges } from '../sql/changes.ts'
import type { Db } from '../sql/db.ts'
import { stopFanOut } from '../sql/events.ts'
import { cancelAll, eventBatches } from './cancel.ts'

/** How long whoever took the answer has to stop the rest before others do. */
export const stopLeaseMs = 30_000

/** Nothing if it was not answered, or is stopped already. Idempotent. */
export async function stopAsked(ctx: Context, workspaceId: number, eventId: string): Promise<void> {
  const event = { workspaceId, eventId }
  const ask = await findAsk(ctx.db, event)
  if (!ask?.answeredAt) return
  if (ask.isStopped) return markStopped(ctx.db, event)
  // First of all: after it nobody adds people behind our back.
  await stopFanOut(ctx.db, workspaceId, eventId)
  for await (const ids of eventBatches(ctx, event)) {
    const others = ids.filter((id) => id !== ask.notificationId)
    await ctx.db.transaction((tx) => stopOthers(ctx, tx, { ...event, others }))
  }
  await markStopped(ctx.db, event)
}

type Stopping = { workspaceId: number; eventId: string; others: string[] }

async function stopOthers(
  ctx: Context,
  tx: Db,
  { workspaceId, eventId, others }: Stopping,
): Promise<void> {
  const now = ctx.in(workspaceId).clock.now()
  const stopped = await cancelAll(tx, {
    workspaceId,
    notificationIds: others,
    reason: 'answered',
    now,
  })
  const shown = await listShown(tx, workspaceId, others)
  for (let i = 0; i < shown.length; i += toldAtOnce) {
    const part = shown.slice(i, i + toldAtOnce)
    const [notificationIds, recipients] = [
      part.map(({ id }) => id),
      part.map(({ recipient }) => recipient),
    ]
    const change = { workspaceId, what: 'updated' as const, eventId: null }
    await insertChanges(tx, [{ ...change, notificationIds, recipients }])
  }
  const leaseUntil = new Date(now.getTime() + stopLeaseMs)
  await countStopped(tx, { workspaceId, eventId, leaseUntil }, stopped)
}

const toldAtOnce = 500
