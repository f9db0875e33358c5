// Carrying out what is due of schedules. The events, what is remembered of them (once for each label and zone), and
// the moment to look again are stored in one transaction: a process that dies has done all of it or nothing, and of
// two that look at once one finds nothing to do.
import type { Context } from '../context.ts'
import { laneOf, type Event } from '../domain/event.ts'
import { nextLook } from '../domain/schedule-due.ts'
import { defaultZone, type Schedule } from '../domain/schedule.ts'
import { newId } from '../new-id.ts'
import type { Db } from '../sql/db.ts'
import { insertEvents } from '../sql/events.ts'
import { insertOccurrences } from '../sql/occurrences.ts'
import { lockDueSchedules, moveSchedules, postponeSchedule } from '../sql/schedules.ts'
import { isUnavailable } from '../sql/unavailable.ts'
import { eventOfThoseKnown } from './schedule-event.ts'
import { turnOf } from './schedule-turn.ts'

const laterMs = 60_000

/** True: there may be more to do right now. */
export async function runDueSchedules(ctx: Context, limit: number): Promise<boolean> {
  try {
    return (
      (await carryOut(ctx, (tx, now) => lockDueSchedules(tx, now, limit, ctx.reach()))) === limit
    )
  } catch (error) {
    if (isUnavailable(error)) throw error
    ctx.log.warn({ err: error }, 'schedules could not be carried out together; now one by one')
  }
  for (let i = 0; i < limit; i++) if ((await carryOutOne(ctx)) === 0) return false
  return true
}

/** What cannot be carried out is left for later, so that it does not stand in the way of the others. */
async function carryOutOne(ctx: Context): Promise<number> {
  let held: Schedule | undefined
  try {
    return await carryOut(ctx, async (tx, now) => {
      const schedules = await lockDueSchedules(tx, now, 1, ctx.reach())
      held = schedules[0]
      return schedules
    })
  } catch (error) {
    if (isUnavailable(error) || !held) throw error
    const fields = { err: error, schedule: held.key }
    ctx.log.error(fields, 'a schedule could not be carried out; it is tried again in a minute')
    const later = new Date(ctx.clock.now().getTime() + laterMs)
    await postponeSchedule(ctx.db, held, later)
    return 1
  }
}

async function carryOut(
  ctx: Context,
  lock: (tx: Db, now: Date) => Promise<Schedule[]>,
): Promise<number> {
  const now = ctx.clock.now()
  const { count, made } = await ctx.db.transaction(async (tx) => {
    const schedules = await lock(tx, now)
    if (schedules.length === 0) return { count: 0, made: 0 }
    const turns = []
    for (const schedule of schedules) turns.push(await turnOf(ctx, tx, schedule, now))
    const rows = turns.flatMap(({ occurrences }) => occurrences)
    const isNew = new Set(rows.length > 0 ? await insertOccurrences(tx, rows) : [])
    const events = turns.flatMap((turn) => turn.events).filter(({ id }) => isNew.has(id))
    await storeMade(tx, events, now)
    const moves = schedules.map((schedule) => ({
      ...schedule,
      doneAt: now,
      nextAt: nextLook(schedule, now),
    }))
    await moveSchedules(tx, moves)
    return { count: schedules.length, made: events.length }
  })
  if (made > 0) announce(ctx, made)
  return count
}

/**
 * Makes one now, for everybody at once, whatever the pattern says; answers its event. The caller holds the
 * schedule, and calls `announce` after the commit.
 *
 * @throws ApiError as a request for the event would be answered.
 */
export async function runNow(ctx: Context, tx: Db, schedule: Schedule): Promise<string> {
  const { workspaceId, key, timezone } = schedule
  const now = ctx.in(workspaceId).clock.now()
  const { event } = await eventOfThoseKnown(ctx, tx, schedule)
  const id = newId()
  const run = {
    workspaceId,
    schedule: key,
    label: `${now.toISOString()} ${id}`,
    zone: timezone ?? defaultZone,
    at: now,
    status: 'run' as const,
    eventId: id,
    error: null,
    createdAt: now,
  }
  await insertOccurrences(tx, [run])
  await storeMade(tx, [{ ...event, id }], now)
  return id
}

/** What was stored is taken up at once. */
export function announce(ctx: Context, count: number): void {
  ctx.metrics.eventsAccepted.inc(count)
  ctx.signals.ring('belfry_events')
}

async function storeMade(tx: Db, events: Event[], now: Date): Promise<void> {
  if (events.length === 0) return
  const rows = events.map((event) => ({
    ...event,
    lane: laneOf(event),
    dueAt: now,
    epoch: 0 as const,
    idempotencyKey: null,
  }))
  await insertEvents(tx, rows, [])
}
