// The SQL door: an application publishes in its own transaction, by a role that may do nothing else.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import pg from 'pg'
import { given, createLook, until, untilQuiet, type Look } from './given.ts'
import { createApplication, type Application } from './sql-door.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let context: TestContext
let app: Application
let look: Look

before(async () => {
  context = await createTestContext()
  look = createLook(context.connection)
  app = await createApplication(context, [1])
  context.work()
  const params = { type: 'object', properties: { total: { type: 'number' } } }
  await given.eventType(context, 'order.shipped', { channels: ['in_app'], params })
  await given.eventType(context, 'order.told', { channels: ['in_app'], audience: ['ana'] })
  await given.subscriber(context, 'ana')
})
after(async () => {
  await app.close()
  await look.close()
  await context.close()
})

afterEach(() => app.client.query('rollback')) // of what failed half way

const detail = async (id: string) => (await context.ask('GET', `/events/${id}`)).body
const ended = (id: string) =>
  until('it is not waiting any more', async () => (await detail(id)).status !== 'accepted')

test('what was committed is there at once, and is told', async () => {
  const id = await app.value(
    `select belfry.trigger('order.shipped', '{"total": 42}'::jsonb, array['ana'])`,
  )

  assert.equal((await detail(id)).id, id)
  await ended(id)
  const event = await detail(id)
  assert.equal(event.status, 'processed')
  assert.equal(event.type_version, 1)
  assert.equal(event.recipient_count, 1)
})

test('what is rolled back has never been', async () => {
  await app.client.query('begin')
  const id = await app.value(`select belfry.trigger('order.shipped', '{}', array['ana'])`)
  await app.client.query('savepoint here')
  const inner = await app.value(`select belfry.trigger('order.told')`)
  await app.client.query('rollback to here')
  const kept = await app.value(`select belfry.trigger('order.told')`)
  assert.equal((await context.ask('GET', `/events/${kept}`)).status, 404)
  await app.client.query('commit')
  await app.client.query('begin')
  const gone = await app.value(`select belfry.trigger('order.told')`)
  await app.client.query('rollback')

  for (const there of [id, kept]) assert.equal((await detail(there)).id, there)
  for (const never of [inner, gone])
    assert.equal((await context.ask('GET', `/events/${never}`)).status, 404)
})

test('"to" may be an array, JSON, and either without a type as drivers send it', async () => {
  await given.topic(context, 'watchers', ['ana'])
  const ways: [string, unknown[]][] = [
    [`select belfry.trigger('order.shipped', '{}', array['ana'])`, []],
    [`select belfry.trigger('order.shipped', '{}', '[{"topic": "watchers"}]')`, []],
    [`select belfry.trigger('order.shipped', '{}', '[{"id": "ana", "locale": "fr"}]'::jsonb)`, []],
    [`select belfry.trigger($1, $2, $3)`, ['order.shipped', { total: 1 }, ['ana']]],
    [`select belfry.trigger($1, $2, $3)`, ['order.shipped', {}, JSON.stringify(['ana'])]],
    [`select belfry.trigger('order.told')`, []],
    [`select belfry.notify(array['ana'], array['in_app'], 'hello')`, []],
    [`select belfry.notify($1, $2, $3)`, ['["ana"]', ['in_app'], 'hello']],
  ]
  for (const [text, values] of ways) {
    const id = await app.value(text, values)
    await ended(id)
    const event = await detail(id)
    assert.equal(event.recipient_count, 1, `${text} ${JSON.stringify(event)}`)
  }
  assert.equal((await context.ask('GET', '/subscribers/ana')).body.locale, 'fr')
})

