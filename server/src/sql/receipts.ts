// What vendors have told of messages: kept once each, and applied when what they are about is known and has ended.
import type { CarriedChannel } from '../domain/channel.ts'
import { everywhere, type Reach } from '../domain/reach.ts'
import type { Receipt, ReceiptKind, Standing } from '../domain/receipt.ts'
import type { Status } from '../domain/status.ts'
import { sql, type Db } from './db.ts'

export type Receiver = { workspaceId: number; providerId: string }

/** Those that had not come before, by the vendor's ids. Of one that comes twice at once, one waits for the other. */
export async function insertReceipts(
  tx: Db,
  { workspaceId, providerId }: Receiver,
  receipts: readonly Receipt[],
  now: Date,
): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>(sql`
    insert into belfry.receipts (workspace_id, provider_id, id, delivery_id, kind, is_for_good, code,
      received_at, due_at)
    select ${workspaceId}::integer, ${providerId}::uuid, id, "deliveryId", kind, "isForGood", code,
      ${now}::timestamptz, case when "deliveryId" is not null then ${now}::timestamptz end
    from json_to_recordset(${JSON.stringify(receipts)}::json)
      as r (id text, "deliveryId" uuid, kind text, "isForGood" boolean, code text)
    order by id -- one order everywhere, so that nobody waits in a circle
    on conflict do nothing
    returning id`)
  return new Set(rows.map(({ id }) => id))
}

export type DueReceipt = Receiver & {
  id: string
  deliveryId: string
  kind: ReceiptKind
  isForGood: boolean
  code: string | null
  receivedAt: Date
}

/** Those to be looked at, longest due first; nobody else takes them until the transaction ends. */
export function holdDueReceipts(
  tx: Db,
  now: Date,
  limit: number,
  reach: Reach = everywhere,
): Promise<DueReceipt[]> {
  return tx.query<DueReceipt>(sql`
    select workspace_id, provider_id, id, delivery_id, kind, is_for_good, code, received_at
    from belfry.receipts
    where due_at <= ${now} and delivery_id is not null
      and (workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
    order by due_at, id
    limit ${limit}
    for update skip locked`)
}

export type WaitingSuccess = {
  workspaceId: number
  deliveryId: string
  notificationId: string
  attempt: number
  provider: string
  kind: 'sent' | 'delivered'
  startedAt: Date
  durationMs: number | null
}

/** Deliveries that wait for another attempt although a vendor has told, by now, that it took an earlier one. */
export function listWaitingSuccesses(
  db: Db,
  now: Date,
  limit: number,
  reach: Reach = everywhere,
): Promise<WaitingSuccess[]> {
  return db.query<WaitingSuccess>(sql`
    select distinct on (q.delivery_id) q.workspace_id, q.delivery_id, q.notification_id, a.number as attempt,
      a.provider, r.kind, a.started_at, a.duration_ms
    from (
      select workspace_id, delivery_id, kind from belfry.receipts
      where due_at <= ${now} and kind in ('sent', 'delivered')
        and (workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
      order by due_at, id
      limit ${limit}
    ) r
    cross join lateral (
      select q.workspace_id, q.delivery_id, q.notification_id, q.attempt, q.worker from belfry.queue q
      where q.delivery_id = r.delivery_id and q.workspace_id = r.workspace_id offset 0
    ) q
    cross join lateral (
      select a.number, a.provider, a.started_at, a.duration_ms from belfry.attempts a
      where a.workspace_id = q.workspace_id and a.delivery_id = q.delivery_id and a.outcome = 'ambiguous'
      order by a.number desc
      limit 1
    ) a
    where q.worker is null
    order by q.delivery_id, r.kind`)
}

export type ToldDelivery = Standing & {
  workspaceId: number
  deliveryId: string
  notificationId: string
  channel: CarriedChannel
  address: string | null
  isFinished: boolean
}

type DeliveryRef = { workspaceId: number; deliveryId: string }

/** Until the transaction ends nobody changes what the notifications of these deliveries have come to. */
export async function holdToldNotifications(tx: Db, refs: readonly DeliveryRef[]): Promise<void> {
  // In the order in which outcomes are settled, so that neither waits for the other in a circle.
  await tx.query(sql`
    with wanted as (
      select distinct d.workspace_id, d.notification_id
      from json_to_recordset(${refsOf(refs)}::json) as r ("workspaceId" integer, "deliveryId" uuid)
      cross join lateral (
        select d.workspace_id, d.notification_id from belfry.deliveries d
        where d.workspace_id = r."workspaceId" and d.id = r."deliveryId" offset 0
      ) d
      order by d.notification_id
    )
    select n.id from wanted w
    cross join lateral (
      select n.id from belfry.notifications n
      where n.workspace_id = w.workspace_id and n.id = w.notification_id
      for no key update
    ) n`)
}

