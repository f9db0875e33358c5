// Forgetting people who asked for it, after they have become unreachable: their notifications at once, batch by
// batch; then, when nobody who had read them before can add anything, whatever else names them.
import type { Context } from '../context.ts'
import { firstIdAt } from '../domain/id.ts'
import { eraseAnswerer } from '../sql/acknowledge.ts'
import {
  deleteErasure,
  eraseNotifications,
  isOnItsWay,
  listErasures,
  updateErasure,
  type OpenErasure,
} from '../sql/erase.ts'
import {
  eraseFromChanges,
  eraseFromEvents,
  eraseSourceRequests,
  listEventsNaming,
} from '../sql/erase-events.ts'
import { deleteFailedRecipients } from '../sql/failed-events.ts'
import { eraseHookMessages } from '../sql/hook-messages.ts'
import { eraseResults } from '../sql/results.ts'
import { eraseFromSchedules } from '../sql/schedules.ts'
import { eraseThreads } from '../sql/threads.ts'
import { fanOutLeaseMs, longestFanOutMs } from './intake.ts'

const atOnce = 20
const batchSize = 500
const eventBatch = 2_000
// Whoever found their people before the erasure has given up by then.
const settledMs = longestFanOutMs + fanOutLeaseMs
const waitMs = 5_000
// Ids are made by the clocks of processes, which may differ by as much.
const clockToleranceMs = 5 * 60_000

/** The next step of each person who is being erased. True: there is more to do right now. */
export async function forgetErased(ctx: Context): Promise<boolean> {
  const people = await listErasures(ctx.db, ctx.clock.now(), atOnce)
  let isMore = people.length === atOnce
  for (const person of people) {
    const next = await forget(ctx, person)
    if (!next) continue
    await updateErasure(ctx.db, { ...person, position: next.position }, next.dueAt)
    if (next.dueAt <= ctx.clock.now()) isMore = true
  }
  return isMore
}

type Next = { position: string; dueAt: Date }

/** When to go on, and where; null when they are forgotten. */
async function forget(ctx: Context, person: OpenErasure): Promise<Next | null> {
  const now = ctx.clock.now()
  const { position, erasedAt } = person
  await eraseThreads(ctx.db, person)
  const count = await ctx.db.transaction(async (tx) => {
    const told = await eraseNotifications(tx, person, batchSize)
    const failed = await deleteFailedRecipients(tx, person, batchSize)
    await eraseFromEvents(tx, person, { ids: [...told, ...failed], areTheirs: false })
    await eraseFromSchedules(tx, person)
    return Math.max(told.length, failed.length)
  })
  if (count === batchSize) return { position, dueAt: now }

  const settledAt = new Date(erasedAt.getTime() + settledMs)
  if (now < settledAt) return { position, dueAt: settledAt }
  const later = new Date(now.getTime() + waitMs)
  const before = firstIdAt(new Date(erasedAt.getTime() + clockToleranceMs))
  if (await isOnItsWay(ctx.db, person, before)) return { position, dueAt: later }
  const passed = await passEvents(ctx, person, before)
  if (passed.isWaiting) return { position: passed.position, dueAt: later }
  if (!passed.isOver) return { position: passed.position, dueAt: now }
  await end(ctx, person)
  return null
}

/** The next events of the workspace, until one that somebody else still needs as it is. */
async function passEvents(
  ctx: Context,
  person: OpenErasure,
  before: string,
): Promise<{ position: string; isWaiting: boolean; isOver: boolean }> {
  return ctx.db.transaction(async (tx) => {
    const events = await listEventsNaming(tx, person, { before, limit: eventBatch })
    const needed = events.findIndex(({ isNeeded }) => isNeeded)
    const passed = needed === -1 ? events : events.slice(0, needed)
    const named = passed.filter(({ isNamed }) => isNamed).map(({ id }) => id)
    if (named.length > 0) await eraseFromEvents(tx, person, { ids: named, areTheirs: true })
    return {
      position: passed.at(-1)?.id ?? person.position,
      isWaiting: needed !== -1,
      isOver: needed === -1 && events.length < eventBatch,
    }
  })
}

async function end(ctx: Context, person: OpenErasure): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    if (!(await deleteErasure(tx, person))) return
    await eraseSourceRequests(tx, person)
    await eraseAnswerer(tx, person)
    await eraseFromChanges(tx, person)
    await eraseHookMessages(tx, person)
    await eraseResults(tx, person)
  })
}
