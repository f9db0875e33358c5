// What follows an attempt: the end, or another try and when.
import type { CarriedChannel } from './channel.ts'
import { durationMs } from './duration.ts'
import type { RetryPolicies, RetryPolicy } from './event-type.ts'
import type { Outcome } from './outcome.ts'
import type { EndStatus } from './status.ts'

export type NextStep =
  | { kind: 'end'; status: EndStatus; reason: string | null }
  | { kind: 'again'; dueAt: Date; reason: string }

export type Attempted = {
  outcome: Outcome
  attempt: number // how many have been made, this one included
  channel: CarriedChannel
  policy: RetryPolicy | null // of the event type; null: the channel's own schedule
  expiresAt: Date | null
  /** When it may begin that is due then: later, where it would find quiet hours. */
  mayBegin: (dueAt: Date) => Date
  now: Date
  random: number // 0 to 1, for the jitter
  isElsewhere?: boolean // another provider makes the next one: nobody has to wait
  isTriedElsewhere?: boolean // another channel, or another round, is its next try
  mayHaveCome?: boolean // nobody can vouch for one of the attempts before
}

const seconds = 1_000
const minutes = 60 * seconds
const hours = 60 * minutes

// The spacing of Standard Webhooks. The rest is tried five times, and outlives an outage of an hour.
const webhookDelays = [
  5 * seconds,
  5 * minutes,
  30 * minutes,
  2 * hours,
  5 * hours,
  10 * hours,
  10 * hours,
]
const otherDelays = [10 * seconds, 1 * minutes, 10 * minutes, 1 * hours]

const shortestRetryAfterMs = 1 * seconds
const longestRetryAfterMs = 24 * hours
const longestDelayMs = 24 * hours

/**
 * An attempt nobody can vouch for is tried again with the same key, and on the same channel; when the schedule ends on
 * one, the delivery ends `unknown`, not `failed`; so it does when one before the last may have come. Nothing is tried after
 * `expiresAt`.
 */
export function nextStep(attempted: Attempted): NextStep {
  const { outcome, mayHaveCome } = attempted
  switch (outcome.kind) {
    case 'sent':
    case 'delivered':
      return { kind: 'end', status: outcome.kind, reason: null }
    case 'failed': // what it refuses now it may have taken before
      return { kind: 'end', status: mayHaveCome ? 'unknown' : 'failed', reason: outcome.code }
    case 'gone':
      return { kind: 'end', status: 'failed', reason: outcome.code }
    case 'retry':
      if (attempted.isTriedElsewhere && !attempted.isElsewhere && !mayHaveCome)
        return { kind: 'end', status: 'failed', reason: outcome.code }
      return tryAgain(
        attempted,
        outcome.code,
        mayHaveCome ? 'unknown' : 'failed',
        outcome.retryAfterMs,
      )
    case 'ambiguous':
      return tryAgain(attempted, outcome.code, 'unknown')
  }
}

/** What policies say of a channel; null: nothing. */
export function policyOf(
  policies: RetryPolicies | null,
  channel: CarriedChannel,
): RetryPolicy | null {
  if (policies === null) return null
  return 'attempts' in policies ? policies : (policies[channel] ?? null)
}

/** The most attempts a delivery may take. */
export function attemptLimit(channel: CarriedChannel, policy: RetryPolicy | null): number {
  return policy?.attempts ?? delaysOf(channel).length + 1
}

function tryAgain(
  { attempt, channel, policy, expiresAt, mayBegin, now, random, isElsewhere }: Attempted,
  reason: string,
  status: EndStatus,
  retryAfterMs?: number,
): NextStep {
  if (attempt >= attemptLimit(channel, policy)) return { kind: 'end', status, reason }

  const delayMs = policy
    ? policyDelay(policy, attempt, random)
    : jittered(delaysOf(channel)[attempt - 1]!, random)
  const wantedMs =
    retryAfterMs === undefined ? 0 : clamp(retryAfterMs, shortestRetryAfterMs, longestRetryAfterMs)
  const waitMs = isElsewhere ? 0 : Math.max(delayMs, wantedMs)
  const dueAt = mayBegin(new Date(now.getTime() + waitMs))
  if (expiresAt && dueAt >= expiresAt) return { kind: 'end', status, reason }
  return { kind: 'again', dueAt, reason }
}

function delaysOf(channel: CarriedChannel): number[] {
  return channel === 'webhook' ? webhookDelays : otherDelays
}

/** How often, and with which pauses, what is no webhook is tried where nothing else is said. */
export const usualTries = otherDelays.length + 1
export function usualDelay(attempt: number, random: number): number {
  return jittered(otherDelays[attempt - 1]!, random)
}

/** A fixed delay is kept to the letter; a growing one is spread, so that retries do not come in waves. */
export function policyDelay(
  { delay, backoff }: RetryPolicy,
  attempt: number,
  random: number,
): number {
  const base = durationMs(delay)
  return backoff === 'fixed'
    ? base
    : jittered(Math.min(base * 2 ** (attempt - 1), longestDelayMs), random)
}

/** Half of the delay for certain, the other half by chance. */
function jittered(delayMs: number, random: number): number {
  return delayMs / 2 + (delayMs / 2) * random
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