/** As they are now: asked after they are held, it shows what was settled before. */
export function listToldDeliveries(tx: Db, refs: readonly DeliveryRef[]): Promise<ToldDelivery[]> {
  return tx.query<ToldDelivery>(sql`
    select distinct on (d.id) d.workspace_id, d.id as delivery_id, d.notification_id, d.channel, d.address,
      d.status, d.reason, d.finished_at is not null as is_finished
    from json_to_recordset(${refsOf(refs)}::json) as r ("workspaceId" integer, "deliveryId" uuid)
    cross join lateral (
      select d.workspace_id, d.id, d.notification_id, d.channel, d.address, d.status, d.reason, d.finished_at
      from belfry.deliveries d
      where d.workspace_id = r."workspaceId" and d.id = r."deliveryId" offset 0
    ) d
    order by d.id`)
}

function refsOf(refs: readonly DeliveryRef[]): string {
  return JSON.stringify(refs.map(({ workspaceId, deliveryId }) => ({ workspaceId, deliveryId })))
}

export type Changed = {
  workspaceId: number
  deliveryId: string
  status: Status
  reason: string | null
}

/** What deliveries have come to after all. Answers their notifications. */
export function updateToldDeliveries(
  tx: Db,
  changed: readonly Changed[],
  now: Date,
): Promise<NotificationRef[]> {
  const ids = changed.map(({ deliveryId }) => deliveryId) // said twice: see db.ts on plans
  return tx.query<NotificationRef>(sql`
    update belfry.deliveries d
    set status = c.status, reason = c.reason, finished_at = ${now}
    from json_to_recordset(${JSON.stringify(changed)}::json)
      as c ("workspaceId" integer, "deliveryId" uuid, status text, reason text)
    where d.id = any (${ids}::uuid[]) and d.workspace_id = c."workspaceId" and d.id = c."deliveryId"
    returning d.workspace_id, d.notification_id`)
}

type NotificationRef = { workspaceId: number; notificationId: string }

/** The best of what has ended, anew: what was the best may have turned out to be worse. The caller holds them. */
export async function judgeNotifications(
  tx: Db,
  refs: readonly NotificationRef[],
  now: Date,
): Promise<void> {
  const ids = refs.map(({ notificationId }) => notificationId)
  await tx.query(sql`
    update belfry.notifications n
    set outcome = b.best,
      status = case when n.pending = 0 then b.best else n.status end,
      reason = case when n.pending > 0 then n.reason
        when b.best in ('sent', 'delivered') then null
        else b.reason end,
      finished_at = case when n.pending = 0 and n.status <> b.best then ${now} else n.finished_at end
    from (
      select w."workspaceId" as workspace_id, w."notificationId" as id, x.best, x.reason
      from json_to_recordset(${JSON.stringify(refs)}::json) as w ("workspaceId" integer, "notificationId" uuid)
      cross join lateral (
        select e.status as best, e.reason
        from (
          select d.status, d.reason from belfry.deliveries d
          where d.notification_id = w."notificationId" and d.workspace_id = w."workspaceId"
            and d.finished_at is not null
          union all
          select 'delivered', null from belfry.notifications i
          where i.workspace_id = w."workspaceId" and i.id = w."notificationId" and i.content_id is not null
        ) e
        order by array_position('{skipped,cancelled,failed,unknown,sent,delivered}', e.status) desc, e.reason desc
        limit 1
      ) x
    ) b
    where n.id = any (${ids}::uuid[]) and n.workspace_id = b.workspace_id and n.id = b.id
      and n.retracted_at is null`)
}

export type DoneReceipt = Receiver & { id: string; dueAt: Date | null; isDropped: boolean }

/** Done with, or to be looked at again. */
export async function updateReceipts(tx: Db, rows: DoneReceipt[]): Promise<void> {
  await tx.query(sql`
    update belfry.receipts r set due_at = i."dueAt", is_dropped = i."isDropped"
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as i ("workspaceId" integer, "providerId" uuid, id text, "dueAt" timestamptz, "isDropped" boolean)
    where r.workspace_id = i."workspaceId" and r.provider_id = i."providerId" and r.id = i.id`)
}

export type ShownReceipt = {
  deliveryId: string
  provider: string | null // its name by now; null: it was deleted
  kind: ReceiptKind
  code: string | null
  receivedAt: Date
}

/** The receipts of a notification's deliveries, in the order they came. */
export function listReceipts(
  db: Db,
  workspaceId: number,
  notificationId: string,
): Promise<ShownReceipt[]> {
  return db.query<ShownReceipt>(sql`
    select r.delivery_id, p.name as provider, r.kind, r.code, r.received_at
    from (
      select d.id from belfry.deliveries d
      where d.notification_id = ${notificationId} and d.workspace_id = ${workspaceId} offset 0
    ) d
    cross join lateral (
      select r.workspace_id, r.provider_id, r.id, r.delivery_id, r.kind, r.code, r.received_at
      from belfry.receipts r
      where r.delivery_id = d.id and r.workspace_id = ${workspaceId} offset 0
    ) r
    left join belfry.providers p on p.workspace_id = r.workspace_id and p.id = r.provider_id
    order by r.received_at, r.id
    limit 1000`)
}

/** Of all workspaces; answers how many went. */
export async function deleteOldReceipts(db: Db, before: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.receipts
    where (workspace_id, provider_id, id) in (
      select workspace_id, provider_id, id from belfry.receipts
      where received_at < ${before}
      order by received_at
      limit ${limit}
      for update skip locked)
    returning 1`)
  return rows.length
}
