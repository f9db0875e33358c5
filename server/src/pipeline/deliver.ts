// One attempt at a delivery that has begun: the provider is called, and what it answers becomes a
// settlement. Nothing is written here; the batch that settles writes for many.
import type { Context } from '../context.ts'
import type { RetryPolicy } from '../domain/event-type.ts'
import type { Outcome } from '../domain/outcome.ts'
import { waitOf } from '../domain/quiet-hours.ts'
import { nextStanding } from '../domain/failover.ts'
import { isShut } from '../domain/provider-health.ts'
import { nextStep, policyOf } from '../domain/retry.ts'
import type { ActiveProvider } from '../providers.ts'
import type { BegunDelivery } from '../sql/queue.ts'
import type { Settlement } from '../sql/settle.ts'
import { held, notAttempted, objected, putBack, suppressedBy } from './not-attempted.ts'
import { hasOther, isPaced, whyNotTheFirst } from './provider-for.ts'

/** What the settlement of an attempt needs to know of its delivery. */
export type Attempted = Pick<
  BegunDelivery,
  | 'workspaceId'
  | 'deliveryId'
  | 'notificationId'
  | 'channel'
  | 'epoch'
  | 'attempt'
  | 'earlier'
  | 'begunAt'
  | 'expiresAt'
  | 'providerId'
  | 'tried'
  | 'staysUntil'
  | 'eventType'
  | 'eventTypeVersion'
> &
  Partial<Pick<BegunDelivery, 'holds' | 'acceptedAt' | 'level' | 'isAwaited'>>

export type DeliverOptions = {
  /** The calls under way, each of which may be given up by aborting it. */
  calls: Set<AbortController>
  leaseUntil: Date
}

const longestReference = 255
// Left of the lease when the call must have ended, for its outcome to be written down.
const settleWithinMs = 5_000

/**
 * Null: so late that the lease might end under the call, and somebody else begin another; nobody was
 * called.
 *
 * @throws only before the provider was called: then the delivery can be given back.
 */
export async function deliver(
  ctx: Context,
  begun: BegunDelivery,
  { calls, leaseUntil }: DeliverOptions,
): Promise<Settlement | null> {
  const { channel, staysUntil } = begun
  // Read before the call: after it nothing may come between the outcome and its settlement.
  const policy = await retryPolicyOf(ctx, begun)
  // After that: one that is replaced closes when it has sent what it was given by then.
  const isBound = staysUntil !== null && staysUntil > begun.begunAt
  const found = await ctx.providers.forAttempt(begun, isBound)

  // Looked at last: reading may have taken long.
  const now = ctx.clock.now()
  if (begun.expiresAt && begun.expiresAt <= now) return notAttempted(ctx, begun, 'expired')
  if (begun.suppressed) return suppressedBy(ctx, begun, begun.suppressed)
  if (begun.objection) return objected(ctx, begun, begun.objection)
  const wait = waitOf(begun.holds, channel, now)
  if (wait) return objected(ctx, begun, { reason: 'quiet_hours', ...wait })
  if (found.kind === 'none') return notAttempted(ctx, begun, found.reason)
  if (found.kind === 'changed') return putBack(ctx, begun, new Date(now.getTime() + found.afterMs))
  const { provider } = found
  if (isPaused(ctx, begun)) return putBack(ctx, begun, now)
  // Before it takes a place that others could use.
  if (isShut(ctx.breakers.phaseOf(provider, now))) return held(ctx, begun, now)
  const place = await placeFor(ctx, begun, provider, now)
  if (place) return { ...putBack(ctx, begun, place), reason: 'rate_limited' }
  const leftMs = leaseUntil.getTime() - ctx.clock.now().getTime()
  if (leftMs < provider.kind.budgetMs + settleWithinMs) return null

  const ticket = ctx.breakers.admit(provider, now)
  if (ticket === null) return held(ctx, begun, now)
  const instead = whyNotTheFirst(ctx, begun, provider, now)

  const startedMs = performance.now()
  const outcome = await send(ctx, provider, begun, calls)
  const durationMs = Math.round(performance.now() - startedMs)
  ticket.end(outcome, durationMs, ctx.clock.now())
  ctx.metrics.attemptDuration.observe({ channel: begun.channel }, durationMs / 1_000)
  const made = {
    worker: ctx.worker,
    provider: provider.name,
    durationMs,
    ...(instead && { instead }),
  }
  if (begun.attempt === 1) ctx.retryBudget.count(budgetOf(begun, provider), begun.begunAt)
  const settlement = settlementOf(ctx, begun, outcome, { policy, made, provider })
  if (!settlement.tried) return withinBudget(ctx, begun, provider, settlement)
  ctx.metrics.failovers.inc({ channel })
  return settlement
}

