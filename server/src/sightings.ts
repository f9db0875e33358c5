// What this process has seen of providers since it was last asked: how many attempts came to what.
import { judge } from './domain/judgement.ts'
import type { Outcome } from './domain/outcome.ts'
import { slowMs } from './domain/provider-health.ts'
import type { NewCounts } from './sql/provider-health.ts'

export type Sighting = {
  workspaceId: number
  providerId: string
  era: number // of its breaker, when the attempt began
  outcome: Outcome
  durationMs: number
  now: Date
}

const slotMs = 5_000

export class Sightings {
  #counts = new Map<string, NewCounts>()
  #troubled = new Set<string>()

  add({ workspaceId, providerId, era, outcome, durationMs, now }: Sighting): void {
    const verdict = judge(outcome)
    if (verdict === null) return
    const slot = new Date(Math.floor(now.getTime() / slotMs) * slotMs)
    const none = { answered: 0, failed: 0, slow: 0, durationMs: 0, code: null }
    const counts = this.#counts.getOrInsertComputed(
      `${providerId} ${era} ${slot.getTime()}`,
      (): NewCounts => ({ workspaceId, providerId, era, slot, ...none }),
    )
    counts[verdict]++
    counts.durationMs += durationMs
    const isSlow = durationMs >= slowMs
    if (verdict === 'failed') counts.code = outcome.code ?? null
    else if (isSlow) counts.slow++
    if (verdict === 'failed' || isSlow) this.#troubled.add(providerId)
  }

  /** All of it, and which providers were slow or failed; from then on it counts anew. */
  take(): { counts: NewCounts[]; troubled: string[] } {
    const taken = { counts: [...this.#counts.values()], troubled: [...this.#troubled] }
    this.#counts = new Map()
    this.#troubled = new Set()
    return taken
  }
}
