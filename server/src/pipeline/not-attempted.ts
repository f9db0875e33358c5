// What becomes of a delivery that began and for which nobody was called: its end, or a later moment.
import type { Context } from '../context.ts'
import { tellSuppression, type Suppression } from '../domain/suppression.ts'
import type { BegunDelivery } from '../sql/queue.ts'
import type { Settlement } from '../sql/settle.ts'

/** What is known of a delivery that nobody was called for. */
export type Unattempted = Pick<
  BegunDelivery,
  'workspaceId' | 'deliveryId' | 'notificationId' | 'epoch' | 'begunAt'
> &
  Partial<Pick<BegunDelivery, 'staysUntil'>>

const endsWithoutAttempt = {
  expired: 'skipped',
  cancelled: 'cancelled',
  no_provider: 'failed',
  no_provider_for_device: 'failed',
  provider_gone: 'unknown',
  preference_off: 'skipped',
  suppressed: 'skipped',
} as const

/** Nobody is at the address, or wants to be. */
export function suppressedBy(
  ctx: Context,
  begun: BegunDelivery,
  suppressed: Suppression,
): Settlement {
  return { ...notAttempted(ctx, begun, 'suppressed'), because: tellSuppression(suppressed) }
}

/** The person does not want it, or not now. */
export function objected(
  ctx: Context,
  begun: BegunDelivery,
  { reason, because, until }: NonNullable<BegunDelivery['objection']>,
): Settlement {
  const ended = { ...notAttempted(ctx, begun, 'preference_off'), because }
  return until ? { ...ended, status: null, reason, dueAt: until } : ended
}

/** These say nothing of an earlier attempt that may have come. */
const ofThisOne: ReadonlySet<string> = new Set(['expired', 'no_provider', 'no_provider_for_device'])

/** The end of a delivery that began, and that nobody was called for. */
export function notAttempted(
  ctx: Context,
  begun: Unattempted,
  reason: keyof typeof endsWithoutAttempt,
): Settlement {
  const mayHaveCome = (begun.staysUntil ?? null) !== null
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
    status: mayHaveCome && ofThisOne.has(reason) ? 'unknown' : endsWithoutAttempt[reason],
    reason,
    dueAt: null,
  }
}

/** As it was, to begin then: it has lost its place, and nobody can hurry that. */
export function putBack(ctx: Context, begun: BegunDelivery, dueAt: Date): Settlement {
  const ended = notAttempted(ctx, begun, 'no_provider')
  return { ...ended, status: null, reason: null, dueAt, waitsFor: 'place' }
}

// Nobody waits so long for a provider that is well again: they are let go then. This is the net below that.
const longestHoldMs = 600_000

/** Its provider takes nothing, and there is no other one. */
export function held(ctx: Context, begun: BegunDelivery, now: Date): Settlement {
  const dueAt = new Date(now.getTime() + longestHoldMs)
  return { ...putBack(ctx, begun, dueAt), reason: 'provider_paused', waitsFor: 'provider' }
}
