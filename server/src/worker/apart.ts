// Events whose texts are rendered in a process of their own, a few groups at a time beside everything
// else: what these take, nobody else waits for.
import type { Context } from '../context.ts'
import { fanOutLeaseMs, longestFanOutMs } from '../pipeline/intake.ts'
import { moveLeases, type ClaimedEvent } from '../sql/events.ts'

const mostGroups = 8
const crowdedMs = 2_000

export type Apart = {
  /** Begins with as many groups as there are places; the others come back when there may be one. */
  begin(groups: ClaimedEvent[][]): Promise<void>
  /** Resolves when none is under way. */
  idle(): Promise<void>
}

type ApartOptions = {
  find: (events: ClaimedEvent[]) => Promise<void>
  onFree: () => void
}

export function createApart(
  ctx: Pick<Context, 'db' | 'clock'> & { log: Pick<Context['log'], 'warn'> },
  { find, onFree }: ApartOptions,
): Apart {
  const running = new Set<Promise<void>>()

  function leaseFor(events: ClaimedEvent[], ms: number): Promise<void> {
    const now = ctx.clock.now()
    return moveLeases(ctx.db, events, { now, until: new Date(now.getTime() + ms) })
  }

  /** It may take longer than the lease, which is renewed meanwhile: others would begin as well. */
  async function findSlowly(events: ClaimedEvent[]): Promise<void> {
    const startedMs = ctx.clock.now().getTime()
    const renew = setInterval(() => {
      if (ctx.clock.now().getTime() - startedMs > longestFanOutMs - fanOutLeaseMs) return
      leaseFor(events, fanOutLeaseMs).catch((err: unknown) =>
        ctx.log.warn({ err }, 'leases could not be renewed; others may take the events over'),
      )
    }, fanOutLeaseMs / 3)
    try {
      await find(events)
    } catch (err) {
      ctx.log.warn({ err }, 'events come back when their leases end')
    } finally {
      clearInterval(renew)
    }
  }

  return {
    async begin(groups) {
      const free = Math.max(0, mostGroups - running.size)
      for (const group of groups.slice(0, free)) {
        const task = findSlowly(group).finally(() => {
          running.delete(task)
          onFree()
        })
        running.add(task)
      }
      const crowded = groups.slice(free).flat()
      if (crowded.length > 0) await leaseFor(crowded, crowdedMs)
    },
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
