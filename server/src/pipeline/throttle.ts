// Throttles: so many go on within a time, for one person and one key; the others end where they are.
import type { Context } from '../context.ts'
import { durationMs } from '../domain/duration.ts'
import type { ThrottleRule } from '../domain/plan-steps.ts'
import { holdPlanRuns, type ClaimedRun, type NewPlanNote } from '../sql/plan-runs.ts'
import { storePlanTurns, type PlanTurn } from '../sql/plan-turns.ts'
import { holdThrottles, raiseThrottles } from '../sql/throttles.ts'
import { turnPast } from './digest.ts'
import { placesOf, type RunPlace } from './plan-place.ts'

type Entry = RunPlace & { rule: ThrottleRule }

export async function takeThrottles(ctx: Context, runs: ClaimedRun[]): Promise<void> {
  const now = ctx.clock.now()
  const entries = (await placesOf(ctx, runs)).flatMap((place): Entry[] =>
    place.step.kind === 'throttle' ? [{ ...place, rule: place.step.rule }] : [],
  )
  await ctx.db.transaction(async (tx) => {
    const held = await holdPlanRuns(tx, runs)
    const live = entries.filter(({ run }) => held.has(run.notificationId))
    if (live.length === 0) return
    const wishes = new Map(live.map((entry) => [entry.hash, wishOf(entry, now)]))
    const throttles = await holdThrottles(tx, [...wishes.values()], now)
    const used = new Map(throttles.map(({ hash, count }) => [hash, count]))
    const raised = new Map<string, { workspaceId: number; hash: string; by: number }>()
    const turns: PlanTurn[] = []
    const notes: NewPlanNote[] = []
    for (const entry of live) {
      const { run, hash, rule } = entry
      const count = used.get(hash)!
      const isLetThrough = count < rule.limit
      if (isLetThrough) {
        used.set(hash, count + 1)
        raised.getOrInsertComputed(hash, () => ({ workspaceId: run.workspaceId, hash, by: 0 })).by++
      }
      turns.push(isLetThrough ? turnPast(run, now) : heldBack(run))
      notes.push(noteOf(entry, isLetThrough))
    }
    if (raised.size > 0) await raiseThrottles(tx, [...raised.values()])
    await storePlanTurns(tx, { turns, deliveries: [], contents: [], notes }, now)
  })
}

function wishOf({ run: { workspaceId }, hash, rule }: Entry, now: Date) {
  return { workspaceId, hash, until: new Date(now.getTime() + durationMs(rule.per)) }
}

function heldBack({ workspaceId, notificationId }: ClaimedRun): PlanTurn {
  const end = { status: 'skipped', outcome: 'skipped', reason: 'throttled', because: null } as const
  return {
    workspaceId,
    notificationId,
    next: null,
    contentId: null,
    feedPosition: null,
    opened: 0,
    ...end,
  }
}

function noteOf({ run, rule, key }: Entry, isLetThrough: boolean): NewPlanNote {
  const { workspaceId, notificationId, position } = run
  const forKey = key === '' ? '' : ` for key ${key}`
  const limit = `${rule.limit} per ${rule.per}${forKey}`
  const because = isLetThrough ? `it is within ${limit}` : `only ${limit} are let through`
  const decision = isLetThrough ? 'went on' : 'throttled'
  return { workspaceId, notificationId, position, step: 'throttle', decision, because }
}
