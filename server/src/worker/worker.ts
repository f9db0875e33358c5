// The worker: finds the people of events, makes the attempts that are due on its channels, settles
// them, and looks after attempts that others left behind.
import { createBatcher } from '../batch.ts'
import type { Context } from '../context.ts'
import { carriedChannels, type CarriedChannel } from '../domain/channel.ts'
import { deliver } from '../pipeline/deliver.ts'
import { fanOut, type Starter } from '../pipeline/fan-out.ts'
import { prune } from '../pipeline/prune.ts'
import { rescue } from '../pipeline/rescue.ts'
import { claimEvents, type ClaimedEvent } from '../sql/events.ts'
import { claimDeliveries, releaseDeliveries, type BegunDelivery } from '../sql/queue.ts'
import { settleDeliveries, type Settled, type Settlement } from '../sql/settle.ts'
import { createDoorbell } from './doorbell.ts'
import { workLoop } from './loop.ts'
import { createSlots } from './slots.ts'

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

const defaultConcurrency: Partial<Record<CarriedChannel, number>> = { webhook: 256, email: 16 }
const otherConcurrency = 64
// Longer than the most an attempt may take: whoever holds a lease has answered before it ends.
const leaseMarginMs = 10_000
const fanOutBatch = 500
const settleBatch = 500
const settleGatherMs = 2
const settleRetryMs = 250

export function startWorker(ctx: Context, options: WorkerOptions = {}): Worker {
  const { channels = carriedChannels, pollMs = 1_000, sweepMs = 5_000, pruneMs = 60_000 } = options
  const stopping = new AbortController()
  const stop = stopping.signal
  const onError = (error: unknown) => {
    if (!stop.aborted) ctx.log.error({ err: error }, 'the worker could not go on; it tries again')
  }

  const doorbells = new Map(channels.map((channel) => [channel, createDoorbell()]))
  const fanOutBell = createDoorbell()
  const handoffBell = createDoorbell()
  const slots = createSlots(
    (channel) => options.concurrency ?? defaultConcurrency[channel] ?? otherConcurrency,
    (channel) => doorbells.get(channel)?.ring(),
  )
  const running = new Set<Promise<void>>()
  const settle = createBatcher<Settlement, Settled | null>({
    run: (items) => settleAll(ctx, items),
    maxItems: settleBatch,
    parallel: 2,
    gatherMs: settleGatherMs,
  })
  const starter: Starter = {
    worker: ctx.worker,
    reserve: (channel) => !stop.aborted && doorbells.has(channel) && slots.reserve(channel),
    release: slots.release,
    leaseMs: (channel) => leaseMs(ctx, channel),
  }

  function begin(begun: BegunDelivery): void {
    const task = attempt(begun).catch(onError)
    running.add(task)
    void task.finally(() => running.delete(task))
  }

  async function attempt(begun: BegunDelivery): Promise<void> {
    let settlement: Settlement
    try {
      if (isTooLate(ctx, begun)) {
        await releaseDeliveries(ctx.db, [begun], ctx.clock.now())
        return
      }
      settlement = await deliver(ctx, begun)
    } finally {
      slots.release(begun.channel)
    }
    const settled = await settle.add(settlement)
    report(ctx, begun, settlement, settled)
    if (settlement.dueAt) doorbells.get(begun.channel)?.ringAt(settlement.dueAt, ctx.clock.now())
  }

  async function fanOutAll(events: ClaimedEvent[]): Promise<void> {
    const begun = await fanOut(ctx, ctx.db, events, starter)
    for (const delivery of begun) begin(delivery)
    for (const doorbell of doorbells.values()) doorbell.ring()
  }

  async function handoffTurn(): Promise<boolean> {
    const events = ctx.handoff.take(fanOutBatch)
    if (events.length > 0) await fanOutAll(events)
    return events.length > 0
  }

  async function fanOutTurn(): Promise<boolean> {
    const now = ctx.clock.now()
    const leaseUntil = new Date(now.getTime() + leaseMarginMs * 3)
    const events = await claimEvents(ctx.db, { limit: fanOutBatch, now, leaseUntil })
    if (events.length > 0) await fanOutAll(events)
    return events.length > 0
  }

  async function deliverTurn(channel: CarriedChannel): Promise<boolean> {
    const limit = Math.min(slots.free(channel), settleBatch)
    if (limit <= 0) return false // a place that becomes free rings
    const now = ctx.clock.now()
    const leaseUntil = new Date(now.getTime() + leaseMs(ctx, channel))
    const claimed = await claimDeliveries(ctx.db, { channel, limit, worker: ctx.worker, now, leaseUntil })
    for (const delivery of claimed) {
      slots.reserve(channel)
      begin(delivery)
    }
    return claimed.length === limit
  }

  const loop = (turn: () => Promise<boolean>, doorbell = createDoorbell(), every = pollMs) =>
    workLoop({ turn, doorbell, pollMs: every, stop, onError })
  const once = (step: (ctx: Context) => Promise<number>) => async () => (await step(ctx)) > 0
  const loops = Promise.all([
    loop(handoffTurn, handoffBell),
    loop(fanOutTurn, fanOutBell),
    ...[...doorbells].map(([channel, bell]) => loop(() => deliverTurn(channel), bell)),
    loop(once(rescue), createDoorbell(), sweepMs),
    loop(once(prune), createDoorbell(), pruneMs),
  ])
  ctx.handoff.open(handoffBell.ring)
  ctx.signals.on('belfry_work', () => {
    if (stop.aborted) return
    fanOutBell.ring()
    for (const doorbell of doorbells.values()) doorbell.ring()
  })

  return {
    get busy() {
      return running.size
    },
    async stop(graceMs = 25_000) {
      ctx.handoff.close()
      stopping.abort()
      await loops
      await handBack(ctx)
      const grace = AbortSignal.timeout(graceMs)
      const tooLong = new Promise((resolve) => grace.addEventListener('abort', resolve))
      await Promise.race([Promise.all(running), tooLong])
    },
  }
}

