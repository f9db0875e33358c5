// Which notifications are meant: the filters of a list, and of what is done with many at once.
import { Type, type Static } from 'typebox'
import { channels } from '../domain/channel.ts'
import { pendingStatuses, statuses, type Status } from '../domain/status.ts'
import type { NotificationFilter } from '../sql/notification-conditions.ts'
import { timezoneProblem } from '../domain/time-zone.ts'
import { refuseMisfits } from './validation.ts'

const anyStatus = [...statuses, 'pending'] as const

export const notificationFilters = {
  status: Type.Optional(
    Type.String({
      pattern: `^(?i:${anyStatus.join('|')})$`,
      description: `one of ${anyStatus.join(', ')}, in any case; pending: not finished yet`,
    }),
  ),
  channel: Type.Optional(
    Type.Enum(channels, { description: 'Among the channels it was to go by.' }),
  ),
  recipient_id: Type.Optional(Type.String({ minLength: 1, maxLength: 2_048 })),
  event_id: Type.Optional(Type.String({ format: 'uuid' })),
  type: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  thread_key: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  timezone: Type.Optional(
    Type.String({ maxLength: 100, description: 'An IANA name, in capitals or not.' }),
  ),
  since: Type.Optional(Type.String({ format: 'date-time', description: 'Made then or later.' })),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Made before.' })),
}

const Filters = Type.Object(notificationFilters)
export type FilterWords = Static<typeof Filters>

/**
 * `where`: what comes before the name of a field, in a query or in a body.
 *
 * @throws ApiError `invalid_request` when nothing could ever fit.
 */
export function filterOf(words: FilterWords, where: '?' | '/' = '?'): NotificationFilter {
  const problem = words.timezone === undefined ? null : timezoneProblem(words.timezone)
  if (problem !== null) refuseMisfits([{ pointer: `${where}timezone`, detail: problem }])
  const since = words.since === undefined ? null : new Date(words.since)
  const until = words.until === undefined ? null : new Date(words.until)
  if (since && until && since >= until)
    refuseMisfits([{ pointer: `${where}until`, detail: 'must be later than `since`.' }])
  return {
    statuses: words.status === undefined ? null : statusesOf(words.status.toLowerCase()),
    channel: words.channel ?? null,
    recipient: words.recipient_id ?? null,
    eventId: words.event_id ?? null,
    type: words.type ?? null,
    threadKey: words.thread_key ?? null,
    timezone: words.timezone ?? null,
    since,
    until,
  }
}

function statusesOf(status: string): readonly Status[] {
  return status === 'pending' ? pendingStatuses : statuses.filter((one) => one === status)
}
