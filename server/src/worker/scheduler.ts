// The scheduler: what is done at its time rather than asked for. Any number of processes may play the
// part; each step takes only what nobody else is taking.
import type { Context } from '../context.ts'
import { deliverDueInApp } from '../pipeline/deliver-in-app.ts'
import { forgetErased } from '../pipeline/erase.ts'
import { rescue } from '../pipeline/rescue.ts'
import { collectStatistics, lacksStatistics } from '../sql/statistics.ts'
import { createDoorbell } from './doorbell.ts'
import { workLoop } from './loop.ts'
import { pruneAll } from './pruning.ts'

export type SchedulerOptions = {
  /** How often due in-app messages are looked for. */
  pollMs?: number
  /** How often attempts are looked for that nobody has told the end of. */
  sweepMs?: number
  pruneMs?: number
}

export type Scheduler = {
  /** Resolves when the steps under way are over. */
  stop(): Promise<void>
}

const inAppBatch = 500

export function startScheduler(ctx: Context, options: SchedulerOptions = {}): Scheduler {
  const { pollMs = 1_000, sweepMs = 5_000, pruneMs = 60_000 } = options
  const stopping = new AbortController()
  const every = (ms: number, turn: () => Promise<boolean>) =>
    workLoop({
      turn,
      doorbell: createDoorbell(),
      pollMs: ms,
      stop: stopping.signal,
      onError(err) {
        if (!stopping.signal.aborted)
          ctx.log.error({ err }, 'the scheduler could not go on; it tries again')
      },
    })

  const loops = Promise.all([
    every(pollMs, () => deliverInApp(ctx)),
    every(sweepMs, async () => (await rescue(ctx)) > 0),
    every(pruneMs, async () => {
      await pruneAll(ctx, stopping.signal)
      return false
    }),
    every(sweepMs, () => forgetErased(ctx)),
    every(sweepMs, () => lookAtYoungTables(ctx)),
  ])
  return {
    async stop() {
      stopping.abort()
      await loops
    },
  }
}

/** In-app messages whose moment has come. */
async function deliverInApp(ctx: Context): Promise<boolean> {
  const count = await deliverDueInApp(ctx, inAppBatch)
  if (count > 0) ctx.waits.tell()
  return count === inAppBatch
}

async function lookAtYoungTables({ db }: Context): Promise<boolean> {
  if (await lacksStatistics(db)) await collectStatistics(db)
  return false
}
