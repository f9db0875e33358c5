// What must be true once everything has come to rest, whatever happened on the way: nothing accepted is
// lost, nobody is told twice without a reason, and what was sent again is the same to the byte.
import assert from 'node:assert/strict'
import type { Look } from './given.ts'
import type { SunkRequest } from './sinks.ts'

export type Journal = {
  /** The events that were answered 202. */
  accepted: string[]
  /** The webhooks that a receiver got and did not refuse. */
  receipts: SunkRequest[]
}

// Each statement lists violations: a row is one too many.
const violations: Record<string, string> = {
  'an event is not done': `
    select id, status from belfry.events where status = 'accepted'`,
  'an event counts other recipients than it has': `
    select e.id, e.recipient_count, count(n.id) from belfry.events e
    left join belfry.notifications n on n.workspace_id = e.workspace_id and n.event_id = e.id
    group by e.workspace_id, e.id having e.recipient_count <> count(n.id)`,
  'a notification has not ended': `
    select id, status, pending from belfry.notifications
    where pending <> 0 or finished_at is null or status in ('scheduled', 'processing')`,
  'a delivery has not ended': `
    select id, status from belfry.deliveries
    where finished_at is null or status in ('scheduled', 'processing')`,
  'something is still in a queue': `
    select delivery_id as id from belfry.queue union all select event_id from belfry.event_queue`,
  'a notification says something else than its deliveries': `
    select n.id, n.status, array_agg(d.status) from belfry.notifications n
    join belfry.deliveries d on d.workspace_id = n.workspace_id and d.notification_id = n.id
    where n.content_id is null
    group by n.workspace_id, n.id having n.status <> all (array_agg(d.status))`,
  'the statistics count other deliveries than there are': `
    select channel, status, s.count, d.count as real
    from (
      select channel, status, sum(count)::integer as count from belfry.stats group by 1, 2) s
    full join (
      select channel, status, count(*)::integer as count from belfry.deliveries
      where status in ('sent', 'delivered', 'failed', 'unknown') group by 1, 2) d
      using (channel, status)
    where status in ('sent', 'delivered', 'failed', 'unknown')
      and s.count is distinct from d.count`,
  'a delivery has the wrong number of attempts': `
    select d.id, d.attempt_count, count(a.number), max(a.number) from belfry.deliveries d
    left join belfry.attempts a on a.workspace_id = d.workspace_id and a.delivery_id = d.id
    group by d.workspace_id, d.id
    having d.status not in ('cancelled')
      and (d.attempt_count <> count(a.number) or d.attempt_count <> coalesce(max(a.number), 0))`,
  'a delivery is said to be made without an attempt that made it': `
    select d.id from belfry.deliveries d
    where d.status in ('sent', 'delivered') and d.channel <> 'in_app' and not exists (
      select from belfry.attempts a where a.workspace_id = d.workspace_id and a.delivery_id = d.id
        and a.outcome = d.status)`,
}

export async function checkConservation(
  look: Look,
  { accepted, receipts }: Journal,
): Promise<void> {
  for (const [what, statement] of Object.entries(violations))
    assert.deepEqual(await look.rows(`${statement} limit 5`), [], what)

  const lost = await look.rows(
    `select id from unnest($1::uuid[]) as a (id)
     where not exists (select from belfry.events e where e.id = a.id)`,
    [accepted],
  )
  assert.deepEqual(lost, [], 'an accepted event is lost')
  await checkReceipts(look, receipts)
}

type Sent = { id: string; status: string; address: string; attempts: number; ambiguous: number }

async function checkReceipts(look: Look, receipts: SunkRequest[]): Promise<void> {
  const rows: Sent[] = await look.rows(`
    select d.id, d.status, d.address, count(a.number)::integer as attempts,
      (count(*) filter (where a.outcome = 'ambiguous'))::integer as ambiguous
    from belfry.deliveries d
    left join belfry.attempts a on a.workspace_id = d.workspace_id and a.delivery_id = d.id
    where d.channel = 'webhook' and a.provider is distinct from 'sandbox' group by d.workspace_id, d.id`)
  const deliveries = new Map(rows.map((row) => [row.id, row]))
  const byDelivery = Map.groupBy(receipts, ({ headers }) => String(headers['webhook-id']))

  for (const [id, got] of byDelivery) {
    const delivery = deliveries.get(id)
    assert.ok(delivery, `a webhook arrived for a delivery that does not exist: ${id}`)
    const told = JSON.stringify(delivery)
    assert.ok(
      got.length - 1 <= delivery.ambiguous,
      `unexplained duplicate: ${got.length} × ${told}`,
    )
    assert.ok(
      got.length <= delivery.attempts,
      `more webhooks than attempts: ${got.length} × ${told}`,
    )
    assert.equal(
      new Set(got.map(({ body }) => body)).size,
      1,
      `content changed between attempts: ${told}`,
    )
    assert.equal(new Set(got.map(({ path }) => path)).size, 1, `address changed: ${told}`)
  }
  const made = rows.filter(({ status }) => status === 'delivered')
  const unseen = made.filter(({ id }) => !byDelivery.has(id))
  assert.deepEqual(unseen, [], 'a delivery is said to be made, and nothing arrived')
}

/** How many deliveries arrived more than once. */
export function duplicateCount(receipts: SunkRequest[]): number {
  return receipts.length - new Set(receipts.map(({ headers }) => headers['webhook-id'])).size
}
