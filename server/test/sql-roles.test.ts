// Who may use the SQL door, and what they may not do with it.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import pg from 'pg'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { revokeSql } from '../src/sql/sql-roles.ts'
import { createLook, given, until, type Look } from './given.ts'
import { createApplication, type Application } from './sql-door.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let context: TestContext
let look: Look
let app: Application // may publish in "default"
let twin: Application // in "twin"
let both: Application
let stranger: Application // nowhere
let twinId: number

before(async () => {
  context = await createTestContext()
  look = createLook(context.connection)
  twinId = (await insertWorkspace(context.ctx.db, { key: 'twin', name: 'Twin' }))!.id
  app = await createApplication(context, [1])
  twin = await createApplication(context, [twinId])
  both = await createApplication(context, [1, twinId])
  stranger = await createApplication(context, [])
  context.work()
  await context.ask('PUT', '/subscribers/ana', {})
  await given.eventType(context, 'order.told', { channels: ['in_app'], audience: ['ana'] })
})
after(async () => {
  for (const one of [app, twin, both, stranger]) await one.close()
  await look.close()
  await context.close()
})
afterEach(() => app.client.query('rollback'))

const refused = { code: '42501' }
const call = `select belfry.trigger('order.told')`

describe('a role that may publish may do nothing else', () => {
  const deeds = [
    'select * from belfry.events',
    'select * from belfry.keys',
    'select * from belfry.sql_roles',
    `insert into belfry.sql_roles (workspace_id, role) values (1, current_user)`,
    `insert into belfry.events (workspace_id, id, level, audience, params) values (1, gen_random_uuid(), 'standard', '[]', '{}')`,
    'delete from belfry.event_queue',
    `select nextval('belfry.sql_rings')`,
    `select belfry.sql_allow(current_user::text, true)`,
    `select belfry.sql_insert(2, gen_random_uuid(), 'a', '{}', null, null, null, null, null, null, null, null, null, null)`,
    `select belfry.sql_workspace(10, 'twin')`,
    `select * from belfry.changed_preferences(1, 0)`,
    'create table belfry.mine ()',
    `create function belfry.trigger(text) returns int language sql as 'select 1'`,
    'drop function belfry.notify(text[], text[], text, text, text, text, jsonb, text, timestamptz, timestamptz, text, text, text, text, timestamp, text)',
    'create trigger t after insert on belfry.events for each row execute function belfry.trigger_on_change()',
  ]
  for (const deed of deeds) test(deed, () => assert.rejects(app.client.query(deed), refused))

  test('every function but those of the door is out of reach', async () => {
    const rows = await look.rows(
      `select distinct proname from pg_proc
      where pronamespace = 'belfry'::regnamespace and has_function_privilege($1, oid, 'execute')`,
      [app.role],
    )

    const names = rows.map(({ proname }) => String(proname)).sort()
    assert.deepEqual(names, ['notify', 'trigger', 'trigger_on_change'])
  })

  test('every function of the door that has our rights has a search path of its own, and plans once', async () => {
    const count = await look.number(`
      select count(*) from pg_proc where pronamespace = 'belfry'::regnamespace and prosecdef
      and not coalesce(proconfig @> '{"search_path=pg_catalog, pg_temp",plan_cache_mode=force_generic_plan}', false)`)
    assert.equal(count, 0)
    assert.ok(
      (await look.number(
        `select count(*) from pg_proc where pronamespace = 'belfry'::regnamespace and prosecdef`,
      )) >= 7,
    )
  })
})

test('a role without a grant cannot call anything', async () => {
  await assert.rejects(stranger.value(call), refused)
})

test('a role publishes in its own workspace, and there it finds only its own types', async () => {
  await assert.rejects(twin.value(call), {
    code: '42704',
    message: /"order.told" is not registered/,
  })
  await assert.rejects(
    twin.value(`select belfry.trigger('order.told', workspace => 'default')`),
    refused,
  )
  await assert.rejects(
    app.value(`select belfry.trigger('order.told', workspace => 'twin')`),
    refused,
  )
  const message = `select belfry.notify(array['ana'], array['in_app'], 'x', idempotency_key => 'same')`
  const [ours, theirs] = [await app.value(message), await twin.value(message)]

  assert.notEqual(ours, theirs)
  assert.equal((await context.ask('GET', `/events/${ours}`)).status, 200)
  assert.equal((await context.ask('GET', `/events/${theirs}`)).status, 404)
})

test('who may publish in several workspaces says in which', async () => {
  await assert.rejects(both.value(call), {
    code: '22023',
    message: /several workspaces: default, twin/,
  })

  assert.ok(await both.value(`select belfry.trigger('order.told', workspace => 'default')`))
})

test('members of a role publish as it does; after SET ROLE its session does not count', async () => {
  await look.rows(`grant ${app.role} to ${stranger.role}`)
  assert.ok(await stranger.value(call))
  await look.rows(`grant ${twin.role} to ${app.role}`)

  await app.client.query('begin')
  await app.client.query(`set local role ${twin.role}`)
  await assert.rejects(app.value(call), { code: '42704' }) // looks in "twin"
  await app.client.query('rollback')
  await look.rows(`revoke ${twin.role} from ${app.role}`)
  await look.rows(`revoke ${app.role} from ${stranger.role}`)
})

test('what lies in the way of names changes nothing', async () => {
  const { client } = app
  await client.query(
    `create function ${app.role}.jsonb_typeof(jsonb) returns text language plpgsql as 'begin raise exception ''shadowed''; end'`,
  )
  await client.query(
    `create function ${app.role}.pg_notify(text, text) returns void language plpgsql as 'begin raise exception ''shadowed''; end'`,
  )
  await client.query(
    `create operator ${app.role}.|| (leftarg = jsonb, rightarg = jsonb, function = jsonb_concat)`,
  )
  await client.query('begin')
  await client.query(`set local search_path = ${app.role}, pg_catalog, belfry`)
  await client.query('create temp table pg_roles (rolname text, oid oid) on commit drop')
  await client.query('create temp table pg_class (oid oid, relowner oid) on commit drop')
  await client.query('create temp table events (workspace_id int) on commit drop')

  assert.ok(await app.value(call))
  await client.query('rollback')
})

test('texts that look like SQL are texts', async () => {
  const nasty = `'); drop table belfry.events; --`
  const id = await app.value('select belfry.trigger($1, $2, $3, thread_key => $4)', [
    'order.told',
    { text: nasty },
    [nasty],
    nasty,
  ])

  const { body } = await context.ask('GET', `/events/${id}`)
  assert.equal(body.params.text, nasty)
  assert.equal(body.thread_key, nasty)
  await assert.rejects(app.value('select belfry.trigger($1)', [nasty]), { code: '42704' })
})

test('what is taken back is over at once', async () => {
  const gone = await createApplication(context, [1])
  assert.ok(await gone.value(call))

  await context.ctx.db.transaction((tx) => revokeSql(tx, { workspaceId: 1, role: gone.role }))

  await assert.rejects(gone.value(call), refused)
  await gone.close()
})

test('the owner of the database needs no grant', async () => {
  const owner = new pg.Client(context.connection)
  await owner.connect()
  const { rows } = await owner.query<{ id: string }>(`select belfry.trigger('order.told') as id`)
  await owner.end()

  await until('it is told', async () => {
    const { body } = await context.ask('GET', `/events/${rows[0]!.id}`)
    return body.status === 'processed'
  })
})