function leaseMs(ctx: Context, channel: CarriedChannel): number {
  const budgetMs = ctx.providers.longestBudgetMs(channel)
  return budgetMs + leaseMarginMs
}

/** So late that the lease might end under the attempt: somebody else may already think us dead. */
function isTooLate(ctx: Context, begun: BegunDelivery): boolean {
  return ctx.clock.now().getTime() - begun.begunAt.getTime() > leaseMarginMs / 2
}

/** Events handed over but not begun go back to the queue by themselves; this only makes it sooner. */
async function handBack(ctx: Context): Promise<void> {
  const events = ctx.handoff.take(Infinity)
  if (events.length > 0) await fanOut(ctx, ctx.db, events, null)
}

/** Tries until the database takes it: an outcome that is not written down becomes an ambiguous one. */
async function settleAll(ctx: Context, items: Settlement[]): Promise<(Settled | null)[]> {
  const rows = await settleOrRetry(ctx, items)
  const settled = new Map(rows.map((row) => [row.deliveryId, row]))
  return items.map(({ deliveryId }) => settled.get(deliveryId) ?? null)
}

async function settleOrRetry(ctx: Context, items: Settlement[]): Promise<Settled[]> {
  const giveUpAt = performance.now() + leaseMarginMs
  for (;;) {
    try {
      return await settleDeliveries(ctx.db, items, ctx.clock.now())
    } catch (error) {
      if (performance.now() > giveUpAt) throw error
      ctx.log.warn({ err: error, count: items.length }, 'outcomes could not be stored; trying again')
      await new Promise((resolve) => setTimeout(resolve, settleRetryMs))
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
  const { provider, outcome, code, durationMs } = settlement
  const fields = { deliveryId, channel, provider, attempt, outcome, code, durationMs }
  if (!settled) return ctx.log.warn(fields, 'an outcome came too late: the lease was over')
  if (settled.status === null) return ctx.log.warn(fields, 'attempt failed; it will be repeated')

  ctx.metrics.deliveries.inc({ channel, outcome: settled.status })
  if (settled.status === 'failed') ctx.log.error(fields, 'delivery failed')
  else if (settled.status === 'sent' || settled.status === 'delivered') {
    const latencyMs = ctx.clock.now().getTime() - begun.acceptedAt.getTime()
    ctx.metrics.deliveryLatency.observe({ channel }, latencyMs / 1_000)
    ctx.log.debug(fields, 'delivery sent')
  } else ctx.log.info(fields, 'delivery ended')
}
