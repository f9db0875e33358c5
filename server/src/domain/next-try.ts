// When what cannot go on is tried again: later each time, for who knows when it is mended.

const longestDelayMs = 3_600_000

/** `failureCount`: how often it had failed before, in a row. */
export function nextTryAt(now: Date, failureCount: number): Date {
  return new Date(now.getTime() + Math.min(longestDelayMs, 1_000 * 2 ** failureCount))
}
