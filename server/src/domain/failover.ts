// Where the next attempt of a delivery goes. What could not be taken goes to another provider at once; what may
// have been taken stays where it is, since another one would send it a second time.
import type { Outcome } from './outcome.ts'

/** What a delivery remembers of its attempts so far. */
export type Standing = {
  /** Providers that could not take it just now. */
  tried: string[] | null
  /** Until then only the last provider may have it. Null: no attempt may have come to anything. */
  staysUntil: Date | null
}

export type Ended = {
  outcome: Outcome
  providerId: string | null // null: the sandbox
  before: Standing
  /** Another provider that could take it, and has not been tried. */
  hasOther: () => boolean
  /** How long the provider drops what it has seen before; null: it does not. */
  knowsKeysMs: number | null
  /** Somebody would rather have it twice than late. */
  mayDouble: boolean
  begunAt: Date
  now: Date
}

/** Longer than any delivery lives. */
const forever = new Date('9999-01-01T00:00:00Z')

/** `isElsewhere`: at once, since another provider makes the next attempt. */
export function nextStanding(ended: Ended): Standing & { isElsewhere: boolean } {
  const { outcome, before, providerId, hasOther, mayDouble } = ended
  const stay = { tried: null, isElsewhere: false }
  switch (outcome.kind) {
    case 'sent':
    case 'delivered':
    case 'failed':
    case 'gone':
      return { ...stay, staysUntil: null } // it is over
    case 'ambiguous':
      // The sandbox sends nothing: a provider that is set up by then would send it once.
      if (!mayDouble && providerId !== null)
        return { ...stay, staysUntil: stillStays(ended) ?? windowEnd(ended) }
      break
    case 'retry': {
      const staysUntil = stillStays(ended)
      if (staysUntil !== null) return { ...stay, staysUntil }
    }
  }
  const isInDoubt = outcome.kind === 'ambiguous' && providerId !== null
  const staysUntil = isInDoubt ? ended.now : before.staysUntil
  // When all were tried, the next round begins with the first again.
  if (providerId === null || !hasOther()) return { ...stay, staysUntil }
  return { tried: [...(before.tried ?? []), providerId], staysUntil, isElsewhere: true }
}

function stillStays({ before: { staysUntil }, now }: Ended): Date | null {
  return staysUntil !== null && staysUntil > now ? staysUntil : null
}

/** When the provider has forgotten it, a second one there would be no better than one elsewhere. */
function windowEnd({ knowsKeysMs, begunAt }: Ended): Date {
  return knowsKeysMs === null ? forever : new Date(begunAt.getTime() + knowsKeysMs)
}
