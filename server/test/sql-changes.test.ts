// One `create trigger` line publishes what happens to the rows of a table.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { createLook, given, untilQuiet, type Look } from './given.ts'
import { createApplication, type Application } from './sql-door.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let context: TestContext
let look: Look
let app: Application

before(async () => {
  context = await createTestContext()
  look = createLook(context.connection)
  app = await createApplication(context, [1])
  context.work()
  for (const what of ['created', 'updated', 'deleted', 'executed'])
    await given.eventType(context, `test_scenario.${what}`, { channels: ['in_app'] })
  await given.subscriber(context, 'ana')
  await app.client.query(`create type mood as enum ('good', 'bad')`)
})
after(async () => {
  await app.close()
  await look.close()
  await context.close()
})
afterEach(async () => {
  await app.client.query('rollback')
  await untilQuiet(look)
})

let tableCount = 0

/** A table of the application with a trigger as given; its name. */
async function table(trigger: (name: string) => string, columns = ''): Promise<string> {
  const name = `scenarios_${++tableCount}`
  await app.client.query(
    `create table ${name} (id bigint primary key, owner text, name text, secret text, executed_at timestamptz${columns})`,
  )
  await app.client.query(trigger(name))
  return name
}

const eachRow = (options: object) => (name: string) =>
  `create trigger publish after insert or update or delete on ${name} for each row
   execute function belfry.trigger_on_change('test_scenario', '${JSON.stringify(options)}')`

const eachStatement = (options: object) => (name: string) =>
  [
    ['insert', 'new table as new_rows'],
    ['update', 'old table as old_rows new table as new_rows'],
    ['delete', 'old table as old_rows'],
  ]
    .map(
      ([operation, tables]) => `create trigger publish_${operation} after ${operation} on ${name}
      referencing ${tables} for each statement
      execute function belfry.trigger_on_change('test_scenario', '${JSON.stringify(options)}')`,
    )
    .join(';')

/** What was published since the last look, oldest first. */
async function published() {
  const rows = await look.rows(`
    delete from belfry.events returning id, type, params, audience, level, thread_key, status, error`)
  await look.rows('delete from belfry.event_queue')
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1))
}

