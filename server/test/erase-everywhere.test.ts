// A person who is erased stands in no table, also where no notification leads from them: events, digests, sources.
import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { after, test } from 'node:test'
import { listTables, tablesWith } from './canary.ts'
import { createLook, given, until } from './given.ts'
import { createHttpSink } from './sinks.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
const receiver = await createHttpSink()
after(async () => {
  await t.close()
  await look.close()
  await receiver.close()
})
t.work({ sweepMs: 50, pollMs: 10 })
await given.subscriber(t, 'ben')
await given.eventType(t, 'order.shipped', { channels: ['in_app', 'email', 'webhook'] })
await given.template(t, 'order.shipped', 'email', { subject: 'Hi', body: '{{ note }}' })
await given.template(t, 'order.shipped', 'in_app', { title: 'Shipped', body: '{{ note }}' })

const configuration =
  'awaited_events channel_controls event_types followings hooks keys listeners providers sources sql_roles timezone_rules template_parts templates workspaces'
const counts = 'stats workers latencies accepted_counts provider_counts preference_heads'
const last = 'events erasures source_requests changes results hook_messages hook_attempts'

// Every table is either seen to hold somebody below, or cannot.
const neverOfPeople: Record<string, string> = {
  asks: 'when others were asked, and the id of the notification that was answered',
  digest_buckets: 'who it is of is a hash, until it closes',
  migrations: 'the schema',
  plan_pins: 'versions of templates',
  occurrences: 'what became of schedules',
  paces: 'whose address it is is a hash, for an hour',
  provider_health: 'how providers are',
  prune_marks: 'how far the clean-up is',
  suppressions: 'a hash of an address, which stays left alone',
  plan_wakes: 'what happened is a hash, and goes by age',
  ...Object.fromEntries(counts.split(' ').map((name) => [name, 'counts'])),
  ...Object.fromEntries(configuration.split(' ').map((name) => [name, 'configuration'])),
  receipts: 'ids of deliveries, and words of vendors',
  throttles: 'who it is of is a hash, until its time is over',
  topics: 'names of groups',
  // Of people, but not to be erased at once.
  idempotency: 'answers with ids of what was made: two days',
  prune_later: 'the place in a clean-up, for minutes',
}

/** Ids of all that is about a person alone. */
async function idsOf(person: string): Promise<string[]> {
  const rows = await look.rows(
    `select n.id, n.content_id from belfry.notifications n where n.recipient = $1
     union all
     select d.id, null from belfry.deliveries d join belfry.notifications n on n.id = d.notification_id
     where n.recipient = $1`,
    [person],
  )
  return rows.flatMap(({ id, content_id: content }) => (content ? [id, content] : [id]))
}

const erasures = () => look.number('select count(*) from belfry.erasures')

/** An event that has been accepted, and whose people nobody looks for before `dueAt`. */
async function waitingEvent(person: string, dueAt: Date): Promise<string> {
  const id = randomUUIDv7()
  await look.rows(
    `with event as (
       insert into belfry.events (workspace_id, id, type, type_version, level, audience, params, created_at)
       select workspace_id, $1, key, version, 'standard', jsonb_build_array(jsonb_build_object('id', $2::text)),
         json_build_object('note', $2::text), $4
       from belfry.event_types where key = 'order.shipped'
     )
     insert into belfry.event_queue (event_id, workspace_id, lane, due_at)
     select $1, workspace_id, 1, $3 from belfry.event_types where key = 'order.shipped'`,
    [id, person, dueAt, t.clock.now()],
  )
  return id
}

