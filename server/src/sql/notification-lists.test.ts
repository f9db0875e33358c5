// Lists by every filter and many combinations, beside the same question asked by reading everything.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRandom } from '../../test/given.ts'
import { createRows } from '../../test/rows.ts'
import type { Status } from '../domain/status.ts'
import { listNotificationIds, listNotifications } from './notification-lists.ts'
import type { NotificationPage } from './notification-conditions.ts'

const rows = await createRows()
const { db, look } = rows
after(() => rows.close())

const workspaceId = 1
const now = new Date()
const minutes = (count: number) => new Date(now.getTime() + count * 60_000)
const statuses: Status[] = [
  'scheduled',
  'processing',
  'sent',
  'delivered',
  'failed',
  'cancelled',
  'skipped',
  'unknown',
]

type Row = {
  id: string
  event_id: string
  recipient: string
  type: string | null
  status: Status
  channels: string[]
  begins_at: Date | null
  timezone: string | null
  created_at: Date
  thread_key: string | null
}

let stored: Row[] = []

/** Four hundred notifications over two hours, a few in another workspace, in every state there is. */
before(async () => {
  await look.rows(`insert into belfry.workspaces (key, name) values ('other', 'Other')`)
  await look.rows(`insert into belfry.event_types (workspace_id, key, version, definition)
    select 1, key, 1, '{}' from unnest(array['order', 'login']) key`)
  await look.rows(`
    with e as (
      insert into belfry.events (workspace_id, id, type, level, audience, params, thread_key, recipient_count,
        processed_at, created_at)
      select case when g % 10 = 9 then 2 else 1 end, uuidv7(g * interval '3 minutes' - interval '2 hours'),
        case g % 3 when 1 then 'order' when 2 then 'login' end, 'standard', '[]', '{}',
        case when g % 4 = 0 then 't' || g % 8 end, case when g = 5 then 50000 else 10 end,
        now() + g * interval '3 minutes' - interval '119 minutes', now()
      from generate_series(1, 40) g
      returning workspace_id, id, type
    ), made as (
      select e.*, g, uuidv7(uuid_extract_timestamp(e.id) - now() + (g || ' seconds')::interval) as notification,
        (array['scheduled', 'processing', 'sent', 'delivered', 'failed', 'cancelled', 'skipped', 'unknown'])
          [1 + (hashtext(e.id::text || g) & 7)] as status,
        hashtext(g || e.id::text) & 3 as way
      from e cross join generate_series(1, 10) g
    ), n as (
      insert into belfry.notifications (workspace_id, id, event_id, recipient, is_subscriber, type, level, channel,
        other_channels, status, pending, begins_at, timezone, created_at)
      select workspace_id, notification, id, 'p' || g, true, type, 'standard',
        (array['email', 'in_app', 'in_app', 'sms'])[way + 1], (array['', 'email', 'email,sms', ''])[way + 1],
        status, case when status in ('scheduled', 'processing') then 1 else 0 end,
        case when status = 'scheduled' then now() + (g - 5) * interval '1 hour' end,
        (array['Europe/Lisbon', 'asia/Tokyo'])[g % 4],
        uuid_extract_timestamp(notification)
      from made
      returning workspace_id, id, event_id, status
    ), q as (
      insert into belfry.queue (delivery_id, workspace_id, notification_id, channel, lane, due_at, worker)
      select uuidv7(), workspace_id, notification, 'email', g % 3, now(), case when g % 2 = 0 then 'w' end
      from made, generate_series(1, 2) where status in ('scheduled', 'processing') and g < 8
    )
    insert into belfry.plan_runs (notification_id, workspace_id, event_id, position, due_at)
    select notification, workspace_id, id, 1, now()
    from made where status in ('scheduled', 'processing') and g >= 7`)
  stored = await look.rows(`
    select n.*, e.thread_key, n.channel || string_to_array(n.other_channels, ',') as channels
    from belfry.notifications n join belfry.events e on e.id = n.event_id
    where n.workspace_id = 1 order by n.id desc`)
})

const nothing: NotificationPage = {
  workspaceId,
  statuses: null,
  channel: null,
  recipient: null,
  eventId: null,
  type: null,
  threadKey: null,
  timezone: null,
  since: null,
  until: null,
  now,
  before: null,
  offset: 0,
  limit: 1_000,
}

function statusOf({ status, begins_at: at }: Row): Status {
  return status === 'scheduled' && at && at <= now ? 'processing' : status
}

