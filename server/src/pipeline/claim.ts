// Beginning deliveries that wait: claimed and begun in one statement, then their texts, which many
// share, from memory where possible.
import type { Context } from '../context.ts'
import type { Content } from '../domain/content.ts'
import { claimDeliveries, findContents, releaseDeliveries } from '../sql/queue.ts'
import type { BegunDelivery, Claim, ClaimedDelivery } from '../sql/queue.ts'

export async function claim(
  ctx: Context,
  texts: ContentCache,
  wanted: Claim,
): Promise<BegunDelivery[]> {
  const claimed = await claimDeliveries(ctx.db, wanted)
  if (claimed.length === 0) return []
  try {
    return await withTexts(ctx, texts, claimed)
  } catch (error) {
    // Nothing has been sent: the others need not wait for the lease, and nobody need be in doubt.
    await releaseDeliveries(ctx.db, claimed, wanted.now)
    throw error
  }
}

async function withTexts(
  ctx: Context,
  texts: ContentCache,
  claimed: ClaimedDelivery[],
): Promise<BegunDelivery[]> {
  const missing = new Map(
    claimed
      .filter(({ contentId }) => !texts.has(contentId))
      .map(({ workspaceId, contentId }) => [contentId, { workspaceId, id: contentId }]),
  )
  const found = missing.size > 0 ? await findContents(ctx.db, [...missing.values()]) : []
  for (const { id, content } of found) texts.set(id, content)
  const begun = claimed.map((delivery) => ({
    ...delivery,
    content: texts.get(delivery.contentId)!,
  }))
  forgetOldest(texts)
  return begun
}

/** Frozen texts by id, oldest first. They never change. */
export type ContentCache = Map<string, Content>

const mostTexts = 1_000

function forgetOldest(texts: ContentCache): void {
  for (const id of texts.keys()) {
    if (texts.size <= mostTexts) return
    texts.delete(id)
  }
}
