// Everything that is due in one test workspace, done by one process: finding people, plans, digests, attempts. What
// many loops of many processes do for all others goes on here step by step, so that it is known when it is over.
import { setTimeout as delay } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { carriedChannels, type CarriedChannel } from '../domain/channel.ts'
import { countDueListening } from '../sql/clocks.ts'
import { claimEvents } from '../sql/events.ts'
import { releaseDeliveries, type BegunDelivery } from '../sql/queue.ts'
import { settleDeliveries, type Settlement } from '../sql/settle.ts'
import { claimUnchecked } from '../sql/unchecked-events.ts'
import { claimHookMessages } from '../sql/hook-messages.ts'
import { claim } from './claim.ts'
import { createContentCache } from './content-cache.ts'
import { deliverDueInApp } from './deliver-in-app.ts'
import { deliver } from './deliver.ts'
import { closeDueDigests } from './digest.ts'
import { escalate } from './escalate.ts'
import { fanOutSafely } from './fan-out-safely.ts'
import { wakeSnoozed } from './feed.ts'
import { callHook, hookLeaseMs, settleCalls, takeUpResults } from './hooks.ts'
import { fanOutLeaseMs } from './intake.ts'
import { moveTimes } from './move-times.ts'
import { notAttempted } from './not-attempted.ts'
import { runDuePlans } from './plan-run.ts'
import { putBackOf, showPutBack } from './put-back.ts'
import { applyReceipts } from './receipts.ts'
import { rescue } from './rescue.ts'
import { runDueSchedules } from './schedule-run.ts'
import { takeUp } from './take-up.ts'

/** How much of what was done. */
export type DoneWork = { events: number; steps: number; attempts: number }

const batch = 200
const marginMs = 10_000
const troubleMs = 1_000

/** Does it until nothing more is due, or `stop`. */
export async function doDueWork(ctx: Context, workspaceId: number, stop: AbortSignal) {
  const own = ctx.in(workspaceId)
  const done: DoneWork = { events: 0, steps: 0, attempts: 0 }
  for (;;) {
    const steps = await goOn(own)
    const events = await findPeople(own)
    const attempts = await makeAttempts(own, stop)
    done.events += events
    done.steps += steps
    done.attempts += attempts
    const told = await tellHooks(own, stop)
    if (events + steps + attempts + told === 0 || stop.aborted) break
  }
  ctx.waits.tell()
  ctx.streams.tell()
  ctx.interest.tell()
  return done
}

async function findPeople(ctx: Context): Promise<number> {
  const now = ctx.clock.now()
  const leaseUntil = new Date(now.getTime() + fanOutLeaseMs)
  const claimed = { limit: batch, now, leaseUntil, reach: ctx.reach() }
  const unchecked = await claimUnchecked(ctx.db, claimed)
  const { ready } = await takeUp(ctx, unchecked, leaseUntil)
  const events = [...ready, ...(await claimEvents(ctx.db, claimed))]
  if (events.length > 0) await fanOutSafely(ctx, events, null)
  return unchecked.length + events.length
}

/** What the scheduler does. */
async function goOn(ctx: Context): Promise<number> {
  const isMore = await wakeSnoozed(ctx)
  return (
    Number(isMore) +
    (await deliverDueInApp(ctx, batch)) +
    (await closeDueDigests(ctx, batch)) +
    (await runDuePlans(ctx, batch)) +
    (await escalate(ctx, batch)) +
    (await moveTimes(ctx, batch)) +
    Number(await runDueSchedules(ctx, batch)) +
    (await applyReceipts(ctx)) +
    (await rescue(ctx))
  )
}

async function makeAttempts(ctx: Context, stop: AbortSignal): Promise<number> {
  const counts = await Promise.all(carriedChannels.map((channel) => attemptOn(ctx, channel, stop)))
  return counts.reduce((sum, count) => sum + count, 0)
}

async function attemptOn(
  ctx: Context,
  channel: CarriedChannel,
  stop: AbortSignal,
): Promise<number> {
  const now = ctx.clock.now()
  const leaseUntil = new Date(now.getTime() + ctx.providers.longestBudgetMs(channel) + marginMs)
  const wanted = { channel, limit: batch, worker: ctx.worker, now, leaseUntil }
  const begun = await claim(ctx, createContentCache(), wanted)
  if (begun.length === 0) return 0
  const calls = new Set<AbortController>()
  const giveUp = () => calls.forEach((call) => call.abort())
  stop.addEventListener('abort', giveUp)
  try {
    const made = await Promise.all(
      begun.map((delivery) => attempt(ctx, delivery, { calls, leaseUntil })),
    )
    const settlements = made.filter((settlement) => settlement !== null)
    const settled = await settleDeliveries(ctx.db, settlements, { now, worker: ctx.worker })
    await showPutBack(ctx, putBackOf(settlements, settled))
  } finally {
    stop.removeEventListener('abort', giveUp)
  }
  return begun.length
}

async function tellHooks(ctx: Context, stop: AbortSignal): Promise<number> {
  const { count } = await takeUpResults(ctx)
  const now = ctx.clock.now()
  const begun = await claimHookMessages(ctx.db, {
    limit: batch,
    mostOfOne: batch,
    mostOfWorkspace: batch,
    worker: ctx.worker,
    now,
    leaseUntil: new Date(now.getTime() + hookLeaseMs),
    reach: ctx.reach(),
  })
  if (begun.length === 0) return count
  const settlements = await Promise.all(begun.map((message) => callHook(ctx, message, stop)))
  await settleCalls(ctx, settlements, now)
  return count + begun.length
}

type AttemptOptions = { calls: Set<AbortController>; leaseUntil: Date }

/** Null: it was given back, for a little later. */
async function attempt(
  ctx: Context,
  begun: BegunDelivery,
  options: AttemptOptions,
): Promise<Settlement | null> {
  try {
    const made = await deliver(ctx, begun, options)
    if (made) return made
  } catch (err) {
    ctx.log.error({ err, deliveryId: begun.deliveryId }, 'an attempt could not be made')
  }
  const again = new Date(ctx.clock.now().getTime() + troubleMs)
  const released = await releaseDeliveries(ctx.db, [begun], again)
  return released.length === 0 ? notAttempted(ctx, begun, 'cancelled') : null
}

const untakenMs = 500 // it may be in no program that runs
const takenMs = 5_000 // its program may have died

/**
 * Until the code that listens has done what is due, but for the `left` runs that were given up earlier. Answers how
 * many are given up by now, and whether something was heard: more may be due then.
 */
export async function letListen(
  ctx: Context,
  workspaceId: number,
  left: number,
): Promise<{ left: number; isMore: boolean }> {
  const started = performance.now()
  const now = ctx.in(workspaceId).clock.now()
  for (let looks = 0; ; looks++) {
    const { waiting, running } = await countDueListening(ctx.db, workspaceId, now)
    if (waiting + running <= left) return { left: waiting + running, isMore: looks > 0 }
    const patienceMs = running > 0 ? takenMs : untakenMs
    if (performance.now() - started > patienceMs) return { left: waiting + running, isMore: false }
    ctx.signals.ring('belfry_listeners')
    await delay(lookAgainMs)
  }
}

const lookAgainMs = 5
