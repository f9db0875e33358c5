// The clock of a test workspace: moved from one moment at which something is due to the next, and what is due
// then done before it goes on. One process at a time works for such a workspace, the one that holds its lock: a crash
// lets go of it, and where the move was to end is stored, so that whoever asks again goes on.
import { setTimeout as delay } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { durationMs, isDuration } from '../domain/duration.ts'
import { ApiError } from '../errors.ts'
import { countUnderWay, findClock, findNextMoment } from '../sql/clocks.ts'
import { holdTestWorkspace, updateClock } from '../sql/clocks.ts'
import { doDueWork, letListen, type DoneWork } from './due-work.ts'

export type Advanced = DoneWork & {
  /** The time in the workspace now. */
  now: Date
  /** Where the move ends; `now` when it is over. */
  target: Date
  /** Moments between the two at which something was due. */
  moments: number
}

/** From where it stands, unless an earlier move was not finished: that is finished then. Or to a moment. */
export type Move = { byMs: number } | { to: Date }

/**
 * A move as it is asked for.
 *
 * @throws ApiError `invalid_request` unless it is one of the two.
 */
export function moveOf({ by, to }: { by?: string; to?: string | Date }): Move {
  if (by !== undefined && to === undefined) {
    if (!isDuration(by)) throw refusal('/by', 'must be a duration, such as 90s, 10m, 24h or 10d')
    return { byMs: durationMs(by) }
  }
  if (to !== undefined && by === undefined) {
    const moment = new Date(to)
    if (Number.isNaN(moment.getTime()))
      throw refusal('/to', 'must be a moment, such as 2027-01-04T09:00:00Z')
    return { to: moment }
  }
  throw refusal('', 'needs "by", a duration such as 10d, or "to", a moment; and not both')
}

function refusal(pointer: string, detail: string): ApiError {
  const words = `${pointer} ${detail}`.trim()
  return new ApiError('invalid_request', { detail: words, errors: [{ pointer, detail }] })
}

// Below the time that a request may take.
const mostMs = 20_000
const lockPatienceMs = 10_000
const lookAgainMs = 10
const furthestMs = 10 * 366 * 86_400_000

/**
 * Resolves when everything that was due by then is done, or after 20 s: then `now` is before `target`, and the same
 * move again goes on.
 *
 * @throws ApiError `not_a_test_workspace`, `invalid_request` for a moment that is past or too far ahead,
 * `wrong_status` while another move goes on.
 */
export async function advanceClock(
  ctx: Context,
  workspaceId: number,
  move: Move,
): Promise<Advanced> {
  const giveUpAt = performance.now() + mostMs
  const held = await holding(ctx, workspaceId, lockPatienceMs, async () => {
    const target = await targetOf(ctx, workspaceId, move)
    return moveTo(ctx, { workspaceId, target, giveUpAt })
  })
  if (held === null)
    throw new ApiError('wrong_status', {
      detail: 'This clock is being moved, or much is being done just now. Try again in a moment.',
      retryAfterSeconds: 1,
    })
  return held
}

/** Does what is due in a test workspace whose clock stands, unless another process does. */
export async function catchUp(ctx: Context, workspaceId: number): Promise<void> {
  await holding(ctx, workspaceId, 0, async () => {
    const { clockAt } = await findClock(ctx.db, workspaceId)
    if (clockAt) ctx.clocks.set(workspaceId, clockAt)
    const giveUp = AbortSignal.timeout(mostMs)
    await doDueWork(ctx, workspaceId, giveUp)
  })
}

/** Null when another process held the workspace for longer than that. */
async function holding<T>(
  ctx: Context,
  workspaceId: number,
  patienceMs: number,
  work: () => Promise<T>,
): Promise<T | null> {
  const giveUpAt = performance.now() + patienceMs
  for (;;) {
    const held = await holdingOnce(ctx, workspaceId, work)
    if (held) return held.result
    if (performance.now() >= giveUpAt) return null
    await delay(lookAgainMs)
  }
}

// Each takes a connection for as long as it goes on, and what it does takes others.
const mostAtOnce = 4

