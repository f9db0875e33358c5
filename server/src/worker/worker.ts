// The worker: finds the people of events, makes the attempts that are due on its channels, and looks
// after attempts that others left behind.
import type { Context } from '../context.ts'
import { carriedChannels, type CarriedChannel } from '../domain/channel.ts'
import { claim, type ContentCache } from '../pipeline/claim.ts'
import { fanOut } from '../pipeline/fan-out.ts'
import { fanOutSafely } from '../pipeline/fan-out-safely.ts'
import { fanOutLeaseMs } from '../pipeline/intake.ts'
import { prune } from '../pipeline/prune.ts'
import { rescue } from '../pipeline/rescue.ts'
import { claimEvents, type ClaimedEvent } from '../sql/events.ts'
import { deliverDueInApp } from '../sql/in-app.ts'
import { createAttempts, type Attempts } from './attempts.ts'
import { createDoorbell, type Doorbell } from './doorbell.ts'
import { workLoop } from './loop.ts'

export type WorkerOptions = {
  channels?: readonly CarriedChannel[]
  /** Attempts at once per channel; each channel has a default that suits it. */
  concurrency?: number
  pollMs?: number
  sweepMs?: number
  pruneMs?: number
}

export type Worker = {
  /** Attempts under way. */
  readonly busy: number
  /** Stops taking work, lets what has begun come to its end, for `graceMs` at most. */
  stop(graceMs?: number): Promise<void>
}

const defaultConcurrency: Partial<Record<CarriedChannel, number>> = { webhook: 512, email: 16 }
const otherConcurrency = 64
const fanOutBatch = 500
const claimBatch = 500
const defaultGraceMs = 25_000
const settleGraceMs = 1_000

export function startWorker(ctx: Context, options: WorkerOptions = {}): Worker {
  const { pollMs = 1_000, sweepMs = 5_000, pruneMs = 60_000 } = options
  const stopping = new AbortController()
  const stop = stopping.signal
  const onError = (err: unknown) => {
    if (!stop.aborted) ctx.log.error({ err }, 'the worker could not go on; it tries again')
  }
  const loop = (turn: () => Promise<boolean>, every = pollMs, doorbell = createDoorbell()) =>
    workLoop({ turn, doorbell, pollMs: every, stop, onError })

  const delivering = createDelivering(ctx, options, stop, onError)
  const { attempts } = delivering
  const handoffBell = createDoorbell()
  const fanOutBell = createDoorbell()

  async function fanOutNext(events: ClaimedEvent[]): Promise<boolean> {
    if (events.length === 0) return false
    const { begun, waiting, isMore } = await fanOutSafely(ctx, events, attempts.starter)
    for (const delivery of begun) attempts.begin(delivery)
    for (const channel of waiting) delivering.expectMore(channel)
    if (isMore) fanOutBell.ring()
    return true
  }

  const loops = Promise.all([
    loop(() => fanOutNext(ctx.handoff.take(fanOutBatch)), pollMs, handoffBell),
    loop(async () => fanOutNext(await claimNext(ctx)), pollMs, fanOutBell),
    ...[...delivering.channels].map(([channel, bell]) =>
      loop(() => delivering.turn(channel), pollMs, bell),
    ),
    loop(() => deliverInApp(ctx)),
    loop(async () => (await rescue(ctx)) > 0, sweepMs),
    loop(async () => (await prune(ctx)) > 0, pruneMs),
  ])

  ctx.handoff.open({
    onPush: handoffBell.ring,
    starter: attempts.starter,
    begin: (deliveries) => deliveries.forEach(attempts.begin),
  })
  ctx.signals.on('belfry_work', () => {
    fanOutBell.ring()
    for (const bell of delivering.channels.values()) bell.ring()
  })

  return {
    get busy() {
      return attempts.count
    },
    async stop(graceMs = defaultGraceMs) {
      ctx.handoff.close()
      stopping.abort()
      await loops
      await handBack(ctx)
      await Promise.race([attempts.idle(), after(graceMs)])
      attempts.giveUpCalls()
      await Promise.race([attempts.idle(), after(settleGraceMs)])
      attempts.abandon()
    },
  }
}

