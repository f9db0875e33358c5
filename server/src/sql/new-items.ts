// What a fan-out tells those who follow feeds: one row of `changes` for the people of small events, and one
// for a part of a broadcast, however many people are in it.
import type { NewChange } from './changes.ts'
import type { FanOutRows, NewNotification } from './fan-out.ts'

const mostNamed = 200

/**
 * An event that is cancelled meanwhile, or a person told already, is no harm: whoever hears of an item looks
 * for it before showing it.
 */
export function newItems({ events, notifications }: FanOutRows): Omit<NewChange, 'what'>[] {
  const inFeed = notifications.filter((item) => item.isSubscriber && item.contentId !== null)
  if (inFeed.length === 0) return []
  const workspaceOf = new Map(events.map((event) => [event.eventId, event.workspaceId]))
  const changes: Omit<NewChange, 'what'>[] = []
  const named = new Map<number, Omit<NewChange, 'what'>>()
  for (const items of byEvent(inFeed)) {
    const { eventId } = items[0]!
    const workspaceId = workspaceOf.get(eventId)!
    if (items.length > mostNamed) {
      changes.push({ workspaceId, eventId, notificationIds: [], recipients: ends(items) })
      continue
    }
    const change = named.get(workspaceId) ?? {
      workspaceId,
      eventId: null,
      notificationIds: [],
      recipients: [],
    }
    if (change.recipients.length === 0) changes.push(change)
    for (const { id, recipient } of items) {
      change.notificationIds.push(id)
      change.recipients.push(recipient)
    }
    named.set(workspaceId, change)
  }
  return changes
}

/** Notifications of one event stand together. */
function byEvent(notifications: NewNotification[]): NewNotification[][] {
  const groups: NewNotification[][] = []
  for (const item of notifications) {
    const last = groups.at(-1)
    if (last?.[0]!.eventId === item.eventId) last.push(item)
    else groups.push([item])
  }
  return groups
}

/** The first and the last of them, as JavaScript orders texts. */
function ends(items: NewNotification[]): string[] {
  let first = items[0]!.recipient
  let last = first
  for (const { recipient } of items) {
    if (recipient < first) first = recipient
    if (recipient > last) last = recipient
  }
  return [first, last]
}
