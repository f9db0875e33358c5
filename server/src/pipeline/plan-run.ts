// Plans that go on: what waited long enough is planned to its next stop, with the same rules as the fan-out,
// and stored. A run is taken with a lease and an epoch, so a process that dies loses nothing, and who
// comes late changes nothing.
import type { Context } from '../context.ts'
import { nextTryAt } from '../domain/next-try.ts'
import { claimPlanRuns, postponePlanRuns, type ClaimedRun } from '../sql/plan-runs.ts'
import { isUnavailable } from '../sql/unavailable.ts'
import { joinDigests } from './digest.ts'
import { mayNeedData } from './fan-out-data.ts'
import { isAnswered } from './plan-decide.ts'
import { planTurns } from './plan-turn.ts'
import { storeTurns } from './plan-store.ts'
import { takeThrottles } from './throttle.ts'

/** Of a turn that asks data sources it is renewed. */
export const planLeaseMs = 60_000
const crowdedMs = 2_000
const crowdedMsEach = 10

/** Begins with what may take long because it asks data sources; false when there is too much of it. */
export type BeginAside = (runs: ClaimedRun[], work: () => Promise<void>) => Promise<boolean>

const atOnce: BeginAside = async (_runs, work) => {
  await work()
  return true
}

/** Up to `limit` of them; answers how many. `beginAside`: with those that may read data. */
export async function runDuePlans(
  ctx: Context,
  limit: number,
  beginAside: BeginAside = atOnce,
): Promise<number> {
  const now = ctx.clock.now()
  const leaseUntil = new Date(now.getTime() + planLeaseMs)
  const runs = await claimPlanRuns(ctx.db, { limit, now, leaseUntil, reach: ctx.reach() })
  const groups = new Map<Turn, ClaimedRun[]>()
  for (const run of runs) {
    const turn = await turnOf(ctx, run).catch((error: unknown) => failing(error))
    groups.getOrInsertComputed(turn, () => []).push(run)
  }
  const crowded: ClaimedRun[] = []
  for (const [turn, group] of groups) {
    if (turn !== goOnWithData) await safely(ctx, group, turn)
    else
      for (const own of byEvent(group))
        if (!(await beginAside(own, () => safely(ctx, own, turn)))) crowded.push(...own)
  }
  if (crowded.length > 0) await leaveForLater(ctx, crowded)
  return runs.length
}

/** All of them at once, and later the more there are: whoever is due meanwhile has the turns to themselves. */
function leaveForLater(ctx: Context, crowded: ClaimedRun[]): Promise<void> {
  const waitMs = crowdedMs + crowdedMsEach * crowded.length
  const dueAt = new Date(ctx.clock.now().getTime() + waitMs)
  const runs = crowded.map(({ workspaceId, notificationId, epoch }) => {
    return { workspaceId, notificationId, epoch, dueAt, isFailure: false }
  })
  return postponePlanRuns(ctx.db, runs)
}

type Turn = (ctx: Context, runs: ClaimedRun[]) => Promise<void>

async function turnOf(ctx: Context, run: ClaimedRun): Promise<Turn> {
  const { event, position } = run
  const { workspaceId, type, typeVersion, expiresAt } = event
  if (type === null || typeVersion === null)
    return (await mayNeedData(ctx, event)) ? goOnWithData : goOn
  if (expiresAt !== null && expiresAt <= ctx.clock.now()) return goOn
  const found = await ctx.configuration.eventTypeVersion(workspaceId, type, typeVersion)
  if (isAnswered({ run, steps: found?.steps ?? null })) return goOn
  const kind = found?.steps?.program[position]?.kind
  if (kind === 'digest') return joinDigests
  if (kind === 'throttle') return takeThrottles
  return found?.data ? goOnWithData : goOn
}

function failing(error: unknown): Turn {
  return () => Promise.reject(error)
}

async function goOn(ctx: Context, runs: ClaimedRun[]): Promise<void> {
  await storeTurns(ctx, runs, await planTurns(ctx, runs, ctx.clock.now()))
}

/** A turn like any other, that may take longer. */
async function goOnWithData(ctx: Context, runs: ClaimedRun[]): Promise<void> {
  await goOn(ctx, runs)
}

/** Who goes on with one event reads the same. */
function byEvent(runs: ClaimedRun[]): ClaimedRun[][] {
  return [...Map.groupBy(runs, ({ event }) => event.id).values()]
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
