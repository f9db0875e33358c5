// Fan-out of a batch in which one event may be poison: it fails by itself, and visibly; the others go on.
import { setTimeout } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { failEvent, type ClaimedEvent } from '../sql/events.ts'
import { isUnavailable } from '../sql/unavailable.ts'
import { fanOut, type FannedOut, type Starter } from './fan-out.ts'

const retryMs = 100

/** @throws when the database cannot be reached; the events come back when their leases end. */
export async function fanOutSafely(
  ctx: Context,
  events: ClaimedEvent[],
  starter: Starter,
): Promise<FannedOut> {
  try {
    return await fanOutOrRetry(ctx, events, starter)
  } catch (error) {
    if (isUnavailable(error)) throw error
    if (events.length === 1) return giveUp(ctx, events[0]!, error)
  }
  let all = nobody
  for (const event of events) all = joined(all, await fanOutSafely(ctx, [event], starter))
  return all
}

/** Once more after a dead-lock or a lost connection: without it the events would wait for their leases. */
async function fanOutOrRetry(
  ctx: Context,
  events: ClaimedEvent[],
  starter: Starter,
): Promise<FannedOut> {
  try {
    return await fanOut(ctx, ctx.db, events, starter)
  } catch (error) {
    if (!isUnavailable(error)) throw error
    await setTimeout(retryMs)
    return fanOut(ctx, ctx.db, events, starter)
  }
}

async function giveUp(ctx: Context, event: ClaimedEvent, error: unknown): Promise<FannedOut> {
  ctx.log.error({ err: error, eventId: event.id }, 'an event could not be fanned out')
  await failEvent(ctx.db, event, `It could not be fanned out: ${(error as Error).message}`)
  return nobody
}

const nobody: FannedOut = { notificationIds: [], begun: [], waiting: new Set(), isMore: false }

function joined(a: FannedOut, b: FannedOut): FannedOut {
  return {
    notificationIds: [...a.notificationIds, ...b.notificationIds],
    begun: [...a.begun, ...b.begun],
    waiting: a.waiting.union(b.waiting),
    isMore: a.isMore || b.isMore,
  }
}
