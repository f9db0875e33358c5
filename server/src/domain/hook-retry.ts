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

/** A hook that has failed for so long without once succeeding is switched off. */
export const failingForMs = 5 * 24 * hourMs

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
