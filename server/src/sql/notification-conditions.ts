// What a filter asks of a notification, as conditions of a statement.
import { randomUUIDv7 } from 'node:crypto'
import { firstIdAt, timeOfId } from '../domain/id.ts'
import type { Status } from '../domain/status.ts'
import { sql, type Sql } from './db.ts'

/** Null: whatever it is. */
export type NotificationFilter = {
  statuses: readonly Status[] | null
  channel: string | null // among the channels it was to go by
  recipient: string | null
  eventId: string | null
  type: string | null
  threadKey: string | null
  timezone: string | null // in any spelling
  since: Date | null
  until: Date | null
}

export type NotificationPage = NotificationFilter & {
  workspaceId: number
  now: Date
  before: string | null // an id: only older ones
  offset: number
  limit: number
}

/** The events that a filter names, and between which ids their notifications lie. */
export type Scope = { eventIds: string[] | null; from: string; to: string | null }

// How far the clocks of the machines that make ids may be apart from the database's.
export const skewMs = 5 * 60_000
/** All that is asked of a notification `n`. */
export function conditions(page: NotificationPage, scope: Scope | null): Sql {
  const { now, statuses, channel, type, recipient, timezone, since, until } = page
  return sql`${between(sql`n.id`, page, scope)}
    ${since ? sql`and n.created_at >= ${since}` : sql``}
    ${until ? sql`and n.created_at < ${until}` : sql``}
    ${type === null ? sql`` : sql`and n.type = ${type}`}
    ${channel === null ? sql`` : sql`and ${isAmong(sql`n`, channel)}`}
    ${timezone === null ? sql`` : sql`and lower(n.timezone) = lower(${timezone})`}
    ${recipient === null ? sql`` : sql`and n.recipient = ${recipient}`}
    ${statuses ? sql`and belfry.status_at(${now}, n.status, n.begins_at) = any (${statuses})` : sql``}
    ${scope && !scope.eventIds ? ofScope(page) : sql``}`
}

export function isAmong(row: Sql, channel: string): Sql {
  return sql`(${row}.channel = ${channel} or ${row}.other_channels <> ''
    and ${channel} = any (string_to_array(${row}.other_channels, ',')))`
}

/** Between which ids all of it lies. */
export function between(id: Sql, page: NotificationPage, scope: Scope | null): Sql {
  const { since, until, before, now } = page
  const lagMs = idLagMs(now)
  const from = [scope?.from ?? null, since && firstIdAt(new Date(since.getTime() - lagMs))]
  const to = [scope?.to ?? null, before, until && firstIdAt(new Date(until.getTime() + skewMs))]
  const sorted = (bounds: (string | null)[]) => bounds.filter((bound) => bound !== null).toSorted()
  const first = sorted(from).at(-1) ?? null
  const end = sorted(to)[0] ?? null
  return sql`${first === null ? sql`true` : sql`${id} >= ${first}`}
    and ${end === null ? sql`true` : sql`${id} < ${end}`}`
}

/**
 * How much earlier than the moment its row says an id may have been made, at most: ids are by the clock of
 * a machine, which `now` need not be, since it may have been moved on.
 */
export function idLagMs(now: Date): number {
  return Math.max(0, now.getTime() - timeOfId(randomUUIDv7())) + skewMs
}

function ofScope({ workspaceId, eventId, threadKey }: NotificationPage): Sql {
  return sql`and exists (select from belfry.events e
    where e.workspace_id = ${workspaceId} and e.id = n.event_id
      ${eventId === null ? sql`` : sql`and e.id = ${eventId}`}
      ${threadKey === null ? sql`` : sql`and e.thread_key = ${threadKey}`})`
}
