// The breaker of a provider. Closed: it gets what is due. Open: it gets nothing until it is probed, with a few
// deliveries at first (half open) and, when these got through, with more and more of them (recovering). Paused: a
// person has said so, and only a person ends it. All of it is decided here; processes share the counts.

export type Health = {
  state: 'closed' | 'open' | 'paused'
  era: number // grows with each change
  since: Date
  reason: string | null
  probeAt: Date | null // open: when it is tried again
  trips: number // how often it has opened without being well in between
}

/** What attempts came to. Slow ones are among those that were answered. */
export type Counts = { answered: number; failed: number; slow: number; code: string | null }

export const phases = ['closed', 'recovering', 'half_open', 'open', 'paused'] as const
export type Phase = (typeof phases)[number]

export const windowMs = 60_000
export const slowMs = 5_000
export const mostProbes = 3 // under way at once, in each process
const fewestAttempts = 10
const openingShare = 0.5
const reopeningShare = 0.2 // what has just come back is trusted less
const probesNeeded = 3
const firstPauseMs = 30_000
const longestPauseMs = 300_000
const recoveryMs = 15 * 60_000
const firstShare = 0.1
const probeShare = 0.2

export function phaseOf(health: Health | null, now: Date): Phase {
  if (health === null) return 'closed'
  switch (health.state) {
    case 'paused':
      return 'paused'
    case 'open':
      return health.probeAt !== null && health.probeAt <= now ? 'half_open' : 'open'
    case 'closed':
      return isRecovering(health, now) ? 'recovering' : 'closed'
  }
}

/** Nothing is given to it, not even to see how it is. */
export function isShut(phase: Phase): boolean {
  return phase === 'open' || phase === 'paused'
}

/** Of what would be its own when it is well, how much it gets while others could take it. */
export function shareOf(health: Health | null, now: Date): number {
  switch (phaseOf(health, now)) {
    case 'closed':
      return 1
    case 'recovering':
      return firstShare + (1 - firstShare) * (sinceMs(health!, now) / recoveryMs)
    case 'half_open':
      return probeShare
    case 'open':
    case 'paused':
      return 0
  }
}

/**
 * What its breaker does next; the same object when nothing changes. `counts` are of this era, and of the last
 * minute. Slow answers count only where somebody faster could take over (`hasSpare`).
 */
export function nextHealth(
  health: Health,
  counts: Counts,
  { hasSpare, now }: { hasSpare: boolean; now: Date },
): Health {
  const bad = counts.failed + (hasSpare ? counts.slow : 0)
  switch (health.state) {
    case 'paused':
      return health
    case 'open':
      if (bad > 0) return opened(health, `a probe failed${because(counts)}`, now)
      if (!isProven(health, counts, now)) return health
      return { ...next(health, now), state: 'closed', reason: null, probeAt: null }
    case 'closed': {
      const total = counts.answered + counts.failed
      const limit = isRecovering(health, now) ? reopeningShare : openingShare
      if (total < fewestAttempts || bad < limit * total) {
        const isWellAgain = health.trips > 0 && !isRecovering(health, now)
        return isWellAgain ? { ...next(health, health.since), trips: 0 } : health
      }
      return opened(
        health,
        `${tell(counts, bad)} of its last ${total} attempts${because(counts)}`,
        now,
      )
    }
  }
}

/** What a person does to it. `probe`: it is tried again at once; says nothing to one that is closed. */
export function operated(
  health: Health,
  act: { kind: 'pause' | 'resume' | 'probe'; reason: string | null },
  now: Date,
): Health {
  switch (act.kind) {
    case 'pause':
      if (health.state === 'paused') return health
      return { ...next(health, now), state: 'paused', reason: act.reason, probeAt: null }
    case 'resume':
      if (health.state === 'closed') return health
      return { ...next(health, now), state: 'closed', reason: null, probeAt: null, trips: 0 }
    case 'probe':
      return health.state === 'open' ? { ...next(health, health.since), probeAt: now } : health
  }
}

/** One of which nothing is stored. */
export function wellSince(now: Date): Health {
  return { state: 'closed', era: 0, since: now, reason: null, probeAt: null, trips: 0 }
}

function next(health: Health, since: Date): Health {
  return { ...health, era: health.era + 1, since }
}

function opened(health: Health, reason: string, now: Date): Health {
  const isAgain = health.state === 'open' || isRecovering(health, now)
  const trips = isAgain ? health.trips + 1 : 1
  const pauseMs = Math.min(firstPauseMs * 2 ** (trips - 1), longestPauseMs)
  // Of one that only stays open it is known since when.
  const since = health.state === 'open' ? health.since : now
  const probeAt = new Date(now.getTime() + pauseMs)
  return { ...next(health, since), state: 'open', reason, probeAt, trips }
}

/** Where little is sent one that got through is enough, once it has been tried for a minute. */
function isProven({ probeAt }: Health, { answered }: Counts, now: Date): boolean {
  const isTriedForLong = probeAt !== null && now.getTime() - probeAt.getTime() >= windowMs
  return answered >= (isTriedForLong ? 1 : probesNeeded)
}

function isRecovering(health: Health, now: Date): boolean {
  return health.state === 'closed' && health.trips > 0 && sinceMs(health, now) < recoveryMs
}

function sinceMs({ since }: Health, now: Date): number {
  return Math.max(0, now.getTime() - since.getTime())
}

function tell({ failed }: Counts, bad: number): string {
  if (failed === bad) return `${bad} failed`
  return failed === 0 ? `${bad} were slow` : `${bad} failed or were slow`
}

function because({ code }: Counts): string {
  return code === null ? '' : `, ${code}`
}
