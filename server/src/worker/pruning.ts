// The clean-up, which never gets in the way of deliveries: while the database works for others it rests
// most of the time.
import type { Context } from '../context.ts'
import { prune } from '../pipeline/prune.ts'
import { addMarks, isBusy } from '../sql/prune-marks.ts'

// After a batch that took a second it rests for so many.
const restWhenBusy = 30
const restWhenIdle = 0.25
const longestRestMs = 5_000

/** Forgets everything whose time is over, batch by batch, until `stop`. */
export async function pruneAll(ctx: Context, stop: AbortSignal): Promise<void> {
  const { retention, eventRetention } = ctx.config
  await addMarks(ctx.db, { notifications: retention, events: eventRetention })
  while (!stop.aborted) {
    const startedMs = performance.now()
    if (!(await prune(ctx))) return
    const tookMs = performance.now() - startedMs
    const rest = (await isBusy(ctx.db)) ? restWhenBusy : restWhenIdle
    await pause(Math.min(tookMs * rest, longestRestMs), stop)
  }
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
