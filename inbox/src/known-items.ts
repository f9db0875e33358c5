// The items of a feed as they are shown: what the server said, and on top of it what the person has
// just done and the server has not answered yet.
import type { FeedItem } from './feed-item.ts'

export type Change = Partial<
  Pick<FeedItem, 'seen_at' | 'read_at' | 'acknowledged_at' | 'archived_at' | 'snoozed_until'>
>

export function createKnownItems() {
  const told = new Map<string, FeedItem>()
  const doing = new Map<string, Change[]>()

  return {
    get(id: string): FeedItem | undefined {
      const item = told.get(id)
      return item && Object.assign({}, item, ...(doing.get(id) ?? []))
    },

    /** What the server says. */
    tell(item: FeedItem): void {
      told.set(item.id, item)
    },

    /** The server has made this change, whatever else is being done. */
    amend(id: string, change: Change): void {
      const item = told.get(id)
      if (item) told.set(id, { ...item, ...change })
    },

    /** Shows a change until the answer is called. */
    begin(id: string, change: Change): () => void {
      doing.set(id, [...(doing.get(id) ?? []), change])
      return () => {
        const rest = (doing.get(id) ?? []).filter((other) => other !== change)
        if (rest.length > 0) doing.set(id, rest)
        else doing.delete(id)
      }
    },
  }
}
