// Which of several providers of a channel takes a delivery. `claimDeliveries` chooses by the same rule, in SQL.

export type Candidate = { id: string | null; priority: number; weight: number }

/**
 * The lowest priority first, within it by chance and weight. One that is not well (`shareOf` is below 1) takes
 * part in so much of what there is, and gets the rest only when nobody else is there. Null without candidates.
 */
export function chooseProvider<C extends Candidate>(
  candidates: readonly C[],
  shareOf: (candidate: C) => number,
  random: () => number,
): C | null {
  const placed = candidates.map((candidate) => ({
    candidate,
    isOut: random() >= shareOf(candidate),
    // The least of such numbers falls to each as often as its weight says.
    place: -Math.log(1 - random()) / candidate.weight,
  }))
  const [first] = placed.toSorted(
    (a, b) =>
      Number(a.isOut) - Number(b.isOut) ||
      a.candidate.priority - b.candidate.priority ||
      a.place - b.place,
  )
  return first?.candidate ?? null
}
