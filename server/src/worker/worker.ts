// The worker: finds the people of events, and makes the attempts that are due on its channels.
import type { Context } from '../context.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import type { ChannelLoad } from '../sql/workers.ts'
import { createDelivering } from './delivering.ts'
import { createDoorbell, type Doorbell } from './doorbell.ts'
import { createFinding } from './finding.ts'
import { createFromSql } from './from-sql.ts'
import { createHooking } from './hooking.ts'
import { workLoop } from './loop.ts'
import { createTestWorkspaces } from './test-workspaces.ts'

export type WorkerOptions = {
  channels?: readonly CarriedChannel[]
  /** Attempts at once per channel; each channel has a default that suits it. */
  concurrency?: number
  pollMs?: number
  /** How often what was seen of providers is told to the others. */
  healthMs?: number
}

export type Worker = {
  /** Attempts under way. */
  readonly busy: number
  /** Of each channel it delivers on. */
  loads(): ChannelLoad[]
  /**
   * Stops taking work, lets what has begun come to its end, for `graceMs` at most. `accepted`: when
   * nothing more will be handed over; what was, is handed back.
   */
  stop(graceMs?: number, accepted?: Promise<unknown>): Promise<void>
}

const defaultGraceMs = 25_000
const settleGraceMs = 1_000

export function startWorker(ctx: Context, options: WorkerOptions = {}): Worker {
  const { pollMs = 1_000, healthMs = 2_000 } = options
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
  const fromSql = createFromSql(ctx, finding)
  const hooking = createHooking(ctx, onError)
  const tests = createTestWorkspaces(ctx)
  const breakers = createBreakerTurns(ctx)
  const loops = Promise.all([
    loop(() => finding.handoffTurn(), finding.handoffBell),
    loop(() => finding.queueTurn(), finding.queueBell),
    loop(() => fromSql.turn(), fromSql.bell),
    loop(() => hooking.readTurn(), hooking.readBell),
    loop(() => hooking.callTurn(), hooking.callBell),
    loop(() => tests.turn(), tests.bell),
    workLoop({ ...breakers, pollMs: healthMs, stop, onError }),
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
  ctx.signals.on('belfry_sql', () => fromSql.expect())
  ctx.signals.on('belfry_deliveries', () => {
    for (const bell of delivering.channels.values()) bell.ring()
  })

  return {
    get busy() {
      return attempts.count
    },
    loads: () => [...delivering.channels.keys()].map((channel) => attempts.load(channel)),
    async stop(graceMs = defaultGraceMs, accepted = Promise.resolve()) {
      ctx.handoff.close()
      stopping.abort()
      const graceIsOver = after(graceMs)
      // A turn under way may wait for the database for long; without trouble it is over in no time.
      const turnsAreOver = Promise.all([loops, accepted])
        .then(() => finding.handBack())
        .then(() => finding.idle())
      await Promise.race([turnsAreOver, after(Math.max(graceMs, settleGraceMs))])
      await Promise.race([Promise.all([attempts.idle(), hooking.idle()]), graceIsOver])
      attempts.giveUpCalls()
      hooking.giveUpCalls()
      await Promise.race([attempts.idle(), after(settleGraceMs)])
      attempts.abandon()
    },
  }
}

/** Breakers are looked after now and then, and at once when a probe has ended or somebody has changed one. */
function createBreakerTurns(ctx: Context): { turn: () => Promise<boolean>; doorbell: Doorbell } {
  const doorbell = createDoorbell()
  ctx.breakers.onProbe = () => doorbell.ring()
  ctx.signals.on('belfry_health', () => doorbell.ring())
  return {
    doorbell,
    async turn() {
      await ctx.breakers.look((workspaceId) => ctx.in(workspaceId).clock.now())
      return false
    },
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
