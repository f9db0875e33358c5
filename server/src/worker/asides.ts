// Turns of plans that ask data sources, beside the others: what these take, nobody else waits for.
import type { Context } from '../context.ts'
import { planLeaseMs, type BeginAside } from '../pipeline/plan-run.ts'
import { renewPlanRuns, type ClaimedRun } from '../sql/plan-runs.ts'
import { whileRenewing } from './renewing.ts'

const most = 32
const mostOfOne = 4 // workspace
const longestMs = 180_000

export type Asides = {
  begin: BeginAside
  /** Resolves when none is under way. */
  idle(): Promise<void>
}

export function createAsides(
  ctx: Pick<Context, 'db' | 'clock'> & { log: Pick<Context['log'], 'warn'> },
  onDone: () => void,
): Asides {
  const running = new Map<Promise<void>, number>() // and of which workspace

  function renew(runs: ClaimedRun[]): Promise<void> {
    const now = ctx.clock.now()
    return renewPlanRuns(ctx.db, runs, { now, until: new Date(now.getTime() + planLeaseMs) })
  }

  return {
    async begin(runs, work) {
      const { workspaceId } = runs[0]!
      const ofOne = running.values().filter((own) => own === workspaceId)
      if (running.size >= most || [...ofOne].length >= mostOfOne) return false
      const renewal = { leaseMs: planLeaseMs, longestMs, renew: () => renew(runs) }
      const task = whileRenewing(ctx, renewal, work)
        .catch((err: unknown) => ctx.log.warn({ err }, 'plans come back when their leases end'))
        .finally(() => {
          running.delete(task)
          onDone()
        })
      running.set(task, workspaceId)
      return true
    },
    async idle() {
      while (running.size > 0) await Promise.all(running.keys())
    },
  }
}
