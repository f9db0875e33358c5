// Whether anybody, in whatever process, wants to hear of results as they come: who does says so now and then, and
// only then is rung for them. Whoever waits for a ring looks by itself, too.
import type { Signals } from '../signals.ts'

export type Interest = {
  /** Somebody wants to hear. */
  announce(): void
  /** There are results. Costs nothing while nobody wants to hear. */
  tell(): void
}

const announceEveryMs = 10_000
const interestMs = 40_000

export function createInterest(signals: Signals): Interest {
  let announcedMs = -Infinity
  let untilMs = -Infinity
  signals.on('belfry_followed', () => (untilMs = performance.now() + interestMs))
  return {
    announce() {
      if (performance.now() - announcedMs < announceEveryMs) return
      announcedMs = performance.now()
      signals.ring('belfry_followed')
    },
    tell() {
      if (performance.now() < untilMs) signals.ring('belfry_results')
    },
  }
}
