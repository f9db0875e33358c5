// How an item of a feed looks outside, asked for or as it happens.
import type { FeedCount, FeedItem } from '../sql/feed.ts'

export function showFeedItem(item: FeedItem) {
  return {
    id: item.id,
    event_id: item.eventId,
    type: item.type,
    category: item.category,
    level: item.level,
    thread_key: item.threadKey,
    content: item.content,
    created_at: item.createdAt,
    seen_at: item.seenAt,
    read_at: item.readAt,
    acknowledged_at: item.acknowledgedAt,
    answered: item.answeredAt && { at: item.answeredAt, by: item.answeredBy },
    archived_at: item.archivedAt,
    snoozed_until: item.snoozedUntil,
  }
}

/** `counts`: by category. */
export function showCounts(counts: Pick<FeedCount, 'unreadCount' | 'unseenCount'>[]) {
  const sum = (of: (count: (typeof counts)[number]) => number) =>
    counts.reduce((total, count) => total + of(count), 0)
  return {
    unread_count: sum(({ unreadCount }) => unreadCount),
    unseen_count: sum(({ unseenCount }) => unseenCount),
  }
}
