// How a result looks outside, the same in a stream and to a hook: what Standard Webhooks calls a payload.
import { maskAddress } from './domain/address.ts'
import type { CarriedChannel } from './domain/channel.ts'
import type { ResultFilter } from './domain/result.ts'
import type { ResultRow } from './sql/results.ts'

export type ResultMessage = { type: string; timestamp: Date; data: Record<string, unknown> }

export function showResult(row: ResultRow): ResultMessage {
  return { type: row.type, timestamp: row.at, data: dataOf(row) }
}

function dataOf(row: ResultRow): Record<string, unknown> {
  if (row.hookId !== null)
    return {
      id: row.hookId,
      url: row.hookUrl && maskAddress('webhook', row.hookUrl),
      description: row.hookDescription,
      ...(row.type === 'hook.disabled' ? { disabled_reason: row.reason } : { reason: row.reason }),
    }
  const status = statusOf(row)
  const about = { event_id: row.eventId, type: row.eventType, recipient_id: row.recipient }
  if (row.deliveryId !== null)
    return {
      id: row.deliveryId,
      notification_id: row.notificationId,
      ...about,
      channel: row.channel,
      provider: row.provider,
      address: row.address && maskAddress(row.channel as CarriedChannel, row.address),
      status,
      reason: row.reason,
      attempt_count: row.attemptCount,
      created_at: row.deliveredFrom,
      finished_at: row.at,
    }
  return {
    id: row.notificationId,
    ...about,
    channel: row.notificationChannel,
    status,
    reason: row.reason,
    level: row.level,
    created_at: row.createdAt,
    scheduled_time: row.scheduledAt,
    finished_at: isReading(row) ? row.finishedAt : row.at,
    read_at: row.readAt,
    acknowledged_at: row.acknowledgedAt,
    acknowledged_via: row.acknowledgedVia,
    acknowledged_by: row.acknowledgedBy,
  }
}

const readings = /\.(seen|read|acknowledged)$/

function isReading({ type }: ResultRow): boolean {
  return readings.test(type)
}

/** As it became then: it may have become something else since. */
function statusOf(row: ResultRow): string | null {
  if (isReading(row)) return row.notificationStatus
  const what = row.type.slice(row.type.indexOf('.') + 1)
  return what === 'complained' ? 'delivered' : what
}

export function isWanted(row: ResultRow, filter: ResultFilter): boolean {
  const { types, channel, status, type, recipientId, eventId } = filter
  if (types !== null && !types.includes(row.type)) return false
  if (row.hookId !== null) return !(channel ?? status ?? type ?? recipientId ?? eventId)
  const ownChannel = row.deliveryId === null ? row.notificationChannel : row.channel
  return (
    (channel === null || channel === ownChannel) &&
    (status === null || status === statusOf(row)) &&
    (type === null || type === row.eventType) &&
    (recipientId === null || recipientId === row.recipient) &&
    (eventId === null || eventId === row.eventId)
  )
}
