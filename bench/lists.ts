// GET /notifications among very many: every filter, alone and together, first pages and deep ones.
import type { Db, Sql } from '../server/src/sql/db.ts'
import { listNotifications } from '../server/src/sql/notification-lists.ts'
import type { NotificationPage } from '../server/src/sql/notification-conditions.ts'
import { startBelfry, type Belfry } from './belfry.ts'
import { median, type Measure, type Profile, type Report, type Row } from './measure.ts'

export const lists: Measure = {
  name: 'lists',
  title: 'Lists: a page of notifications among very many',
  run,
}

const rounds = 5
const mostMs = 50
const step = 500_000
const hour = 3_600_000

async function run(profile: Profile, _: number | null, given: number | null): Promise<Report> {
  const count = given ?? (profile === 'quick' ? 500_000 : 10_000_000)
  const belfry = await startBelfry({ roles: ['api'] })
  try {
    await fill(belfry, count)
    const rows: Row[] = []
    for (const [what, filter] of await asked(belfry)) rows.push(await measure(belfry, what, filter))
    const notes = [
      `${count.toLocaleString('en')} notifications: a hundredth of a percent failed, as many of a rare type and of a rare ` +
        'channel, half a percent pending; an event to a fifth of all; 100,000 people. Pages of 100 and the row that ' +
        'tells whether there are more, unless said otherwise. Planning and execution as PostgreSQL tells them.',
    ]
    return { rows, notes }
  } finally {
    await belfry.stop()
  }
}

type Filter = Partial<NotificationPage>

async function asked({ db }: Belfry): Promise<[string, Filter][]> {
  const one = async (text: string) =>
    Object.values((await db.query<Record<string, string>>(text)).rows[0]!)[0]!
  const large = await one('select id from belfry.events order by recipient_count desc limit 1')
  const small = await one('select id from belfry.events order by recipient_count limit 1')
  const middle = await one(
    'select id from belfry.notifications order by id offset (select reltuples / 2 from pg_class ' +
      `where oid = 'belfry.notifications'::regclass) limit 1`,
  )
  const halfway = new Date(
    await one(`select to_json(created_at)#>>'{}' from belfry.notifications where id = '${middle}'`),
  )
  const pending = { statuses: ['scheduled', 'processing'] } as const
  const deep = { offset: 10_000 }
  return [
    ['no filter', {}],
    ['no filter, offset 10,000', deep],
    ['no filter, by a cursor in the middle', { before: middle }],
    ['no filter, 1,000 a page', { limit: 1_001 }],
    ['status=failed, rare', { statuses: ['failed'] }],
    ['status=failed, 1,000 a page', { statuses: ['failed'], limit: 1_001 }],
    ['status=pending', pending],
    ['status=pending, offset 10,000', { ...pending, ...deep }],
    ['status=pending and a rare type', { ...pending, type: 'rare' }],
    ['status=delivered', { statuses: ['delivered'] }],
    ['status=delivered, offset 10,000', { statuses: ['delivered'], ...deep }],
    ['channel=email, common', { channel: 'email' }],
    ['channel=email, offset 10,000', { channel: 'email', ...deep }],
    ['channel=sms, rare', { channel: 'sms' }],
    ['channel=slack, none', { channel: 'slack' }],
    ['type, common', { type: 'type-3' }],
    ['type, common, offset 10,000', { type: 'type-3', ...deep }],
    ['type, rare', { type: 'rare' }],
    ['type, rare, and status=failed', { type: 'rare', statuses: ['failed'] }],
    ['type, common, and channel=sms', { type: 'type-3', channel: 'sms' }],
    ['a person', { recipient: 'p77' }],
    ['a person and status=failed', { recipient: 'p77', statuses: ['failed'] }],
    ['a person with a thousandth of all', { recipient: 'busy' }],
    ['a small event', { eventId: small }],
    ['an event to a fifth of all', { eventId: large }],
    ['an event to a fifth of all, offset 10,000', { eventId: large, ...deep }],
    ['an event to a fifth of all, failed', { eventId: large, statuses: ['failed'] }],
    ['a thread', { threadKey: 'thread-7' }],
    ['since the middle', { since: halfway }],
    ['until the middle', { until: halfway }],
    [
      'an hour in the middle, status=failed',
      { since: halfway, until: new Date(halfway.getTime() + hour), statuses: ['failed'] },
    ],
    ['since the middle, type, rare', { since: halfway, type: 'rare' }],
  ]
}

