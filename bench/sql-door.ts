// What publishing with SQL costs the application: its own insert alone, and with the event in the same transaction.
import pg from 'pg'
import { startBelfry, type Belfry } from './belfry.ts'
import { median, perSecond } from './measure.ts'
import type { Measure, Profile, Report, Row } from './measure.ts'
import { registerType } from './people.ts'

const rounds = 3
const bulkRows = 10_000

const calling = `insert into orders (customer, total) values ('ana', 42);
  select belfry.trigger('order.created', '{"order_id":"A-1001","total":42.5}', array['ana'])`
const insertInto = (table: string) => `insert into ${table} (customer, total) values ('ana', 42)`
const bulkInto = (table: string) =>
  `insert into ${table} (customer, total) select 'ana', i from generate_series(1, ${bulkRows}) i`

export const sqlDoor: Measure = {
  name: 'sql-door',
  title: 'SQL: the cost of an event in the transaction of the application',
  run,
}

async function run(profile: Profile): Promise<Report> {
  const durationMs = profile === 'quick' ? 800 : 5_000
  // Nobody takes the events up meanwhile: it is the commit of the application that is measured.
  const belfry = await startBelfry({ roles: ['api'] })
  try {
    await setUp(belfry)
    const rows: Row[] = []
    for (const connections of [1, 8]) rows.push(...(await singles(belfry, connections, durationMs)))
    rows.push(...(await bulk(belfry)))
    return { rows, notes }
  } finally {
    await belfry.stop()
  }
}

const notes = [
  'Each insert is a transaction of its own, with its commit on disk, asked for in one message by a driver that waits for it.',
  'The call of belfry.trigger is in the transaction of the insert. The triggers publish rows of four columns with their owner as the audience.',
]

async function setUp(belfry: Belfry): Promise<void> {
  await registerType(belfry, 'order.created', 'in_app')
  const columns =
    '(id bigint generated always as identity primary key, customer text, total int, note text)'
  for (const table of ['orders', 'published_rows', 'published_statements'])
    await belfry.db.query(`create table ${table} ${columns}`)
  const publish = `execute function belfry.trigger_on_change('order', '{"to": "customer"}')`
  await belfry.db
    .query(`create trigger publish after insert on published_rows for each row ${publish};
    create trigger publish after insert on published_statements referencing new table as new_rows
      for each statement ${publish}`)
}

type Way = { what: string; text: string }

/** Turn by turn: what else goes on at the machine falls on all. */
async function byTurns(
  ways: Way[],
  measure: (way: Way) => Promise<number>,
): Promise<{ what: string; value: number }[]> {
  const values = ways.map(() => [] as number[])
  for (let round = 0; round < rounds; round++)
    for (const [i, way] of ways.entries()) values[i]!.push(await measure(way))
  return ways.map(({ what }, i) => ({ what, value: median(values[i]!) }))
}

async function singles(belfry: Belfry, connections: number, durationMs: number): Promise<Row[]> {
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client(belfry.connection)
      await client.connect()
      return client
    }),
  )
  const ways = [
    { what: 'insert alone', text: insertInto('orders') },
    { what: 'insert and belfry.trigger()', text: calling },
    { what: 'insert into a table with a row trigger', text: insertInto('published_rows') },
  ]
  const [alone, ...others] = await byTurns(ways, ({ text }) => rate(clients, text, durationMs))
  await Promise.all(clients.map((client) => client.end()))
  const eachUs = (value: number) => (connections * 1_000_000) / value
  return others.map(({ what, value }) => ({
    what: `${what}, ${connections} connection${connections === 1 ? '' : 's'}`,
    belfry: perSecond(value),
    beside: `the insert alone ${perSecond(alone!.value)}`,
    ratio: `+ ${Math.round(eachUs(value) - eachUs(alone!.value))} µs each`,
    target: '',
    isMet: null,
  }))
}

async function rate(clients: pg.Client[], text: string, durationMs: number): Promise<number> {
  const startedMs = performance.now()
  let count = 0
  await Promise.all(
    clients.map(async (client) => {
      for (; performance.now() - startedMs < durationMs; count++) await client.query(text)
    }),
  )
  return (count / (performance.now() - startedMs)) * 1_000
}

async function bulk({ db }: Belfry): Promise<Row[]> {
  const ways = [
    { what: 'alone', text: bulkInto('orders') },
    { what: 'with a row trigger', text: bulkInto('published_rows') },
    { what: 'with a statement trigger', text: bulkInto('published_statements') },
  ]
  const [alone, ...others] = await byTurns(ways, async ({ text }) => {
    const startedMs = performance.now()
    await db.query(text)
    return performance.now() - startedMs
  })
  return others.map(({ what, value }) => ({
    what: `${bulkRows.toLocaleString('en')} rows in one statement, ${what}`,
    belfry: `${Math.round(value)} ms`,
    beside: `the statement alone ${Math.round(alone!.value)} ms`,
    ratio: `+ ${Math.round(((value - alone!.value) * 1_000) / bulkRows)} µs a row`,
    target: '',
    isMet: null,
  }))
}
