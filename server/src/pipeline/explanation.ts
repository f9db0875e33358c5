// An explanation in the words of the API, as a route answers it and a command prints it.
import { maskAddress } from '../domain/address.ts'
import { tellAskedAhead } from '../domain/ask-ahead.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import type { Event } from '../domain/event.ts'
import type { Outlook } from '../domain/prospect.ts'
import { reasonsOf } from '../domain/reason.ts'
import { tellEvent } from '../domain/retold-event.ts'
import type { Explained, Foreseen } from './explain.ts'
import type { Remembered, RememberedPage } from './explain-past.ts'
import type { Followed } from './follow.ts'

/** Of what has not happened. */
export function showExplained(
  { type, level, scheduledAt, scheduledLocal, timezone, expiresAt }: Event,
  { people, next, data, error, isNobody }: Explained,
  now: Date,
) {
  return {
    is_dry_run: true,
    event_id: null as string | null,
    type,
    level: level as string,
    now,
    scheduled_time: scheduledAt,
    local_scheduled_time: scheduledLocal,
    timezone,
    expires_at: expiresAt,
    text_error: error,
    sentences: [
      ...(isNobody ? ['Nobody would be told: the audience is empty.'] : data),
      ...next.map(tellAskedAhead),
    ],
    escalations: next.map(({ level, members, at }) => ({
      level,
      at,
      audience: members.map((member) =>
        'topic' in member ? { topic: member.topic } : { id: 'id' in member ? member.id : '' },
      ),
    })),
    people: people.map(showForeseen),
    count: people.length,
  }
}

/** Of what has happened. */
export function showRememberedPage({ event, people }: RememberedPage, now: Date) {
  return {
    is_dry_run: false,
    event_id: event.id as string | null,
    type: event.type,
    level: event.level,
    now,
    scheduled_time: event.scheduledAt,
    local_scheduled_time: event.scheduledLocal,
    timezone: event.timezone,
    expires_at: event.expiresAt,
    text_error: event.status === 'failed' ? null : event.error,
    sentences: tellEvent(event),
    escalations: [],
    people: people.map(showRemembered),
    count: people.length,
  }
}

function showForeseen({ person, plan, outlooks, steps, sentences }: Foreseen) {
  return {
    recipient_id: person.recipient,
    notification_id: null,
    reasons: person.isSubscriber ? reasonsOf(person.via) : [],
    status: plan.status,
    reason: plan.reason,
    because: plan.because ?? null,
    channels: outlooks.map(showOutlook),
    steps: steps.map(({ outlooks: later, ...step }) => ({
      ...step,
      channels: later.map(showOutlook),
    })),
    trace: [],
    sentences,
  }
}

function showOutlook({ provider, ...rest }: Outlook) {
  return { ...rest, provider: provider?.name ?? null }
}

function showRemembered({ recipient, followed, sentences }: Remembered) {
  if (!followed) return { ...unmentioned, recipient_id: recipient, sentences }
  const { notification, deliveries, trace } = followed
  const channels = deliveries.map(showPastDelivery)
  const isDelivery = deliveries.some(({ channel }) => channel === 'in_app')
  if (followed.inAppAt !== null && !isDelivery)
    channels.unshift({
      channel: 'in_app',
      address: null,
      status: 'delivered',
      reason: null,
      rule: null,
      because: null,
      at: followed.inAppAt,
      provider: null,
      content: notification.content,
    })
  return {
    recipient_id: recipient,
    notification_id: notification.id,
    reasons: notification.isSubscriber ? reasonsOf(notification.via) : [],
    status: notification.status,
    reason: notification.reason,
    because: notification.because,
    channels,
    steps: [],
    trace,
    sentences,
  }
}

type FollowedDelivery = Followed['deliveries'][number]

/** Somebody it was not for. */
const unmentioned = {
  notification_id: null,
  reasons: [],
  status: null,
  reason: null,
  because: null,
  channels: [],
  steps: [],
  trace: [],
}

function showPastDelivery(delivery: FollowedDelivery) {
  const { channel, address, status, reason, because, finishedAt, begunAt, dueAt, content } =
    delivery
  return {
    channel,
    address: address === null ? null : maskAddress(channel as CarriedChannel, address),
    status,
    reason,
    rule: null as string | null,
    because,
    at: finishedAt ?? begunAt ?? dueAt,
    provider: delivery.attempts.at(-1)?.provider ?? null,
    content,
  }
}
