// One attempt at a delivery that has begun: the provider is called, and what it answers becomes a
// settlement. Nothing is written here; the batch that settles writes for many.
import type { Context } from '../context.ts'
import type { RetryPolicy } from '../domain/event-type.ts'
import type { Outcome } from '../domain/outcome.ts'
import { nextStep } from '../domain/retry.ts'
import type { ActiveProvider } from '../providers.ts'
import type { BegunDelivery } from '../sql/queue.ts'
import type { Settlement } from '../sql/settle.ts'

/** What the settlement of an attempt needs to know of its delivery. */
export type Attempted = Pick<
  BegunDelivery,
  | 'workspaceId'
  | 'deliveryId'
  | 'notificationId'
  | 'channel'
  | 'epoch'
  | 'attempt'
  | 'begunAt'
  | 'expiresAt'
  | 'eventType'
  | 'eventTypeVersion'
>

export type DeliverOptions = {
  /** The calls under way, each of which may be given up by aborting it. */
  calls: Set<AbortController>
  leaseUntil: Date
}

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
  const { workspaceId, channel, providerId } = begun
  // Read before the call: after it nothing may come between the outcome and its settlement.
  const policy = await retryPolicyOf(ctx, begun)
  // After that: one that is replaced closes when it has sent what it was given by then.
  const provider = await ctx.providers.forAttempt(workspaceId, channel, providerId)

  // Looked at last: reading may have taken long.
  const now = ctx.clock.now()
  if (begun.expiresAt && begun.expiresAt <= now) return notAttempted(ctx, begun, 'expired')
  if (begun.objection) return objected(ctx, begun, begun.objection)
  if (!provider) return notAttempted(ctx, begun, 'no_provider')
  const leftMs = leaseUntil.getTime() - now.getTime()
  if (leftMs < provider.kind.budgetMs + settleWithinMs) return null

  const startedMs = performance.now()
  const outcome = await send(ctx, provider, begun, calls)
  const durationMs = Math.round(performance.now() - startedMs)
  ctx.metrics.attemptDuration.observe({ channel: begun.channel }, durationMs / 1_000)
  const made = { worker: ctx.worker, provider: provider.name, durationMs }
  return settlementOf(ctx, begun, outcome, policy, made)
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

/** What follows from an outcome, by the event type's own retry policy or the channel's schedule. */
export function settlementOf(
  ctx: Context,
  attempted: Attempted,
  outcome: Outcome,
  policy: RetryPolicy | null,
  made: { worker: string; provider: string; durationMs: number | null },
): Settlement {
  const step = nextStep({
    outcome,
    attempt: attempted.attempt,
    channel: attempted.channel,
    policy,
    expiresAt: attempted.expiresAt,
    now: ctx.clock.now(),
    random: Math.random(),
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
    startedAt: attempted.begunAt,
    status: step.kind === 'end' ? step.status : null,
    reason: step.reason,
    dueAt: step.kind === 'again' ? step.dueAt : null,
  }
}

export async function retryPolicyOf(
  ctx: Context,
  attempted: Attempted,
): Promise<RetryPolicy | null> {
  const { workspaceId, eventType, eventTypeVersion } = attempted
  if (!eventType || !eventTypeVersion) return null
  const type = await ctx.configuration.eventTypeVersion(workspaceId, eventType, eventTypeVersion)
  return type?.retry ?? null
}

const endsWithoutAttempt = {
  expired: 'skipped',
  cancelled: 'cancelled',
  no_provider: 'failed',
  preference_off: 'skipped',
} as const

/** The person does not want it, or not now. */
function objected(
  ctx: Context,
  begun: BegunDelivery,
  { because, until }: NonNullable<BegunDelivery['objection']>,
): Settlement {
  const ended = { ...notAttempted(ctx, begun, 'preference_off'), because }
  return until ? { ...ended, status: null, reason: 'quiet_hours', dueAt: until } : ended
}

/** The end of a delivery that began, and that nobody was called for. */
export function notAttempted(
  ctx: Context,
  begun: BegunDelivery,
  reason: keyof typeof endsWithoutAttempt,
): Settlement {
  return {
    workspaceId: begun.workspaceId,
    deliveryId: begun.deliveryId,
    notificationId: begun.notificationId,
    epoch: begun.epoch,
    number: null,
    provider: '',
    outcome: null,
    code: null,
    detail: null,
    worker: ctx.worker,
    startedAt: begun.begunAt,
    durationMs: null,
    status: endsWithoutAttempt[reason],
    reason,
    dueAt: null,
  }
}
