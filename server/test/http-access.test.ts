// Who may ask, and that nobody sees into another workspace.
import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { after, test } from 'node:test'
import { newApiKey } from '../src/secrets.ts'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { createKey, createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const askWith = (key: string, method: string, url: string, body?: unknown) =>
  t.ask(method, url, body, bearer(key))

/** A key of another workspace. */
async function twin(): Promise<string> {
  const name = `twin-${randomUUIDv7()}`
  const { id } = (await insertWorkspace(t.ctx.db, { key: name, name }))!
  return createKey(t.ctx, ['*'], id)
}

test('every way not to have a valid key gets the same answer', async () => {
  const headers = [
    { authorization: '' },
    { authorization: 'Basic YTpi' },
    { authorization: 'Bearer ' },
    { authorization: `Bearer ${newApiKey()}` },
    { authorization: `Bearer ${t.key}x` },
    { authorization: `Bearer ${'x'.repeat(10_000)}` },
  ]

  const answers = await Promise.all(
    headers.map((header) => t.ask('GET', '/stats', undefined, header)),
  )

  const bodies = answers.map(({ status, body }) =>
    JSON.stringify([status, { ...body, request_id: '' }]),
  )
  assert.equal(new Set(bodies).size, 1)
  assert.equal(answers[0]!.status, 401)
})

test('a key in the query is no key', async () => {
  const answer = await t.ask('GET', `/stats?api_key=${t.key}`, undefined, { authorization: '' })

  assert.equal(answer.status, 401)
})

test('a key does only what its scopes say, and is told which one is missing', async () => {
  const key = await createKey(t.ctx, ['subscribers:read'])

  assert.equal((await askWith(key, 'GET', '/subscribers')).status, 200)
  const refused = await askWith(key, 'PUT', '/subscribers/ana', {})
  assert.equal(refused.status, 403)
  assert.equal(refused.body.code, 'insufficient_scope')
  assert.equal(refused.body.scope, 'subscribers:write')
})

test('a key is shown once, works until it expires, and can be revoked at once', async () => {
  const expires_at = new Date(t.clock.now().getTime() + 60_000).toISOString()
  const made = await t.ask('POST', '/keys', { name: 'short', scopes: ['operate:read'], expires_at })
  assert.equal(made.status, 201)
  const kept = await t.ask('POST', '/keys', { name: 'kept', scopes: ['operate:read'] })

  const { body: list } = await t.ask('GET', '/keys')
  assert.ok(!JSON.stringify(list).includes(made.body.key))
  assert.equal((await askWith(made.body.key, 'GET', '/stats')).status, 200)
  t.clock.advance({ minutes: 2 })
  assert.equal((await askWith(made.body.key, 'GET', '/stats')).status, 401)

  assert.equal((await askWith(kept.body.key, 'GET', '/stats')).status, 200)
  assert.equal((await t.ask('DELETE', `/keys/${kept.body.id}`)).status, 204)
  assert.equal((await askWith(kept.body.key, 'GET', '/stats')).status, 401)
})

test('a key cannot make one that may do more, nor revoke itself', async () => {
  const made = await t.ask('POST', '/keys', { name: 'keeper', scopes: ['keys:write'] })

  const more = await askWith(made.body.key, 'POST', '/keys', { name: 'more', scopes: ['*'] })
  assert.equal(more.status, 403)
  const itself = await askWith(made.body.key, 'DELETE', `/keys/${made.body.id}`)
  assert.equal(itself.status, 409)
})

test('workspaces may use the same names', async () => {
  const other = await twin()
  await t.ask('PUT', '/subscribers/ana', {})

  assert.equal((await askWith(other, 'PUT', '/subscribers/ana', {})).status, 201)
})

test('a cursor works only for the workspace, the path and the filters it was made for', async () => {
  for (const id of ['p1', 'p2', 'p3']) await t.ask('PUT', `/subscribers/${id}`, {})
  const { body } = await t.ask('GET', '/subscribers?limit=1')
  const cursor = String(body.next_cursor)

  assert.equal((await t.ask('GET', `/subscribers?limit=2&cursor=${cursor}`)).status, 200)
  const elsewhere = [
    await askWith(await twin(), 'GET', `/subscribers?cursor=${cursor}`),
    await t.ask('GET', `/topics?cursor=${cursor}`),
    await t.ask('GET', `/providers?channel=email&cursor=${cursor}`),
    await t.ask(
      'GET',
      `/subscribers?cursor=${cursor.slice(0, -1)}${cursor.endsWith('A') ? 'B' : 'A'}`,
    ),
    await t.ask('GET', `/subscribers?cursor=x${cursor}`),
    await t.ask('GET', '/subscribers?cursor=nonsense'),
  ]
  for (const answer of elsewhere) {
    assert.equal(answer.status, 400)
    assert.equal(answer.body.code, 'invalid_cursor')
  }
})

test('pages follow each other without gaps or repeats', async () => {
  const seen: string[] = []
  let url = '/subscribers?limit=2'
  for (;;) {
    const { body } = await t.ask('GET', url)
    seen.push(...body.subscribers.map(({ id }: { id: string }) => id))
    if (body.next_cursor === null) break
    url = `/subscribers?limit=2&cursor=${body.next_cursor}`
  }

  assert.deepEqual(seen, [...new Set(seen)])
  const { body: all } = await t.ask('GET', '/subscribers')
  assert.equal(seen.length, all.count)
})

test('the use of a key is written down', async () => {
  const { body } = await t.ask('GET', '/keys')

  const mine = body.keys.find(
    ({ last_four }: { last_four: string }) => last_four === t.key.slice(-4),
  )
  assert.notEqual(mine.last_used_at, null)
})
