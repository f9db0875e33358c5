// Plans that go on: what waited long enough is planned to its next stop, with the same rules as the fan-out,
// and stored. A run is taken with a lease and an epoch, so a process that dies loses nothing, and who
// comes late changes nothing.
import type { Context } from '../context.ts'
import { nextTryAt } from '../domain/next-try.ts'
import { claimPlanRuns, postponePlanRuns, type ClaimedRun } from '../sql/plan-runs.ts'
import { isUnavailable } from '../sql/unavailable.ts'
import { joinDigests } from './digest.ts'
import { planTurns } from './plan-turn.ts'
import { storeTurns } from './plan-store.ts'
import { takeThrottles } from './throttle.ts'

const leaseMs = 60_000

/** Up to `limit` of them; answers how many. */
export async function runDuePlans(ctx: Context, limit: number): Promise<number> {
  const now = ctx.clock.now()
  const leaseUntil = new Date(now.getTime() + leaseMs)
  const runs = await claimPlanRuns(ctx.db, { limit, now, leaseUntil, reach: ctx.reach() })
  const groups = new Map<Turn, ClaimedRun[]>()
  for (const run of runs) {
    const turn = await turnOf(ctx, run).catch((error: unknown) => failing(error))
    groups.getOrInsertComputed(turn, () => []).push(run)
  }
  for (const [turn, group] of groups) await safely(ctx, group, turn)
  return runs.length
}

type Turn = (ctx: Context, runs: ClaimedRun[]) => Promise<void>

async function turnOf(ctx: Context, { event, position }: ClaimedRun): Promise<Turn> {
  const { workspaceId, type, typeVersion, expiresAt } = event
  if (type === null || typeVersion === null) return goOn
  if (expiresAt !== null && expiresAt <= ctx.clock.now()) return goOn
  const found = await ctx.configuration.eventTypeVersion(workspaceId, type, typeVersion)
  const kind = found?.steps?.program[position]?.kind
  if (kind === 'digest') return joinDigests
  return kind === 'throttle' ? takeThrottles : goOn
}

function failing(error: unknown): Turn {
  return () => Promise.reject(error)
}

async function goOn(ctx: Context, runs: ClaimedRun[]): Promise<void> {
  await storeTurns(ctx, runs, await planTurns(ctx, runs, ctx.clock.now()))
}

/** One that fails is left for later, later each time, and holds up nobody else. */
async function safely(ctx: Context, runs: ClaimedRun[], turn: Turn): Promise<void> {
  try {
    return await turn(ctx, runs)
  } catch (error) {
    if (isUnavailable(error)) throw error
    if (runs.length === 1) {
      const { workspaceId, notificationId, epoch, failureCount } = runs[0]!
      ctx.log.error(
        { err: error, notificationId },
        'a plan could not go on; it will be tried again',
      )
      const dueAt = nextTryAt(ctx.clock.now(), failureCount)
      return postponePlanRuns(ctx.db, [
        { workspaceId, notificationId, epoch, dueAt, isFailure: true },
      ])
    }
  }
  for (const run of runs) await safely(ctx, [run], turn)
}
