// The attempts of one process: places for them on each channel, the calls themselves, and the batch
// that writes down how they ended.
import { setTimeout as delay } from 'node:timers/promises'
import { createBatcher, type Batcher } from '../batch.ts'
import type { Context } from '../context.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import { deliver } from '../pipeline/deliver.ts'
import type { Starter } from '../pipeline/fan-out-draft.ts'
import { notAttempted } from '../pipeline/not-attempted.ts'
import { putBackOf, showPutBack } from '../pipeline/put-back.ts'
import type { ChannelLoad } from '../sql/workers.ts'
import { releaseDeliveries, type BegunDelivery } from '../sql/queue.ts'
import { settleDeliveries, type Settled, type Settlement } from '../sql/settle.ts'
import { isUnavailable, isValuesFault } from '../sql/unavailable.ts'
import { createLoads } from './loads.ts'
import { createSlots } from './slots.ts'

export type Attempts = {
  starter: Starter
  /** Free places on a channel. */
  free(channel: CarriedChannel): number
  load(channel: CarriedChannel): ChannelLoad
  /** Makes an attempt; its place was reserved before. */
  begin(begun: BegunDelivery): void
  /** Attempts under way, or not yet written down. */
  readonly count: number
  /** Resolves when none is. */
  idle(): Promise<void>
  /** Gives up the calls under way; nobody can say then what became of them. */
  giveUpCalls(): void
  /** Stops trying to write down what the database does not take. */
  abandon(): void
}

export type AttemptsOptions = {
  accepts: (channel: CarriedChannel) => boolean
  concurrencyOf: (channel: CarriedChannel) => number
  /** A place has become free. */
  onFree: (channel: CarriedChannel) => void
  /** An attempt will be repeated then. */
  onRetry: (channel: CarriedChannel, dueAt: Date) => void
  onError: (error: unknown) => void
}

// A lease is longer than the most an attempt may take: whoever holds it has answered before it ends.
const leaseMarginMs = 10_000
const batchSize = 500
const gatherMs = 2
const settleParallel = 2
const troubleMs = 1_000 // before a delivery that could not even be begun is tried again
const mostUnsettled = 4 * batchSize
const settleRetryMs = 250
const longestSettleRetryMs = 2_000
const mostSettleTries = 20

export function createAttempts(ctx: Context, options: AttemptsOptions): Attempts {
  const slots = createSlots(options.concurrencyOf, options.onFree)
  const loads = createLoads(options.concurrencyOf)
  const running = new Set<Promise<void>>()
  const calls = new Set<AbortController>()
  const abandoned = new AbortController()
  const settle = createSettling(ctx, abandoned.signal)

  const leaseMs = (channel: CarriedChannel) =>
    ctx.providers.longestBudgetMs(channel) + leaseMarginMs

  async function attempt(begun: BegunDelivery): Promise<void> {
    let settled: Promise<Settled | null>
    let settlement: Settlement | undefined
    loads.begun(begun.channel)
    try {
      const made = await deliverOrGiveBack(begun)
      if (!made) return
      settlement = made
      settled = settle.add(settlement)
      // When the database cannot keep up, no new attempts are made in the meantime.
      if (settle.size > mostUnsettled) await settled
    } finally {
      slots.release(begun.channel)
      loads.ended(begun.channel, (settlement?.number ?? null) !== null)
    }
    report(ctx, begun, settlement, await settled)
    if (settlement.dueAt) options.onRetry(begun.channel, settlement.dueAt)
  }

  async function deliverOrGiveBack(begun: BegunDelivery): Promise<Settlement | null> {
    const leaseUntil = new Date(begun.begunAt.getTime() + leaseMs(begun.channel))
    let made: Settlement | null
    try {
      made = await deliver(ctx, begun, { calls, leaseUntil })
    } catch (error) {
      await giveBack(ctx, settle, begun, troubleMs)
      throw error
    }
    if (!made) await giveBack(ctx, settle, begun)
    return made
  }

  return {
    starter: {
      worker: ctx.worker,
      reserve: (channel) => options.accepts(channel) && slots.reserve(channel),
      release: slots.release,
      leaseMs,
    },
    free: slots.free,
    load: loads.of,
    begin(begun) {
      const task = attempt(begun).catch(options.onError)
      running.add(task)
      void task.finally(() => running.delete(task))
    },
    get count() {
      return running.size
    },
    async idle() {
      await Promise.all(running)
    },
    giveUpCalls: () => calls.forEach((call) => call.abort()),
    abandon: () => abandoned.abort(),
  }
}