/** Thirty days of one notification after the other, the events of a hundred people each and one of very many. */
async function fill({ db }: Belfry, count: number): Promise<void> {
  await db.query(`insert into belfry.event_types (workspace_id, key, version, definition)
    select 1, key, 1, '{}' from unnest(array['rare'] || array(select 'type-' || n from generate_series(0, 29) n)) key`)
  const kept = await db.query<{
    indexdef: string
  }>(`select indexdef from pg_indexes where schemaname = 'belfry'
    and tablename = 'notifications' and indexname <> 'notifications_pkey'`)
  await db.query(`do $$ declare i regclass; begin for i in select indexrelid from pg_index
    where indrelid = 'belfry.notifications'::regclass and not indisprimary loop execute 'drop index ' || i; end loop; end $$`)
  for (let from = 0; from < count; from += step)
    await db.query(fillStep, [from, Math.min(from + step, count) - 1, count])
  for (const { indexdef } of kept.rows) await db.query(indexdef)
  await db.query(`insert into belfry.events (workspace_id, id, level, audience, params, recipient_count,
      processed_at, thread_key)
    select 1, event_id, 'standard', '[]', '{}', count(*), max(created_at),
      case when count(*) < 1000 then 'thread-' || abs(hashtext(event_id::text)) % 1000 end
    from belfry.notifications group by event_id`)
  await db.query(`insert into belfry.queue (delivery_id, workspace_id, notification_id, channel, lane, due_at, worker)
    select uuidv7(), 1, id, 'email', 1, now() + interval '1 hour', case when random() < 0.01 then 'w' end
    from belfry.notifications where pending > 0`)
  await db.query(
    'vacuum (analyze) belfry.notifications, belfry.queue, belfry.events, belfry.event_types',
  )
}

// n counts from the oldest. Of all events one is that of the third fifth.
const fillStep = `
  insert into belfry.notifications (workspace_id, id, event_id, recipient, is_subscriber, type, level, channel,
    other_channels, status, pending, scheduled_at, created_at, finished_at)
  select 1, uuidv7(at - now()), case when n between $3::bigint * 2 / 5 and $3::bigint * 3 / 5 then large
      else ('01900000-0000-7000-8000-' || lpad(to_hex(n / 100), 12, '0'))::uuid end,
    case when n between $3::bigint * 2 / 5 and $3::bigint * 3 / 5 then 'q' || n
      when n % 1000 = 17 then 'busy' else 'p' || n * 7919 % 100000 end, true, case when n % 10000 = 5000 then 'rare' when n % 4 = 0 then null else 'type-' || n % 30 end, 'standard',
    case when n % 10000 = 7777 then 'sms' when n % 3 = 0 then 'in_app' else 'email' end,
    case when n % 6 = 0 then 'email' else '' end, status, case when status = 'scheduled' then 1 else 0 end,
    case when status = 'scheduled' then now() + interval '1 day' end, at, at
  from generate_series($1::bigint, $2::bigint) n
  cross join (select '01900000-0000-7000-9000-000000000000'::uuid as large) l
  cross join lateral (select now() - interval '30 days' + interval '30 days' * (n::float8 / $3) as at,
    case when n % 10000 = 1234 then 'failed' when n % 200 = 50 and n < $3 * 4 / 5 then 'scheduled'
      when n % 3 = 1 then 'sent' else 'delivered' end as status) s`

async function measure(belfry: Belfry, what: string, filter: Filter): Promise<Row> {
  const times: number[] = []
  let found = 0
  for (let round = 0; round < rounds; round++) {
    let ms = 0
    const timed: Db = {
      async query<Answer>({ text, values }: Sql) {
        const explained = await belfry.db.query<{ 'QUERY PLAN': [Times] }>(
          `explain (analyze, format json) ${text}`,
          values,
        )
        const [plan] = explained.rows[0]!['QUERY PLAN']
        ms += plan['Planning Time'] + plan['Execution Time']
        const { rows } = await belfry.db.query(text, values)
        found = rows.length
        return rows.map(camelCased) as Answer[]
      },
    }
    await listNotifications(timed, { ...nothing, now: new Date(), ...filter })
    times.push(ms)
  }
  const took = median(times)
  return {
    what: `${what} (${found})`,
    belfry: `${took.toFixed(1)} ms in PostgreSQL`,
    beside: `slowest ${Math.max(...times).toFixed(1)} ms`,
    ratio: '',
    target: `≤ ${mostMs} ms`,
    isMet: took <= mostMs,
  }
}

type Times = { 'Planning Time': number; 'Execution Time': number }

const nothing = {
  workspaceId: 1,
  statuses: null,
  channel: null,
  recipient: null,
  eventId: null,
  type: null,
  threadKey: null,
  timezone: null,
  since: null,
  until: null,
  before: null,
  offset: 0,
  limit: 101,
}

function camelCased(row: Record<string, unknown>): Record<string, unknown> {
  const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [camel(name), value]))
}
