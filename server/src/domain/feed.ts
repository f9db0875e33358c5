// The in-app feed of a person: its parts, and what can be done with what is in it.

/** Where the feed shows a notification, as the database has it. */
export const feedParts = { unread: 1, read: 2, archived: 3, snoozed: 4 } as const

export const feedFilters = ['all', 'unread', 'archived', 'snoozed'] as const
export type FeedFilter = (typeof feedFilters)[number]

/** The parts that a filter shows. `all` is what is neither archived nor snoozed. */
export function partsOf(filter: FeedFilter): number[] {
  return filter === 'all' ? [feedParts.unread, feedParts.read] : [feedParts[filter]]
}

/** What can be done with an item. `wake`: its snooze is over. */
export const feedActions = [
  'seen',
  'read',
  'unread',
  'archive',
  'unarchive',
  'snooze',
  'unsnooze',
  'wake',
] as const
export type FeedAction = (typeof feedActions)[number]

/** Counting stops here: a person with more has "1000 or more", and counting stays cheap. */
export const mostCounted = 1_000

/** As a category in a filter: those that have none. */
export const noCategory = 'none'
