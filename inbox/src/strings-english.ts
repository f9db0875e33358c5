// What the components say, in English; and so, with the words of the preference centre, the list of
// everything they say.
import type { preferenceEnglish } from './strings-preferences.ts'

/** Forms by plural category, as `Intl.PluralRules` has them; `{n}` is the number. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

const feedEnglish = {
  title: 'Notifications',
  bellUnread: { one: 'Notifications, {n} unread', other: 'Notifications, {n} unread' } as Plural,
  all: 'All',
  unread: 'Unread',
  snoozed: 'Snoozed',
  archived: 'Archived',
  everyCategory: 'All categories',
  markAllRead: 'Mark all as read',
  preferences: 'Preferences',
  back: 'Back',
  close: 'Close',
  loading: 'Loading…',
  important: 'Important',
  markRead: 'Mark as read',
  markUnread: 'Mark as unread',
  archive: 'Archive',
  unarchive: 'Move back to the inbox',
  snooze: 'Snooze',
  unsnooze: 'End the snooze',
  inAnHour: 'In an hour',
  thisEvening: 'This evening',
  tomorrow: 'Tomorrow',
  nextWeek: 'Next week',
  snoozedUntil: 'Snoozed until {time}',
  isArchived: 'Archived',
  isUnarchived: 'Moved back to the inbox',
  isAllRead: 'Everything is marked as read',
  undo: 'Undo',
  retry: 'Try again',
  failed: 'That did not work, so nothing has changed.',
  arrived: { one: '{n} new notification', other: '{n} new notifications' } as Plural,
  emptyAll: 'You’re all caught up',
  emptyAllText: 'New notifications will show up here.',
  emptyUnread: 'Nothing unread',
  emptyUnreadText: 'You have read everything. Well done.',
  emptySnoozed: 'Nothing snoozed',
  emptySnoozedText: 'Snooze a notification, and it comes back when you have time for it.',
  emptyArchived: 'Nothing archived',
  emptyArchivedText: 'Archive what is done with. It stays here in case you need it.',
  offline: 'No connection. What is new shows up once you are back.',
  loadFailed: 'Your notifications could not be loaded',
  loadFailedText: 'Check your connection, then try again.',
  signedOut: 'You are signed out',
  signedOutText: 'Sign in again to see your notifications.',
}

export type Strings = typeof feedEnglish & typeof preferenceEnglish

// Without those of the preference centre: they are added with it.
export const english = feedEnglish as Strings
