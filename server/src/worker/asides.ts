// Turns of plans that ask data sources, beside the others: what these take, nobody else waits for.
import type { Context } from '../context.ts'
import type { BeginAside } from '../pipeline/plan-run.ts'
import { postponePlanRuns } from '../sql/plan-runs.ts'

const most = 32
const mostOfOne = 4 // workspace
const crowdedMs = 2_000

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

  return {
    async begin(runs, work) {
      const { workspaceId } = runs[0]!
      const ofOne = running.values().filter((own) => own === workspaceId)
      if (running.size >= most || [...ofOne].length >= mostOfOne) {
        const dueAt = new Date(ctx.clock.now().getTime() + crowdedMs)
        return postponePlanRuns(
          ctx.db,
          runs.map((run) => ({ ...run, dueAt, isFailure: false })),
        )
      }
      const task = work()
        .catch((err: unknown) => ctx.log.warn({ err }, 'plans come back when their leases end'))
        .finally(() => {
          running.delete(task)
          onDone()
        })
      running.set(task, workspaceId)
    },
    async idle() {
      while (running.size > 0) await Promise.all(running.keys())
    },
  }
}
