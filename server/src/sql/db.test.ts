import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createRows } from '../../test/rows.ts'
import { openDatabase, sql, sqlState } from './db.ts'
import { isUnavailable } from './unavailable.ts'

const rows = await createRows()
const { db, look, connection } = rows
after(() => rows.close())

test('values are bound, whatever is in them', async () => {
  const values = [`'; drop table belfry.events; --`, '$1', '\\', 'ä', '']

  for (const value of values)
    assert.deepEqual(await db.query(sql`select ${value}::text as value, ${7}::integer as other`), [
      { value, other: 7 },
    ])
})

test('rows come back with camelCase names, numbers as numbers, times as dates, JSON as values', async () => {
  const at = new Date('2026-11-21T12:00:00.123Z')

  const result = await db.query(sql`
    select 1 as one, count(*) as big_count, ${at}::timestamptz as due_at, null as is_nothing,
      '{"snake_key":1}'::jsonb as params, array['a', 'b'] as some_names from (values (1), (2)) as v`)

  assert.deepEqual(result, [
    {
      one: 1,
      bigCount: 2,
      dueAt: at,
      isNothing: null,
      params: { snake_key: 1 },
      someNames: ['a', 'b'],
    },
  ])
})

test('one place in the program is one statement, prepared once', () => {
  const find = (id: number) => sql`select ${id}::integer`

  assert.deepEqual(find(1), { name: find(2).name, text: 'select $1::integer', values: [1] })
  assert.notEqual(find(1).name, sql`select ${1}::integer`.name)
})

test('a statement in a statement is a part of it, with its values, and nothing is prepared', () => {
  const inner = (name: string) => sql`and name = ${name} ${sql``}`

  assert.deepEqual(sql`select ${1} where id = ${2} ${inner('a')} and ${inner("b'")} limit ${3}`, {
    name: '',
    text: 'select $1 where id = $2 and name = $3  and and name = $4  limit $5',
    values: [1, 2, 'a', "b'", 3],
  })
})

test('a transaction is kept as a whole', async () => {
  const answer = await db.transaction(async (tx) => {
    await tx.query(sql`insert into belfry.workspaces (key, name) values ('kept-1', 'a')`)
    await tx.query(sql`insert into belfry.workspaces (key, name) values ('kept-2', 'b')`)
    return 'done'
  })

  assert.equal(answer, 'done')
  assert.equal(
    await look.number(`select count(*) from belfry.workspaces where key like 'kept-%'`),
    2,
  )
})

test('a transaction that fails half way leaves nothing, and its connection can be used again', async () => {
  const small = openDatabase({ connection, poolSize: 1 })

  const failing = small.transaction(async (tx) => {
    await tx.query(sql`insert into belfry.workspaces (key, name) values ('lost', 'a')`)
    throw new Error('half way')
  })
  await assert.rejects(failing, /half way/)
  const refused = small.transaction((tx) =>
    tx.query(sql`insert into belfry.workspaces (key, name) values ('NOT A KEY', 'a')`),
  )
  await assert.rejects(refused, (error) => sqlState(error) === '23514' && !isUnavailable(error))

  assert.deepEqual(await small.query(sql`select 1 as one`), [{ one: 1 }])
  assert.equal(await look.number(`select count(*) from belfry.workspaces where key = 'lost'`), 0)
  await small.close()
})

const killOthers = `select count(pg_terminate_backend(pid)) from pg_stat_activity
  where application_name = 'belfry' and datname = current_database()`

test('a connection that the server cuts while it is idle is told and replaced', async () => {
  const cut = Promise.withResolvers<Error>()
  const small = openDatabase({ connection, poolSize: 1, onError: cut.resolve })
  await small.query(sql`select 1`)

  await look.rows(killOthers)

  assert.ok(isUnavailable(await cut.promise))
  assert.deepEqual(await small.query(sql`select 1 as one`), [{ one: 1 }])
  await small.close()
})

test('a connection that the server cuts in a transaction fails that transaction only', async () => {
  const small = openDatabase({ connection, poolSize: 1, onError: () => {} })

  const failing = small.transaction(async (tx) => {
    await tx.query(sql`select 1`)
    await look.rows(killOthers)
    await tx.query(sql`select 2`)
  })

  await assert.rejects(failing, isUnavailable)
  assert.deepEqual(await small.query(sql`select 1 as one`), [{ one: 1 }])
  await small.close()
})

test('a connection of one’s own may be cut without ending the process', async () => {
  const cut = Promise.withResolvers<Error>()
  const small = openDatabase({ connection, poolSize: 1, onError: cut.resolve })
  const client = await small.connect()

  await look.rows(killOthers)

  assert.ok((await cut.promise) instanceof Error)
  await client.end().catch(() => {})
  await small.close()
})

test('a database that is not there is an error that passes', async () => {
  const nowhere = openDatabase({ connection: { ...connection, host: '/nowhere' } })

  await assert.rejects(nowhere.query(sql`select 1`), isUnavailable)
  await nowhere.close()
})