/** By hand, since it was begun. Not where the clock stands: what waits there is waited for. */
function isPaused(ctx: Context, { workspaceId, channel }: BegunDelivery): boolean {
  return ctx.clocks.at(workspaceId) === null && ctx.channelControls.of(channel).isPaused
}

/** When it may be sent as far as limits go; null: now. */
async function placeFor(
  ctx: Context,
  { workspaceId, channel, address, level }: BegunDelivery,
  provider: ActiveProvider,
  now: Date,
): Promise<Date | null> {
  const asker = { address, isUrgent: level === 'critical', now }
  const ofProvider = () => (isPaced(provider) ? ctx.paces.placeFor(provider, asker) : null)
  const { perSecond } = ctx.channelControls.of(channel)
  // Not where the clock stands: nobody else's time would pass there.
  if (perSecond === null || ctx.clocks.at(workspaceId) !== null) return ofProvider()
  const ofChannel = async () => {
    const place = await ctx.paces.placeOn(channel, perSecond, { ...asker, workspaceId })
    return place && ctx.channelControls.of(channel).perSecond !== perSecond ? now : place
  }
  // Last what costs others most when it is taken in vain: the turn of an address, else the place all workspaces share.
  return provider.pace.address === undefined
    ? ((await ofProvider()) ?? ofChannel())
    : ((await ofChannel()) ?? ofProvider())
}

function budgetOf({ workspaceId, channel }: BegunDelivery, { id }: ActiveProvider): string {
  return `${workspaceId} ${id ?? channel}`
}

/** A retry for which its provider has no room then is made later, unless it would be too late. */
function withinBudget(
  ctx: Context,
  begun: BegunDelivery,
  provider: ActiveProvider,
  settlement: Settlement,
): Settlement {
  const { dueAt, detail } = settlement
  if (!dueAt) return settlement
  const { expiresAt } = begun
  const mayWait = (until: Date) => !expiresAt || inHours(begun, until) < expiresAt
  const room = { now: ctx.clock.now(), mayWait }
  const later = inHours(begun, ctx.retryBudget.place(budgetOf(begun, provider), dueAt, room))
  if (later <= dueAt) return settlement
  ctx.metrics.retriesPostponed.inc({ channel: begun.channel })
  const seconds = Math.ceil((later.getTime() - dueAt.getTime()) / 1_000)
  const why = `tried again ${seconds} s later than usual: the retry budget of ${provider.name} is used up`
  return { ...settlement, dueAt: later, detail: detail ? `${detail}; ${why}` : why }
}

async function send(
  ctx: Context,
  active: ActiveProvider,
  begun: BegunDelivery,
  calls: Set<AbortController>,
): Promise<Outcome> {
  // AbortSignal.any of a timeout and a signal for all would cost five times as much.
  const call = new AbortController()
  const outOfTime = () => call.abort(new DOMException('no answer in time', 'TimeoutError'))
  const timer = setTimeout(outOfTime, active.kind.budgetMs)
  calls.add(call)
  try {
    const message = { ...begun, ...unsubscribing(ctx, begun), createdAt: begun.acceptedAt }
    return await active.provider.send(message, call.signal)
  } catch (error) {
    // A bug in the provider; how far the message got is anybody's guess.
    const { deliveryId, channel } = begun
    ctx.log.error({ err: error, deliveryId, channel, provider: active.name }, 'provider failed')
    return { kind: 'ambiguous', code: 'internal_error', detail: 'the provider failed; see the log' }
  } finally {
    clearTimeout(timer)
    calls.delete(call)
  }
}

