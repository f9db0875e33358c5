// Telling hooks: what has become of notifications is taken up for each hook in one transaction with how far it has
// read, so that nothing is told to nobody or stored twice; then called, at least once, until it is taken or given up.
import type { Context } from '../context.ts'
import { signingSecrets, type Hook } from '../domain/hook.ts'
import {
  backOffsMs,
  failingForMs,
  leastFailures,
  nextCallAt,
  silenceMs,
} from '../domain/hook-retry.ts'
import { nextTryAt } from '../domain/next-try.ts'
import type { Outcome } from '../domain/outcome.ts'
import { newId } from '../new-id.ts'
import { showResult } from '../result-message.ts'
import {
  insertHookMessages,
  replayHookMessages,
  type BegunHookMessage,
  type HookReplay,
  type ReplayedMessage,
} from '../sql/hook-messages.ts'
import { settleHookMessages, type HookSettlement } from '../sql/hook-settlements.ts'
import {
  callHookSoon,
  hasHooks,
  listHooksBehind,
  lockHookPlace,
  resetHook,
  updateHookPlace,
} from '../sql/hooks.ts'
import { isOfElsewhere, listResults, type ResultRow } from '../sql/results.ts'
import { isUnavailable } from '../sql/unavailable.ts'
import { openHookSecrets } from './hook-secrets.ts'

const hooksAtOnce = 100
const resultsAtOnce = 500
const longestRestMs = 60_000
/** Longer than a call may take. */
export const hookLeaseMs = 30_000

/** `hasAny`: there are hooks to tell. `count`: results that were read. */
export type TakenUp = { hasAny: boolean; count: number; isMore: boolean }

/** Hooks for which nothing could be taken up, how often in a row, and until when they are left alone. */
export type RestingHooks = Map<string, { failureCount: number; until: Date }>

/** The next results of each hook that is behind. `resting`: kept from one time to the next. */
export async function takeUpResults(
  ctx: Context,
  resting: RestingHooks = new Map(),
): Promise<TakenUp> {
  if (!(await hasHooks(ctx.db, ctx.reach()))) return { hasAny: false, count: 0, isMore: false }
  const now = ctx.clock.now()
  const except = [...resting].filter(([, { until }]) => until > now).map(([id]) => id)
  const hooks = await listHooksBehind(ctx.db, { reach: ctx.reach(), limit: hooksAtOnce, except })
  const all = { hasAny: true, count: 0, isMore: false }
  for (const hook of hooks) {
    const { count, isMore } = await takeUpSafely(ctx, hook, resting)
    all.count += count
    all.isMore ||= isMore
  }
  const isAnotherNext = all.count > 0 || hooks.some(({ id }) => resting.has(id))
  all.isMore ||= hooks.length === hooksAtOnce && isAnotherNext
  return all
}

/** One hook whose results cannot be taken up does not keep the others from theirs. */
async function takeUpSafely(
  ctx: Context,
  hook: { workspaceId: number; id: string },
  resting: RestingHooks,
) {
  try {
    const taken = await takeUpFor(ctx, hook)
    resting.delete(hook.id)
    return taken
  } catch (err) {
    // It may be the database, or what is asked of it for this hook alone.
    if (isUnavailable(err)) await hasHooks(ctx.db, ctx.reach())
    const now = ctx.clock.now()
    const failureCount = (resting.get(hook.id)?.failureCount ?? 0) + 1
    const longestMs = now.getTime() + longestRestMs
    const until = new Date(Math.min(nextTryAt(now, failureCount).getTime(), longestMs))
    resting.set(hook.id, { failureCount, until })
    ctx.log.error({ err, hookId: hook.id }, 'results could not be taken up for a hook')
    return { count: 0, isMore: false }
  }
}

async function takeUpFor(ctx: Context, hook: { workspaceId: number; id: string }) {
  const { workspaceId, id: hookId } = hook
  const now = ctx.in(workspaceId).clock.now()
  return ctx.db.transaction(async (tx) => {
    const found = await lockHookPlace(tx, hook)
    if (!found) return { count: 0, isMore: false }
    const { types, place } = found
    const page = await listResults(tx, workspaceId, place, resultsAtOnce)
    if (isOfElsewhere(place, page)) {
      await resetHook(tx, hook, now)
      ctx.log.error({ hookId }, 'a hook begins anew: its place is of another database')
      return { count: 1, isMore: true }
    }
    const { results, next, isMore } = page
    const messages = results
      .filter((row) => isFor(hookId, row) && (types === null || types.includes(row.type)))
      .map((row) => ({
        workspaceId,
        id: newId(),
        hookId,
        type: row.type,
        recipient: row.recipient,
        body: JSON.stringify(showResult(row)),
      }))
    await insertHookMessages(tx, messages, now)
    await updateHookPlace(tx, hook, next)
    return { count: results.length, isMore }
  })
}

