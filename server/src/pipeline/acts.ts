// What somebody does about what was asked for: cancel it, have it go out now, have tried again what failed; for
// one notification, an event, a thread, or whatever filters find. What is large goes in batches, each for good: cut
// in the middle, the rest is done by doing it again.
import type { Context } from '../context.ts'
import { lanes } from '../domain/event.ts'
import { ApiError } from '../errors.ts'
import {
  countActs,
  forceDeliveries,
  forceFanOut,
  forcePlanRuns,
  holdNotifications,
  listThreadEvents,
  listThreadNotifications,
  retryDeliveries,
} from '../sql/acts.ts'
import { nudgeAsksOf } from '../sql/asks.ts'
import { forceDigests } from '../sql/digests.ts'
import { findEvent } from '../sql/events.ts'
import type { NotificationFilter } from '../sql/notification-conditions.ts'
import { listNotificationIds } from '../sql/notification-lists.ts'
import { findNotification } from '../sql/notifications.ts'
import {
  cancelAll,
  cancelWholeEvent,
  eventBatches,
  onlyOfEvent,
  stopFindingPeople,
} from './cancel.ts'

export const acts = ['cancel', 'force', 'retry'] as const
export type Act = (typeof acts)[number]

/** Who does what, and where. */
export type Acting = { act: Act; workspaceId: number; by: string }

/** Counted in deliveries; a plan that waits counts as one. */
export type ActCounts = { changed: number; inFlight: number; done: number }

// Each batch is a transaction: short enough that who settles something of it need not wait long.
const batchSize = 10_000
const parallelBatches = 2
const none = '00000000-0000-0000-0000-000000000000'

type Batch = {
  notificationIds: string[]
  lane: number
  /** Of digests that have closed, leave what tells of other events too. */
  sparesDigests: boolean
}

/** @throws ApiError `not_found`. */
export async function actOnEvent(
  ctx: Context,
  acting: Acting,
  eventId: string,
): Promise<ActCounts> {
  const { act, workspaceId } = acting
  if (act === 'cancel') {
    const { cancelled, ...rest } = await cancelWholeEvent(ctx, workspaceId, eventId)
    return { changed: cancelled, ...rest }
  }
  if (!(await findEvent(ctx.db, workspaceId, eventId)))
    throw new ApiError('not_found', { detail: `There is no event ${eventId}.` })
  await prepareEvent(ctx, acting, eventId)
  const batches = eventBatches(ctx, { workspaceId, eventId })
  return actOnAll(ctx, acting, batches, { lane: lanes.many, sparesDigests: true })
}

/** @throws ApiError `not_found` when no event has this key. */
export async function actOnThread(ctx: Context, acting: Acting, threadKey: string) {
  const { workspaceId } = acting
  const events = await listThreadEvents(ctx.db, { workspaceId, threadKey })
  if (events.length === 0)
    throw new ApiError('not_found', { detail: `No event has the thread_key "${threadKey}".` })
  for (const { id, isOpen } of events) if (isOpen) await prepareEvent(ctx, acting, id)
  const batches = threadBatches(ctx, workspaceId, threadKey)
  return actOnAll(ctx, acting, batches, { lane: lanes.many, sparesDigests: true })
}

/** Those that there are when it is asked; what is found for an event later is not among them. */
export async function actOnFilter(ctx: Context, acting: Acting, filter: NotificationFilter) {
  const batches = filterBatches(ctx, acting.workspaceId, filter)
  return actOnAll(ctx, acting, batches, { lane: lanes.many, sparesDigests: false })
}

/** What the act would come to at this moment. */
export async function previewFilter(
  ctx: Context,
  acting: Acting,
  filter: NotificationFilter,
): Promise<ActCounts> {
  const { act, workspaceId } = acting
  const all = { changed: 0, inFlight: 0, done: 0 }
  for await (const notificationIds of filterBatches(ctx, acting.workspaceId, filter)) {
    const now = ctx.in(workspaceId).clock.now()
    const found = await countActs(ctx.db, { workspaceId, notificationIds, now })
    const changed = act === 'retry' ? found.failed : found.waiting
    const inFlight = act === 'retry' ? found.inFlight + found.waiting : found.inFlight
    all.changed += changed
    all.inFlight += inFlight
    all.done += found.total - changed - inFlight
  }
  return all
}

/** @throws ApiError `not_found`; `wrong_status` when there is nothing of it to do this with. */
export async function actOnNotification(
  ctx: Context,
  acting: Acting,
  id: string,
): Promise<ActCounts> {
  const { act, workspaceId } = acting
  const find = () =>
    findNotification(ctx.db, { workspaceId, id, now: ctx.in(workspaceId).clock.now() })
  if (!(await find())) throw unknown(id)
  const batch = { notificationIds: [id], lane: lanes.few, sparesDigests: false }
  const counts = await actOnBatch(ctx, acting, batch)
  wakeWorkers(ctx, acting, counts)
  if (counts.changed > 0) return counts
  const now = await find()
  if (!now) throw unknown(id)
  throw tooLate(act, now.status, counts.inFlight)
}

