// "Did you mean": the known word nearest to what was written.
import { distance } from 'fastest-levenshtein'

/** Null when no known word is near enough to be a likely slip. */
export function nearestOf(written: string, known: readonly string[]): string | null {
  if (written.length > 100) return null
  let best: string | null = null
  let bestDistance = Math.max(2, Math.floor(written.length / 3)) + 1
  for (const word of known) {
    const far = distance(written.toLowerCase(), word.toLowerCase())
    if (far < bestDistance) [best, bestDistance] = [word, far]
  }
  return best
}

/** ` Did you mean "order.shipped"?`, or nothing. */
export function didYouMean(written: string, known: readonly string[]): string {
  const word = nearestOf(written, known)
  return word === null ? '' : ` Did you mean "${word}"?`
}