for (const [name, each] of [
  ['each row', eachRow],
  ['each statement', eachStatement],
] as const)
  describe(`for ${name}`, () => {
    test('an insert, an update and a delete are events with the row as their parameters', async () => {
      const scenarios = await table(each({ to: 'owner', thread_key: 'scenario:{id}' }))
      await app.client.query('begin')
      await app.client.query(`insert into ${scenarios} values (1, 'ana', 'Login')`)
      await app.client.query(`update ${scenarios} set name = 'Log in'`)
      await app.client.query(`update ${scenarios} set name = 'Log in'`)
      await app.client.query(`delete from ${scenarios}`)
      await app.client.query('commit')

      const events = await published()
      assert.deepEqual(
        events.map(({ type }) => type),
        ['test_scenario.created', 'test_scenario.updated', 'test_scenario.deleted'],
      )
      const row = { id: 1, owner: 'ana', name: 'Log in', secret: null, executed_at: null }
      const old = { ...row, name: 'Login' }
      assert.deepEqual(events[0].params, { operation: 'insert', row: old })
      assert.deepEqual(events[1].params, { operation: 'update', row, old, changed: ['name'] })
      assert.deepEqual(events[2].params, { operation: 'delete', row })
      assert.deepEqual(events[1].audience, [{ id: 'ana' }])
      assert.equal(events[1].thread_key, 'scenario:1')
    })

    test('a column may have a type of its own, be left out, or be what an update is about', async () => {
      const scenarios = await table(
        each({
          to: [{ topic: 'scenario:{id}' }, 'owner'],
          when_changed: { executed_at: 'test_scenario.executed' },
          types: { delete: null },
          columns: ['name'],
          without: ['secret'],
          level: 'critical',
        }),
      )
      await app.client.query(`insert into ${scenarios} values (7, null, 'Login', 'hush')`)
      await app.client.query(`update ${scenarios} set secret = 'other'`)
      await app.client.query(`update ${scenarios} set owner = 'ana'`)
      await app.client.query(`update ${scenarios} set executed_at = now(), name = 'B'`)
      await app.client.query(`update ${scenarios} set name = 'C'`)
      await app.client.query(`delete from ${scenarios}`)

      const events = await published()
      assert.deepEqual(
        events.map(({ type }) => type),
        ['test_scenario.created', 'test_scenario.executed', 'test_scenario.updated'],
      )
      assert.deepEqual(events[0].audience, [{ topic: 'scenario:7' }])
      assert.deepEqual(events[1].audience, [{ topic: 'scenario:7' }, { id: 'ana' }])
      assert.equal(events[1].level, 'critical')
      assert.ok(!JSON.stringify(events).includes('hush'))
    })

    test('rolled back with the change, and told after the commit', async () => {
      const scenarios = await table(each({ to: 'owner' }))
      await app.client.query('begin')
      await app.client.query(`insert into ${scenarios} values (1, 'ana', 'never')`)
      await app.client.query('rollback')
      await app.client.query(`insert into ${scenarios} values (2, 'ana', 'once')`)
      await untilQuiet(look)

      const told = await look.rows(
        `select n.status, e.params from belfry.notifications n join belfry.events e on e.id = n.event_id`,
      )
      assert.equal(told.length, 1)
      assert.equal(told[0].params.row.name, 'once')
      await look.rows('delete from belfry.notifications')
      await published()
    })

    test('an unknown type is recorded, and the application goes on; or it raises, if asked to', async () => {
      const types = { insert: 'test_scenario.made' }
      const lenient = await table(each({ to: 'owner', types }))
      await app.client.query(`insert into ${lenient} values (1, 'ana')`)
      await untilQuiet(look)
      const [event] = await published()
      assert.equal(event.status, 'failed')
      assert.match(
        event.error,
        /^"test_scenario.made" is not registered[^/]*(\/event-types\/\S+)?$/,
      )

      const strict = await table(each({ to: 'owner', types, on_error: 'raise' }))
      await assert.rejects(app.client.query(`insert into ${strict} values (1, 'ana')`), {
        code: '42704',
      })
      assert.equal(await look.number(`select count(*) from ${app.role}.${strict}`), 0)
    })

    test('a row that is no event is recorded without what made it impossible', async () => {
      const scenarios = await table(each({ to: 'owner' }))
      await app.client.query(`insert into ${scenarios} values (1, 'ana', repeat('x', 300000))`)
      await app.client.query(`insert into ${scenarios} values (2, '')`)
      await app.client.query(`insert into ${scenarios} values (9007199254740993, null)`)
      await untilQuiet(look)
      const events = await published()
      assert.match(events[0].error, /262144 are the most/)
      assert.deepEqual(events[0].params, { operation: 'insert' })
      assert.match(events[1].error, /\/to\/0 must have 1 to 255 characters/)
      assert.equal(events[1].status, 'failed')
      assert.equal(events[2].params.row.id, '9007199254740993')
      assert.equal(events[2].error, null)
    })

    test('enums, lists, JSON and domains are published; casts of others are never run', async () => {
      const columns = ', mood mood, tags text[], extra jsonb'
      const scenarios = await table(each({ to: 'tags' }), columns)
      await app.client
        .query(`create function cast_${tableCount}(mood) returns json language plpgsql as
        $$ begin raise exception 'run as %', current_user; end $$`)
      await app.client.query(`create cast (mood as json) with function cast_${tableCount}(mood)`)
      await app.client.query(
        `insert into ${scenarios} values (1, 'ana', 'a', null, null, 'good', '{ana,ben}', '{"a": [1]}')`,
      )
      await app.client.query(`drop cast (mood as json)`)

      const [event] = await published()
      assert.deepEqual(event.audience, [{ id: 'ana' }, { id: 'ben' }])
      assert.equal(event.params.row.mood, 'good')
      assert.deepEqual(event.params.row.extra, { a: [1] })

      const typed = `scenarios_t${tableCount}`
      await app.client.query(`create type pair_${tableCount} as (a text)`)
      await app.client.query(`create table ${typed} (id int primary key, pair pair_${tableCount})`)
      await app.client.query(each({})(typed))
      await assert.rejects(app.client.query(`insert into ${typed} values (1, row('a'))`), {
        code: '0A000',
        message: /column "pair" has a type that is not published/,
      })
    })

    test('a row is published whatever its columns are called', async () => {
      const scenarios = await table(each({ to: 'owner' }), ', x int, n int, o text, r mood')
      await app.client.query(`insert into ${scenarios} (id, x, n, r) values (1, 7, 8, 'bad')`)
      await app.client.query(`update ${scenarios} set o = 'a'`)
      const [, { params }] = await published()
      const { x, n, o, r } = params.row
      assert.deepEqual({ x, n, o, r }, { x: 7, n: 8, o: 'a', r: 'bad' })
      assert.deepEqual(params.changed, ['o'])
    })

    test('a role that may only write to the table publishes by writing', async () => {
      const scenarios = await table(each({ to: 'owner' }))
      const writer = await createApplication(context, [])
      await app.client.query(`grant usage on schema ${app.role} to ${writer.role}`)
      await app.client.query(`grant insert on ${scenarios} to ${writer.role}`)

      await writer.client.query(`insert into ${app.role}.${scenarios} values (1, 'ana')`)

      assert.equal((await published()).length, 1)
      await writer.close()
    })

    test('a table whose owner may not publish raises', async () => {
      const scenarios = await table(each({ to: 'owner' }))
      const other = await createApplication(context, [])
      await look.rows(`alter table ${app.role}.${scenarios} owner to ${other.role}`)
      await assert.rejects(look.rows(`insert into ${app.role}.${scenarios} values (1)`), {
        code: '42501',
      })
      await look.rows(`drop table ${app.role}.${scenarios}`)
      await other.close()
    })

    for (const [options, message] of [
      [{ too: 'owner' }, /"too" is no option/],
      [{ to: 'nobody' }, /has no column "nobody"/],
      [{ thread_key: '{nothing}' }, /has no column "nothing"/],
      [{ to: [7] }, /"to" names columns/],
      [{ types: { truncate: 'a' } }, /"types" says/],
      [{ level: 'urgent' }, /"level" is/],
      [{ on_error: 'ignore' }, /"on_error" is/],
      [{ workspace: 'other' }, /may not publish/],
    ] as const)
      test(`the first change tells of a mistake in the trigger: ${JSON.stringify(options)}`, async () => {
        const scenarios = await table(each(options))
        await assert.rejects(app.client.query(`insert into ${scenarios} values (1, 'ana')`), {
          message,
        })
      })
  })

test('ten thousand rows changed by one statement are ten thousand events', async () => {
  const scenarios = await table(eachStatement({ to: 'owner' }))
  await app.client.query('begin')
  await app.client.query(
    `insert into ${scenarios} select i, 'ana', 'Number ' || i from generate_series(1, 10000) i`,
  )
  await app.client.query('commit')
  await untilQuiet(look)

  const told = await look.number(`
    select count(*) from belfry.events e join belfry.notifications n on n.event_id = e.id
    where e.status = 'processed' and e.params -> 'row' ->> 'name' like 'Number %'`)
  assert.equal(told, 10_000)
})

test('a row whose key changes is deleted and created, when statements are published', async () => {
  await published()
  const scenarios = await table(eachStatement({ to: 'owner' }))
  await app.client.query(`insert into ${scenarios} values (1, 'ana')`)
  await app.client.query(`update ${scenarios} set id = 2`)

  const events = await published()
  assert.deepEqual(events.map(({ type }) => String(type)).toSorted(), [
    'test_scenario.created',
    'test_scenario.created',
    'test_scenario.deleted',
  ])
})
