// The scheduler: what is done at its time rather than asked for. Any number of processes may play the
// part; each step takes only what nobody else is taking.
import type { Context } from '../context.ts'
import { deliverDueInApp } from '../pipeline/deliver-in-app.ts'
import { closeDueDigests } from '../pipeline/digest.ts'
import { forgetErased } from '../pipeline/erase.ts'
import { escalate } from '../pipeline/escalate.ts'
import { wakeSnoozed } from '../pipeline/feed.ts'
import { moveTimes } from '../pipeline/move-times.ts'
import { runDuePlans } from '../pipeline/plan-run.ts'
import { applyReceipts } from '../pipeline/receipts.ts'
import { rescue } from '../pipeline/rescue.ts'
import { runDueSchedules } from '../pipeline/schedule-run.ts'
import { renewWhenRulesChange } from '../sql/schedules.ts'
import { collectStatistics, lacksStatistics } from '../sql/statistics.ts'
import { createAsides, type Asides } from './asides.ts'
import { createDoorbell } from './doorbell.ts'
import { workLoop } from './loop.ts'
import { pruneAll } from './pruning.ts'

export type SchedulerOptions = {
  /** How often due in-app messages, snoozes that are over and due steps of plans are looked for. */
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
const planBatch = 500
const askBatch = 100
const scheduleBatch = 100
const moveBatch = 200

export function startScheduler(ctx: Context, options: SchedulerOptions = {}): Scheduler {
  const { pollMs = 1_000, sweepMs = 5_000, pruneMs = 60_000 } = options
  const stopping = new AbortController()
  const plansBell = createDoorbell()
  ctx.signals.on('belfry_plans', () => plansBell.ring())
  const asides = createAsides(ctx, () => {
    plansBell.ring()
    tell(ctx)
  })
  const every = (ms: number, turn: () => Promise<boolean>, doorbell = createDoorbell()) =>
    workLoop({
      turn,
      doorbell,
      pollMs: ms,
      stop: stopping.signal,
      onError(err) {
        if (!stopping.signal.aborted)
          ctx.log.error({ err }, 'the scheduler could not go on; it tries again')
      },
    })

  const loops = Promise.all([
    every(pollMs, () => deliverInApp(ctx)),
    every(pollMs, () => wakeSnoozed(ctx)),
    every(pollMs, () => goOnWithPlans(ctx, asides), plansBell),
    every(pollMs, createScheduleTurns(ctx)),
    every(pollMs, async () => (await moveTimes(ctx, moveBatch)) > 0),
    every(sweepMs, async () => (await rescue(ctx)) > 0),
    every(sweepMs, async () => (await applyReceipts(ctx)) > 0),
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
      await asides.idle()
    },
  }
}

/** In-app messages whose moment has come. */
async function deliverInApp(ctx: Context): Promise<boolean> {
  const count = await deliverDueInApp(ctx, inAppBatch)
  if (count > 0) {
    ctx.signals.ring('belfry_plans') // of those that waited for it
    tell(ctx)
  }
  return count === inAppBatch
}

/** Digests that close, plans that go on, and others who are asked: each may be followed by another step at once. */
async function goOnWithPlans(ctx: Context, asides: Asides): Promise<boolean> {
  const closed = await closeDueDigests(ctx, planBatch)
  const goneOn = await runDuePlans(ctx, planBatch, asides.begin)
  const count = closed + goneOn + (await escalate(ctx, askBatch))
  if (count > 0) tell(ctx)
  return count > 0
}

function tell({ waits, streams, interest }: Context): void {
  waits.tell()
  streams.tell()
  interest.tell()
}

/** What recurs; at first with a look at whether clocks are set as they were when it was worked out. */
function createScheduleTurns(ctx: Context): () => Promise<boolean> {
  let hasLooked = false
  return async () => {
    if (!hasLooked) await renewWhenRulesChange(ctx.db, process.versions.tz ?? '', ctx.clock.now())
    hasLooked = true
    return runDueSchedules(ctx, scheduleBatch)
  }
}

async function lookAtYoungTables({ db }: Context): Promise<boolean> {
  if (await lacksStatistics(db)) await collectStatistics(db)
  return false
}
