// Deliveries per second with and without the clean-up of a big backlog beside them, by turns.
import type { Belfry } from './belfry.ts'
import { alternate, median, percent, perSecond } from './measure.ts'
import type { Measure, Profile, Report, Row } from './measure.ts'
import { broadcast, eventsForEach, setUp, type Stage } from './stage.ts'

const rounds = 5
const targetShare = 0.95
const clearingMs = 10_000

export const retention: Measure = {
  name: 'retention',
  title: 'Retention: deliveries per second beside the clean-up',
  run,
}

async function run(profile: Profile): Promise<Report> {
  await using stack = new AsyncDisposableStack()
  const isQuick = profile === 'quick'
  const sizes = { people: isQuick ? 20_000 : 100_000, durationMs: isQuick ? 4_000 : 15_000 }
  const backlog = isQuick ? 300_000 : 2_000_000 // for each of the three measures
  // Without a scheduler nothing is cleaned up but when this measure says so.
  const stage = await setUp(sizes, stack, { roles: ['api', 'worker'] })
  await addBacklog(stage.belfry, backlog)
  await broadcast(stage) // warm
  const many = await compare(stage, 'one event to many people', () => broadcast(stage))

  await addBacklog(stage.belfry, backlog)
  await eventsForEach(stage, { durationMs: 1_000 }) // warm
  const each = await compare(
    stage,
    'one event each',
    async () => (await eventsForEach(stage, {})).perSecond,
  )

  await addBacklog(stage.belfry, backlog)
  const alone = await clearAlone(stage.belfry)
  return {
    rows: [many.row, each.row, alone],
    notes: [
      `The backlog: ${backlog.toLocaleString('en')} old events with a notification, a delivery, an attempt and a ` +
        `text each. Beside deliveries ${perSecond(many.removed)} and ${perSecond(each.removed)} of them were removed.`,
    ],
  }
}

async function compare(
  stage: Stage,
  what: string,
  measure: () => Promise<number>,
): Promise<{ row: Row; removed: number }> {
  const removed: number[] = []
  const { a, b } = await alternate(rounds, measure, async () => {
    const pruning = await beginPruning(stage.belfry)
    const rate = await measure()
    removed.push(await pruning.end())
    return rate
  })
  const [without, beside] = [median(a), median(b)]
  return {
    row: {
      what: `${what}, by webhook, while old ones are removed`,
      belfry: perSecond(beside),
      beside: `without it ${perSecond(without)}`,
      ratio: percent(beside / without),
      target: `≥ ${percent(targetShare)}`,
      isMet: beside / without >= targetShare,
    },
    removed: median(removed),
  }
}

/** With nothing else to do. */
async function clearAlone(belfry: Belfry): Promise<Row> {
  const pruning = await beginPruning(belfry)
  await new Promise((resolve) => setTimeout(resolve, clearingMs))
  return {
    what: 'events removed with all that is theirs, nothing else going on',
    belfry: perSecond(await pruning.end()),
    beside: '',
    ratio: '',
    target: '',
    isMet: null,
  }
}

async function beginPruning(belfry: Belfry): Promise<{ end(): Promise<number> }> {
  const before = await countOld(belfry)
  const startedMs = performance.now()
  await belfry.process.call('startPruning')
  return {
    /** Events that were removed per second. */
    async end() {
      await belfry.process.call('stopPruning')
      const tookMs = performance.now() - startedMs
      const left = await countOld(belfry)
      if (left === 0) throw new Error('the backlog was too small for this machine')
      return ((before - left) / tookMs) * 1_000
    },
  }
}

async function countOld({ db }: Belfry): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::integer as count from belfry.notifications
     where workspace_id = 1 and id < uuidv7(interval '-73 hours')`,
  )
  return rows[0]!.count
}

/** Events of four days ago with everything that was theirs. */
async function addBacklog({ db }: Belfry, count: number): Promise<void> {
  await db.query(
    `with made as materialized (
       select uuidv7(ago) as event, uuidv7(ago) as notification, uuidv7(ago) as delivery, now() + ago as at, n
       from (select n, interval '-100 hours' + n * interval '1 hour' / $1 as ago
         from generate_series(1, $1::integer) n) g
     ), e as (
       insert into belfry.events (workspace_id, id, type, type_version, level, audience, params, status,
         recipient_count, created_at, processed_at)
       select 1, event, 'order.shipped', 1, 'standard', '[{"id":"p0000001"}]', '{"order_id":"A-1001","total":42.5}',
         'processed', 1, at, at from made
     ), n as (
       insert into belfry.notifications (workspace_id, id, event_id, recipient, is_subscriber, type, level, channel,
         status, outcome, pending, created_at, finished_at)
       select 1, notification, event, 'p' || lpad((n % 20000)::text, 7, '0'), true, 'order.shipped', 'standard', 'webhook',
         'delivered', 'delivered', 0, at, at from made
     ), d as (
       insert into belfry.deliveries (workspace_id, id, notification_id, event_id, channel, address, content_id,
         status, attempt_count, created_at, finished_at)
       select 1, delivery, notification, event, 'webhook', 'http://127.0.0.1/hook/p0000001', delivery,
         'delivered', 1, at, at from made
     ), a as (
       insert into belfry.attempts (workspace_id, delivery_id, number, provider, outcome, code, started_at, duration_ms)
       select 1, delivery, 1, 'sink', 'delivered', 'http_204', at, 2 from made
     )
     insert into belfry.contents (workspace_id, id, content)
     select 1, delivery, '{"body":{"type":"order.shipped","data":{"order_id":"A-1001","total":42.5}}}' from made`,
    [count],
  )
  await db.query('vacuum analyze')
  await db.query('checkpoint')
}
