// Making the deliveries that wait in the queue, on every channel of this worker: claimed as places for
// attempts become free.
import type { Context } from '../context.ts'
import { carriedChannels, type CarriedChannel } from '../domain/channel.ts'
import { freeLimited } from '../pipeline/channel-control.ts'
import { claim } from '../pipeline/claim.ts'
import { createContentCache, type ContentCache } from '../pipeline/content-cache.ts'
import { createAttempts, type Attempts } from './attempts.ts'
import { createDoorbell, type Doorbell } from './doorbell.ts'

export type Delivering = {
  attempts: Attempts
  channels: ReadonlyMap<CarriedChannel, Doorbell>
  /** Claims and begins what there is room for. */
  turn(channel: CarriedChannel): Promise<boolean>
  /** Deliveries wait on the channel: they are claimed as soon as there is room. */
  expectMore(channel: CarriedChannel): void
  /** A good part of the places is free. */
  hasRoom(channel: CarriedChannel): boolean
  /** Rung whenever a channel has room again. */
  roomBell: Doorbell
}

export type DeliveringOptions = {
  channels?: readonly CarriedChannel[]
  concurrency?: number
  stop: AbortSignal
  onError: (error: unknown) => void
}

const defaultConcurrency: Partial<Record<CarriedChannel, number>> = { webhook: 512 }
const otherConcurrency = 64
const mostAtOnce = 500
// With a backlog, places are filled a few at a time: claiming one by one costs ten times as much.
const refillShare = 4
const refillMs = 5

export function createDelivering(ctx: Context, options: DeliveringOptions): Delivering {
  const { channels: names = carriedChannels, stop, onError } = options
  const channels = new Map(names.map((channel) => [channel, createDoorbell()]))
  const roomBell = createDoorbell()
  const withBacklog = new Set<CarriedChannel>()
  const refills = new Set<CarriedChannel>()
  const texts = createContentCache()
  const concurrencyOf = concurrencyIn(ctx, options)
  const isPaused = (channel: CarriedChannel) => ctx.channelControls.of(channel).isPaused
  const goodPart = (channel: CarriedChannel) => Math.ceil(concurrencyOf(channel) / refillShare)
  const hasRoom = (channel: CarriedChannel) => attempts.free(channel) >= goodPart(channel)

  function refill(channel: CarriedChannel): void {
    if (!withBacklog.has(channel)) return
    if (hasRoom(channel)) {
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
    accepts: (channel) => !stop.aborted && channels.has(channel) && !isPaused(channel),
    concurrencyOf,
    onFree(channel) {
      refill(channel)
      if (hasRoom(channel)) roomBell.ring()
    },
    onRetry: (channel, dueAt) => channels.get(channel)?.ringAt(dueAt, ctx.clock.now()),
    onError,
  })

  ctx.channelControls.onChange((otherLimits) => {
    for (const channel of otherLimits) void freeLimited(ctx, channel).catch(onError)
    for (const bell of channels.values()) bell.ring()
    roomBell.ring()
  })

  /** Takes places before the claim, so that a fan-out running meanwhile does not count on them too. */
  function reserveSome(channel: CarriedChannel): number {
    // Just looking, most places are left to those who know that they need one.
    const most = withBacklog.has(channel) ? mostAtOnce : goodPart(channel)
    let reserved = 0
    while (reserved < most && attempts.starter.reserve(channel)) reserved++
    return reserved
  }

  return {
    attempts,
    channels,
    hasRoom,
    roomBell,
    expectMore(channel) {
      withBacklog.add(channel)
      refill(channel)
    },
    async turn(channel) {
      const limit = reserveSome(channel)
      if (limit === 0) return false
      const begunCount = await claimAndBegin(ctx, attempts, texts, { channel, limit })
      if (begunCount === limit) withBacklog.add(channel)
      else withBacklog.delete(channel)
      return begunCount === limit
    },
  }
}

/** What somebody wants by now, or what this process was started with. */
function concurrencyIn(ctx: Context, { concurrency }: DeliveringOptions) {
  return (channel: CarriedChannel): number =>
    ctx.channelControls.of(channel).concurrency ??
    concurrency ??
    defaultConcurrency[channel] ??
    otherConcurrency
}

/** Fills places that were reserved, and gives back those that nothing waits for. */
async function claimAndBegin(
  ctx: Context,
  attempts: Attempts,
  texts: ContentCache,
  { channel, limit }: { channel: CarriedChannel; limit: number },
): Promise<number> {
  const { starter } = attempts
  const now = ctx.clock.now()
  const leaseUntil = new Date(now.getTime() + starter.leaseMs(channel))
  let begunCount = 0
  try {
    const begun = await claim(ctx, texts, { channel, limit, worker: ctx.worker, now, leaseUntil })
    for (const delivery of begun) attempts.begin(delivery)
    begunCount = begun.length
    return begunCount
  } finally {
    for (let i = begunCount; i < limit; i++) starter.release(channel)
  }
}
