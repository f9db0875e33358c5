// What the API says about a feed. Written down here, so that the package needs no other one; a test
// compares it with openapi.json.

export type FeedItem = {
  id: string
  event_id: string
  /** The event type; null for a direct message. */
  type: string | null
  category: string | null
  level: string
  thread_key: string | null
  /** Plain text. */
  content: { title?: string; body: string; url?: string; actions?: FeedAction[] }
  created_at: string
  seen_at: string | null
  read_at: string | null
  acknowledged_at: string | null
  /** One answer was enough for all who were asked, and it has come. */
  answered: { at: string; by: string | null } | null
  archived_at: string | null
  snoozed_until: string | null
}

export type FeedAction = { label: string; url: string }

export type FeedFilter = 'all' | 'unread' | 'archived' | 'snoozed'

/** A part of the feed. `category`: only those of this one; null for all. */
export type FeedView = { filter: FeedFilter; category: string | null }

export type FeedPage = {
  notifications: FeedItem[]
  next_cursor: string | null
  unread_count: number
  unseen_count: number
}

export type CategoryCount = { category: string | null; unread_count: number; unseen_count: number }

export type FeedCounts = { unread_count: number; unseen_count: number }

/** Whether an item is shown in this part of the feed. */
export function isShownIn({ filter, category }: FeedView, item: FeedItem): boolean {
  if (category !== null && item.category !== category) return false
  const isArchived = item.archived_at !== null
  const isSnoozed = item.snoozed_until !== null
  switch (filter) {
    case 'all':
      return !isArchived && !isSnoozed
    case 'unread':
      return isUnread(item)
    case 'archived':
      return isArchived
    case 'snoozed':
      return isSnoozed && !isArchived
  }
}

/** Whether an item counts: what is archived or snoozed does not. */
export function isUnread(item: FeedItem): boolean {
  return item.read_at === null && item.archived_at === null && item.snoozed_until === null
}
