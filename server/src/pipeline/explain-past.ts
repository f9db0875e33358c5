// Why each person did or did not get what has happened: from what is stored of it.
import type { Context } from '../context.ts'
import { maskAddress } from '../domain/address.ts'
import type { CarriedChannel, Channel } from '../domain/channel.ts'
import { tellOutsider, type Outsider } from '../domain/outsider.ts'
import { retell, type RetoldDelivery } from '../domain/retold.ts'
import { ApiError } from '../errors.ts'
import { countByStatus, findEvent, type EventRow } from '../sql/events.ts'
import { findEventNotificationId, listEventNotifications } from '../sql/notifications.ts'
import { listPreferenceChanges } from '../sql/preferences.ts'
import { findSubscriber } from '../sql/subscribers.ts'
import { listMemberships } from '../sql/topics.ts'
import { follow, type Followed } from './follow.ts'

/** `followed` is null for somebody who has no notification of the event. */
export type Remembered = { recipient: string; followed: Followed | null; sentences: string[] }

export type RememberedPage = { event: EventRow; people: Remembered[]; next: string | null }

/** @throws ApiError `not_found` */
export async function explainEvent(
  ctx: Context,
  workspaceId: number,
  { eventId, after, most }: { eventId: string; after: string; most: number },
): Promise<RememberedPage> {
  const event = await eventOf(ctx, workspaceId, eventId)
  const page = { workspaceId, eventId, after, limit: most + 1 }
  const found = await listEventNotifications(ctx.db, page)
  const people: Remembered[] = []
  for (const { id } of found.slice(0, most)) {
    const told = await remember(ctx, { workspaceId, event }, id)
    if (told) people.push(told)
  }
  return { event, people, next: found.length > most ? found[most - 1]!.recipient : null }
}

/** @throws ApiError `not_found` when there is no such event; anybody may have missed one that there is. */
export async function explainToPerson(
  ctx: Context,
  workspaceId: number,
  { eventId, recipient }: { eventId: string; recipient: string },
): Promise<RememberedPage> {
  const event = await eventOf(ctx, workspaceId, eventId)
  const id = await findEventNotificationId(ctx.db, { workspaceId, eventId, recipient })
  const told = id === null ? null : await remember(ctx, { workspaceId, event }, id)
  return {
    event,
    people: [told ?? (await missed(ctx, { workspaceId, event }, recipient))],
    next: null,
  }
}

/** @throws ApiError `not_found` */
export async function explainNotification(
  ctx: Context,
  workspaceId: number,
  id: string,
): Promise<RememberedPage> {
  const followed = await follow(ctx, workspaceId, id)
  if (!followed) throw new ApiError('not_found', { detail: `There is no notification ${id}.` })
  const event = await eventOf(ctx, workspaceId, followed.notification.eventId)
  return { event, people: [await retold(ctx, { workspaceId, event }, followed)], next: null }
}

async function eventOf(ctx: Context, workspaceId: number, id: string): Promise<EventRow> {
  const event = await findEvent(ctx.db, workspaceId, id)
  if (!event) throw new ApiError('not_found', { detail: `There is no event ${id}.` })
  return event
}

type Of = { workspaceId: number; event: EventRow }

async function remember(ctx: Context, of: Of, id: string): Promise<Remembered | null> {
  const followed = await follow(ctx, of.workspaceId, id)
  return followed && retold(ctx, of, followed)
}

const planSteps: ReadonlySet<string> = new Set(['data', 'wait', 'digest', 'throttle', 'if', 'plan'])

// The latest are enough: what decided was said before, and mostly not long before.
const mostChanges = 200

async function retold(
  ctx: Context,
  { workspaceId, event }: Of,
  followed: Followed,
): Promise<Remembered> {
  const { notification, deliveries } = followed
  const { recipient, isSubscriber } = notification
  const person = isSubscriber ? await findSubscriber(ctx.db, workspaceId, recipient) : null
  const page = { workspaceId, subscriberId: recipient, before: null, offset: 0, limit: mostChanges }
  const changes = person ? await listPreferenceChanges(ctx.db, page) : []
  const story = {
    ...notification,
    data: person?.data ?? {},
    timezone: person?.timezone ?? null,
    threadKey: event.threadKey,
    inAppAt: followed.inAppAt,
    decisions: followed.trace.filter(({ step }) => planSteps.has(step)),
    waitsUntil: followed.waitsUntil,
    cancelledAt: event.cancelledAt,
    expiresAt: event.expiresAt,
    changes,
  }
  const sentences = retell(story, deliveries.map(retoldDelivery), ctx.in(workspaceId).clock.now())
  return { recipient, followed, sentences }
}

function retoldDelivery(delivery: Followed['deliveries'][number]): RetoldDelivery {
  const channel = delivery.channel as Channel // by the table's constraint
  const { address, begunAt, dueAt } = delivery
  return {
    ...delivery,
    channel,
    address: address === null ? null : maskAddress(channel as CarriedChannel, address),
    nextAt: begunAt === null ? dueAt : null,
  }
}

async function missed(
  ctx: Context,
  { workspaceId, event }: Of,
  recipient: string,
): Promise<Remembered> {
  const { id: eventId, audience } = event
  const now = ctx.in(workspaceId).clock.now()
  const topics = audience.flatMap((member) => ('topic' in member ? member.topic : []))
  const [person, memberships, counts] = await Promise.all([
    findSubscriber(ctx.db, workspaceId, recipient),
    listMemberships(ctx.db, workspaceId, { subscriberId: recipient, topics }),
    countByStatus(ctx.db, { workspaceId, eventId, now }),
  ])
  const count = counts.reduce((sum, { count }) => sum + count, 0)
  const outsider: Outsider = {
    recipient,
    data: person?.data ?? {},
    timezone: person?.timezone ?? null,
    isKnown: person !== null,
    memberships,
  }
  const forgottenCount = Math.max(0, event.recipientCount - count)
  return {
    recipient,
    followed: null,
    sentences: tellOutsider(outsider, { ...event, forgottenCount }, now),
  }
}
