// Events that came through SQL are like any others afterwards: heard, replayed, cancelled, exported, forgotten.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { HeardEvent } from '../src/belfry.ts'
import { createListeners } from '../src/listeners.ts'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { pruneAll } from '../src/worker/pruning.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { createApplication, type Application } from './sql-door.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
let look: Look
let app: Application

before(async () => {
  t = await createTestContext()
  look = createLook(t.connection)
  app = await createApplication(t, [1])
  t.work({ sweepMs: 50, pruneMs: 3_600_000 })
  const params = { type: 'object', properties: { total: { type: 'number' } } }
  await given.eventType(t, 'order.shipped', { channels: ['in_app'], params })
  await given.subscriber(t, 'ana')
})
after(async () => {
  await app.close()
  await look.close()
  await t.close()
})

const detail = async (id: string) => (await t.ask('GET', `/events/${id}`)).body
const ended = (id: string) =>
  until('it is not waiting any more', async () => (await detail(id)).status !== 'accepted')
const never = new AbortController().signal

/** The tables in which any row has the word anywhere; what changed is told for an hour, by ids, and not looked at. */
async function tablesWith(word: string): Promise<string[]> {
  const tables = await look.rows(
    `select table_name as name from information_schema.tables where table_schema = 'belfry' and table_name <> 'changes'`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const text = `select count(*) from belfry.${name} x where x::text like '%' || $1 || '%'`
    if ((await look.number(text, [word])) > 0) found.push(name)
  }
  return found
}

test('listeners hear what fits, with the level and the version of its type, and nothing else', async () => {
  const listeners = createListeners(t.ctx, 1)
  const heard: HeardEvent[] = []
  await listeners.on('order.shipped', (event) => void heard.push(event))

  const wrong = await app.value(
    `select belfry.trigger('order.shipped', '{"total": "much"}', array['ana'])`,
  )
  const id = await app.value(
    `select belfry.trigger('order.shipped', '{"total": 42}', array['ana'], thread_key => 'o/1')`,
  )
  await ended(wrong)
  await until('it is heard', () => heard.length > 0)
  await listeners.stop()

  const [{ createdAt, ...event }] = heard as [HeardEvent]
  assert.ok(createdAt instanceof Date)
  assert.deepEqual(event, {
    id,
    type: 'order.shipped',
    level: 'standard',
    params: { total: 42 },
    threadKey: 'o/1',
    replayOf: null,
    attempt: 1,
  })
  assert.equal(heard.length, 1)
})

test('they are replayed', async () => {
  const good = await app.value(`select belfry.trigger('order.shipped', '{}', array['ana'])`)
  await ended(good)

  const again = await t.ask('POST', `/events/${good}/replay`)
  await untilQuiet(look)

  assert.equal(again.status, 202, JSON.stringify(again.body))
  const count = `select count(*) from belfry.notifications n join belfry.events e on e.id = n.event_id
    where e.id = $1 or e.replay_of = $1`
  assert.equal(await look.number(count, [good]), 2)
})

test('one that is cancelled before it is looked at is told to nobody', async () => {
  const idle = await createTestContext()
  const theirs = createLook(idle.connection)
  const shop = await createApplication(idle, [1])
  const id = await shop.value(`select belfry.notify('[{"id": "ana"}]', array['in_app'], 'Hello')`)

  const { body } = await idle.ask('POST', `/events/${id}/cancel`)
  idle.work()
  await untilQuiet(theirs)

  assert.equal(body.status, 'success')
  assert.equal((await idle.ask('GET', `/events/${id}`)).body.status, 'cancelled')
  assert.equal(await theirs.number('select count(*) from belfry.notifications'), 0)
  await shop.close()
  await theirs.close()
  await idle.close()
})

