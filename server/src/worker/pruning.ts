// The clean-up, which never gets in the way of deliveries: while the database works for others it rests
// most of the time. But it never stands still, and the further it is behind the less it rests.
import type { Context } from '../context.ts'
import { prune } from '../pipeline/prune.ts'
import { pruneLagMs } from '../pipeline/prune-lag.ts'
import { addMarks, isBusy } from '../sql/prune-marks.ts'

const hourMs = 3_600_000
const longestRestMs = 5_000

/** Forgets everything whose time is over, batch by batch, until `stop`. */
export async function pruneAll(ctx: Context, stop: AbortSignal): Promise<void> {
  const { retention, eventRetention } = ctx.config
  await addMarks(ctx.db, { notifications: retention, events: eventRetention })
  while (!stop.aborted) {
    const startedMs = performance.now()
    if (!(await prune(ctx))) return
    const tookMs = performance.now() - startedMs
    const lagMs = (await isBusy(ctx.db)) ? await pruneLagMs(ctx.db, ctx.clock.now()) : null
    await pause(restMs(tookMs, lagMs), stop)
  }
}

/**
 * How long it rests after a batch that took `tookMs`. `lagMs` is how far it is behind while others are
 * busy, null while nobody is. Its share of the time: 3 %, when it is an hour behind 10 %, after six 25 %.
 */
export function restMs(tookMs: number, lagMs: number | null): number {
  return Math.min(tookMs * restFor(lagMs), longestRestMs)
}

function restFor(lagMs: number | null): number {
  if (lagMs === null) return 0.25
  if (lagMs > 6 * hourMs) return 3
  return lagMs > hourMs ? 9 : 30
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      stop.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    stop.addEventListener('abort', done)
  })
}
