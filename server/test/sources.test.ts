// Sources over HTTP: what is wrong with one is told when it is saved, and its secrets are never shown.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createLook, given } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
after(async () => {
  await look.close()
  await t.close()
})

await given.eventType(t, 'order.paid', {
  params: {
    type: 'object',
    required: ['order'],
    additionalProperties: false,
    properties: { order: { type: 'string' }, note: { type: 'string' } },
  },
})

const event = { type: 'order.paid', params: { order: '/id' } }
const none = { kind: 'none' }

test('what is left out of a source gets its default', async () => {
  const { status, body } = await t.ask('PUT', '/sources/shop', { auth: none, event })

  assert.equal(status, 201)
  const { created_at: _created, updated_at: _updated, ...shown } = body
  assert.deepEqual(shown, {
    key: 'shop',
    path: '/webhooks/shop',
    schema: null,
    auth: none,
    secrets: [],
    event: {
      ...event,
      to: [],
      when: null,
      dedupe_key: null,
      level: null,
      thread_key: null,
      scheduled_time: null,
      timezone: null,
      expires_at: null,
      require_audience: false,
    },
    response: null,
  })
  assert.equal((await t.ask('PUT', '/sources/shop', { auth: none, event })).status, 200)
  assert.deepEqual((await t.ask('GET', '/sources/shop')).body.event, body.event)
  assert.match((await t.ask('GET', '/sources/shopp')).body.detail, /Did you mean "shop"\?/)
})

test('parameters and answers keep the order they are written in', async () => {
  const body = { zebra: 1, apple: 2, mango: { b: 1, a: 2 } }
  const definition = {
    auth: none,
    event: { type: 'x.{{ body.x }}', params: body },
    response: { body },
  }

  const answer = await t.ask('PUT', '/sources/ordered', definition)

  assert.equal(JSON.stringify(answer.body.event.params), JSON.stringify(body))
  assert.equal(JSON.stringify(answer.body.response.body), JSON.stringify(body))
})

const secretText = 'canary-0123456789'
const hmac = { kind: 'hmac', secret: secretText, header: 'X-Signature' }

test('a secret goes in, is encrypted, stays until it is changed, and never comes out', async () => {
  const put = (auth: object) => t.ask('PUT', '/sources/secret', { auth, event })
  const made = await put({ ...hmac, previous_secret: `${secretText}-old` })
  const kept = await put({ kind: 'hmac', header: 'X-Other' })
  const without = await put({ kind: 'hmac', header: 'X-Other', previous_secret: null })
  const otherKind = await put({ kind: 'basic', username: 'shop' })

  assert.deepEqual(made.body.secrets, ['secret', 'previous_secret'])
  assert.deepEqual(made.body.auth, {
    kind: 'hmac',
    header: 'X-Signature',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: '',
    signed: '{body}',
    timestamp: null,
  })
  assert.deepEqual(kept.body.secrets, ['secret', 'previous_secret'])
  assert.deepEqual(without.body.secrets, ['secret'])
  assert.equal(otherKind.body.errors[0].pointer, '/auth/password')
  const answers = [made, kept, without, await t.ask('GET', '/sources')]
  assert.doesNotMatch(JSON.stringify(answers.map(({ body }) => body)), /canary/)
  const rows = await look.rows(`select s::text as row, encode(secrets, 'escape') as secrets
    from belfry.sources s where key = 'secret'`)
  assert.doesNotMatch(JSON.stringify(rows), /canary/)
})

test('a secret moved to another source is worthless', async () => {
  await t.ask('PUT', '/sources/theirs', { auth: hmac, event })
  await look.rows(`update belfry.sources s set secrets = o.secrets from belfry.sources o
    where s.key = 'theirs' and o.key = 'secret'`)

  const { body } = await t.ask('GET', '/sources/theirs')

  assert.deepEqual(body.secrets, [])
})

test('sources are listed page by page', async () => {
  const first = await t.ask('GET', '/sources?limit=2')
  const second = await t.ask('GET', `/sources?limit=2&cursor=${first.body.next_cursor}`)

  const keys = [first, second].flatMap(({ body }) =>
    body.sources.map(({ key }: { key: string }) => key),
  )
  assert.deepEqual(keys, ['ordered', 'secret', 'shop', 'theirs'])
})
