// When a hook that failed is called again, and when it is given up.
// @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const delaysMs = [
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
]
const mostChance = 0.1 // of the delay: those that failed together do not come back together

/** Of one message, before it has failed: three days and a half. */
export const hookAttempts = delaysMs.length + 1

/**
 * By failures in a row, so long nothing of a hook is called: a receiver that is down is asked now and then by one
 * message, not by all that wait. Never longer than a single message waits for its own next attempt.
 */
export const backOffsMs = [
  1 * secondMs,
  5 * secondMs,
  30 * secondMs,
  2 * minuteMs,
  10 * minuteMs,
  30 * minuteMs,
  1 * hourMs,
] as const

/** A hook that has failed for so long without once succeeding is switched off. */
export const failingForMs = 5 * 24 * hourMs

/** And so often: not a quiet one of which two calls failed in a week. */
export const leastFailures = 10

/** Longer than a message that fails waits for its next attempt: after that a failure is another trouble. */
export const silenceMs = 36 * hourMs

/** A message that has waited for so long is given up: one that fails has had all its attempts by then. */
export const waitingForMs = 5 * 24 * hourMs

export type FailedCall = {
  /** 1 for the first. */
  attempt: number
  /** What the receiver asked for. */
  retryAfterMs: number | undefined
}

/** Null when this was the last attempt. Never sooner than the receiver asks for. `random`: from 0 to 1. */
export function nextCallAt(
  { attempt, retryAfterMs = 0 }: FailedCall,
  now: Date,
  random: number,
): Date | null {
  const delayMs = delaysMs[attempt - 1]
  if (delayMs === undefined) return null
  const chosenMs = Math.max(delayMs * (1 + mostChance * random), retryAfterMs)
  return new Date(now.getTime() + Math.round(chosenMs))
}
