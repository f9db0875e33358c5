// Preferences over HTTP: what can be said, what is refused and why, and what is remembered of it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { given } from './given.ts'
import { createKey, createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

before(async () => {
  await given.eventType(t, 'order.shipped', { category: 'orders', channels: ['in_app', 'email'] })
  await given.eventType(t, 'product.new', { opt_in: true, channels: ['in_app', 'email'] })
  await given.eventType(t, 'password.reset', {
    category: 'security',
    level: 'critical',
    channels: ['email'],
  })
  for (const id of ['ana', 'ben', 'cleo', 'dan', 'eva', 'defaults']) await given.subscriber(t, id)
})

const channelsOf = (body: { effective: { event_type: string; channels: object }[] }, key: string) =>
  body.effective.find(({ event_type }) => event_type === key)?.channels

test('who has said nothing has the level standard and the defaults', async () => {
  const { status, body } = await t.ask('GET', '/preferences/ana')

  assert.equal(status, 200)
  const { effective, ...rest } = body
  assert.deepEqual(rest, {
    subscriber_id: 'ana',
    level: 'standard',
    channels: {},
    categories: {},
    event_types: {},
    quiet_hours: null,
    muted_threads: {},
    timezone: null,
    updated_at: null,
  })
  assert.deepEqual(
    effective.map((entry: { event_type: string }) => entry.event_type),
    ['order.shipped', 'password.reset', 'product.new'],
  )
  assert.deepEqual(channelsOf(body, 'product.new'), {
    in_app: { is_on: false, rule: 'opt_in' },
    email: { is_on: false, rule: 'opt_in' },
  })
  assert.deepEqual(channelsOf(body, 'password.reset'), {
    email: { is_on: true, rule: 'mandatory' },
  })
})

test('a level is set in any case, and nothing else changes', async () => {
  await t.ask('PATCH', '/preferences/ben', { channels: { sms: false } })

  const first = await t.ask('PUT', '/preferences', { user_id: 'ben', level: 'CRITICAL' })
  const again = await t.ask('PUT', '/preferences/', { user_id: 'ben', level: 'Standard' })

  assert.deepEqual([first.status, first.body.user_id, first.body.level], [200, 'ben', 'critical'])
  assert.deepEqual([again.status, again.body.level], [200, 'standard'])
  assert.deepEqual(again.body.channels, { sms: false })
})

test('another level is 400, an unknown person 404', async () => {
  const level = await t.ask('PUT', '/preferences', { user_id: 'ben', level: 'CRITICALL' })
  const person = await t.ask('PUT', '/preferences', { user_id: 'nobody', level: 'CRITICAL' })
  const patch = await t.ask('PATCH', '/preferences/nobody', { level: 'critical' })
  const changes = await t.ask('GET', '/preferences/nobody/changes')

  assert.deepEqual([level.status, level.body.code], [400, 'unknown_level'])
  assert.equal(level.body.errors[0].pointer, '/level')
  assert.match(level.body.errors[0].detail, /Did you mean "CRITICAL"/)
  for (const answer of [person, patch, changes])
    assert.deepEqual([answer.status, answer.body.code], [404, 'not_found'])
})

test('a change merges at every depth, and the zone is the subscriber’s own', async () => {
  await t.ask('PATCH', '/preferences/cleo', {
    categories: { orders: { email: false } },
    event_types: { 'order.shipped': { enabled: true, in_app: false } },
    quiet_hours: { start: '22:00', end: '08:00' },
    timezone: 'Europe/Lisbon',
  })

  const { status, body } = await t.ask('PATCH', '/preferences/cleo', {
    event_types: { 'order.shipped': { enabled: null } },
    quiet_hours: null,
  })

  assert.equal(status, 200)
  assert.deepEqual(body.categories, { orders: { email: false } })
  assert.deepEqual(body.event_types, { 'order.shipped': { in_app: false } })
  assert.deepEqual([body.quiet_hours, body.timezone], [null, 'Europe/Lisbon'])
  assert.equal((await t.ask('GET', '/subscribers/cleo')).body.timezone, 'Europe/Lisbon')
  assert.deepEqual(channelsOf(body, 'order.shipped'), {
    in_app: { is_on: false, rule: 'event_type_channel' },
    email: { is_on: false, rule: 'category' },
  })
})

const refused: [what: string, body: object, code: string, pointer: string][] = [
  [
    'muting what is critical',
    { event_types: { 'password.reset': { email: false } } },
    'cannot_be_muted',
    '/event_types/password.reset/email',
  ],
  [
    'muting a critical category',
    { categories: { security: { email: false } } },
    'cannot_be_muted',
    '/categories/security/email',
  ],
  [
    'an unknown event type',
    { event_types: { 'order.shiped': { email: false } } },
    'invalid_request',
    '/event_types/order.shiped',
  ],
  [
    'an unknown category',
    { categories: { order: { email: false } } },
    'invalid_request',
    '/categories/order',
  ],
  ['an unknown channel', { channels: { fax: true } }, 'invalid_request', '/channels/fax'],
  [
    'an unknown channel of a category',
    { categories: { orders: { fax: true } } },
    'invalid_request',
    '/categories/orders/fax',
  ],
  [
    'an unknown channel of an event type',
    { event_types: { 'order.shipped': { fax: true } } },
    'invalid_request',
    '/event_types/order.shipped/fax',
  ],
  ['a switch that is none', { channels: { email: 'no' } }, 'invalid_request', '/channels/email'],
  [
    'half of quiet hours',
    { quiet_hours: { start: '22:00' } },
    'invalid_request',
    '/quiet_hours/end',
  ],
  [
    'a time that is none',
    { quiet_hours: { start: '22:00', end: '24:00' } },
    'invalid_request',
    '/quiet_hours/end',
  ],
  [
    'quiet hours that end when they start',
    { quiet_hours: { start: '22:00', end: '22:00' } },
    'invalid_request',
    '/quiet_hours/end',
  ],
  ['a zone that is none', { timezone: 'Europe/Lisbonn' }, 'invalid_request', '/timezone'],
  ['a level that is none', { level: 'urgent' }, 'invalid_request', '/level'],
  ['a field nobody knows', { chanels: {} }, 'invalid_request', '/chanels'],
]

for (const [what, body, code, pointer] of refused)
  test(`a change is refused: ${what}`, async () => {
    const answer = await t.ask('PATCH', '/preferences/ana', body)

    assert.deepEqual([answer.status, answer.body.code], [422, code], JSON.stringify(answer.body))
    assert.equal(answer.body.errors[0].pointer, pointer)
    assert.equal((await t.ask('GET', '/preferences/ana')).body.updated_at, null)
  })

test('the log tells when, who and what; the same again leaves no entry', async () => {
  const change = { channels: { email: false }, timezone: 'Asia/Tokyo' }
  await t.ask('PATCH', '/preferences/dan', change)
  await t.ask('PATCH', '/preferences/dan', change)
  await t.ask('PUT', '/preferences', { user_id: 'dan', level: 'CRITICAL' })

  const { body } = await t.ask('GET', '/preferences/dan/changes?limit=1')
  const next = await t.ask('GET', `/preferences/dan/changes?limit=1&cursor=${body.next_cursor}`)

  assert.equal(next.body.next_cursor, null)
  const [newest, oldest] = [body.changes[0], next.body.changes[0]]
  assert.deepEqual(newest.by, { kind: 'key', name: 'test' })
  assert.deepEqual(newest.changes, [{ field: '/level', before: null, after: 'critical' }])
  assert.deepEqual(oldest.changes, [
    { field: '/channels/email', before: null, after: false },
    { field: '/timezone', before: null, after: 'Asia/Tokyo' },
  ])
  assert.ok(Math.abs(Date.parse(newest.changed_at) - Date.now()) < 60_000)
})

test('two changes at once both hold', async () => {
  const channels = ['email', 'sms', 'push', 'slack', 'teams', 'discord']

  await Promise.all(
    channels.map((channel) =>
      t.ask('PATCH', '/preferences/eva', { channels: { [channel]: false } }),
    ),
  )

  const { body } = await t.ask('GET', '/preferences/eva')
  assert.deepEqual(Object.keys(body.channels).toSorted(), channels.toSorted())
  assert.equal((await t.ask('GET', '/preferences/eva/changes')).body.count, channels.length)
})

test('an event type is subscribed to and left; what is critical cannot be left', async () => {
  const path = (type: string) => `/subscribers/ana/subscriptions/${type}`

  const before = await t.ask('GET', path('product.new'))
  const subscribed = await t.ask('PUT', path('product.new'))
  const left = await t.ask('DELETE', path('order.shipped'))
  const critical = await t.ask('DELETE', path('password.reset'))
  const unknown = await t.ask('PUT', path('product.old'))
  const nobody = await t.ask('PUT', '/subscribers/nobody/subscriptions/product.new')

  assert.deepEqual(before.body, {
    subscriber_id: 'ana',
    event_type: 'product.new',
    is_subscribed: false,
    is_mandatory: false,
    channels: { in_app: false, email: false },
  })
  assert.deepEqual([subscribed.status, subscribed.body.is_subscribed], [200, true])
  assert.deepEqual(subscribed.body.channels, { in_app: true, email: true })
  assert.deepEqual([left.status, left.body.is_subscribed], [200, false])
  assert.deepEqual([critical.status, critical.body.code], [422, 'cannot_be_muted'])
  assert.deepEqual([unknown.status, unknown.body.code], [404, 'not_found'])
  assert.match(unknown.body.detail, /Did you mean "product.new"/)
  assert.equal(nobody.status, 404)
})

test('defaults hold for who has said nothing, and a person called defaults is a person', async () => {
  const put = await t.ask('PUT', '/preference-defaults', {
    channels: { in_app: false },
    event_types: { 'order.shipped': { email: false } },
  })
  const bad = await t.ask('PUT', '/preference-defaults', {
    event_types: { 'password.reset': { email: false } },
  })

  const { body } = await t.ask('GET', '/preferences/defaults')

  assert.equal(put.status, 200)
  assert.deepEqual((await t.ask('GET', '/preference-defaults')).body, put.body)
  assert.deepEqual([bad.status, bad.body.code], [422, 'cannot_be_muted'])
  assert.equal(body.subscriber_id, 'defaults')
  assert.deepEqual(channelsOf(body, 'order.shipped'), {
    in_app: { is_on: false, rule: 'channel_default' },
    email: { is_on: false, rule: 'event_type_default' },
  })
})

test('an event type cannot be opt-in and critical', async () => {
  const body = { level: 'critical', opt_in: true, channels: ['email'] }

  const { status, body: problem } = await t.ask('PUT', '/event-types/a', body)

  assert.deepEqual([status, problem.errors[0].pointer], [422, '/opt_in'])
})

test('preferences need their scopes', async () => {
  const key = await createKey(t.ctx, ['subscribers:read'])
  const ask = (method: string, url: string, body?: object) =>
    t.ask(method, url, body, { authorization: `Bearer ${key}` })

  assert.equal((await ask('GET', '/preferences/ana')).status, 200)
  for (const [method, url, body] of [
    ['PATCH', '/preferences/ana', {}],
    ['PUT', '/preferences', { user_id: 'ana', level: 'CRITICAL' }],
    ['PUT', '/subscribers/ana/subscriptions/product.new', undefined],
    ['PUT', '/preference-defaults', {}],
    ['GET', '/preference-defaults', undefined],
  ] as const)
    assert.equal((await ask(method, url, body)).status, 403, `${method} ${url}`)
})

test('a deleted subscriber takes what was said along', async () => {
  await given.subscriber(t, 'gone')
  await t.ask('PATCH', '/preferences/gone', { level: 'critical' })

  await t.ask('DELETE', '/subscribers/gone')
  await given.subscriber(t, 'gone')

  assert.equal((await t.ask('GET', '/preferences/gone')).body.level, 'standard')
  assert.equal((await t.ask('GET', '/preferences/gone/changes')).body.count, 0)
})
