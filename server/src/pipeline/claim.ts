// Beginning deliveries that wait: claimed and begun in one statement, then their texts, which many
// share, from memory where possible, and what their people want by now. What somebody has changed after
// the claim was committed is for the next time; what was changed before is seen.
import type { Context } from '../context.ts'
import type { Content } from '../domain/content.ts'
import { recheck } from './recheck.ts'
import { findContents } from '../sql/contents.ts'
import { claimDeliveries } from '../sql/queue.ts'
import type { BegunDelivery, Claim, ClaimedDelivery } from '../sql/queue.ts'
import type { ContentCache } from './content-cache.ts'
import { giveBack } from './give-back.ts'

export async function claim(
  ctx: Context,
  cache: ContentCache,
  wanted: Omit<Claim, 'carriers'>,
): Promise<BegunDelivery[]> {
  const claimed = await claimDeliveries(ctx.db, {
    reach: ctx.reach(),
    carriers: ctx.providers.deviceCarriers,
    shares: ctx.breakers.shares(wanted.now),
    ...wanted,
  })
  if (claimed.length === 0) return []
  try {
    return await withTexts(ctx, cache, claimed)
  } catch (error) {
    // Nothing has been sent: the others need not wait for the lease, and nobody need be in doubt.
    await giveBack(ctx, claimed, wanted.now)
    throw error
  }
}

async function withTexts(
  ctx: Context,
  cache: ContentCache,
  claimed: ClaimedDelivery[],
): Promise<BegunDelivery[]> {
  // Held here: while the missing ones are read, other claims make the cache forget.
  const texts = new Map<string, Content>()
  const missing = new Map<string, { workspaceId: number; id: string }>()
  for (const { workspaceId, contentId } of claimed) {
    const known = cache.get(contentId)
    if (known) texts.set(contentId, known)
    else missing.set(contentId, { workspaceId, id: contentId })
  }
  const [found, rechecked] = await Promise.all([
    missing.size > 0 ? findContents(ctx.db, [...missing.values()]) : [],
    recheck(ctx, ctx.db, claimed),
  ])
  for (const { id, content } of found) {
    texts.set(id, content)
    cache.set(id, content)
  }
  return claimed.map((delivery, i) => {
    const content = texts.get(delivery.contentId)
    if (content === undefined) throw new Error(`the text ${delivery.contentId} is missing`)
    const { listener, objection, holds } = rechecked[i]!
    const { recipient, isSubscriber, level } = listener
    return { ...delivery, content, recipient, isSubscriber, level, objection, holds }
  })
}
