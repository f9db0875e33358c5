// Work that may take longer than its lease, which is renewed meanwhile: others would begin as well.
import type { Context } from '../context.ts'

export type Renewal = {
  leaseMs: number
  /** When the last lease ends, at the latest. */
  longestMs: number
  renew(): Promise<void>
}

export async function whileRenewing(
  ctx: Pick<Context, 'clock'> & { log: Pick<Context['log'], 'warn'> },
  { leaseMs, longestMs, renew }: Renewal,
  work: () => Promise<void>,
): Promise<void> {
  const startedMs = ctx.clock.now().getTime()
  const timer = setInterval(() => {
    if (ctx.clock.now().getTime() - startedMs > longestMs - leaseMs) return
    renew().catch((err: unknown) =>
      ctx.log.warn({ err }, 'leases could not be renewed; others may take the work over'),
    )
  }, leaseMs / 3)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
}