/** In the headers, not in the text, which many share. What is critical cannot be unsubscribed from. */
function unsubscribing(ctx: Context, begun: BegunDelivery): { unsubscribeUrl?: string } {
  const { workspaceId, recipient, isSubscriber, level, eventType, channel } = begun
  if (channel !== 'email' || !isSubscriber || level === 'critical') return {}
  const target = { workspaceId, subscriberId: recipient, eventType, channel }
  return { unsubscribeUrl: ctx.links.unsubscribe(target) }
}

/** Known now, so that what is shown of it comes true; it is asked again when it begins. */
function inHours({ holds = [], channel }: Attempted, dueAt: Date): Date {
  return waitOf(holds, channel, dueAt)?.until ?? dueAt
}

type OfAttempt = {
  policy: RetryPolicy | null
  made: Pick<Settlement, 'worker' | 'provider' | 'durationMs' | 'instead'>
  provider: ActiveProvider | null // null: it is there no more
}

/** What follows from an outcome, by the event type's own retry policy or the channel's schedule. */
export function settlementOf(
  ctx: Context,
  attempted: Attempted,
  outcome: Outcome,
  { policy, made, provider }: OfAttempt,
): Settlement {
  const now = ctx.clock.now()
  const { isElsewhere, tried, staysUntil } = nextStanding({
    outcome,
    providerId: attempted.providerId,
    before: attempted,
    hasOther: () => provider !== null && hasOther(ctx, provider, attempted.tried ?? [], now),
    knowsKeysMs: provider?.kind.knowsKeysMs ?? null,
    mayDouble: attempted.level === 'critical' && (provider?.mayDouble ?? false),
    begunAt: attempted.begunAt,
    now,
  })
  const step = nextStep({
    outcome,
    attempt: attempted.attempt - attempted.earlier, // each round has all of them
    channel: attempted.channel,
    policy,
    expiresAt: attempted.expiresAt,
    mayBegin: (dueAt) => inHours(attempted, dueAt),
    now,
    random: Math.random(),
    isElsewhere,
    // A direct message says by itself how often it is tried; an event type has a policy for it.
    isTriedElsewhere: attempted.eventType === null && (attempted.isAwaited ?? false),
    mayHaveCome: attempted.staysUntil !== null,
  })
  return {
    workspaceId: attempted.workspaceId,
    deliveryId: attempted.deliveryId,
    notificationId: attempted.notificationId,
    epoch: attempted.epoch,
    number: attempted.attempt,
    ...made,
    outcome: outcome.kind,
    code: outcome.code ?? null,
    detail: outcome.detail ?? null,
    reference: (outcome.kind === 'sent' && outcome.reference?.slice(0, longestReference)) || null,
    startedAt: attempted.begunAt,
    status: step.kind === 'end' ? step.status : null,
    reason: step.reason,
    dueAt: step.kind === 'again' ? step.dueAt : null,
    ...(step.kind === 'again' && { tried, staysUntil }),
    // Tried again by hand it has waited for somebody, not for us.
    ...(attempted.acceptedAt && attempted.earlier === 0 && { acceptedAt: attempted.acceptedAt }),
  }
}

export async function retryPolicyOf(
  ctx: Context,
  attempted: Attempted,
): Promise<RetryPolicy | null> {
  const { workspaceId, channel, eventType, eventTypeVersion } = attempted
  const usual = ctx.config.retry?.[channel] ?? null
  if (!eventType || !eventTypeVersion) return usual
  const type = await ctx.configuration.eventTypeVersion(workspaceId, eventType, eventTypeVersion)
  return policyOf(type?.retry ?? null, channel) ?? usual
}