test('an export has what came through SQL, and an erasure takes it, with what failed and why', async () => {
  await given.subscriber(t, 'canary-anna')
  await app.value(`select belfry.notify(array['canary-anna'], array['in_app'], 'For canary-anna')`)
  const failed = [
    `belfry.trigger('order.shipped', '{"total": "canary-anna"}', array['canary-anna', 'ana'])`,
    `belfry.notify(array['canary-anna', 'nobody'], array['in_app'], 'For canary-anna')`,
    `belfry.trigger('order.shipped', '{"total": "canary-anna"}', '[{"id": "canary-anna", "phone": "1"}]')`,
  ]
  const ids: string[] = []
  for (const call of failed) ids.push(await app.value(`select ${call}`))
  for (const id of ids) await ended(id)
  const exported = await t.ask('GET', '/subscribers/canary-anna/export')
  assert.match(String(exported.body), /For canary-anna/)
  for (const id of ids) assert.equal((await detail(id)).status, 'failed')

  await t.ask('POST', '/subscribers/canary-anna/erase')
  t.clock.advance({ minutes: 5 })
  await until('nothing is left', async () => (await tablesWith('canary-anna')).length === 0)

  const [first] = ids
  const event = await detail(first!)
  const named = event.audience.map((one: { id: string }) => one.id)
  assert.deepEqual([event.params, named], [{}, ['ana']])
  assert.match(event.error, /went with a person/)
})

test('who is named in failed events alone can be forgotten too', async () => {
  const id = await app.value(
    `select belfry.trigger('order.shipped', '{"total": "canary-ben"}', array['canary-ben'])`,
  )
  await ended(id)

  const erased = await t.ask('POST', '/subscribers/canary-ben/erase')
  t.clock.advance({ minutes: 5 })
  await until('nothing is left', async () => (await tablesWith('canary-ben')).length === 0)

  assert.equal(erased.status, 200)
})

// From here on the clock is weeks ahead of the ids.
test('what was committed long after it was said is forgotten all the same, and not before its time', async () => {
  const early = await app.value(`select belfry.trigger('order.shipped', '{}', array['ana'])`)
  await app.client.query('begin')
  const late = await app.value(`select belfry.trigger('order.shipped', '{}', array['ana'])`)
  const wrong = await app.value(
    `select belfry.trigger('order.shipped', '{"total": ""}', array['ana'])`,
  )
  const next = await given.event(t, 'order.shipped', { to: ['ana'] })
  await untilQuiet(look)
  t.clock.advance({ hours: 24 * 40 })
  await pruneAll(t.ctx, never)
  for (const id of [early, next]) assert.equal((await t.ask('GET', `/events/${id}`)).status, 404)

  await app.client.query('commit')
  await ended(late)
  await ended(wrong)
  await pruneAll(t.ctx, never)
  assert.equal((await detail(late)).recipient_count, 1)
  const count = `select count(*) from belfry.notifications where event_id = $1`
  assert.equal(await look.number(count, [late]), 1)

  for (const hours of [71, 2, 24]) {
    t.clock.advance({ hours })
    await pruneAll(t.ctx, never)
    assert.equal(await look.number(count, [late]), hours === 71 ? 1 : 0)
  }
  for (const id of [late, wrong]) assert.equal((await t.ask('GET', `/events/${id}`)).status, 404)
  for (const table of ['prune_later', 'failed_recipients'])
    assert.equal(await look.number(`select count(*) from belfry.${table}`), 0)
})

test('a workspace whose audiences are dear to work out holds up no other, and is told in the end', async () => {
  const twin = (await insertWorkspace(t.ctx.db, { key: 'twin', name: 'Twin' }))!.id
  const other = await createApplication(t, [twin])
  const dear = `{{ text | split: "," ${'| reverse | join: "," | split: "," '.repeat(5)}| first }}`
  const audience = Array.from({ length: 50 }, () => dear)
  await given.eventType(t, 'dear', { channels: ['in_app'], audience })
  const params = JSON.stringify({ text: 'a,'.repeat(5_000) })
  await app.client.query(`select belfry.trigger('dear', $1::jsonb) from generate_series(1, 40)`, [
    params,
  ])

  const quick = await other.value(
    `select belfry.notify('[{"id": "eve"}]'::jsonb, array['in_app'], 'Hi')`,
  )
  await until('the other is told', async () => {
    const text = 'select count(*) from belfry.notifications where event_id = $1'
    return (await look.number(text, [quick])) === 1
  })
  const waiting = await look.number(
    `select count(*) from belfry.event_queue where workspace_id = 1 and lane > 2 and due_at > $1`,
    [t.clock.now()],
  )
  assert.ok(waiting > 0, `${waiting} wait for a later turn`)
  await until('all have ended', async () => {
    t.clock.advance({ seconds: 5 })
    return (await look.number('select count(*) from belfry.event_queue')) === 0
  })
  await other.close()
})
