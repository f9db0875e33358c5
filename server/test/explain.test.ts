// Who would hear about it and why, before anything is sent: told by the code that sends, and leaving no trace.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, type Look } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'
import { fingerprints } from './fingerprints.ts'

let belfry: TestContext
let look: Look
const morning = new Date('2026-06-01T09:02:00.000Z')

before(async () => {
  belfry = await createTestContext()
  belfry.clock.now = () => morning
  look = createLook(belfry.connection)
  const person = { timezone: 'Europe/Lisbon', data: { name: 'Ana' } }
  await given.subscriber(belfry, 'ana', { ...person, email: 'ana@example.com' })
  await given.subscriber(belfry, 'ben', { email: 'ben@example.com', phone: '+12025550123' })
  await given.topic(belfry, 'product:42%23manager', ['ana', 'ben'])
  await given.eventType(belfry, 'order.shipped', {
    category: 'orders',
    channels: ['in_app', 'email', 'sms'],
    audience: [{ topic: 'product:{{ product }}#manager' }],
  })
  const body = 'Order {{ order }} is on its way, {{ subscriber.data.name }}.'
  await given.template(belfry, 'order.shipped', 'in_app', { title: 'Shipped', body })
  await given.template(belfry, 'order.shipped', 'email', { subject: 'Shipped', body })
  await given.template(belfry, 'order.shipped', 'sms', { body: 'Order {{ order }} is on its way.' })
  await belfry.ask('PATCH', '/preferences/ana', { categories: { orders: { email: false } } })
  const quiet_hours = { start: '08:00', end: '18:30' }
  await belfry.ask('PATCH', '/preferences/ben', { quiet_hours })
})

after(async () => {
  await look.close()
  await belfry.close()
})

const explain = (body: unknown, query = '') => belfry.ask('POST', `/explain${query}`, body)
const shipped = { type: 'order.shipped', params: { product: 42, order: 'A-7' } }

test('an explanation says who would get what, on which channel, when and why', async () => {
  const { status, body } = await explain(shipped)

  assert.equal(status, 200, JSON.stringify(body))
  const [ana, ben] = body.people
  assert.deepEqual(ana.reasons, [{ kind: 'topic', topic: 'product:42#manager' }])
  assert.deepEqual(
    ana.channels.map((c: Record<string, unknown>) => [c.channel, c.status, c.reason, c.rule, c.at]),
    [
      ['in_app', 'delivered', null, 'nothing_said', morning.toISOString()],
      ['email', 'skipped', 'preference_off', 'category', null],
      ['sms', 'skipped', 'no_address', 'no_address', null],
    ],
  )
  assert.deepEqual(ana.channels[0].content, {
    title: 'Shipped',
    body: 'Order A-7 is on its way, Ana.',
  })
  const [, email, sms] = ben.channels
  assert.equal(email.address, 'b•••@example.com')
  assert.deepEqual(
    [email.status, email.reason, email.at, email.provider],
    ['scheduled', 'quiet_hours', '2026-06-01T18:30:00.000Z', 'sandbox'],
  )
  assert.deepEqual(sms.content, { body: 'Order A-7 is on its way.' })
  assert.equal(body.next_cursor, null)
})

test('an explanation is told in sentences that can be passed on', async () => {
  const { body } = await explain(shipped)

  assert.deepEqual(
    body.people.map(({ sentences }: { sentences: string[] }) => sentences),
    [
      [
        'It is for Ana: manager of product:42.',
        'In the app at once.',
        'Not by email: Ana turned off email for orders.',
        'Not by SMS: Ana has no address for it.',
      ],
      [
        'It is for ben: manager of product:42.',
        'In the app at once.',
        "By email to b•••@example.com at 18:30, when ben's quiet hours end, through sandbox.",
        "By SMS to +1•••••23 at 18:30, when ben's quiet hours end, through sandbox.",
        'Times are those of UTC.',
      ],
    ],
  )
})

