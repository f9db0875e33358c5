// What follows from what vendors tell of messages. A receipt is stored before it is answered, once; what it changes is
// worked out from there: at once, or when its delivery is known and has ended. It changes only what is below it on
// the ladder of domain/receipt.ts, so that repeats and any order come to the same.
import type { Context } from '../context.ts'
import {
  afterReceipt,
  lookAgainMs,
  parkedMs,
  type Receipt,
  type Standing,
} from '../domain/receipt.ts'
import type { Db } from '../sql/db.ts'
import { nudgePlanRuns } from '../sql/plan-wakes.ts'
import {
  holdDueReceipts,
  holdToldNotifications,
  insertReceipts,
  judgeNotifications,
  listToldDeliveries,
  listWaitingSuccesses,
  updateReceipts,
  updateToldDeliveries,
  type Changed,
  type DoneReceipt,
  type DueReceipt,
  type Receiver,
  type ToldDelivery,
} from '../sql/receipts.ts'
import { settleDeliveries, type Settlement } from '../sql/settle.ts'
import { deleteSuppressions, insertSuppressions, type NewSuppression } from '../sql/suppressions.ts'
import { linkAccount } from './account-links.ts'

const batch = 500

/** The provider that receipts came to. */
export type ReceivedBy = Receiver & { name: string; channel: ToldDelivery['channel'] }

/** Somebody who has shown the code of a link; false: it was none, or not any more. */
export type ShownLink = { address: string; isLinked: boolean }

/** Keeps what has not come before, and makes of it what can be made by now. Answers which links were shown. */
export async function takeReceipts(
  ctx: Context,
  receiver: ReceivedBy,
  receipts: readonly Receipt[],
): Promise<ShownLink[]> {
  if (receipts.length === 0) return []
  const own = ctx.in(receiver.workspaceId)
  const { newCount, links } = await own.db.transaction(async (tx) => {
    const now = own.clock.now()
    const newIds = await insertReceipts(tx, receiver, receipts, now)
    const links = await listen(
      tx,
      receiver,
      receipts.filter(({ id }) => newIds.has(id)),
      now,
    )
    return { newCount: newIds.size, links }
  })
  if (newCount > 0) await applyReceipts(own)
  return links
}

/** What people have answered to messages: to have no more of them, or some again; or which address is theirs. */
async function listen(
  tx: Db,
  { workspaceId, channel, name }: ReceivedBy,
  receipts: Receipt[],
  at: Date,
): Promise<ShownLink[]> {
  const links: ShownLink[] = []
  for (const { kind, address, link } of receipts) {
    if (address === null) continue
    if (kind === 'stopped') {
      const reason = 'stopped' as const
      const row = { workspaceId, channel, address, reason, code: null, provider: name, at }
      await insertSuppressions(tx, [row])
    } else if (kind === 'started' || kind === 'linked') {
      // Whoever writes is there, too.
      const cleared = { addresses: [{ channel, address }], reasons: ['stopped', 'gone'] as const }
      await deleteSuppressions(tx, workspaceId, cleared)
    }
    if (kind === 'linked') {
      const shown = { workspaceId, channel, address, code: link ?? '' }
      links.push({ address, isLinked: await linkAccount(tx, shown, at) })
    }
  }
  return links
}