/** Somebody who stands wherever anybody can. */
async function omnipresent(word: string): Promise<void> {
  await given.subscriber(t, word, {
    email: `${word}@example.com`,
    addresses: { webhook: `${receiver.url}/${word}` },
  })
  await given.topic(t, 'team', [word, 'ben'])
  await t.ask('PATCH', `/preferences/${word}`, { channels: { sms: false }, timezone: 'Asia/Tokyo' })
  receiver.answer = ({ path, body }) => (path === '/h' ? { status: 500, body: body.slice(99) } : {})
  await t.ask('POST', '/hooks', { url: `${receiver.url}/h` })
  const daily = { event: { type: 'order.shipped' }, to: [word, 'ben'], cron: '0 0 1 1 *' }
  await t.ask('PUT', '/schedules/daily', daily)
  const soon = new Date(t.clock.now().getTime() + 7_200_000).toISOString()
  const told = { to: [word], params: { note: word } }
  await given.event(t, 'order.shipped', { ...told, scheduled_time: soon })
  await given.event(t, 'order.shipped', { ...told, thread_key: `orders of ${word}` })
  await t.ask('PUT', '/sources/open', {
    schema: { type: 'object' },
    auth: { kind: 'none' },
    event: { type: 'order.shipped', params: { note: '/note' }, to: [{ id: '{{ body.note }}' }] },
  })
  await t.ask('POST', '/webhooks/open', { note: word }, { authorization: '' })
  await t.ask('POST', '/webhooks/open', { note: 7, not: word }, { authorization: '' })
  await t.ask('POST', `/webhooks/open?whose=${word}`, { note: 7 }, { authorization: '' })
  await t.ask('POST', '/webhooks/open', { note: 7 }, { authorization: '', 'x-whose': word })
  await t.ask('PUT', '/sources/once', {
    auth: { kind: 'none' },
    event: {
      type: 'order.shipped',
      params: { note: '/text' },
      to: ['canary-{{ body.of }}'],
      dedupe_key: '{{ body.of }}',
    },
  })
  const greeting = { of: word.replace('canary-', ''), text: `Dear ${word}` }
  for (const status of [202, 200])
    assert.equal(
      (await t.ask('POST', '/webhooks/once', greeting, { authorization: '' })).status,
      status,
    )
  for (const [key, steps] of [
    ['gathered', [{ digest: { window: '10m' } }, { send: ['in_app'] }]],
    ['waiting', [{ send: ['in_app'] }, { wait: { for: '9h' } }, { send: ['email'] }]],
  ] as const) {
    await given.eventType(t, key, { channels: undefined, plan: steps })
    await given.template(t, key, 'in_app', { title: 'Hi', body: 'There' })
    await given.event(t, key, told)
  }
  const params = { type: 'object', additionalProperties: false, properties: {} }
  await given.eventType(t, 'strict', { channels: ['in_app'], params })
  await look.rows(
    `insert into belfry.listeners (workspace_id, type, name) select id, 'order.shipped', 'nobody' from belfry.workspaces
     on conflict do nothing;
     insert into belfry.account_links select workspace_id, sha256(id::bytea), id, 'telegram', now() from belfry.subscribers`,
  )
  await given.event(t, 'order.shipped', told)
  await look.rows(`update belfry.listener_runs set error = $1`, [`${word} is unknown`])
  await look.rows(
    `select belfry.trigger('strict', jsonb_build_object('of', $1::text), array[$1::text])`,
    [word],
  )
}

test('a person who is erased is in no table, whatever tables there are', async () => {
  const word = 'canary-olga'
  await omnipresent(word)
  await until('the one that does not fit has failed', async () => {
    return (await look.number('select count(*) from belfry.failed_recipients')) > 0
  })
  await until('the digest is open', async () => {
    return (await look.number('select count(*) from belfry.digest_buckets where count > 0')) > 0
  })
  t.clock.advance({ minutes: 11 })
  await until('the digest is closed', async () => {
    return (await look.number('select count(*) from belfry.digests')) > 0
  })
  await until('what sources and hooks were sent is stored', async () => {
    const there = await tablesWith(look, word)
    return there.includes('source_requests') && there.includes('hook_attempts')
  })
  const later = new Date(t.clock.now().getTime() + 86_400_000)
  const waiting = await waitingEvent(word, later)
  const ids = await idsOf(word)

  const before = await tablesWith(look, word, waiting, ...ids)
  await t.ask('POST', `/subscribers/${word}/erase`)
  const during = await tablesWith(look, word)
  t.clock.advance({ minutes: 5 })
  await until('all but the event that waits is gone', async () => {
    return (await tablesWith(look, word)).every((table) => last.split(' ').includes(table))
  })
  assert.equal(await erasures(), 1)
  await look.rows('update belfry.event_queue set due_at = now() where event_id = $1', [waiting])
  t.ctx.signals.ring('belfry_events')
  await until('it has ended', async () => {
    return (await t.ask('GET', `/events/${waiting}`)).body.status !== 'accepted'
  })
  t.clock.advance({ minutes: 1 })
  await until('the erasure is over', async () => (await erasures()) === 0)

  const tables = await listTables(look)
  assert.deepEqual(
    Object.keys(neverOfPeople).filter((table) => !tables.includes(table)),
    [],
  )
  const holding = new Set([...before, ...during, ...Object.keys(neverOfPeople)])
  assert.deepEqual(
    tables.filter((table) => !holding.has(table)),
    [],
    'tables of which this test does not know whether they hold people',
  )
  assert.deepEqual(await tablesWith(look, word, ...ids), [])
  const { body: shown } = await t.ask('GET', `/events/${waiting}`)
  assert.deepEqual([shown.params, shown.audience], [{}, []])
})