test('an explanation leaves nothing behind: no row of any table changes', async () => {
  const inline = { id: 'new', email: 'new@example.com', timezone: 'Asia/Tokyo' }
  const message = { to: ['ana', inline], channels: ['email'], message: 'Hello' }
  const before = await fingerprints(look)
  const countBefore = await belfry.ctx.metrics.registry.metrics()

  const key = { 'idempotency-key': 'explained' }
  const event = { ...shipped, to: [inline, { topic: 'nobody' }, 'unknown'] }
  assert.equal((await belfry.ask('POST', '/explain', event, key)).status, 200)
  assert.equal((await belfry.ask('POST', '/explain', message, key)).status, 200)

  assert.deepEqual(await fingerprints(look), before)
  const accepted = (text: string) => /belfry_events_accepted_total \d+/.exec(text)?.[0]
  assert.equal(accepted(await belfry.ctx.metrics.registry.metrics()), accepted(countBefore))
})

test('somebody given in full is explained as they would be stored', async () => {
  const to = [
    { id: 'ana', email: 'new@example.com', data: { name: 'Anna' } },
    { id: 'zoe', phone: '+12025550199' },
  ]
  const { body } = await explain({ to, channels: ['email', 'sms'], message: 'Hello' })

  assert.deepEqual(
    body.people.map(({ sentences }: { sentences: string[] }) => sentences),
    [
      [
        'It is for Anna: named in the request.',
        'By email to n•••@example.com at once, through sandbox.',
        'Not by SMS: Anna has no address for it.',
      ],
      [
        'It is for zoe: named in the request.',
        'Not by email: zoe has no address for it.',
        'By SMS to +1•••••99 at once, through sandbox.',
      ],
    ],
  )
})

test('somebody given in full is so for every way that leads to them', async () => {
  const { body } = await explain({ ...shipped, to: [{ id: 'ana', data: { name: 'Anna' } }] })

  assert.deepEqual(
    body.people[0].reasons.map(({ kind }: { kind: string }) => kind),
    ['topic', 'request'],
  )
  assert.equal(body.people[0].channels[0].content.body, 'Order A-7 is on its way, Anna.')
})

test('what would be refused is refused, with the same words', async () => {
  const refused: [string, unknown][] = [
    ['/events', { type: 'order.shiped', params: {} }],
    ['/events', { ...shipped, params: {}, surprise: 1 }],
    ['/events', { ...shipped, scheduled_time: '2020-01-01T00:00:00Z' }],
    ['/notifications', { to: ['nobody-known'], channels: ['email'], message: 'x' }],
    ['/notifications', { to: [{ topic: 'empty' }], channels: ['email'], message: 'x' }],
    ['/notifications', { to: ['ana'], channels: ['email'] }],
  ]
  for (const [path, body] of refused) {
    const real = await belfry.ask('POST', path, body)
    const told = await explain(body)
    assert.ok(real.status >= 400)
    assert.deepEqual(
      [told.status, told.body.code, told.body.detail, told.body.errors],
      [real.status, real.body.code, real.body.detail, real.body.errors],
    )
  }
  const { status, body } = await explain({})
  assert.equal(status, 422)
  assert.match(body.errors[0].detail, /needs one of "type", "channels"/)
})

test('a large audience is explained page by page, each page of the same moment', async () => {
  const ids = Array.from({ length: 7 }, (_, i) => `many-${i}`)
  for (const id of ids) await given.subscriber(belfry, id)
  await given.topic(belfry, 'many', ids)
  const event = { ...shipped, params: { product: 1 }, to: ['ana', { topic: 'many' }] }
  const seen: string[] = []
  let cursor: string | null = ''
  let pageCount = 0
  while (cursor !== null) {
    const query = `?limit=3${cursor && `&cursor=${encodeURIComponent(cursor)}`}`
    const { body } = await explain(event, query)
    seen.push(...body.people.map((person: { recipient_id: string }) => person.recipient_id))
    assert.ok(
      body.people.every((p: { channels: { content: unknown }[] }) => p.channels[0]!.content),
    )
    cursor = body.next_cursor
    pageCount++
    const other = await explain(
      { ...event, to: ['ben'] },
      `?cursor=${encodeURIComponent(cursor ?? 'x.y')}`,
    )
    assert.equal(other.body.code, 'invalid_cursor')
  }

  assert.deepEqual(seen, ['ana', ...ids])
  assert.equal(pageCount, 3)
})

test('another moment can be asked about', async () => {
  const { body } = await explain(shipped, '?now=2026-06-01T19:00:00Z')

  const [, email] = body.people[1].channels
  assert.deepEqual([email.status, email.at], ['processing', '2026-06-01T19:00:00.000Z'])
})
