// P12: the first page of a large inbox and its counts, among many other notifications.
import { countFeeds, listFeed } from '../server/src/sql/feed.ts'
import type { Db, Sql } from '../server/src/sql/db.ts'
import { startBelfry, type Belfry } from './belfry.ts'
import { median, type Measure, type Profile, type Report, type Row } from './measure.ts'

export const inbox: Measure = { name: 'inbox', title: 'P12: a large inbox', run }

const inInbox = 100_000
const rounds = 15
const mostMs = 5
const owner = { workspaceId: 1, subscriberId: 'ana' }
const page = { ...owner, category: null, before: null, limit: 26 }

const asked: [string, (db: Db) => Promise<unknown>][] = [
  ['first page of 25', (db) => listFeed(db, { ...page, parts: [1, 2] })],
  ['first page of what is archived', (db) => listFeed(db, { ...page, parts: [3] })],
  ['counts, by category', (db) => countFeeds(db, [owner])],
]

async function run(profile: Profile): Promise<Report> {
  const all = profile === 'quick' ? 1_000_000 : 10_000_000
  const belfry = await startBelfry({ roles: ['api'] })
  try {
    await fill(belfry, all)
    const rows: Row[] = []
    for (const [what, ask] of asked) {
      const statement = await statementOf(ask)
      const times: number[] = []
      for (let round = 0; round < rounds; round++) times.push(await timeOf(belfry, statement))
      const took = median(times)
      rows.push({
        what,
        belfry: `${took.toFixed(2)} ms in PostgreSQL`,
        beside: `slowest ${Math.max(...times).toFixed(2)} ms`,
        ratio: '',
        target: `≤ ${mostMs} ms`,
        isMet: took <= mostMs,
      })
    }
    const notes = [
      `${inInbox.toLocaleString('en')} notifications in the inbox (half of them unread, a tenth archived), ` +
        `${all.toLocaleString('en')} in the table. Counting stops at 1,000.`,
    ]
    return { rows, notes }
  } finally {
    await belfry.stop()
  }
}

/** Every hundredth is in the inbox, or more often where there are fewer: it lies scattered in the table. */
async function fill({ db }: Belfry, all: number): Promise<void> {
  const every = Math.floor(all / inInbox)
  await db.query(`insert into belfry.contents (workspace_id, id, content)
    values (1, '01900000-0000-7000-8000-000000000001', '{"title": "T", "body": "B"}')`)
  await db.query(
    `insert into belfry.event_types (workspace_id, key, version, definition)
     select 1, 'type-' || n, 1, json_build_object('name', n, 'category', 'c' || n % 3)
     from generate_series(0, 9) n`,
  )
  const step = 1_000_000
  for (let from = 0; from < all; from += step)
    await db.query(
      `insert into belfry.notifications (workspace_id, id, event_id, recipient, is_subscriber, type, level,
         channel, status, pending, content_id, feed, archived_at, read_at, created_at, finished_at)
       select 1, uuidv7(), uuidv7(), case when n % $3 = 0 then 'ana' else 'p' || n % 100000 end, true,
         'type-' || n % 10, 'standard', 'in_app', 'delivered', 0, '01900000-0000-7000-8000-000000000001',
         case when i % 10 = 0 then 3 when i % 2 = 0 then 2 else 1 end,
         case when i % 10 = 0 then now() end, case when i % 2 = 0 then now() end, now(), now()
       from generate_series($1::integer, $2::integer - 1) n, lateral (select n / $3 as i) k`,
      [from, Math.min(from + step, all), every],
    )
  await db.query('vacuum (analyze) belfry.notifications, belfry.contents, belfry.event_types')
}

async function statementOf(ask: (db: Db) => Promise<unknown>): Promise<Sql> {
  const seen: Sql[] = []
  const recorder: Db = {
    async query(statement) {
      seen.push(statement)
      return []
    },
  }
  await ask(recorder)
  return seen[0]!
}

async function timeOf({ db }: Belfry, { text, values }: Sql): Promise<number> {
  const { rows } = await db.query<{ 'QUERY PLAN': [{ 'Execution Time': number }] }>(
    `explain (analyze, format json) ${text}`,
    values,
  )
  return rows[0]!['QUERY PLAN'][0]['Execution Time']
}
