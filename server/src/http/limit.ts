// How often a minute a workspace may have something tried out.
import { ApiError } from '../errors.ts'

/** @throws (the function it answers) ApiError `rate_limited`. Counts in this process. */
export function createLimit(perMinute: number): (workspaceId: number) => void {
  const counts = new Map<number, number>()
  let windowEndsAt = 0
  return (workspaceId) => {
    const now = performance.now()
    if (now >= windowEndsAt) {
      counts.clear()
      windowEndsAt = now + 60_000
    }
    const count = (counts.get(workspaceId) ?? 0) + 1
    counts.set(workspaceId, count)
    if (count > perMinute)
      throw new ApiError('rate_limited', {
        retryAfterSeconds: Math.ceil((windowEndsAt - now) / 1_000),
      })
  }
}