test('what only Belfry can check is reported on the event, and holds up nobody', async () => {
  const cases: [string, RegExp][] = [
    [`belfry.trigger('order.shipped', '{"total": "much"}', array['ana'])`, /\/params\/total/],
    [`belfry.trigger('order.shipped', '{}', '[{"id": "x", "email": "no"}]')`, /\/to\/0\/email/],
    [`belfry.notify(array['nobody'], array['in_app'], 'hello')`, /"nobody" is no known subscriber/],
    [`belfry.notify(array['ana'], array['email'], template => 'none')`, /no template for email/],
  ]
  for (const [call, error] of cases) {
    const id = await app.value(`select ${call}`)
    const next = await app.value(`select belfry.trigger('order.told')`)
    await ended(id)
    await ended(next)
    const event = await detail(id)
    assert.equal(event.status, 'failed', call)
    assert.match(event.error, error)
    assert.equal((await detail(next)).status, 'processed')
  }
  assert.ok(context.logged.some(({ msg }) => /through SQL was refused/.test(String(msg))))
})

describe('what SQL can check is refused at once', () => {
  const to = `array['ana']`
  const deep = `('${'{"a":'.repeat(31)}{}${'}'.repeat(31)}')::jsonb`
  const cases: [string, string, RegExp][] = [
    [`belfry.trigger('order.shiped', '{}', ${to})`, '42704', /"order.shiped" is not registered/],
    [`belfry.trigger('order.shipped')`, '22023', /has no audience of its own/],
    [`belfry.trigger(null, '{}', ${to})`, '22023', /\/type/],
    [`belfry.trigger('', '{}', ${to})`, '22023', /\/type/],
    [`belfry.trigger('order.shipped', '[]', ${to})`, '22023', /\/params must be a JSON object/],
    [`belfry.trigger('order.shipped', null, ${to})`, '22023', /\/params must be a JSON object/],
    [`belfry.trigger('order.shipped', ${deep}, ${to})`, '22023', /nested deeper/],
    [`belfry.trigger('order.shipped', '{"a": 9007199254740993}', ${to})`, '22023', /2\^53/],
    [`belfry.trigger('order.shipped', '{"__proto__": 1}', ${to})`, '22023', /__proto__/],
    [
      `belfry.trigger('order.shipped', jsonb_build_object('a', repeat('x', 300000)), ${to})`,
      '22023',
      /262144 are the most/,
    ],
    [
      `belfry.trigger('order.shipped', jsonb_build_object('a', repeat('x', 70000)), ${to})`,
      '22023',
      /65536 characters/,
    ],
    [`belfry.trigger('order.shipped', '{}', array[]::text[])`, '22023', /1 to 1000 entries/],
    [
      `belfry.trigger('order.shipped', '{}', array[null]::text[])`,
      '22023',
      /\/to\/0 must be a text/,
    ],
    [
      `belfry.trigger('order.shipped', '{}', array['a', ''])`,
      '22023',
      /\/to\/1 must have 1 to 255/,
    ],
    [`belfry.trigger('order.shipped', '{}', array[e'a\\nb'])`, '22023', /control characters/],
    [`belfry.trigger('order.shipped', '{}', 'ana')`, '22023', /\/to must be a list/],
    [
      `belfry.trigger('order.shipped', '{}', '{"id": "ana"}'::jsonb)`,
      '22023',
      /\/to must be a list/,
    ],
    [`belfry.trigger('order.shipped', '{}', '[{"topik": "a"}]')`, '22023', /\/to\/0 must be an id/],
    [
      `belfry.trigger('order.shipped', '{}', '[{"topic": "a", "id": "b"}]')`,
      '22023',
      /more than a topic/,
    ],
    [
      `belfry.trigger('order.shipped', '{}', '[{"id": "a", "mail": "b"}]')`,
      '22023',
      /\/to\/0\/mail is not known/,
    ],
    [
      `belfry.trigger('order.shipped', '{}', '[{"id": "a", "email": 1}]')`,
      '22023',
      /\/to\/0\/email must be a text/,
    ],
    [`belfry.trigger('order.shipped', '{}', '[7]')`, '22023', /\/to\/0 must be a text/],
    [`belfry.trigger('order.shipped', '{}', ${to}, level => 'urgent')`, '22023', /\/level/],
    [`belfry.trigger('order.shipped', '{}', ${to}, thread_key => '')`, '22023', /\/thread_key/],
    [
      `belfry.trigger('order.shipped', '{}', ${to}, idempotency_key => 'a b')`,
      '22023',
      /\/idempotency_key/,
    ],
    [
      `belfry.trigger('order.shipped', '{}', ${to}, scheduled_time => now() - interval '1 hour')`,
      '22023',
      /\/scheduled_time is in the past/,
    ],
    [
      `belfry.trigger('order.shipped', '{}', ${to}, scheduled_time => 'infinity')`,
      '22023',
      /366 days/,
    ],
    [
      `belfry.trigger('order.shipped', '{}', ${to}, expires_at => now() - interval '1 s')`,
      '22023',
      /\/expires_at/,
    ],
    [
      `belfry.trigger('order.shipped', '{}', ${to}, workspace => 'other')`,
      '42501',
      /may not publish/,
    ],
    [`belfry.notify(null::text[], array['in_app'], 'x')`, '22023', /\/to must say/],
    [`belfry.notify(${to}, null, 'x')`, '22023', /\/channels/],
    [`belfry.notify(${to}, array['pigeon'], 'x')`, '22023', /\/channels must be some of/],
    [`belfry.notify(${to}, array['sms', 'sms'], 'x')`, '22023', /names one twice/],
    [`belfry.notify(${to}, array['in_app'])`, '22023', /exactly one of/],
    [`belfry.notify(${to}, array['in_app'], 'x', template => 'y')`, '22023', /exactly one of/],
    [`belfry.notify(${to}, array['in_app'], ' ')`, '22023', /can be seen/],
  ]
  for (const [call, code, message] of cases)
    test(call.slice(0, 100), async () => {
      await assert.rejects(app.client.query(`select ${call}`), (error: pg.DatabaseError) => {
        assert.match(error.message, message)
        assert.equal(error.code, code)
        return true
      })
    })

  test('and the nearest name is suggested', async () => {
    await assert.rejects(app.value(`select belfry.trigger('order.shiped', '{}', array['ana'])`), {
      hint: 'Did you mean "order.shipped"?',
    })
  })
})

