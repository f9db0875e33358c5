// The articles of a feed in their order. Each keeps its place in the page for as long as it is shown, so
// that neither the focus nor an animation is lost when others come and go.
import { render, type TemplateResult } from 'lit-html'
import type { FeedItem } from './feed-item.ts'

export type FeedList = ReturnType<typeof createFeedList>

export function createFeedList() {
  let frames = new Map<string, HTMLElement>()

  return (
    feed: Element | null,
    items: readonly FeedItem[],
    article: (item: FeedItem, i: number) => TemplateResult,
  ): void => {
    const before = frames
    frames = new Map(
      items.map(({ id }) => [id, before.get(id) ?? document.createElement('div')] as const),
    )
    for (const [id, frame] of before) if (!frames.has(id)) frame.remove()
    items.forEach((item, i) => {
      const frame = frames.get(item.id)!
      render(article(item, i), frame)
      const there = feed?.children[i] ?? null
      if (there !== frame) feed?.insertBefore(frame, there)
    })
  }
}