/** Makes of receipts what can be made by now. Answers how many were looked at. */
export async function applyReceipts(ctx: Context): Promise<number> {
  await endWaiting(ctx)
  const now = ctx.clock.now()
  const { due, done } = await ctx.db.transaction(async (tx) => {
    const due = await holdDueReceipts(tx, now, batch, ctx.reach())
    if (due.length === 0) return { due, done: [] }
    await holdToldNotifications(tx, due)
    const told = await listToldDeliveries(tx, due)
    const { changed, suppressed, done } = weigh(due, told, now)
    if (changed.length > 0)
      await judgeNotifications(tx, await updateToldDeliveries(tx, changed, now), now)
    const ids = new Set(changed.map(({ deliveryId }) => deliveryId))
    const moved = told.filter(({ deliveryId }) => ids.has(deliveryId))
    const items = moved.map(({ workspaceId, notificationId: id }) => ({ workspaceId, id }))
    await nudgePlanRuns(tx, { items, now }) // plans that wait for it to be delivered
    await insertSuppressions(tx, suppressed)
    await updateReceipts(tx, done)
    return { due, done }
  })
  report(ctx, due, done)
  if (due.length > 0) {
    ctx.signals.ring('belfry_plans')
    ctx.waits.tell()
    ctx.interest.tell()
  }
  return due.length
}

/** Told that an earlier attempt got through, it need not be tried again: nobody gets it twice. */
async function endWaiting(ctx: Context): Promise<void> {
  const now = ctx.clock.now()
  const waiting = await listWaitingSuccesses(ctx.db, now, batch, ctx.reach())
  if (waiting.length === 0) return
  const settlements = waiting.map(({ attempt, kind, ...one }): Settlement => ({
    ...one,
    epoch: 0, // late, as a success may be
    number: attempt,
    outcome: kind,
    code: 'receipt',
    detail: 'nobody could say at first; the vendor told it later',
    worker: ctx.worker,
    status: kind,
    reason: null,
    dueAt: null,
  }))
  await settleDeliveries(ctx.db, settlements, { now, worker: ctx.worker })
}

type Weighed = { changed: Changed[]; suppressed: NewSuppression[]; done: DoneReceipt[] }

function weigh(due: DueReceipt[], told: ToldDelivery[], now: Date): Weighed {
  const deliveries = new Map(told.map((row) => [`${row.workspaceId} ${row.deliveryId}`, row]))
  const standings = new Map<ToldDelivery, Standing>()
  const suppressed: NewSuppression[] = []
  const done = due.map((receipt): DoneReceipt => {
    const delivery = deliveries.get(`${receipt.workspaceId} ${receipt.deliveryId}`)
    if (delivery) suppressed.push(...suppressionBy(receipt, delivery))
    if (!delivery?.isFinished) return parked(receipt, now)
    const after = afterReceipt(standings.get(delivery) ?? delivery, receipt.kind)
    if (after) standings.set(delivery, after)
    return { ...receipt, dueAt: null, isDropped: false }
  })
  const changed = [...standings].map(([{ workspaceId, deliveryId }, standing]) => {
    return { workspaceId, deliveryId, ...standing }
  })
  return { changed, suppressed, done }
}

/** Looked at again in a little while: it may be earlier than our own note of having sent it. */
function parked(receipt: DueReceipt, now: Date): DoneReceipt {
  const isOver = now.getTime() - receipt.receivedAt.getTime() >= parkedMs
  const dueAt = isOver ? null : new Date(now.getTime() + lookAgainMs)
  return { ...receipt, dueAt, isDropped: isOver }
}

function suppressionBy(
  { kind, isForGood, code, receivedAt: at }: DueReceipt,
  { workspaceId, channel, address }: ToldDelivery,
): NewSuppression[] {
  const isMeant = kind === 'complained' || (kind === 'bounced' && isForGood)
  if (!isMeant || address === null) return []
  return [{ workspaceId, channel, address, reason: kind, code, provider: null, at }]
}

function report(ctx: Context, due: DueReceipt[], done: DoneReceipt[]): void {
  for (const [i, { dueAt, isDropped }] of done.entries()) {
    if (dueAt !== null) continue
    const { kind, deliveryId, providerId } = due[i]!
    ctx.metrics.receipts.inc({ kind, outcome: isDropped ? 'dropped' : 'applied' })
    if (isDropped)
      ctx.log.warn(
        { kind, deliveryId, providerId },
        'a receipt is about nothing that is known; it is dropped',
      )
  }
}