test('an event that was cancelled before anybody heard of it loses the person too', async () => {
  const word = 'canary-pia'
  await given.subscriber(t, word)
  const event = await waitingEvent(word, new Date(t.clock.now().getTime() + 86_400_000))
  await t.ask('POST', `/events/${event}/cancel`)

  await t.ask('POST', `/subscribers/${word}/erase`)
  t.clock.advance({ minutes: 5 })
  await until('the erasure is over', async () => (await erasures()) === 0)

  assert.deepEqual(await tablesWith(look, word), [])
})

// how an event names somebody in its parameters, the ids
const named: [string, string, object][] = [
  ['a text', 'canary-quinn', { customer: { id: 'canary-quinn' }, n: 'no number' }],
  ['the name of a field', 'canary-rhea', { tells: { 'canary-rhea': true }, n: 'no number' }],
  ['a number', '909090417', { of: [909090417], n: 'no number' }],
]
for (const [what, word, params] of named)
  test(`an event that was refused and names a person only as ${what} in its parameters loses it`, async () => {
    await given.subscriber(t, word)
    await given.eventType(t, 'counted', {
      channels: ['in_app'],
      audience: ['{{ params.customer.id }}'],
      params: { type: 'object', properties: { n: { type: 'integer' } } },
    })
    const other = {
      ...params,
      customer: { id: 'somebody' },
      of: [`9090904170`, 9090904170],
      tells: {},
    }
    const [about = '', notAbout = ''] = await look
      .rows(
        `select belfry.trigger('counted', p)::text as id from jsonb_array_elements($1::jsonb) as p`,
        [JSON.stringify([params, other])],
      )
      .then((rows) => rows.map(({ id }) => id))
    const said = async (id: string) => {
      const { body } = await t.ask('GET', `/events/${id}`)
      return { status: body.status, params: body.params }
    }
    await until('both are refused', async () => {
      return [await said(about), await said(notAbout)].every(({ status }) => status === 'failed')
    })

    await t.ask('POST', `/subscribers/${word}/erase`)
    t.clock.advance({ minutes: 5 })
    await until('the erasure is over', async () => (await erasures()) === 0)

    assert.deepEqual((await said(about)).params, {})
    assert.deepEqual((await said(notAbout)).params, other)
  })

test('an event that others heard of keeps what it says, though it mentions somebody', async () => {
  await given.subscriber(t, 'canary-sol')
  await given.eventType(t, 'said', { channels: ['in_app'] })
  const event = await given.event(t, 'said', { to: ['ben'], params: { by: 'canary-sol' } })
  await until('ben has it', async () => {
    return (await t.ask('GET', `/events/${event}`)).body.status === 'processed'
  })

  await t.ask('POST', '/subscribers/canary-sol/erase')
  t.clock.advance({ minutes: 5 })
  await until('the erasure is over', async () => (await erasures()) === 0)

  const { body } = await t.ask('GET', `/events/${event}`)
  assert.deepEqual(body.params, { by: 'canary-sol' })
})

test('what others are still to be told of an event is told in its own words, and then they go', async () => {
  const word = 'canary-rosa'
  await given.subscriber(t, word)
  await given.subscriber(t, 'carl', { email: 'carl@example.com' })
  await given.eventType(t, 'told.late', {
    channels: undefined,
    plan: [{ send: ['in_app'] }, { wait: { for: '2h' } }, { send: ['email'] }],
  })
  await given.template(t, 'told.late', 'in_app', { title: 'Hi', body: 'There' })
  await given.template(t, 'told.late', 'email', { subject: 'Hi', body: 'Number {{ n }}' })
  const params = { n: 4711, of: word }
  const event = await given.event(t, 'told.late', { to: [word, 'carl'], params })
  await until('both have theirs', async () => {
    const sent = `select count(*) from belfry.notifications where event_id = $1 and feed = 1`
    return (await look.number(sent, [event])) === 2
  })

  await t.ask('POST', `/subscribers/${word}/erase`)
  t.clock.advance({ minutes: 5 })
  await until('only the event is left', async () => {
    const left = await tablesWith(look, word)
    return !left.includes('notifications')
  })
  const { body: kept } = await t.ask('GET', `/events/${event}`)
  t.clock.advance({ hours: 3 })
  await until('the erasure is over', async () => (await erasures()) === 0)

  assert.deepEqual(kept.params, params)
  const { body: mail } = await t.ask('GET', '/sandbox/messages?to=carl@example.com')
  assert.match(JSON.stringify(mail.messages), /Number 4711/)
  assert.deepEqual(await tablesWith(look, word), [])
})
