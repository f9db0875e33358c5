// Idempotency-Key: who repeats a request gets the first answer, and nothing happens twice.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

const bulk = (ids: string[], key: string) =>
  t.ask(
    'POST',
    '/subscribers/bulk',
    { subscribers: ids.map((id) => ({ id })) },
    { 'idempotency-key': key },
  )

test('a repeated request gets the first answer and says so', async () => {
  const first = await bulk(['ana'], 'once')
  const second = await bulk(['ana'], 'once')

  assert.equal(first.headers['idempotency-replayed'], undefined)
  assert.equal(second.headers['idempotency-replayed'], 'true')
  assert.deepEqual(second.body, first.body)
  assert.equal(second.body.results[0].status, 'created')
})

test('the same key with another body, or at another place, is refused', async () => {
  await bulk(['ben'], 'mine')

  const otherBody = await bulk(['cy'], 'mine')
  assert.equal(otherBody.body.code, 'idempotency_key_reused')
  assert.equal((await t.ask('GET', '/subscribers/cy')).status, 404)

  const here = { 'idempotency-key': 'here' }
  await t.ask('POST', '/topics/a/members', { subscribers: ['ben'] }, here)
  const elsewhere = await t.ask('POST', '/topics/b/members', { subscribers: ['ben'] }, here)
  assert.equal(elsewhere.body.code, 'idempotency_key_reused')
  assert.equal((await t.ask('GET', '/topics/b')).status, 404)
})

test('of 20 requests at once one does the work and all get its answer', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => bulk(['dan'], 'race')))

  assert.ok(answers.every(({ status, body }) => status === 200 && body.created === 1))
  assert.equal(answers.filter(({ headers }) => !headers['idempotency-replayed']).length, 1)
})

test('a refused request leaves its key free', async () => {
  const headers = { 'idempotency-key': 'again' }
  const body = { subscribers: ['eve'] }

  assert.equal((await t.ask('POST', '/topics/c/members', body, headers)).status, 422)
  await t.ask('PUT', '/subscribers/eve', {})
  assert.equal((await t.ask('POST', '/topics/c/members', body, headers)).status, 200)
})

test('while the first request is still running the second is told to come again', async () => {
  const client = await t.ctx.db.connect()
  await client.query('begin')
  await client.query(
    `insert into belfry.idempotency (workspace_id, key, fingerprint, status, body)
     values (1, 'busy', '', 200, '{}')`,
  )

  const answer = await bulk(['fay'], 'busy')
  await client.query('rollback')
  await client.end()

  assert.equal(answer.body.code, 'idempotency_in_progress')
  assert.equal(answer.headers['retry-after'], '1')
  assert.equal((await bulk(['fay'], 'busy')).status, 200)
})

test('a key that was shown once is shown again to who repeats the request, and stored encrypted', async () => {
  const headers = { 'idempotency-key': 'key' }
  const body = { name: 'checkout', scopes: ['events:write'] }

  const first = await t.ask('POST', '/keys', body, headers)
  const second = await t.ask('POST', '/keys', body, headers)

  assert.equal(second.body.key, first.body.key)
  const client = await t.ctx.db.connect()
  const { rows } = await client.query(`select body::text from belfry.idempotency where key = 'key'`)
  await client.end()
  assert.ok(!rows[0].body.includes(first.body.key))
})

for (const key of ['', 'a b', 'é', 'x'.repeat(256), 'a\tb'])
  test(`an Idempotency-Key is refused: ${JSON.stringify(key).slice(0, 12)}`, async () => {
    const answer = await bulk(['gus'], key)

    assert.equal(answer.status, 400)
    assert.equal(answer.body.code, 'invalid_idempotency_key')
  })
