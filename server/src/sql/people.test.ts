import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRows, workspaceId } from '../../test/rows.ts'
import { bestStatus, pendingStatuses, statuses, type EndStatus } from '../domain/status.ts'
import { sql } from './db.ts'
import { findPeople, listTopicPeople } from './people.ts'

const rows = await createRows()
const { db, look } = rows
after(() => rows.close())

before(async () => {
  await look.rows(`insert into belfry.workspaces (key, name) values ('other', 'Other')`)
  await look.rows(`insert into belfry.subscribers (workspace_id, id, locale, timezone, data) values
    (1, 'ana', 'de', 'Europe/Berlin', '{"name":"Ana"}'), (1, 'ben', null, null, '{}'), (1, 'Zoë', null, null, '{}'),
    (2, 'ana', 'fr', null, '{}')`)
  await look.rows(`insert into belfry.addresses (workspace_id, subscriber_id, channel, slot, address) values
    (1, 'ana', 'email', 0, 'ana@a.test'), (1, 'ana', 'push', 0, 'p0'), (1, 'ana', 'push', 1, 'p1'),
    (1, 'ben', 'sms', 0, '+1'), (2, 'ana', 'email', 0, 'other@a.test')`)
  await look.rows(`insert into belfry.topics (workspace_id, key) values (1, 'news'), (2, 'news')`)
  await look.rows(`insert into belfry.topic_members (workspace_id, topic, subscriber_id) values
    (1, 'news', 'ana'), (1, 'news', 'ben'), (1, 'news', 'Zoë'), (2, 'news', 'ana')`)
})

const ana = {
  id: 'ana',
  locale: 'de',
  timezone: 'Europe/Berlin',
  data: { name: 'Ana' },
  preferences: null,
}
const ben = { id: 'ben', locale: null, timezone: null, data: {}, preferences: null }

test('people are found with the addresses that are asked for, of their own workspace only', async () => {
  const found = await findPeople(db, workspaceId, ['ana', 'ben', 'nobody'], ['email', 'push'])

  assert.deepEqual(
    found.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    [
      {
        ...ana,
        addresses: [
          { channel: 'email', slot: 0, address: 'ana@a.test', kind: null },
          { channel: 'push', slot: 0, address: 'p0', kind: null },
          { channel: 'push', slot: 1, address: 'p1', kind: null },
        ],
      },
      { ...ben, addresses: [] },
    ],
  )
  assert.deepEqual(await findPeople(db, 2, ['ana', 'ben'], []), [
    { id: 'ana', locale: 'fr', timezone: null, data: {}, preferences: null, addresses: [] },
  ])
})

test('the members of a topic come page by page, each once', async () => {
  const page = { workspaceId, topic: 'news', channels: ['sms'], limit: 2 }
  const pages: string[][] = []
  let after: string | null = null

  do {
    const members = await listTopicPeople(db, { ...page, after })
    pages.push(members.map(({ id }) => id))
    after = members.at(-1)?.id ?? null
  } while (after !== null)

  assert.deepEqual(
    pages.map((ids) => ids.length),
    [2, 1, 0],
  )
  assert.deepEqual(new Set(pages.flat()), new Set(['ana', 'ben', 'Zoë']))
  const [first] = await listTopicPeople(db, { ...page, topic: 'news', after: 'ana', limit: 1 })
  assert.deepEqual(first, {
    ...ben,
    addresses: [{ channel: 'sms', slot: 0, address: '+1', kind: null }],
  })
})

test('a topic that nobody knows has no members', async () => {
  assert.deepEqual(
    await listTopicPeople(db, { workspaceId, topic: 'none', channels: [], after: null, limit: 10 }),
    [],
  )
})

test('the database and the program agree which of two ends is the better one', async () => {
  const ends = statuses.filter((status): status is EndStatus => !pendingStatuses.includes(status))

  for (const a of [null, ...ends])
    for (const b of [null, ...ends]) {
      const [row] = await db.query<{ better: string | null }>(
        sql`select belfry.better(${a}, ${b}) as better`,
      )
      assert.equal(row?.better, bestStatus([a, b].filter((end) => end !== null)), `${a} and ${b}`)
    }
})
