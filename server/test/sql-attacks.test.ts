// What somebody who may publish with SQL, and means harm, cannot do: become somebody else, look into other workspaces,
// stop Belfry or the others.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import type pg from 'pg'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { createApplication, type Application } from './sql-door.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let context: TestContext
let look: Look
let mallory: Application // may publish in "default"
let victim: Application // in "twin"

before(async () => {
  context = await createTestContext()
  look = createLook(context.connection)
  const twin = await insertWorkspace(context.ctx.db, { key: 'twin', name: 'Twin' })
  mallory = await createApplication(context, [1])
  victim = await createApplication(context, [twin!.id])
  context.work()
  await given.subscriber(context, 'ana')
  await look.rows(
    `insert into belfry.subscribers (workspace_id, id)
     select $1, 'ana'`,
    [twin!.id],
  )
  await given.eventType(context, 'order.told', { channels: ['in_app'], audience: ['ana'] })
  await look.rows(
    `insert into belfry.event_types (workspace_id, key, version, definition)
     select $1, 'secret.merger', 1, definition from belfry.event_types where key = 'order.told'`,
    [twin!.id],
  )
})
after(async () => {
  for (const one of [mallory, victim]) await one.close()
  await look.close()
  await context.close()
})
afterEach(() => mallory.client.query('rollback'))

const call = `select belfry.trigger('order.told')`

describe('a transition table that is named like a table of ours changes nothing', () => {
  const names = ['pg_class', 'pg_trigger', 'pg_attribute', 'pg_roles', 'sql_roles', 'workspaces']
  for (const name of [...names, 'events', 'event_queue', 'change', 'queued', 'r', 'n'])
    test(name, async () => {
      const { client, role } = mallory
      await client.query('begin')
      await client.query(
        `create table loot (id int primary key, oid oid, relowner oid, rolname text)`,
      )
      await client.query(
        `create trigger publish after insert on loot referencing new table as ${name} for each statement
         execute function belfry.trigger_on_change('order', '{"workspace": "twin"}')`,
      )

      const stolen = client.query(
        `insert into loot select 1, 'loot'::regclass, oid, rolname from pg_roles where rolname = $1`,
        [victim.role],
      )

      await assert.rejects(stolen, { code: '42501', message: new RegExp(role) })
    })
})

test('nobody is told which types other workspaces have, nor which workspaces there are', async () => {
  const near = mallory.value(`select belfry.trigger('secret.merge')`)
  await assert.rejects(near, { code: '42704', hint: 'Register it first: PUT /event-types/…' })
  const said: string[] = []
  for (const workspace of ['twin', 'nope!']) {
    const asked = mallory.value(`select belfry.trigger('secret.merger', workspace => $1)`, [
      workspace,
    ])
    await asked.catch((error: pg.DatabaseError) =>
      said.push(
        `${error.code} ${error.message} ${error.hint} ${error.detail}`.replace(workspace, '…'),
      ),
    )
  }

  assert.equal(said.length, 2)
  assert.equal(said[0], said[1])
})

describe('settings of the session change nothing', () => {
  const settings = [
    'standard_conforming_strings = off',
    'transform_null_equals = on',
    `search_path = pg_temp, public`,
    'quote_all_identifiers = on',
    `plpgsql.extra_errors = 'too_many_rows'`,
    `DateStyle = 'German'`,
    'default_transaction_isolation = serializable',
  ]
  for (const setting of settings)
    test(setting, async () => {
      const { client } = mallory
      await client.query(
        `create table kept_${settings.indexOf(setting)} (id int primary key, name text)`,
      )
      await client.query('begin')
      await client.query(`set local escape_string_warning = off; set local ${setting}`)
      await client.query(`create trigger publish after insert on ${mallory.role}.kept_${settings.indexOf(setting)}
        for each row execute function belfry.trigger_on_change('order', '{"thread_key": "o:{id}"}')`)
      await client.query(
        `insert into ${mallory.role}.kept_${settings.indexOf(setting)} values (1, 'a')`,
      )
      assert.ok(await mallory.value(call))
      assert.ok(
        await mallory.value(`select belfry.trigger('order.told', '{}', '[{"topic": "t"}]')`),
      )
      assert.ok(await mallory.value(`select belfry.notify(array['ana'], array['in_app'], ' x ')`))
      await client.query('savepoint here')
      await assert.rejects(
        mallory.value(`select belfry.notify(array['ana'], array['in_app'], ' ')`),
        {
          code: '22023',
        },
      )
      await client.query('rollback to here')
      await assert.rejects(
        mallory.value(`select belfry.trigger('order.told', '{}', array[chr(7)])`),
        {
          message: /control characters/,
        },
      )
    })
})

