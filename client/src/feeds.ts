// The in-app feeds of subscribers.
import type { Call, CallOptions } from './call.ts'
import { createList } from './pages.ts'
import type { Operations } from './schema.ts'

type Doing =
  | 'markSeen'
  | 'markRead'
  | 'markUnread'
  | 'acknowledgeItem'
  | 'archiveItem'
  | 'unarchiveItem'
  | 'unsnoozeItem'

export function createFeeds(call: Call) {
  const doing = (operation: Doing) => (id: string, notificationId: string, options?: CallOptions) =>
    call(operation, { path: { id, notification_id: notificationId } }, options)

  return {
    /** The in-app feed, newest first. */
    feed: (id: string, query: Operations['listFeed']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listFeed', { path: { id }, query }, options),
    /** How many items of the feed are unread, and unseen; also by category. */
    feedCounts: (id: string, options?: CallOptions) => call('countFeed', { path: { id } }, options),
    /** Marks a notification of the feed as seen; the first time is kept. */
    markSeen: doing('markSeen'),
    /** Marks a notification of the feed as read; the first time is kept. */
    markRead: doing('markRead'),
    markUnread: doing('markUnread'),
    /** An action of it was taken: a plan that waits for this ends. */
    acknowledge: doing('acknowledgeItem'),
    archive: doing('archiveItem'),
    unarchive: doing('unarchiveItem'),
    /** Until then it is out of sight; then it comes back unread, at the top. */
    snooze: (id: string, notificationId: string, until: Date, options?: CallOptions) => {
      const path = { id, notification_id: notificationId }
      return call('snoozeItem', { path, body: { until: until.toISOString() } }, options)
    },
    unsnooze: doing('unsnoozeItem'),
    /** Up to 100 that were on a screen together. */
    markManySeen: (id: string, ids: readonly string[], options?: CallOptions) =>
      call('markItemsSeen', { path: { id }, body: { ids: [...ids] } }, options),
    markAllRead: (id: string, body: Operations['readAll']['body'] = {}, options?: CallOptions) =>
      call('readAll', { path: { id }, body }, options),
    archiveAll: (id: string, body: Operations['archiveAll']['body'] = {}, options?: CallOptions) =>
      call('archiveAll', { path: { id }, body }, options),
  }
}
