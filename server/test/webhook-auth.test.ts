// Who may send a webhook: keys, passwords and signatures, over the bytes as they came; and what comes a
// second time, from the sender or from somebody who listened.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { createLook, given } from './given.ts'
import { createKey, createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
after(async () => {
  await look.close()
  await t.close()
})

await given.eventType(t, 'any', { channels: ['in_app'] })
await given.subscriber(t, 'ana')

const countEvents = () => look.number('select count(*) from belfry.events')
const send = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  t.ask('POST', url, body, { authorization: '', 'content-type': 'application/json', ...headers })

async function source(key: string, auth: object, event: object = {}): Promise<void> {
  const definition = { auth, event: { type: 'any', to: ['ana'], ...event } }
  const { status, body } = await t.ask('PUT', `/sources/${key}`, definition)
  assert.ok(status < 300, JSON.stringify(body))
}

async function refused(answer: ReturnType<typeof send>, status = 401): Promise<string> {
  const before = await countEvents()
  const { status: given, body } = await answer
  assert.equal(given, status, JSON.stringify(body))
  assert.equal(await countEvents(), before)
  return body.code
}

const secret = 'a secret of the sender'
const signature = (body: string) => createHmac('sha256', secret).update(body).digest('hex')

test('a signature is of the bytes, not of what they mean', async () => {
  await source('github', { kind: 'hmac', secret, header: 'X-Hub-Signature-256', prefix: 'sha256=' })
  const body = '{ "b": 1,\n "a": "\\u00e9" }'
  const header = (text: string) => ({ 'x-hub-signature-256': `sha256=${signature(text)}` })

  const genuine = await send('/webhooks/github', body, header(body))
  const compact = await refused(send('/webhooks/github', body, header('{"b":1,"a":"é"}')))
  await refused(send('/webhooks/github', '{"b":1,"a":"é"}', header(body)))

  assert.equal(genuine.status, 202)
  assert.equal(compact, 'not_authentic')
})

test('who is not genuine learns neither why nor what the body should be', async () => {
  const answers = await Promise.all([
    send('/webhooks/github', '{"a":'),
    send('/webhooks/github', '{}', { 'x-hub-signature-256': 'sha256=00' }),
    send('/webhooks/github', '{}', { 'x-hub-signature-256': `sha1=${signature('{}')}` }),
    send('/webhooks/github', 'x', { 'content-type': 'text/plain' }),
  ])

  const told = answers.map(({ status, body }) =>
    JSON.stringify([status, { ...body, request_id: '' }]),
  )
  assert.equal(new Set(told).size, 1)
  assert.equal(answers[0].status, 401)
})

test('a signed body that is no JSON is refused as such', async () => {
  const headers = { 'x-hub-signature-256': `sha256=${signature('{"a":')}` }

  assert.equal(await refused(send('/webhooks/github', '{"a":', headers), 400), 'invalid_json')
})

test('without a signed time the same bytes are another event', async () => {
  const headers = { 'x-hub-signature-256': `sha256=${signature('{}')}` }
  const first = await send('/webhooks/github', '{}', headers)
  const second = await send('/webhooks/github', '{}', headers)

  assert.notEqual(second.body.event_id, first.body.event_id)
})

const stripe = {
  kind: 'hmac',
  secret,
  header: 'Stripe-Signature',
  prefix: 'v1=',
  signed: '{timestamp}.{body}',
  timestamp: { header: 'Stripe-Signature', prefix: 't=' },
}
const stripeHeaders = (body: string, at = Math.floor(t.clock.now().getTime() / 1_000)) => ({
  'stripe-signature': `t=${at},v1=${signature(`${at}.${body}`)}`,
})

test('a signed request that comes again changes nothing, and comes too late after five minutes', async () => {
  await source('stripe', stripe)
  const headers = stripeHeaders('{"n":1}')
  const first = await send('/webhooks/stripe', '{"n":1}', headers)
  const before = await countEvents()

  t.clock.advance({ seconds: 10 })
  const replayed = await send('/webhooks/stripe', '{"n":1}', headers)
  const elsewhere = await send('/webhooks/stripe?x=1', '{"n":1}', headers)
  t.clock.advance({ minutes: 6 })
  const late = await refused(send('/webhooks/stripe', '{"n":1}', headers))

  assert.deepEqual([first.status, replayed.status, elsewhere.status], [202, 200, 200])
  assert.deepEqual([replayed.body, elsewhere.body], [first.body, first.body])
  assert.equal(await countEvents(), before)
  assert.equal(late, 'not_authentic')
})

test('a header the sender did not sign makes no new request of an old one', async () => {
  await source('signed-time', stripe)
  const headers = stripeHeaders('{"n":2}')
  const first = await send('/webhooks/signed-time', '{"n":2}', headers)

  const again = await send('/webhooks/signed-time', '{"n":2}', {
    ...headers,
    'idempotency-key': 'x',
  })

  assert.deepEqual([again.status, again.body], [200, first.body])
})

test('a sender that tries again signs anew and is known by its id', async () => {
  const key = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
  await source('standard', { kind: 'standard_webhooks', secret: key })
  const signed = (id: string, body: string) => {
    const at = t.clock.now()
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(key).sign(id, at, body),
    }
  }
  const first = await send('/webhooks/standard', '{"n":1}', signed('msg_1', '{"n":1}'))
  t.clock.advance({ minutes: 30 })

  const again = await send('/webhooks/standard', '{"n":1}', signed('msg_1', '{"n":1}'))
  const other = await send('/webhooks/standard', '{"n":2}', signed('msg_1', '{"n":2}'))
  const next = await send('/webhooks/standard', '{"n":2}', signed('msg_2', '{"n":2}'))

  assert.deepEqual([first.status, again.status, next.status], [202, 200, 202])
  assert.deepEqual(again.body, first.body)
  assert.deepEqual([other.status, other.body.code], [409, 'dedupe_key_reused'])
})

