// What became of a message, as it is told on a terminal, and waiting for that.
import { setTimeout as delay } from 'node:timers/promises'
import type { Context } from '../context.ts'
import type { Status } from '../domain/status.ts'
import { findEvent } from '../sql/events.ts'
import {
  listNotificationIdsOf,
  listOutcomes,
  type DeliveryOutcome,
  type Outcome,
} from '../sql/outcomes.ts'
import { styled } from './output.ts'

export type Waited = {
  outcomes: Outcome[] // the first hundred; none when nobody was to be told
  hasFailed: boolean // something did, on any channel
  isReached: boolean // somebody was, on any channel
  isOver: boolean // false: the time ran out before everything had ended
  error: string | null // why people could not be found, or texts not made
}

const lookEveryMs = 50
const mostWatched = 1_000
const mostShown = 100

/** Looks until everything about the event has ended, `timeoutMs` have passed, or `stop`. */
export async function waitForOutcomes(
  { db }: Context,
  { workspaceId, eventId }: { workspaceId: number; eventId: string },
  { timeoutMs, stop }: { timeoutMs: number; stop: AbortSignal },
): Promise<Waited> {
  const giveUpAt = performance.now() + timeoutMs
  for (;;) {
    const event = await findEvent(db, workspaceId, eventId)
    const filter = { workspaceId, eventId, limit: mostWatched }
    const ids = await listNotificationIdsOf(db, filter)
    const outcomes = await listOutcomes(db, workspaceId, ids)
    const isFound = event !== null && event.status !== 'accepted'
    const isOver = isFound && outcomes.every(({ isFinished }) => isFinished)
    if (isOver || stop.aborted || performance.now() > giveUpAt)
      return {
        outcomes: outcomes.slice(0, mostShown),
        hasFailed: outcomes.some(hasFailed),
        isReached: outcomes.some(({ status }) => isGood(status)),
        isOver,
        error: event?.error ?? null,
      }
    await delay(lookEveryMs, undefined, { signal: stop }).catch(() => {})
  }
}

/** One channel is enough: a notification counts as delivered when another one was good. */
function hasFailed({ status, deliveries }: Outcome): boolean {
  return [status, ...deliveries.map((delivery) => delivery.status)].some(isBad)
}

function isBad(status: Status): boolean {
  return status === 'failed' || status === 'unknown'
}

function isGood(status: Status): boolean {
  return status === 'sent' || status === 'delivered'
}

/** `019… order.shipped → ana: in_app ✓, email ✓ sandbox 31 ms` */
export function outcomeLine(outcome: Outcome): string {
  const { id, type, recipient, status, reason, isInApp, deliveries } = outcome
  const parts = deliveries.map(deliveryText)
  if (isInApp) parts.unshift(`in_app ${mark('delivered')}`)
  if (parts.length === 0) parts.push([mark(status), status, reason].filter(Boolean).join(' '))
  return `${styled('dim', id)} ${type ?? 'message'} → ${recipient}: ${parts.join(', ')}`
}

function deliveryText({ channel, status, reason, provider, detail, durationMs }: DeliveryOutcome) {
  const time = durationMs === null ? null : `${durationMs} ms`
  const words = isGood(status)
    ? [provider, time]
    : [status, reason === status ? null : reason, provider, detail]
  return [channel, mark(status), ...words].filter(Boolean).join(' ')
}

const marks = {
  scheduled: ['yellow', '…'],
  processing: ['yellow', '…'],
  sent: ['green', '✓'],
  delivered: ['green', '✓'],
  failed: ['red', '✗'],
  unknown: ['red', '?'],
  cancelled: ['dim', '–'],
  skipped: ['dim', '–'],
} as const satisfies Record<Status, readonly [string, string]>

function mark(status: Status): string {
  const [colour, text] = marks[status]
  return styled(colour, text)
}

/** With the names the API uses. */
export function outcomeJson(outcome: Outcome): Record<string, unknown> {
  const { id, eventId, type, recipient, status, reason, isInApp, deliveries } = outcome
  return {
    notification_id: id,
    event_id: eventId,
    type,
    recipient_id: recipient,
    status,
    reason: status === 'processing' ? null : reason, // so far one of a channel, not of the end
    in_app: isInApp,
    deliveries: deliveries.map(({ durationMs, ...rest }) => ({ ...rest, duration_ms: durationMs })),
  }
}
