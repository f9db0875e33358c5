// Fan-out of a batch in which one event may be poison: the others go on. It fails, visibly, when its
// values cannot be stored; anything else may pass, so it is tried again, later and later.
import { setTimeout } from 'node:timers/promises'
import type { Context } from '../context.ts'
import type { ClaimedEvent } from '../sql/events.ts'
import { failEvents } from '../sql/failed-events.ts'
import { isValuesFault } from '../sql/unavailable.ts'
import { postponeEvent } from '../sql/waiting-events.ts'
import { withData } from './fan-out-data.ts'
import { fanOut, joined, type FannedOut } from './fan-out.ts'
import type { Starter } from './fan-out-draft.ts'

const retryMs = 100
// Every second at first, every ten minutes in the end: about seven hours in all.
const mostTries = 50
const shortestDelayMs = 1_000
const longestDelayMs = 600_000
const mostTroubles = 2 // in one batch; when more of it fails, it is not the events

/** @throws when the database takes nothing; the events come back when their leases end. */
export async function fanOutSafely(
  ctx: Context,
  events: ClaimedEvent[],
  starter: Starter | null,
): Promise<FannedOut> {
  const ready = await withData(ctx, events)
  return ready.length === 0 ? nobody : fanOutReady(ctx, ready, starter)
}

async function fanOutReady(
  ctx: Context,
  events: ClaimedEvent[],
  starter: Starter | null,
): Promise<FannedOut> {
  try {
    return await fanOutOrRetry(ctx, events, starter)
  } catch (error) {
    if (events.length === 1) {
      await setAside(ctx, events[0]!, error)
      return nobody
    }
  }
  return fanOutOneByOne(ctx, events, starter)
}

/** Never throws: the deliveries that have begun by then are to be made. */
async function fanOutOneByOne(
  ctx: Context,
  events: ClaimedEvent[],
  starter: Starter | null,
): Promise<FannedOut> {
  let all = nobody
  let troubleCount = 0
  for (const event of events) {
    try {
      all = joined(all, await fanOutOrRetry(ctx, [event], starter))
    } catch (error) {
      if (!isValuesFault(error)) troubleCount++
      await setAside(ctx, event, error).catch(() => (troubleCount = mostTroubles))
      if (troubleCount >= mostTroubles) break // the rest comes back when its leases end
    }
  }
  return all
}

/**
 * Once more after what may have passed: without it the events would wait for their leases. Then without
 * those whom another process has told meanwhile.
 */
async function fanOutOrRetry(
  ctx: Context,
  events: ClaimedEvent[],
  starter: Starter | null,
): Promise<FannedOut> {
  try {
    return await fanOut(ctx, ctx.db, events, starter)
  } catch (error) {
    if (isValuesFault(error)) throw error
    await setTimeout(retryMs)
    return fanOut(ctx, ctx.db, events, starter, true)
  }
}

type TakenEvent = Pick<ClaimedEvent, 'workspaceId' | 'id' | 'epoch'>

/** Ends an event that would fail again, or leaves it for later. */
export async function setAside(ctx: Context, event: TakenEvent, error: unknown): Promise<void> {
  const fields = { err: error, eventId: event.id }
  if (isValuesFault(error)) {
    ctx.log.error(fields, 'an event could not be fanned out')
    return end(ctx, event, 'Something in it cannot be stored; the log says what.')
  }
  ctx.log.warn(fields, 'an event could not be fanned out; it will be tried again')
  const delay = { now: ctx.clock.now(), shortestDelayMs, longestDelayMs }
  const failureCount = await postponeEvent(ctx.db, event, delay)
  if (failureCount < mostTries) return
  ctx.log.error(fields, 'an event could not be fanned out; it is given up')
  await end(ctx, event, `It failed ${failureCount} times; the log says why.`)
}

function end(ctx: Context, { workspaceId, id, epoch }: TakenEvent, error: string): Promise<void> {
  return failEvents(ctx.db, [{ workspaceId, id, epoch, error }], ctx.clock.now())
}

const nobody: FannedOut = {
  notificationIds: [],
  begun: [],
  waiting: new Set(),
  isPlanDue: false,
  isMore: false,
}