/** One that was not tried, for somebody else or later. */
async function giveBack(
  ctx: Context,
  settle: Batcher<Settlement, Settled | null>,
  begun: BegunDelivery,
  afterMs = 0,
): Promise<void> {
  const dueAt = new Date(ctx.clock.now().getTime() + afterMs)
  const released = await releaseDeliveries(ctx.db, [begun], dueAt)
  if (released.length === 0) await settle.add(notAttempted(ctx, begun, 'cancelled'))
}

/** Writes down how attempts ended, many at a time. */
function createSettling(ctx: Context, abandoned: AbortSignal): Batcher<Settlement, Settled | null> {
  // Each batch counts under a name of its own: it never waits for the row the other one counts in.
  const counters = Array.from({ length: settleParallel }, (_, i) => `${ctx.worker}/${i}`)
  return createBatcher<Settlement, Settled | null>({
    async run(items) {
      const counter = counters.pop()!
      try {
        return await settleAll(ctx, items, counter, abandoned)
      } finally {
        counters.push(counter)
      }
    },
    maxItems: batchSize,
    parallel: settleParallel,
    gatherMs,
    isOneItemsFault: (error) => !isUnavailable(error),
  })
}

/** Answers null for what came too late. */
async function settleAll(
  ctx: Context,
  items: Settlement[],
  counter: string,
  abandoned: AbortSignal,
): Promise<(Settled | null)[]> {
  const rows = await settleOrRetry(ctx, items, counter, abandoned)
  await showPutBack(ctx, putBackOf(items, rows))
  ctx.waits.tell()
  if (rows.some(({ isAwaited }) => isAwaited)) ctx.signals.ring('belfry_plans')
  ctx.interest.tell()
  const settled = new Map(rows.map((row) => [row.deliveryId, row]))
  return items.map(({ deliveryId }) => settled.get(deliveryId) ?? null)
}

/**
 * Tries until the database takes it: an outcome that is not written down becomes an ambiguous one. Also
 * when the leases are over by then: a success still counts if nobody has begun again. A mistake of ours
 * does not pass like an outage does; it is tried for half a minute.
 */
async function settleOrRetry(
  ctx: Context,
  items: Settlement[],
  counter: string,
  abandoned: AbortSignal,
): Promise<Settled[]> {
  for (let tries = 1; ; tries++) {
    try {
      return await settleDeliveries(ctx.db, items, { now: ctx.clock.now(), worker: counter })
    } catch (error) {
      const isHopeless = isValuesFault(error) || (!isUnavailable(error) && tries >= mostSettleTries)
      if (isHopeless || abandoned.aborted) throw error
      ctx.log.warn(
        { err: error, count: items.length },
        'outcomes could not be stored; trying again',
      )
      const delayMs = Math.min(longestSettleRetryMs, settleRetryMs * tries)
      await delay(delayMs, undefined, { signal: abandoned }).catch(() => {})
    }
  }
}

function report(
  ctx: Context,
  begun: BegunDelivery,
  settlement: Settlement,
  settled: Settled | null,
): void {
  const { deliveryId, channel, attempt } = begun
  const { provider, outcome, code, durationMs, reason } = settlement
  const fields = { deliveryId, channel, provider, attempt, outcome, code, durationMs }
  if (!settled) return ctx.log.warn(fields, 'an outcome came too late: the lease was over')
  if (settled.status === null && outcome === null)
    return ctx.log.debug({ ...fields, reason }, 'a delivery waits until it may begin')
  if (settled.status === null) return ctx.log.warn(fields, 'attempt failed; it will be repeated')

  ctx.metrics.deliveries.inc({ channel, outcome: settled.status })
  if (settled.status === 'failed') ctx.log.error({ ...fields, reason }, 'delivery failed')
  else if (settled.status === 'sent' || settled.status === 'delivered') {
    const latencyMs = ctx.clock.now().getTime() - begun.acceptedAt.getTime()
    ctx.metrics.deliveryLatency.observe({ channel }, latencyMs / 1_000)
    ctx.log.debug(fields, 'delivery sent')
  } else ctx.log.info({ ...fields, reason }, 'delivery ended')
}
