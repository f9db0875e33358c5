// What people do with their feed. Every change of an item's state goes through `changeItems`, whoever
// asks for it: whatever else depends on what somebody has seen or read hangs there.
import type { Context } from '../context.ts'
import type { FeedAction } from '../domain/feed.ts'
import { newId } from '../new-id.ts'
import type { Db } from '../sql/db.ts'
import type { FeedOwner } from '../sql/feed.ts'
import { insertChanges, type NewChange } from '../sql/changes.ts'
import { changeFeedItems, listEndedSnoozes, listFeedIds } from '../sql/feed-changes.ts'
import { nudgePlanRuns } from '../sql/plan-wakes.ts'

export type ItemOfFeed = FeedOwner & { id: string }

/** Answers those that were changed: what is so already, or in nobody's feed, is left as it is. */
export async function changeItems(
  ctx: Context,
  tx: Db,
  action: FeedAction,
  items: ItemOfFeed[],
  until: Date | null = null,
): Promise<ItemOfFeed[]> {
  if (items.length === 0) return []
  const placed = items.map((item) => ({ ...item, position: newId() }))
  const now = ctx.in(items[0]!.workspaceId).clock.now()
  const changed = await changeFeedItems(tx, { action, items: placed, until, now })
  await insertChanges(tx, changesOf(action, changed))
  if (endsWaits.has(action)) await nudgePlanRuns(tx, { items: changed, now })
  return changed
}

const mostToldSingly = 100

/** For those who follow the feed as it changes. */
function changesOf(action: FeedAction, changed: ItemOfFeed[]): NewChange[] {
  const what = action === 'wake' ? 'created' : 'updated'
  const owners = Map.groupBy(changed, (item) => `${item.workspaceId} ${item.subscriberId}`)
  return [...owners.values()].map((items) => {
    const { workspaceId, subscriberId } = items[0]!
    const change = { workspaceId, eventId: null }
    return items.length > mostToldSingly
      ? { ...change, what: 'many', notificationIds: [], recipients: [subscriberId] }
      : {
          ...change,
          what,
          notificationIds: items.map(({ id }) => id),
          recipients: items.map(() => subscriberId),
        }
  })
}

/** What plans may wait for. */
const endsWaits: ReadonlySet<FeedAction> = new Set(['seen', 'read'])

const manyAtOnce = 5_000

/** Does it with everything in these parts of a feed, in batches that are each for good; how many it were. */
export async function changeAllItems(
  ctx: Context,
  action: FeedAction,
  { owner, parts, category }: { owner: FeedOwner; parts: number[]; category: string | null },
): Promise<number> {
  const createdUntil = ctx.in(owner.workspaceId).clock.now()
  let count = 0
  for (;;) {
    const many = { ...owner, parts, category, createdUntil, limit: manyAtOnce }
    const found = await listFeedIds(ctx.db, many)
    const items = found.map(({ id }) => ({ ...owner, id }))
    const changed = await ctx.db.transaction((tx) => changeItems(ctx, tx, action, items))
    count += changed.length
    ctx.streams.tell()
    ctx.interest.tell()
    // Nothing changed: somebody else is doing the same, and was faster.
    if (found.length < manyAtOnce || changed.length === 0) return count
  }
}

const wakeAtOnce = 500

/** Brings back what was snoozed until now, as if it were new. True: there may be more. */
export async function wakeSnoozed(ctx: Context): Promise<boolean> {
  const items = await listEndedSnoozes(ctx.db, {
    now: ctx.clock.now(),
    limit: wakeAtOnce,
    reach: ctx.reach(),
  })
  if (items.length === 0) return false
  await ctx.db.transaction((tx) => changeItems(ctx, tx, 'wake', items))
  ctx.streams.tell()
  ctx.interest.tell()
  return items.length === wakeAtOnce
}
