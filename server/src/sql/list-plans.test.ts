// How people, lists and series are read: by an index, from where the page begins, with the plan that a prepared
// statement is left with.
import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createRows, later, now, workspaceId } from '../../test/rows.ts'
import {
  genericPlan,
  ownPlan,
  squareJoins,
  statementOf,
  wholeReads,
} from '../../test/query-plans.ts'
import type { Plan } from '../../test/query-plans.ts'
import type { Db } from './db.ts'
import { forceDeliveries } from './acts.ts'
import { cancelDeliveries } from './cancel-deliveries.ts'
import { listOccurrences } from './occurrences.ts'
import { listDueMoves } from './moves.ts'
import { findPeople, hasPeople, listTopicPeopleHere } from './people.ts'
import { listSchedules, lockDueSchedules } from './schedules.ts'
import { listAcceptedPoints, listDeliveryPoints, listLatencyPoints } from './stats.ts'
import { listSubscribers } from './subscribers.ts'
import { retract } from './threads.ts'
import { listMembers, listTopics } from './topics.ts'
import { listAmong, listZoneMoves, listZones, listZonesOf } from './zones.ts'

const rows = await createRows()
const { db, look } = rows
after(() => rows.close())

const tables = new Set([
  'subscribers',
  'addresses',
  'topics',
  'topic_members',
  'preference_changes',
  'moves',
  'schedules',
  'occurrences',
  'stats',
  'latencies',
  'accepted_counts',
])

before(async () => {
  for (const text of [
    `insert into belfry.subscribers (workspace_id, id, timezone)
     select 1, 'p' || g, (array['Asia/Tokyo', 'Europe/Lisbon', null])[g % 3 + 1] from generate_series(1, 20000) g`,
    `insert into belfry.topics (workspace_id, key) select 1, 't' || g from generate_series(1, 2000) g`,
    `insert into belfry.topic_members (workspace_id, topic, subscriber_id)
     select 1, 't' || g % 4 + 1, 'p' || g from generate_series(1, 20000) g`,
    `insert into belfry.stats (workspace_id, minute, worker, channel, status, count)
     select 1, now() - g * interval '1 minute', 'w', 'email', 'sent', 1 from generate_series(1, 20000) g`,
    `insert into belfry.latencies (workspace_id, minute, worker, channel, step, count)
     select 1, now() - g * interval '1 minute', 'w', 'email', 1, 1 from generate_series(1, 20000) g`,
    `insert into belfry.moves (workspace_id, subscriber_id, due_at)
     select 1, 'p' || g, now() from generate_series(1, 20000) g`,
    `insert into belfry.preference_changes (workspace_id, seq, subscriber_id, by_kind, changes, changed_at)
     select 1, g, 'p' || g, 'key', '[]', now() - g * interval '1 minute' from generate_series(1, 20000) g`,
    `insert into belfry.schedules (workspace_id, key, definition, cron, catch_up, is_paused, done_at, next_at, created_at, updated_at)
     select 1, 's' || g, '{}', '0 9 * * *', '1h', false, now(), now() + g * interval '1 minute', now(), now()
     from generate_series(1, 5000) g`,
    `insert into belfry.occurrences (workspace_id, schedule, label, zone, at, status, created_at)
     select 1, 's' || g % 10 + 1, g, 'UTC', now() - g * interval '1 minute', 'missed', now()
     from generate_series(1, 20000) g`,
    'analyze',
  ])
    await look.rows(text)
})

const audience = { workspaceId, ids: ['p1'], topics: ['t1'], moved: ['p2'] }
const here = { zone: 'Asia/Tokyo', moved: new Set(['p2']), counted: new Set(['p3']) }
const people = { workspaceId, topic: 't1', channels: ['email'], after: 'p5', limit: 500 }
const page = { workspaceId, after: 'p5', offset: 0, limit: 100 }
const series = { workspaceId, since: later(-3_600), stepSeconds: 60 }

const statements: [string, (on: Db) => Promise<unknown>][] = [
  ['finding people', (on) => findPeople(on, workspaceId, ['p1'], ['email'])],
  ['finding members in a zone', (on) => listTopicPeopleHere(on, { ...people, here })],
  ['finding zones of an audience', (on) => listZonesOf(on, { ...audience, zones: ['UTC'] })],
  ['finding who of them is meant', (on) => listAmong(on, { ...audience, people: ['p1'] })],
  ['finding who has moved', (on) => listZoneMoves(on, workspaceId, now)],
  ['asking whether there is anybody', (on) => hasPeople(on, workspaceId, [{ id: 'p1' }, { topic: 't1' }])], // prettier-ignore
  ['finding moves', (on) => listDueMoves(on, { now, limit: 200 })],
  ['finding due schedules', (on) => lockDueSchedules(on, now, 100)],
  ['listing what came of a schedule', (on) => listOccurrences(on, { workspaceId, schedule: 's', limit: 50 })], // prettier-ignore
  ['listing schedules', (on) => listSchedules(on, { ...page, isPaused: null })],
  ['listing subscribers', (on) => listSubscribers(on, page)],
  ['listing topics', (on) => listTopics(on, page)],
  ['listing members', (on) => listMembers(on, { ...page, topic: 't1' })],
  ['counting deliveries by the minute', (on) => listDeliveryPoints(on, series)],
  ['counting events by the minute', (on) => listAcceptedPoints(on, series)],
  ['counting latencies by the minute', (on) => listLatencyPoints(on, series)],
]

for (const [name, work] of statements)
  test(`${name} reads no table from one end to the other`, async () => {
    const plan = await genericPlan(db, await statementOf(work))

    assert.deepEqual(wholeReads(plan, tables), [])
  })

test('the zones of a workspace are found with one look for each', async () => {
  const plan = await genericPlan(db, await statementOf((on) => listZones(on, workspaceId)))

  const parents: string[] = []
  const visit = (node: Plan) => {
    for (const part of node.Plans ?? []) {
      if (part['Relation Name'] === 'subscribers')
        parents.push(`${node['Node Type']} ${part['Index Name']}`)
      visit(part)
    }
  }
  visit(plan)
  assert.deepEqual([...new Set(parents)], ['Limit subscribers_zone'])
})

// What is done to thousands at once.
const ids = Array.from({ length: 5_000 }, () => randomUUIDv7())
const many = { workspaceId, notificationIds: ids, now }
const forced = { ...many, because: 'b', lane: 1, forcedPlans: [] }
const gone = ids.map((notificationId) => ({ notificationId, newest: ids[0]! }))
const wideStatements: typeof statements = [
  ['cancelling deliveries', (on) => cancelDeliveries(on, many)],
  ['stopping plans too', (on) => cancelDeliveries(on, { ...many, stoppedPlans: ids })],
  ['forcing deliveries', (on) => forceDeliveries(on, forced)],
  ['taking back what is superseded', (on) => retract(on, { workspaceId, superseded: gone, now })],
]
for (const [name, work] of wideStatements)
  test(`${name}, thousands at once, does not look through all of them for each`, async () => {
    const statement = await statementOf(work)
    for (const plan of [await ownPlan(db, statement), await genericPlan(db, statement)])
      assert.deepEqual(squareJoins(plan), [], name)
  })

test('the check of joins notices one that looks through a list for each row', async () => {
  const text = `select s.id from unnest($1::text[]) as w (id) cross join lateral (
    select s.id from belfry.subscribers s where s.workspace_id = 1 and s.id = w.id and s.id = any ($1) offset 0
  ) s`
  const plan = await ownPlan(db, { name: '', text, values: [['p1', 'p2']] })

  assert.equal(squareJoins(plan).length, 1)
})
