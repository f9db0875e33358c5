// People who move while a label comes: Monday's 09:00 reaches one zone after the other, for a day and two hours.
// Whoever moves is treated as a clock that is changed. Going back, nothing comes twice; going forward past a
// label, it comes once nonetheless, at the moment of the zone that was left.
import { momentOf } from './local-time.ts'

/** A person left `from` at `at`. */
export type ZoneMove = { at: Date; from: string }

/** The zone in which the label counts for a person, who made these moves, in order, and is in `zone` now. */
export function countingZone(label: string, zone: string, moves: readonly ZoneMove[]): string {
  let since = -Infinity
  for (const [i, { at: left, from }] of moves.entries()) {
    const next = moves[i + 1]?.from ?? zone
    const moment = momentOf(label, from).getTime()
    const isSeen = moment >= since && moment < left.getTime()
    const isPassedOver = momentOf(label, next).getTime() < left.getTime()
    if (isSeen || isPassedOver) return from
    since = left.getTime()
  }
  return zone
}
