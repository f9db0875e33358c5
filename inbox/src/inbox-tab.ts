// The tabs of an inbox.
import type { FeedFilter } from './feed-item.ts'

/** `label`: what it says, instead of the word for its filter. `category`: only what is of this one. */
export type InboxTab = { filter?: FeedFilter; category?: string; label?: string }

export const defaultTabs: readonly InboxTab[] = [
  { filter: 'all' },
  { filter: 'unread' },
  { filter: 'snoozed' },
  { filter: 'archived' },
]