async function holdingOnce<T>(
  ctx: Context,
  workspaceId: number,
  work: () => Promise<T>,
): Promise<{ result: T } | null> {
  if (ctx.clocks.busy >= mostAtOnce) return null
  ctx.clocks.busy++
  try {
    return await ctx.db.transaction(async (tx) =>
      (await holdTestWorkspace(tx, workspaceId)) ? { result: await work() } : null,
    )
  } finally {
    ctx.clocks.busy--
  }
}

async function targetOf(ctx: Context, workspaceId: number, move: Move): Promise<Date> {
  const clock = await findClock(ctx.db, workspaceId)
  if (!clock.isTest)
    throw new ApiError('not_a_test_workspace', {
      detail:
        'The clock of this workspace is everybody’s. Make one for tests, and a key for it: ' +
        'belfry workspaces create trial --test && belfry keys create --workspace trial --name Tests --scopes "*". ' +
        'In a program: createBelfry({ isTest: true }).',
    })
  const now = clock.clockAt ?? ctx.clock.now()
  if ('byMs' in move)
    return clock.clockTarget ?? checked(new Date(now.getTime() + move.byMs), '/by')
  if (move.to < now) throw refusal('/to', `is past: there it is ${now.toISOString()}`)
  return checked(move.to, '/to')

  function checked(to: Date, pointer: string): Date {
    if (to.getTime() <= ctx.clock.now().getTime() + furthestMs) return to
    throw refusal(pointer, 'leads more than ten years ahead of the world')
  }
}

type Way = { workspaceId: number; target: Date; giveUpAt: number }

async function moveTo(ctx: Context, { workspaceId, target, giveUpAt }: Way): Promise<Advanced> {
  const { clockAt } = await findClock(ctx.db, workspaceId)
  const giveUp = AbortSignal.timeout(Math.ceil(Math.max(1, giveUpAt - performance.now())))
  const done: Advanced = { now: target, target, moments: 0, events: 0, steps: 0, attempts: 0 }
  let at = clockAt ?? ctx.clock.now()
  let left = 0 // for listeners that do not take it
  await standStill(ctx, { workspaceId, at, target })
  for (;;) {
    await stand(ctx, { workspaceId, at, target })
    let listening = { left, isMore: false }
    do {
      const more = await doDueWork(ctx, workspaceId, giveUp)
      done.events += more.events
      done.steps += more.steps
      done.attempts += more.attempts
      listening = await letListen(ctx, workspaceId, listening.left)
    } while (listening.isMore)
    left = listening.left
    if (at >= target) break
    if (giveUp.aborted) return { ...done, now: at }
    const next = await findNextMoment(ctx.db, workspaceId, at)
    if (next && next <= target) done.moments++
    at = next && next < target ? next : target
  }
  await stand(ctx, { workspaceId, at: target, target: null })
  return done
}

const stillPatienceMs = 10_000

/**
 * From here on the clock stands. What others have begun by the time of the world comes to its end first: moved past
 * its lease it would be taken for lost, and be made again.
 *
 * @throws ApiError `wrong_status` when that takes too long: the same move again goes on.
 */
async function standStill(ctx: Context, { workspaceId, at, target }: Standing): Promise<void> {
  await stand(ctx, { workspaceId, at, target })
  const giveUpAt = performance.now() + stillPatienceMs
  while ((await countUnderWay(ctx.db, workspaceId, ctx.clock.now())) > 0) {
    if (performance.now() > giveUpAt)
      throw new ApiError('wrong_status', {
        detail:
          'Attempts that had begun before the clock was moved are still under way. Try again in a moment.',
        retryAfterSeconds: 5,
      })
    await delay(lookAgainMs)
  }
}

type Standing = { workspaceId: number; at: Date; target: Date | null }

/** Here at once; the other processes hear of it. */
async function stand(ctx: Context, { workspaceId, at, target }: Standing): Promise<void> {
  await updateClock(ctx.db, workspaceId, { at, target })
  ctx.clocks.set(workspaceId, at)
  ctx.signals.ringOthers('belfry_clocks')
}
