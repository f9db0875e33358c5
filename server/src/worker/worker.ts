// The worker: finds the people of events, and makes the attempts that are due on its channels.
import type { Context } from '../context.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import { createDelivering } from './delivering.ts'
import type { Doorbell } from './doorbell.ts'
import { createFinding } from './finding.ts'
import { workLoop } from './loop.ts'

export type WorkerOptions = {
  channels?: readonly CarriedChannel[]
  /** Attempts at once per channel; each channel has a default that suits it. */
  concurrency?: number
  pollMs?: number
}

export type Worker = {
  /** Attempts under way. */
  readonly busy: number
  /**
   * Stops taking work, lets what has begun come to its end, for `graceMs` at most. `accepted`: when
   * nothing more will be handed over; what was, is handed back.
   */
  stop(graceMs?: number, accepted?: Promise<unknown>): Promise<void>
}

const defaultGraceMs = 25_000
const settleGraceMs = 1_000

export function startWorker(ctx: Context, options: WorkerOptions = {}): Worker {
  const { pollMs = 1_000 } = options
  const stopping = new AbortController()
  const stop = stopping.signal
  const onError = (err: unknown) => {
    if (!stop.aborted) ctx.log.error({ err }, 'the worker could not go on; it tries again')
  }
  const loop = (turn: () => Promise<boolean>, doorbell: Doorbell) =>
    workLoop({ turn, doorbell, pollMs, stop, onError })

  const delivering = createDelivering(ctx, { ...options, stop, onError })
  const { attempts } = delivering
  const finding = createFinding(ctx, delivering, stop)
  const loops = Promise.all([
    loop(() => finding.handoffTurn(), finding.handoffBell),
    loop(() => finding.queueTurn(), finding.queueBell),
    ...[...delivering.channels].map(([channel, bell]) =>
      loop(() => delivering.turn(channel), bell),
    ),
  ])

  ctx.handoff.open({
    onPush: () => finding.handoffBell.ring(),
    starter: attempts.starter,
    begin: (deliveries) => deliveries.forEach((delivery) => attempts.begin(delivery)),
  })
  ctx.signals.on('belfry_events', () => finding.queueBell.ring())
  ctx.signals.on('belfry_deliveries', () => {
    for (const bell of delivering.channels.values()) bell.ring()
  })

  return {
    get busy() {
      return attempts.count
    },
    async stop(graceMs = defaultGraceMs, accepted = Promise.resolve()) {
      ctx.handoff.close()
      stopping.abort()
      const graceIsOver = after(graceMs)
      // A turn under way may wait for the database for long; without trouble it is over in no time.
      const turnsAreOver = Promise.all([loops, accepted])
        .then(() => finding.handBack())
        .then(() => finding.idle())
      await Promise.race([turnsAreOver, after(Math.max(graceMs, settleGraceMs))])
      await Promise.race([attempts.idle(), graceIsOver])
      attempts.giveUpCalls()
      await Promise.race([attempts.idle(), after(settleGraceMs)])
      attempts.abandon()
    },
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