test('ids of one source are not those of another', async () => {
  const event = { dedupe_key: '{{ body.id }}' }
  await source('one', { kind: 'none' }, event)
  await source('two', { kind: 'none' }, event)

  const one = await send('/webhooks/one', '{"id":"A"}')
  const two = await send('/webhooks/two', '{"id":"A"}')

  assert.deepEqual([one.status, two.status], [202, 202])
})

test('a password is asked for, and right or wrong', async () => {
  await source('basic', { kind: 'basic', username: 'shop', password: 'a password' })
  const basic = (text: string) => ({ authorization: `Basic ${btoa(text)}` })

  const wrong = await send('/webhooks/basic', '{}', basic('shop:another'))

  assert.equal((await send('/webhooks/basic', '{}', basic('shop:a password'))).status, 202)
  assert.equal(wrong.status, 401)
  assert.equal(wrong.headers['www-authenticate'], 'Basic realm="Belfry"')
  await refused(send('/webhooks/basic', '{}'))
  await refused(send('/webhooks/basic', '{}', { authorization: `Bearer ${t.key}` }))
})

test('a key is good when it may write events, in the workspace of the source', async () => {
  await source('keyed', { kind: 'key' })
  const reader = await createKey(t.ctx, ['events:read'])
  const { id } = (await insertWorkspace(t.ctx.db, { key: 'acme', name: 'Acme' }))!
  const theirs = await createKey(t.ctx, ['*'], id)
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

  assert.equal((await send('/webhooks/keyed', '{}', bearer(t.key))).status, 202)
  assert.equal(await refused(send('/webhooks/keyed', '{}')), 'unauthenticated')
  assert.equal(await refused(send('/webhooks/keyed', '{}', bearer(theirs))), 'not_authentic')
  assert.equal(
    await refused(send('/webhooks/keyed', '{}', bearer(reader)), 403),
    'insufficient_scope',
  )
})

test('a key may stand in a header of the sender', async () => {
  await source('gitlab', { kind: 'key', header: 'X-Gitlab-Token' })

  assert.equal((await send('/webhooks/gitlab', '{}', { 'x-gitlab-token': t.key })).status, 202)
  await refused(send('/webhooks/gitlab', '{}', { authorization: `Bearer ${t.key}` }))
  assert.match((await send('/webhooks/gitlab', '{}')).body.detail, /header X-Gitlab-Token/)
  await refused(send('/webhooks/gitlab', '{}', { 'x-gitlab-token': `Bearer ${t.key}` }))
})

test('a source of another workspace is found under its name, and belongs to it', async () => {
  const { id } = (await insertWorkspace(t.ctx.db, { key: 'umbrella', name: 'Umbrella' }))!
  const key = await createKey(t.ctx, ['*'], id)
  const ask = (method: string, url: string, body?: unknown) =>
    t.ask(method, url, body, { authorization: `Bearer ${key}` })
  await given.eventType({ ask }, 'any', { channels: ['in_app'] })
  const made = await ask('PUT', '/sources/theirs', {
    auth: { kind: 'none' },
    event: { type: 'any', to: ['ana'] },
  })

  const answer = await send(made.body.path, '{}')

  assert.equal(made.body.path, '/webhooks/umbrella/theirs')
  assert.equal((await ask('GET', `/events/${answer.body.event_id}`)).status, 200)
  assert.equal((await t.ask('GET', `/events/${answer.body.event_id}`)).status, 404)
  assert.equal((await send('/webhooks/theirs', '{}')).status, 404)
})

test('no mapping reads what proves who the sender is', async () => {
  const params = {
    got: '{{ headers.x-gitlab-token }}{{ headers.authorization }}',
    ok: '{{ headers.x-a }}',
  }
  await source('curious', { kind: 'key', header: 'X-Gitlab-Token' }, { params })

  const headers = { 'x-gitlab-token': t.key, authorization: 'Basic eDp5', 'x-a': 'a' }
  const { body } = await send('/webhooks/curious', '{}', headers)

  const event = await t.ask('GET', `/events/${body.event_id}`)
  assert.deepEqual(event.body.params, { got: '', ok: 'a' })
})

test('a secret that cannot be read lets nobody in', async () => {
  await source('lost', { kind: 'hmac', secret, header: 'X-Signature' })
  await look.rows(`update belfry.sources s set secrets = o.secrets from belfry.sources o
    where s.key = 'lost' and o.key = 'github'`)

  await refused(send('/webhooks/lost', '{}', { 'x-signature': signature('{}') }), 500)
})
