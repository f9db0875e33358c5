// Finding the people of events, at the pace at which their deliveries can be made. A delivery that
// begins with its own insert costs half of one that waits in the queue and is claimed later, so while
// places are short the next events are taken when there are some again: soon, in any case.
import type { Context } from '../context.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import { fanOut } from '../pipeline/fan-out.ts'
import { fanOutSafely } from '../pipeline/fan-out-safely.ts'
import { fanOutLeaseMs } from '../pipeline/intake.ts'
import { claimEvents, type ClaimedEvent } from '../sql/events.ts'
import type { Delivering } from './delivering.ts'
import { createDoorbell, type Doorbell } from './doorbell.ts'

export type Finding = {
  /** Rung when an API of this process has handed something over. */
  handoffBell: Doorbell
  /** Rung when there are events in the queue. */
  queueBell: Doorbell
  /** The next events that were handed over. */
  handoffTurn(): Promise<boolean>
  /** The next events of the queue. */
  queueTurn(): Promise<boolean>
  /** Gives back what was handed over and not begun: it would only come back when the leases end. */
  handBack(): Promise<void>
}

const mostEvents = 500
const fewestEvents = 100 // also when there is no room at all: the other channels' events are among them
const longestPauseMs = 20

export function createFinding(ctx: Context, delivering: Delivering, stop: AbortSignal): Finding {
  const { attempts } = delivering
  const handoffBell = createDoorbell()
  const queueBell = createDoorbell()
  let lastChannels: ReadonlySet<CarriedChannel> = new Set()

  async function batchSize(): Promise<number> {
    const short = [...lastChannels].filter((channel) => !delivering.hasRoom(channel))
    if (short.length > 0) await delivering.roomBell.wait(longestPauseMs, stop)
    const room = Math.min(mostEvents, ...[...lastChannels].map(attempts.free))
    return Math.max(fewestEvents, room)
  }

  async function findFor(events: ClaimedEvent[]): Promise<boolean> {
    if (events.length === 0) return false
    const found = await fanOutSafely(ctx, events, attempts.starter)
    ctx.waits.tell()
    for (const delivery of found.begun) attempts.begin(delivery)
    for (const channel of found.waiting) delivering.expectMore(channel)
    if (found.waiting.size > 0) ctx.signals.ringOthers('belfry_deliveries')
    if (found.isMore) queueBell.ring()
    lastChannels = new Set([...found.begun.map(({ channel }) => channel), ...found.waiting])
    return true
  }

  return {
    handoffBell,
    queueBell,
    handoffTurn: async () => findFor(ctx.handoff.take(await batchSize())),
    async queueTurn() {
      const limit = await batchSize()
      const now = ctx.clock.now()
      const leaseUntil = new Date(now.getTime() + fanOutLeaseMs)
      return findFor(await claimEvents(ctx.db, { limit, now, leaseUntil }))
    },
    async handBack() {
      const events = ctx.handoff.take(Infinity)
      if (events.length === 0) return
      await fanOut(ctx, ctx.db, events, null).catch((err: unknown) =>
        ctx.log.warn(
          { err, count: events.length },
          'events could not be handed back; they will be late',
        ),
      )
    },
  }
}