test('operators, casts and types of one’s own are never run with our rights', async () => {
  const { client, role } = mallory
  await client.query(`
    create type colour as enum ('red');
    create function ${role}.spy(colour) returns json language plpgsql as
      $$ begin if current_user <> '${role}' then raise exception 'run as %', current_user; end if; return '{}'; end $$;
    create cast (colour as json) with function ${role}.spy(colour);
    create domain checked as colour check (${role}.spy(value) is not null);
    create table plain (id int primary key, c colour, l colour[]);
    create table guarded (id int primary key, c checked)`)
  for (const name of ['plain', 'guarded'])
    await client.query(`create trigger publish after insert on ${name} for each row
      execute function belfry.trigger_on_change('order')`)

  await client.query(`alter table plain drop column l`)
  await client.query(`insert into plain values (1, 'red')`)
  await assert.rejects(client.query(`insert into guarded values (1, null)`), { code: '0A000' })
  await client.query(`drop cast (colour as json)`)
})

test('what is too large is refused, however it is wrapped', async () => {
  const large = `(select jsonb_agg(jsonb_build_object('id', 'p' || i, 'data', jsonb_build_object('a', repeat('x', 60000))))
    from generate_series(1, 100) i)`
  await assert.rejects(mallory.value(`select belfry.trigger('order.told', '{}', ${large})`), {
    code: '22023',
    message: /\/to has \d+ bytes; 262144 are the most/,
  })
  const many = `(select jsonb_object_agg(i, i) from generate_series(1, 1001) i)`
  await assert.rejects(mallory.value(`select belfry.trigger('order.told', ${many})`), {
    message: /more than 1000 keys/,
  })
})

test('a transaction that is held open with a key holds up its own workspace’s key, and nobody else', async () => {
  await mallory.client.query('begin')
  const held = `idempotency_key => 'held'`
  await mallory.value(`select belfry.trigger('order.told', ${held})`)

  const theirs = await victim.value(`select belfry.trigger('secret.merger', ${held})`)
  const other = await context.ask('POST', '/events', { type: 'order.told' })

  assert.ok(theirs)
  assert.equal(other.status, 202)
  await until('the other is told', async () => {
    const { body } = await context.ask('GET', `/events/${other.body.event_id}`)
    return body.status === 'processed'
  })
  await mallory.client.query('rollback')
})

test('rings that nobody asked for, with any payload, stop nothing', async () => {
  const { client } = mallory
  for (const channel of ['belfry_sql', 'belfry_events', 'belfry_config', 'belfry_changes'])
    await client.query(
      `select pg_notify($1, repeat('x', 7000) || i) from generate_series(1, 500) i`,
      [channel],
    )

  const id = await mallory.value(call)
  await until('it is told', async () => {
    const { body } = await context.ask('GET', `/events/${id}`)
    return body.status === 'processed'
  })
})

test('events that are rolled back again and again delay the others by a look at most', async () => {
  for (let i = 0; i < 50; i++) {
    await mallory.client.query('begin')
    await mallory.value(call)
    await mallory.client.query('rollback')
  }
  const id = await victim.value(`select belfry.trigger('secret.merger')`)
  await untilQuiet(look)

  const [event] = await look.rows('select status from belfry.events where id = $1', [id])
  assert.equal(event.status, 'processed')
})