function expected(page: NotificationPage): string[] {
  const fits = (row: Row) =>
    (page.statuses?.includes(statusOf(row)) ?? true) &&
    (page.channel === null || row.channels.includes(page.channel)) &&
    (page.recipient === null || row.recipient === page.recipient) &&
    (page.eventId === null || row.event_id === page.eventId) &&
    (page.type === null || row.type === page.type) &&
    (page.timezone === null || row.timezone?.toLowerCase() === page.timezone.toLowerCase()) &&
    (page.threadKey === null || row.thread_key === page.threadKey) &&
    (page.since === null || row.created_at >= page.since) &&
    (page.until === null || row.created_at < page.until) &&
    (page.before === null || row.id < page.before)
  const all = stored.filter(fits).map(({ id }) => id)
  return all.slice(page.offset, page.offset + page.limit)
}

async function check(given: Partial<NotificationPage>): Promise<number> {
  const page = { ...nothing, ...given }
  const ids = await listNotificationIds(db, page)
  assert.deepEqual(ids, expected(page), JSON.stringify(given))
  return ids.length
}

const single: [string, Partial<NotificationPage>][] = [
  ['everything', {}],
  ...statuses.map((status): [string, Partial<NotificationPage>] => [
    status,
    { statuses: [status] },
  ]),
  ['pending', { statuses: ['scheduled', 'processing'] }],
  ['a first channel', { channel: 'in_app' }],
  ['a later channel', { channel: 'email' }],
  ['a last channel', { channel: 'sms' }],
  ['a type', { type: 'order' }],
  ['a person', { recipient: 'p3' }],
  ['a thread', { threadKey: 't4' }],
  ['a time zone', { timezone: 'Asia/tokyo' }],
  ['since', { since: minutes(-60) }],
  ['until', { until: minutes(-60) }],
]
for (const [name, filter] of single)
  test(`a list by ${name} is what reading everything finds`, async () => {
    const count = await check(filter)

    assert.ok(count > 2, `${count} of them`)
    assert.ok((await check({ ...filter, offset: 2, limit: 3 })) > 0)
  })

test('an event of very many people is listed as any other', async () => {
  for (const event of await look.rows('select id from belfry.events where workspace_id = 1')) {
    await check({ eventId: event.id })
    await check({ eventId: event.id, statuses: ['failed'] })
  }
})

test('whatever conditions come together, the list is what reading everything finds', async () => {
  const random = createRandom(5)
  const maybe = <T>(values: T[]): T | null =>
    random() < 0.35 ? values[Math.floor(random() * values.length)]! : null
  let found = 0

  for (let i = 0; i < 400; i++) {
    const status = maybe(statuses)
    const count = await check({
      statuses: random() < 0.1 ? ['scheduled', 'processing'] : status && [status],
      channel: maybe(['email', 'sms', 'in_app', 'push']),
      recipient: random() < 0.5 ? null : maybe(['p1', 'p7', 'nobody']),
      type: maybe(['order', 'login', 'unknown']),
      threadKey: random() < 0.5 ? null : maybe(['t0', 't4', 'none']),
      timezone: random() < 0.5 ? null : maybe(['Europe/Lisbon', 'Asia/Tokyo', 'UTC']),
      since: maybe([minutes(-100), minutes(-50)]),
      until: maybe([minutes(-20), minutes(-90)]),
      before: maybe(stored.map(({ id }) => id)),
      offset: maybe([1, 5, 20]) ?? 0,
      limit: maybe([1, 3, 10]) ?? 1_000,
    })
    if (count > 0) found++
  }

  assert.ok(found > 100, `${found} lists with something in them`)
})

test('what is rare is found however much there is of the rest', async () => {
  await look.rows(`insert into belfry.notifications (workspace_id, id, event_id, recipient, is_subscriber, type,
      level, channel, status, pending, created_at)
    select 1, uuidv7(), uuidv7(), 'many', true, 'order', 'standard', 'push', 'delivered', 0, now()
    from generate_series(1, 6000)`)

  for (const filter of [{ type: 'login' }, { channel: 'sms' }, { type: 'order', channel: 'email' }])
    await check({ ...filter, limit: 50 })
  const push = await listNotificationIds(db, { ...nothing, channel: 'push', offset: 5_900 })
  assert.equal(push.length, 100)
})

test('rows of another workspace are never among them', async () => {
  const { id } = (await look.rows('select id from belfry.events where workspace_id = 2'))[0]

  assert.deepEqual(await listNotifications(db, { ...nothing, eventId: id }), [])
})