type Delivering = {
  attempts: Attempts
  channels: Map<CarriedChannel, Doorbell>
  /** Claims and begins what there is room for. */
  turn(channel: CarriedChannel): Promise<boolean>
  /** Deliveries wait on the channel: they are claimed as soon as there is room. */
  expectMore(channel: CarriedChannel): void
}

// With a backlog, places are filled a few at a time: claiming one by one costs ten times as much.
const refillShare = 4
const refillMs = 5

function createDelivering(
  ctx: Context,
  options: WorkerOptions,
  stop: AbortSignal,
  onError: (error: unknown) => void,
): Delivering {
  const names = options.channels ?? carriedChannels
  const channels = new Map(names.map((channel) => [channel, createDoorbell()]))
  const withBacklog = new Set<CarriedChannel>()
  const refills = new Set<CarriedChannel>()
  const texts: ContentCache = new Map()
  const concurrencyOf = (channel: CarriedChannel) =>
    options.concurrency ?? defaultConcurrency[channel] ?? otherConcurrency

  function refill(channel: CarriedChannel): void {
    if (!withBacklog.has(channel)) return
    if (attempts.free(channel) >= concurrencyOf(channel) / refillShare) {
      channels.get(channel)?.ring()
    } else if (!refills.has(channel)) {
      refills.add(channel)
      setTimeout(() => {
        refills.delete(channel)
        channels.get(channel)?.ring()
      }, refillMs)
    }
  }

  const attempts = createAttempts(ctx, {
    accepts: (channel) => !stop.aborted && channels.has(channel),
    concurrencyOf,
    onFree: refill,
    onRetry: (channel, dueAt) => channels.get(channel)?.ringAt(dueAt, ctx.clock.now()),
    onError,
  })

  return {
    attempts,
    channels,
    expectMore(channel) {
      withBacklog.add(channel)
      refill(channel)
    },
    async turn(channel) {
      const { starter } = attempts
      const now = ctx.clock.now()
      const leaseUntil = new Date(now.getTime() + starter.leaseMs(channel))
      const limit = reserveSome(attempts, channel)
      if (limit === 0) return false
      let begunCount = 0
      try {
        const begun = await claim(ctx, texts, {
          channel,
          limit,
          worker: ctx.worker,
          now,
          leaseUntil,
        })
        for (const delivery of begun) attempts.begin(delivery)
        begunCount = begun.length
      } finally {
        if (begunCount === limit) withBacklog.add(channel)
        else withBacklog.delete(channel)
        for (let i = begunCount; i < limit; i++) starter.release(channel)
      }
      return begunCount === limit
    },
  }
}

/** Takes free places before the claim, so that a fan-out running meanwhile does not count on them too. */
function reserveSome(attempts: Attempts, channel: CarriedChannel): number {
  let reserved = 0
  while (reserved < claimBatch && attempts.starter.reserve(channel)) reserved++
  return reserved
}

/** In-app messages whose moment has come. */
async function deliverInApp(ctx: Context): Promise<boolean> {
  const due = { now: ctx.clock.now(), limit: claimBatch, worker: ctx.worker }
  return (await deliverDueInApp(ctx.db, due)) === claimBatch
}

function claimNext(ctx: Context): Promise<ClaimedEvent[]> {
  const now = ctx.clock.now()
  const leaseUntil = new Date(now.getTime() + fanOutLeaseMs)
  return claimEvents(ctx.db, { limit: fanOutBatch, now, leaseUntil })
}

/** Events handed over but not begun would come back when their leases end; this makes it sooner. */
async function handBack(ctx: Context): Promise<void> {
  const events = ctx.handoff.take(Infinity)
  if (events.length === 0) return
  await fanOut(ctx, ctx.db, events, null).catch((err: unknown) =>
    ctx.log.warn(
      { err, count: events.length },
      'events could not be handed back; they will be late',
    ),
  )
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
