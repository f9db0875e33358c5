// Digests: what comes to one step, for one person and one key, waits together and goes on as one.
import type { Context } from '../context.ts'
import { tellWindow, windowEnd } from '../domain/digest-window.ts'
import { nextTryAt } from '../domain/next-try.ts'
import { usuallyShown, type DigestRule } from '../domain/plan-steps.ts'
import { newId } from '../new-id.ts'
import {
  closeBuckets,
  lockDueBucket,
  lockDueBuckets,
  postponeBucket,
  type DueBucket,
} from '../sql/closing-digests.ts'
import {
  closeFullBuckets,
  insertDigestsOfOne,
  joinBuckets,
  openBuckets,
  type Bucket,
  type BucketEntry,
  type BucketWish,
} from '../sql/digests.ts'
import { holdPlanRuns, type ClaimedRun } from '../sql/plan-runs.ts'
import { storePlanTurns, type PlanTurn } from '../sql/plan-turns.ts'
import { isUnavailable } from '../sql/unavailable.ts'
import { placesOf, type RunPlace } from './plan-place.ts'

type Entry = RunPlace & { rule: DigestRule }

/** Puts notifications that have come to a digest into it; with `first_now` the first goes on at once. */
export async function joinDigests(ctx: Context, runs: ClaimedRun[]): Promise<void> {
  const now = ctx.clock.now()
  const entries = (await placesOf(ctx, runs)).flatMap((place): Entry[] =>
    place.step.kind === 'digest' ? [{ ...place, rule: place.step.rule }] : [],
  )
  await ctx.db.transaction(async (tx) => {
    const held = await holdPlanRuns(tx, runs)
    const live = entries.filter(({ run }) => held.has(run.notificationId))
    const wishes = new Map(live.map((entry) => [entry.hash, wishOf(entry, now)]))
    const buckets = await openBuckets(tx, [...wishes.values()])
    const byHash = new Map(buckets.map((bucket) => [bucket.hash, bucket]))
    const { joining, passing } = divide(live, byHash)
    const full = joining.length > 0 ? await joinBuckets(tx, joining) : []
    if (full.length > 0) await closeFullBuckets(tx, full, now)
    if (passing.length > 0) {
      await insertDigestsOfOne(tx, passing.map(ofOne))
      const turns = passing.map(({ run }) => turnPast(run, now))
      const notes = passing.map(({ run: { workspaceId, notificationId, position }, rule }) => ({
        workspaceId,
        notificationId,
        position,
        step: 'digest',
        decision: 'went on',
        because: `it is the first; what follows within ${tellWindow(rule.window)} is gathered`,
      }))
      await storePlanTurns(tx, { turns, deliveries: [], contents: [], notes }, now)
    }
  })
}

function divide(
  entries: Entry[],
  buckets: ReadonlyMap<string, Bucket>,
): { joining: BucketEntry[]; passing: Entry[] } {
  const joining: BucketEntry[] = []
  const passing: Entry[] = []
  const hasPassed = new Set<string>()
  for (const entry of entries) {
    const { run, hash, rule } = entry
    const bucket = buckets.get(hash)!
    const { workspaceId, notificationId } = run
    if (rule.first_now && bucket.isNew && !hasPassed.has(hash)) {
      hasPassed.add(hash)
      passing.push(entry)
    } else joining.push({ workspaceId, notificationId, bucketId: bucket.id, hash })
  }
  return { joining, passing }
}

function ofOne({ run: { workspaceId, notificationId, event } }: Entry) {
  return { workspaceId, notificationId, items: [event.params] }
}

/** To the step behind the one it stands at. */
export function turnPast(
  { workspaceId, notificationId, position }: ClaimedRun,
  now: Date,
): PlanTurn {
  const next = { position: position + 1, dueAt: now, endsAt: null, wake: null }
  const nothing = {
    contentId: null,
    feedPosition: null,
    opened: 0,
    status: null,
    outcome: null,
    reason: null,
    because: null,
  }
  return { workspaceId, notificationId, next, ...nothing }
}

function wishOf({ run, hash, rule, timezone }: Entry, now: Date): BucketWish {
  return {
    workspaceId: run.workspaceId,
    hash,
    id: newId(),
    dueAt: windowEnd(rule.window, timezone, now),
    shown: rule.show ?? usuallyShown,
    closeAt: rule.close_at ?? null,
  }
}

/** Closes up to `limit` digests whose time has come; answers how many were tried. */
export async function closeDueDigests(ctx: Context, limit: number): Promise<number> {
  let due: DueBucket[] = []
  try {
    return await ctx.db.transaction(async (tx) => {
      due = await lockDueBuckets(tx, { now: ctx.clock.now(), limit, reach: ctx.reach() })
      if (due.length > 0) await closeBuckets(tx, due, ctx.clock.now())
      return due.length
    })
  } catch (error) {
    if (isUnavailable(error) || due.length === 0) throw error
  }
  for (const bucket of due) await closeSafely(ctx, bucket)
  return due.length
}

/** One that fails is left for later, later each time, and holds up nobody else. */
async function closeSafely(ctx: Context, bucket: DueBucket): Promise<void> {
  try {
    await ctx.db.transaction(async (tx) => {
      const now = ctx.clock.now()
      if (await lockDueBucket(tx, bucket, now)) await closeBuckets(tx, [bucket], now)
    })
  } catch (error) {
    if (isUnavailable(error)) throw error
    const { workspaceId, id, failureCount } = bucket
    ctx.log.error(
      { err: error, workspaceId, digestId: id },
      'a digest could not be closed; it will be tried again',
    )
    await postponeBucket(ctx.db, bucket, nextTryAt(ctx.clock.now(), failureCount))
  }
}