test('an idempotency key makes one event of any number of calls at once', async () => {
  const clients = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const client = new pg.Client(app.connection)
      await client.connect()
      return client
    }),
  )
  const text = `select belfry.trigger('order.told', '{"n": 1}', idempotency_key => 'order/1') as id`

  const answers = await Promise.all(clients.map((client) => client.query<{ id: string }>(text)))
  await Promise.all(clients.map((client) => client.end()))

  assert.equal(new Set(answers.map(({ rows }) => rows[0]!.id)).size, 1)
  await assert.rejects(
    app.value(`select belfry.trigger('order.told', '{"n": 2}', idempotency_key => 'order/1')`),
    { code: '23505', message: /"order\/1" came with a different request/ },
  )
  const http = await context.ask(
    'POST',
    '/events',
    { type: 'order.told' },
    { 'idempotency-key': 'order/1' },
  )
  assert.equal(http.body.code, 'idempotency_key_reused')
  await context.ask('POST', '/events', { type: 'order.told' }, { 'idempotency-key': 'order/2' })
  await assert.rejects(
    app.value(`select belfry.trigger('order.told', idempotency_key => 'order/2')`),
    { code: '23505' },
  )
})

test('a key that an application holds open is answered over HTTP, not waited for', async () => {
  await app.client.query('begin')
  await app.value(`select belfry.trigger('order.told', idempotency_key => 'held')`)

  const http = await context.ask(
    'POST',
    '/events',
    { type: 'order.told' },
    { 'idempotency-key': 'held' },
  )

  await app.client.query('rollback')
  assert.equal(http.body.code, 'idempotency_in_progress')
})

test('it can be cancelled, scheduled, and let expire as any other', async () => {
  const id = await app.value(`select belfry.trigger('order.told', '{}', level => 'critical',
    scheduled_time => now() + interval '1 day', expires_at => now() + interval '2 days', thread_key => 'o/1')`)
  await ended(id)
  const event = await detail(id)
  const { body } = await context.ask('POST', `/events/${id}/cancel`)

  assert.equal(event.level, 'critical')
  assert.equal(event.thread_key, 'o/1')
  assert.ok(Date.parse(event.scheduled_time) > Date.now())
  assert.equal(body.status, 'success')
})

test('nothing is left in a queue', () => untilQuiet(look))
