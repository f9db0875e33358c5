// Hooks in one process: takes up what happened for each of them, and calls their receivers.
import { createBatcher } from '../batch.ts'
import type { Context } from '../context.ts'
import {
  callHook,
  hookLeaseMs,
  settleCalls,
  takeUpResults,
  type RestingHooks,
} from '../pipeline/hooks.ts'
import { claimHookMessages, type BegunHookMessage } from '../sql/hook-messages.ts'
import type { HookSettlement } from '../sql/hook-settlements.ts'
import { isUnavailable } from '../sql/unavailable.ts'
import { createDoorbell, type Doorbell } from './doorbell.ts'

export type Hooking = {
  readBell: Doorbell
  callBell: Doorbell
  /** True: there is more to take up. */
  readTurn(): Promise<boolean>
  /** True: there may be more to call. */
  callTurn(): Promise<boolean>
  /** Resolves when no call is under way. */
  idle(): Promise<void>
  giveUpCalls(): void
}

const callsAtOnce = 128 // of this process
const callsOfOneWorkspace = 32 // of all processes
const callsOfOneHook = 8
const settleBatch = 200
const gatherMs = 2

export function createHooking(ctx: Context, onError: (error: unknown) => void): Hooking {
  const readBell = createDoorbell()
  const callBell = createDoorbell()
  const running = new Set<Promise<void>>()
  const resting: RestingHooks = new Map()
  const closing = new AbortController()
  const settle = createBatcher<HookSettlement, void>({
    async run(settlements) {
      await settleCalls(ctx, settlements, ctx.clock.now())
      return settlements.map(() => undefined)
    },
    maxItems: settleBatch,
    gatherMs,
    isOneItemsFault: (error) => !isUnavailable(error),
  })
  ctx.signals.on('belfry_results', () => readBell.ring())
  ctx.signals.on('belfry_hooks', () => callBell.ring())

  async function call(message: BegunHookMessage): Promise<void> {
    const settlement = await callHook(ctx, message, closing.signal)
    // Given up because this process stops: another one calls again when the lease is over.
    if (closing.signal.aborted) return
    await settle.add(settlement)
    if (settlement.dueAt) callBell.ringAt(settlement.dueAt, ctx.clock.now())
  }

  return {
    readBell,
    callBell,
    async readTurn() {
      const { hasAny, count, isMore } = await takeUpResults(ctx, resting)
      if (hasAny) ctx.interest.announce()
      if (count > 0) ctx.signals.ring('belfry_hooks')
      return isMore
    },
    async callTurn() {
      const limit = callsAtOnce - running.size
      if (limit <= 0) return false // rung when one has ended
      const now = ctx.clock.now()
      const begun = await claimHookMessages(ctx.db, {
        limit,
        mostOfOne: callsOfOneHook,
        mostOfWorkspace: callsOfOneWorkspace,
        worker: ctx.worker,
        now,
        leaseUntil: new Date(now.getTime() + hookLeaseMs),
        reach: ctx.reach(),
      })
      for (const message of begun) {
        const task = call(message)
          .catch(onError)
          .finally(() => {
            running.delete(task)
            callBell.ring()
          })
        running.add(task)
      }
      return false
    },
    async idle() {
      await Promise.all(running)
    },
    giveUpCalls: () => closing.abort(),
  }
}