/** That a hook was switched off is for the others; that one begins anew is for itself. */
function isFor(hookId: string, row: ResultRow): boolean {
  return (row.hookId === hookId) === (row.type === 'hook.reset')
}

/** Calls once; what came of it. */
export async function callHook(
  ctx: Context,
  message: BegunHookMessage,
  signal: AbortSignal,
): Promise<HookSettlement> {
  const { workspaceId, id, hookId, url, epoch, attemptCount, earlier } = message
  const { clock } = ctx.in(workspaceId)
  const startedAt = clock.now()
  const startedMs = performance.now()
  const outcome = await outcomeOf(ctx, message, signal)
  const retryAfterMs = outcome.kind === 'retry' ? outcome.retryAfterMs : undefined
  const failed = { attempt: attemptCount - earlier, retryAfterMs }
  return {
    workspaceId,
    id,
    hookId,
    url,
    epoch,
    attemptId: newId(),
    number: attemptCount,
    outcome: isDelivered(outcome) ? 'delivered' : 'failed',
    code: outcome.code ?? null,
    detail: ('detail' in outcome && outcome.detail) || null,
    startedAt,
    durationMs: Math.round(performance.now() - startedMs),
    isGone: outcome.kind === 'gone',
    dueAt: isDelivered(outcome) ? null : nextCallAt(failed, clock.now(), Math.random()),
    retryAfterMs: retryAfterMs ?? null,
  }
}

type Call = Pick<BegunHookMessage, 'workspaceId' | 'id' | 'hookId' | 'url' | 'body' | 'secrets'>

function outcomeOf(ctx: Context, message: Call, signal: AbortSignal): Promise<Outcome> | Outcome {
  const { workspaceId, id, hookId, url, body, secrets: sealed } = message
  const secrets = openHookSecrets(ctx, { workspaceId, id: hookId, secrets: sealed })
  if (secrets === null) return { kind: 'retry', code: 'secret_unreadable', detail: unreadable }
  const now = ctx.in(workspaceId).clock.now()
  return ctx.postSigned({ url, id, body, secrets: signingSecrets(secrets, now), signal })
}

const unreadable =
  'Its secret was encrypted with another BELFRY_SECRET. POST /hooks/{id}/rotate makes a new one.'

export function isDelivered({ kind }: Outcome): boolean {
  return kind === 'delivered' || kind === 'sent'
}

/** Writes down how calls ended, and says which hooks were switched off for it. */
export async function settleCalls(
  ctx: Context,
  settlements: HookSettlement[],
  now: Date,
): Promise<void> {
  const rules = { now, backOffsMs, silenceMs, failingForMs, leastFailures }
  const { disabled } = await settleHookMessages(ctx.db, settlements, rules)
  for (const { hookId, reason } of disabled)
    ctx.log.error(
      { hookId, reason },
      'a hook was switched off: its receiver does not take what it is told',
    )
  if (disabled.length > 0) ctx.interest.tell()
}

/** Tries a hook out: one call, of which nothing is kept. */
export async function callOnce(ctx: Context, hook: Hook, id: string) {
  const { workspaceId, id: hookId, url, secrets } = hook
  const startedMs = performance.now()
  const timestamp = ctx.in(workspaceId).clock.now()
  const body = JSON.stringify({ type: 'hook.test', timestamp, data: { id: hookId } })
  const call = { workspaceId, id, hookId, url, body, secrets }
  const outcome = await outcomeOf(ctx, call, new AbortController().signal)
  return {
    isDelivered: isDelivered(outcome),
    code: outcome.code ?? null,
    detail: ('detail' in outcome && outcome.detail) || null,
    durationMs: Math.round(performance.now() - startedMs),
  }
}

const replayedAtOnce = 1_000

export type Range = Omit<HookReplay, 'after' | 'limit' | 'now'>

/** At once, in batches that are each for good; how many they were. */
export async function replayMany(ctx: Context, range: Range): Promise<number> {
  const now = ctx.in(range.workspaceId).clock.now()
  let after: ReplayedMessage | null = null
  let count = 0
  for (;;) {
    const rows: ReplayedMessage[] = await replayHookMessages(ctx.db, {
      ...range,
      after,
      limit: replayedAtOnce,
      now,
    })
    count += rows.length
    if (rows.length < replayedAtOnce) break
    after = rows.at(-1)!
  }
  if (count > 0) await callHookSoon(ctx.db, range.workspaceId, range.hookId)
  if (count > 0) wakeHooks(ctx, range.workspaceId)
  return count
}

/** Something is to be told: to whoever calls hooks, or works for a workspace whose clock stands. */
export function wakeHooks(ctx: Context, workspaceId: number): void {
  ctx.in(workspaceId).signals.ring('belfry_hooks')
}
