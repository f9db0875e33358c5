// Connecting a sender: trying a source out without storing anything, and looking at what it got.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { prune } from '../src/pipeline/prune.ts'
import { createRecentRequests } from '../src/pipeline/recent-requests.ts'
import { createLook, given } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
after(async () => {
  await look.close()
  await t.close()
})

await given.eventType(t, 'any', {
  channels: ['in_app'],
  otherwise: ['ben'],
  params: { type: 'object', properties: { n: { type: 'number' } } },
})
await given.subscriber(t, 'ana')
await given.subscriber(t, 'ben')
await given.topic(t, 'team', ['ana', 'ben'])

const source = {
  schema: { type: 'object', required: ['id'], properties: { n: { type: 'number' } } },
  auth: { kind: 'hmac', secret: 'canary-of-the-sender', header: 'X-Proof' },
  event: {
    type: 'any',
    params: { n: '/n' },
    to: [
      { topic: '{{ body.team }}' },
      { id: '{{ body.new }}', email: '{{ body.new }}@example.com' },
    ],
    when: '{% unless headers.x-kind == "ping" %}yes{% endunless %}',
    dedupe_key: '{{ body.id }}',
    thread_key: '{{ query.thread }}',
  },
  response: { status: 201, body: { event: '{{ event.type }}', n: '{{ body.n }}' } },
}
await t.ask('PUT', '/sources/shop', source)
const open = { ...source, auth: { kind: 'none' } }
await t.ask('PUT', '/sources/open', open)

const tryOut = async (body: unknown, rest: object = {}, key = 'shop') =>
  (await t.ask('POST', `/sources/${key}/test`, { body, ...rest })).body
const send = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  t.ask('POST', url, body, { authorization: '', 'content-type': 'application/json', ...headers })
const requests = async (url: string) => (await t.ask('GET', url)).body.requests
const countRows = () =>
  look.number(`select (select count(*) from belfry.events) + (select count(*) from belfry.event_queue)
    + (select count(*) from belfry.subscribers) + (select count(*) from belfry.idempotency)`)

test('a dry run shows the event, whom it would be for and the answer, and stores nothing', async () => {
  const before = await countRows()

  const body = { id: 'A', n: 1.5, team: 'team', new: 'cleo' }
  const tried = await tryOut(body, { headers: { 'X-Kind': 'order' }, query: { thread: 't' } })

  assert.deepEqual(tried, {
    outcome: 'accepted',
    event: {
      type: 'any',
      level: 'standard',
      params: { n: 1.5 },
      audience: [{ topic: 'team' }, { id: 'cleo' }, { id: 'ben', from: 'otherwise' }],
      thread_key: 't',
      scheduled_time: null,
      local_scheduled_time: null,
      timezone: null,
      expires_at: null,
    },
    recipient_count: 3,
    dedupe_key: 'A',
    response: { status: 201, body: { event: 'any', n: 1.5 } },
    problem: null,
  })
  assert.equal(await countRows(), before)
})

test('a dry run counts those who hear otherwise when there is nobody else', async () => {
  assert.equal((await tryOut({ id: 'A', team: 'nobody' })).recipient_count, 1)
})

test('a dry run tells of a refusal, of what is passed over, and of what came before', async () => {
  const refused = await tryOut({ id: 'A', n: 'x' })
  const nameless = await tryOut({ id: '' })
  const ping = await tryOut({ id: 'A' }, { headers: { 'x-kind': 'ping' } })
  const sent = await send('/webhooks/open', { id: 'B', n: 1, team: 'team' })
  const again = await tryOut({ id: 'B', n: 1, team: 'team' }, {}, 'open')
  const other = await tryOut({ id: 'B', n: 2, team: 'team' }, {}, 'open')

  assert.deepEqual([refused.outcome, refused.response.status], ['refused', 400])
  assert.equal(refused.problem.errors[0].pointer, '/n')
  assert.match(nameless.problem.errors[0].detail, /no dedupe key/)
  assert.equal(ping.outcome, 'ignored')
  assert.deepEqual([again.outcome, again.response.body], ['repeated', sent.body])
  assert.deepEqual([other.outcome, other.problem.code], ['refused', 'dedupe_key_reused'])
})

test('a dry run of no source, or without a body, is refused', async () => {
  assert.equal((await t.ask('POST', '/sources/shp/test', { body: {} })).status, 404)
  const answer = await t.ask('POST', '/sources/shop/test', { bdy: {} })
  assert.equal(answer.body.code, 'invalid_request')
})

