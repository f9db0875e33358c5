// Events whose texts are rendered in a process of their own, a few groups at a time beside everything
// else: what these take, nobody else waits for.
import type { Context } from '../context.ts'
import { fanOutLeaseMs, longestFanOutMs } from '../pipeline/intake.ts'
import { moveLeases, type ClaimedEvent } from '../sql/events.ts'
import { whileRenewing } from './renewing.ts'

const usualMost = 8
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
  /** Groups at once, of all workspaces and of one. */
  most?: number
  mostOfOne?: number
}

export function createApart(
  ctx: Pick<Context, 'db' | 'clock'> & { log: Pick<Context['log'], 'warn'> },
  { find, onFree, most = usualMost, mostOfOne = most }: ApartOptions,
): Apart {
  const running = new Map<Promise<void>, number>() // and of which workspace

  function leaseFor(events: ClaimedEvent[], ms: number): Promise<void> {
    const now = ctx.clock.now()
    return moveLeases(ctx.db, events, { now, until: new Date(now.getTime() + ms) })
  }

  async function findSlowly(events: ClaimedEvent[]): Promise<void> {
    const leaseMs = fanOutLeaseMs
    const renewal = { leaseMs, longestMs: longestFanOutMs, renew: () => leaseFor(events, leaseMs) }
    try {
      await whileRenewing(ctx, renewal, () => find(events))
    } catch (err) {
      ctx.log.warn({ err }, 'events come back when their leases end')
    }
  }

  return {
    async begin(groups) {
      const crowded: ClaimedEvent[] = []
      for (const group of groups) {
        const { workspaceId } = group[0]!
        const ofOne = running.values().filter((own) => own === workspaceId)
        if (running.size >= most || [...ofOne].length >= mostOfOne) {
          crowded.push(...group)
          continue
        }
        const task = findSlowly(group).finally(() => {
          running.delete(task)
          onFree()
        })
        running.set(task, workspaceId)
      }
      if (crowded.length > 0) await leaseFor(crowded, crowdedMs)
    },
    async idle() {
      while (running.size > 0) await Promise.all(running.keys())
    },
  }
}