function unknown(id: string): ApiError {
  return new ApiError('not_found', { detail: `There is no notification ${id}.` })
}

const actedOn = { cancel: 'cancelled', force: 'forced', retry: 'tried again' } as const

function tooLate(act: Act, status: string, inFlight: number): ApiError {
  const underWay = {
    cancel: 'its attempt has begun, and no further one will be made',
    force: 'its attempt has begun',
    retry: 'it has not come to its end',
  }
  const ended = act === 'retry' ? `it is ${status}, and nothing of it failed` : `it is ${status}`
  const why = inFlight > 0 ? underWay[act] : ended
  return new ApiError('wrong_status', {
    detail: `The notification cannot be ${actedOn[act]}: ${why}.`,
    extra: { current_status: status, in_flight: inFlight },
  })
}

async function prepareEvent(ctx: Context, { act, workspaceId }: Acting, eventId: string) {
  const now = ctx.in(workspaceId).clock.now()
  const event = { workspaceId, eventId, now }
  if (act === 'cancel') await stopFindingPeople(ctx, event)
  else if (act === 'force') {
    const isOpen = await ctx.db.transaction((tx) => forceFanOut(tx, event))
    if (isOpen) ctx.in(workspaceId).signals.ring('belfry_events')
  }
}

async function actOnAll(
  ctx: Context,
  acting: Acting,
  batches: AsyncGenerator<string[]>,
  how: Omit<Batch, 'notificationIds'>,
): Promise<ActCounts> {
  const all = { changed: 0, inFlight: 0, done: 0 }
  async function actOnBatches(): Promise<void> {
    for await (const notificationIds of batches) {
      const { changed, inFlight, done } = await actOnBatch(ctx, acting, { ...how, notificationIds })
      all.changed += changed
      all.inFlight += inFlight
      all.done += done
    }
  }
  await Promise.all(Array.from({ length: parallelBatches }, actOnBatches))
  wakeWorkers(ctx, acting, all)
  return all
}

function wakeWorkers(ctx: Context, { act, workspaceId }: Acting, { changed }: ActCounts): void {
  if (changed === 0) return
  if (act === 'cancel') {
    ctx.waits.tell()
    ctx.interest.tell()
    ctx.in(workspaceId).signals.ring('belfry_plans')
  } else ctx.in(workspaceId).signals.ring('belfry_deliveries')
}

async function actOnBatch(ctx: Context, acting: Acting, batch: Batch): Promise<ActCounts> {
  const { act, by, workspaceId } = acting
  const { notificationIds, lane } = batch
  const now = ctx.in(workspaceId).clock.now()
  const target = { workspaceId, notificationIds, lane, because: `${by} asked for it`, now }
  switch (act) {
    case 'cancel':
      return ctx.db.transaction(async (tx) => {
        const own = batch.sparesDigests
          ? await onlyOfEvent(tx, workspaceId, notificationIds)
          : notificationIds
        const found = await cancelAll(tx, { ...target, notificationIds: own })
        await nudgeAsksOf(tx, { ...target, notificationIds: own }) // perhaps somebody else is to be asked
        const spared = notificationIds.length - own.length
        return counted({ ...found, changed: found.cancelled, total: found.total + spared })
      })
    case 'force': {
      // By itself: who joins a digest holds the plan before it, who closes it the other way round.
      const closed = await ctx.db.transaction((tx) => forceDigests(tx, target))
      return ctx.db.transaction(async (tx) => {
        const goingOn = await forcePlanRuns(tx, target)
        const forcedPlans = [...new Set([...closed, ...goingOn])]
        return counted(await forceDeliveries(tx, { ...target, forcedPlans }))
      })
    }
    case 'retry':
      return ctx.db.transaction(async (tx) => {
        await holdNotifications(tx, workspaceId, notificationIds)
        return counted(await retryDeliveries(tx, target))
      })
  }
}

function counted(found: { changed: number; inFlight: number; total: number }): ActCounts {
  const { changed, inFlight, total } = found
  return { changed, inFlight, done: total - changed - inFlight }
}

async function* threadBatches(ctx: Context, workspaceId: number, threadKey: string) {
  let after = none
  for (;;) {
    const page = { workspaceId, threadKey, after, limit: batchSize }
    const found = await listThreadNotifications(ctx.db, page)
    if (found.length > 0) yield found.map(({ id }) => id)
    if (found.length < batchSize) return
    after = found.at(-1)!.id
  }
}

async function* filterBatches(ctx: Context, workspaceId: number, filter: NotificationFilter) {
  let before: string | null = null
  for (;;) {
    const page = { before, offset: 0, limit: batchSize, now: ctx.in(workspaceId).clock.now() }
    const ids: string[] = await listNotificationIds(ctx.db, { ...filter, ...page, workspaceId })
    if (ids.length > 0) yield ids
    if (ids.length < batchSize) return
    before = ids.at(-1)!
  }
}
