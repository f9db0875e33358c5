// Storing what plans have come to: all of a turn or nothing, and nothing that somebody has stopped wanting
// since it was planned.
import type { Context } from '../context.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import { nudgeAsks } from '../sql/asks.ts'
import { insertChanges, type NewChange } from '../sql/changes.ts'
import type { Db } from '../sql/db.ts'
import {
  holdPlanRuns,
  listChangedPreferences,
  postponePlanRuns,
  type ClaimedRun,
  type EarlyRun,
  type PostponedRun,
} from '../sql/plan-runs.ts'
import { holdSent, withdrawSent } from '../sql/plan-awaits.ts'
import { listActedUpon } from '../sql/plan-wakes.ts'
import { storePlanTurns, type PlanTurn } from '../sql/plan-turns.ts'
import type { PlannedTurns } from './plan-turn.ts'
import type { WaitingRun } from './plan-turn-texts.ts'

export async function storeTurns(
  ctx: Context,
  claimed: ClaimedRun[],
  { rows, early, waiting, read, awaited, withdrawn, over }: PlannedTurns,
): Promise<void> {
  const now = ctx.clock.now()
  if (early.length > 0) await waitOn(ctx, early)
  // Only those that go on are held: of the others nobody would look again for what happens in the meantime.
  if (waiting.length > 0) await waitForData(ctx, waiting, now)
  const standing = new Set(
    [...early, ...waiting.map(({ run }) => run)].map((one) => one.notificationId),
  )
  const runs = claimed.filter(({ notificationId }) => !standing.has(notificationId))
  if (runs.length === 0) return
  const isWithdrawn = withdrawn.length > 0
  const channels = await ctx.db.transaction(async (tx): Promise<CarriedChannel[]> => {
    const held = await holdPlanRuns(tx, runs) // before preferences, as an erasure does
    if (isWithdrawn) await holdSent(tx, withdrawn)
    const changed = await whoChanged(tx, runs, read)
    for (const { notificationId } of changed) held.delete(notificationId)
    const moved = await whichMoved(tx, held, { runs, rows, awaited })
    for (const { notificationId } of moved) held.delete(notificationId)
    const again = [...changed, ...moved].map((run) => lookedAt(run, now))
    if (again.length > 0) await postponePlanRuns(tx, again)
    const isHeld = ({ notificationId }: { notificationId: string }) => held.has(notificationId)
    const turns = rows.turns.filter(isHeld)
    if (turns.length === 0) return []
    const deliveries = rows.deliveries.filter(isHeld)
    const shown = new Set([...turns, ...deliveries].map(({ contentId }) => contentId))
    const stored = {
      turns,
      deliveries,
      contents: rows.contents.filter(({ id }) => shown.has(id)), // nothing else would ever remove the others
      notes: rows.notes.filter(isHeld),
    }
    if (isWithdrawn) await withdrawSent(tx, withdrawn.filter(isHeld), { now, worker: ctx.worker })
    await insertChanges(tx, newItems(stored.turns, runs))
    const waiting = await storePlanTurns(tx, stored, now)
    const ended = over.filter(isHeld)
    if (ended.length > 0) await nudgeAsks(tx, ended, now)
    return waiting
  })
  if (channels.length > 0) ctx.signals.ring('belfry_deliveries')
}

/** In a transaction of its own, which holds fewer notifications at once, and those in one order. */
function waitOn(ctx: Context, early: EarlyRun[]): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    await holdPlanRuns(tx, early)
    const acted = await listActedUpon(tx, early)
    const now = ctx.clock.now()
    await postponePlanRuns(
      tx,
      early.map((run) => lookedAt(run, acted.has(run.notificationId) ? now : run.dueAt)),
    )
  })
}

/** Those that nobody else has taken meanwhile. */
function waitForData(ctx: Context, waiting: WaitingRun[], now: Date): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const held = await holdPlanRuns(
      tx,
      waiting.map(({ run }) => run),
    )
    const own = waiting.filter(({ run }) => held.has(run.notificationId))
    await postponePlanRuns(
      tx,
      own.map(({ run, dueAt }) => ({ ...lookedAt(run, dueAt), isFailure: true })),
    )
    const notes = own.flatMap(({ run: { workspaceId, notificationId }, notes }) =>
      notes.map((note) => ({ ...note, workspaceId, notificationId })),
    )
    await storePlanTurns(tx, { turns: [], deliveries: [], contents: [], notes }, now)
  })
}

function lookedAt(
  {
    workspaceId,
    notificationId,
    epoch,
  }: Pick<EarlyRun, 'workspaceId' | 'notificationId' | 'epoch'>,
  dueAt: Date | null,
): PostponedRun {
  return { workspaceId, notificationId, epoch, dueAt, isFailure: false }
}

/** Those of which something has ended, or was done, since it was decided what follows. */
async function whichMoved(
  tx: Db,
  held: ReadonlySet<string>,
  { runs, rows, awaited }: Pick<PlannedTurns, 'rows' | 'awaited'> & { runs: ClaimedRun[] },
): Promise<ClaimedRun[]> {
  if (awaited.size === 0) return []
  const turned = new Set(rows.turns.map(({ notificationId }) => notificationId))
  // All that are stored below, to lock them in one order.
  const own = runs.filter(({ notificationId: id }) => held.has(id) && turned.has(id))
  const acted = await listActedUpon(tx, own)
  return own.filter(({ notificationId: id }) => acted.has(id) && awaited.has(id))
}

/** For those who follow their feed as it changes. */
function newItems(turns: PlanTurn[], runs: ClaimedRun[]): NewChange[] {
  const recipients = new Map(runs.map((run) => [run.notificationId, run.recipient]))
  return turns
    .filter(({ contentId }) => contentId !== null)
    .map(({ workspaceId, notificationId }) => ({
      workspaceId,
      what: 'created',
      eventId: null,
      notificationIds: [notificationId],
      recipients: [recipients.get(notificationId)!],
    }))
}

/** Those who want something else by now: their turn is planned again. Until the commit nobody can change it. */
async function whoChanged(
  tx: Db,
  runs: ClaimedRun[],
  read: ReadonlyMap<number, number>,
): Promise<ClaimedRun[]> {
  const changed: ClaimedRun[] = []
  for (const [workspaceId, since] of [...read].toSorted(([a], [b]) => a - b)) {
    const people = await listChangedPreferences(tx, workspaceId, since)
    if (people.size === 0) continue
    for (const run of runs)
      if (run.workspaceId === workspaceId && (people.has(null) || people.has(run.recipient)))
        changed.push(run)
  }
  return changed
}
