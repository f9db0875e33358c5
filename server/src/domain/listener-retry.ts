// When a listener that failed is tried again.

const firstMs = 5_000
const growth = 3
const longestMs = 3_600_000

/** Null when this was the last attempt. The delay grows threefold up to an hour; half of it is chance. */
export function nextRunAt(
  { attempt, attempts }: { attempt: number; attempts: number },
  now: Date,
  random: number,
): Date | null {
  if (attempt >= attempts) return null
  const delayMs = Math.min(firstMs * growth ** (attempt - 1), longestMs)
  return new Date(now.getTime() + delayMs / 2 + (delayMs / 2) * random)
}
