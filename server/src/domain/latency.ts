// How long deliveries took, counted by steps: counts of many workers and minutes add up, and percentiles come
// from the sum. Each step ends at √2 times the one before, from a millisecond to 35 days.

const stepCount = 63

/** Where the steps begin, in milliseconds; what is faster than the first is step 0. */
export const latencyStepStarts: readonly number[] = Array.from(
  { length: stepCount },
  (_, step) => 2 ** (step / 2),
)

export type LatencyCount = { step: number; count: number }

/**
 * The time in milliseconds within which that share (0 to 1) of them was done, as if those of a step were
 * spread over it evenly; null when there are none.
 */
export function latencyPercentile(counts: readonly LatencyCount[], share: number): number | null {
  const sums = new Map<number, number>()
  for (const { step, count } of counts) sums.set(step, (sums.get(step) ?? 0) + count)
  const sorted = [...sums].filter(([, count]) => count > 0).toSorted(([a], [b]) => a - b)
  let wanted = share * sorted.reduce((sum, [, count]) => sum + count, 0)
  for (const [i, [step, count]] of sorted.entries()) {
    if (wanted <= count || i === sorted.length - 1) {
      const start = latencyStepStarts[step - 1] ?? 0
      const end = latencyStepStarts[step] ?? start // the last one has none
      return start + (end - start) * Math.min(1, wanted / count)
    }
    wanted -= count
  }
  return null
}