test('what a source got is kept, with what became of it and why', async () => {
  await requests('/sources/open/requests') // writes down those of the tests before
  await t.ask('DELETE', '/sources/open')
  await t.ask('PUT', '/sources/open', open)
  const accepted = await send('/webhooks/open?token=canary&x=1', { id: 'C', team: 'team' })
  await send('/webhooks/open', { id: 'C', team: 'team' })
  await send('/webhooks/open', { id: 'D' }, { 'x-kind': 'ping' })
  await send('/webhooks/open', { n: 1 })
  await send('/webhooks/open', 'no JSON', { 'content-type': 'text/plain' })

  const kept = await requests('/sources/open/requests')

  assert.deepEqual(
    kept.map((one: Record<string, unknown>) => [one.outcome, one.status]),
    [
      ['refused', 415],
      ['refused', 400],
      ['ignored', 200],
      ['repeated', 200],
      ['accepted', 201],
    ],
  )
  const [unread, misfit, , again, first] = kept
  assert.equal(unread.problem.code, 'unsupported_media_type')
  assert.equal(unread.body, 'no JSON')
  assert.equal(misfit.problem.errors[0].pointer, '/id')
  assert.equal(first.body, '{"id":"C","team":"team"}')
  assert.equal(first.body_bytes, first.body.length)
  assert.deepEqual(first.query, { token: '[redacted]', x: '1' })
  assert.equal((await t.ask('GET', `/events/${first.event_id}`)).status, 200)
  assert.equal(again.event_id, first.event_id)
  assert.equal(accepted.status, 201)
  const refused = await requests('/sources/open/requests?outcome=refused&limit=1')
  assert.deepEqual(refused, [unread])
})

test('the reason the sender is not told is kept, and what proves who it is is not', async () => {
  const secrets = {
    'x-proof': 'canary-proof',
    authorization: 'Basic canary',
    cookie: 'canary=1',
    'x-api-key': 'canary',
    'x-shop-signature': 'canary',
    'x-plain': 'shown',
  }
  await send('/webhooks/shop', { id: 'E' }, secrets)

  const [kept] = await requests('/sources/shop/requests')

  assert.equal(kept.problem.code, 'not_authentic')
  assert.match(kept.problem.detail, /does not fit the body/)
  assert.equal(kept.headers['x-plain'], 'shown')
  assert.equal(kept.headers['x-proof'], '[redacted]')
  const rows = await look.rows('select r::text from belfry.source_requests r')
  assert.doesNotMatch(JSON.stringify(rows), /canary/)
})

test('a body is kept as far as it can be', async () => {
  await send('/webhooks/open', `{"id":"${'é'.repeat(10_000)}"}`)
  await send('/webhooks/open', Buffer.from([0x7b, 0x00, 0xff, 0x7d]))

  const [bytes, long] = await requests('/sources/open/requests')

  assert.equal(long.body_bytes, 20_009)
  assert.ok(long.body.length <= 8_192)
  assert.equal(bytes.body, '{\uFFFD\uFFFD}')
})

test('bad requests do not push out good ones, and the oldest go first', async () => {
  await t.ask('PUT', '/sources/busy', {
    ...open,
    event: { type: 'any', to: ['ana'] },
    response: null,
  })
  await send('/webhooks/busy', { id: 'good' })
  for (let i = 0; i < 150; i++) await send('/webhooks/busy', { bad: i })
  await requests('/sources/busy/requests')
  for (let i = 150; i < 170; i++) await send('/webhooks/busy', { bad: i })

  const kept = await requests('/sources/busy/requests?limit=300')

  const outcomes = kept.map(({ outcome }: { outcome: string }) => outcome)
  assert.equal(outcomes.filter((outcome: string) => outcome === 'refused').length, 100)
  assert.equal(outcomes.filter((outcome: string) => outcome === 'accepted').length, 1)
  assert.equal(kept[0].body, '{"bad":169}')
})

test('what could not be kept is told in the log and disturbs nobody', async () => {
  const db = { ...t.ctx.db, query: () => Promise.reject(new Error('away')) }
  const warned: unknown[] = []
  const log = { ...t.ctx.log, warn: (fields: unknown) => warned.push(fields) }
  const recent = createRecentRequests({ db, log })

  recent.add({
    workspaceId: 1,
    key: 'shop',
    auth: { kind: 'none' },
    receivedAt: new Date(),
    outcome: 'ignored',
    status: 200,
    problem: null,
    eventId: null,
    headers: {},
    query: {},
    body: Buffer.from('{}'),
  })
  await recent.flush()

  assert.equal(warned.length, 1)
})

test('after three days they are forgotten, and with their source at once', async () => {
  assert.equal((await t.ask('DELETE', '/sources/busy')).status, 204)
  assert.ok((await requests('/sources/open/requests')).length > 0)
  t.clock.advance({ hours: 73 })

  await prune(t.ctx)

  assert.equal(await look.number('select count(*) from belfry.source_requests'), 0)
  assert.equal((await t.ask('GET', '/sources/busy/requests')).status, 404)
})
