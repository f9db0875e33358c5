// Idempotency keys of work that cannot be in one transaction: it is done once, too.
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, test } from 'node:test'
import { createLook, type Look } from './given.ts'
import { createHttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
let look: Look
let sink: Awaited<ReturnType<typeof createHttpSink>>
let provider: string

before(async () => {
  t = await createTestContext()
  look = createLook(t.connection)
  sink = await createHttpSink()
  const body = { channel: 'webhook', kind: 'webhook', name: 'r', settings: { url: sink.url } }
  provider = (await t.ask('POST', '/providers', body)).body.id
})
after(async () => {
  await sink.close()
  await look.close()
  await t.close()
})

const tryOut = (key: string, to = `${sink.url}/hook`) =>
  t.ask('POST', `/providers/${provider}/test`, { to }, { 'idempotency-key': key })

test('while one request is at its work, another with its key is refused, and does not do it again', async () => {
  let held: ServerResponse | null = null
  sink.answer = (_, response) => {
    held = response
    return null
  }
  const count = sink.requests.length

  const first = tryOut('once')
  await sink.waitFor(count + 1)
  const second = await tryOut('once')
  held!.writeHead(200).end()
  const answer = await first
  const third = await tryOut('once')

  assert.deepEqual([second.status, second.body.code], [409, 'idempotency_in_progress'])
  assert.deepEqual([answer.status, answer.body.is_ok], [200, true])
  assert.deepEqual(third.body, answer.body)
  assert.equal(third.headers['idempotency-replayed'], 'true')
  assert.equal(sink.requests.length, count + 1)
})

test('a refusal gives the key back', async () => {
  sink.answer = () => ({})
  const key = { 'idempotency-key': 'again' }
  const id = '01990000-0000-7000-8000-000000000000'
  const refused = await t.ask('POST', `/notifications/${id}/cancel`, undefined, key)
  assert.equal(refused.status, 404)

  const { status } = await t.ask('POST', `/notifications/${id}/cancel`, undefined, key)

  assert.equal(status, 404, 'not that it is under way')
})

test('the key of a process that died at its work is taken over later', async () => {
  sink.answer = () => ({})
  await tryOut('left')
  await look.rows(`update belfry.idempotency set status = 0, body = 'null' where key = 'left'`)
  const meanwhile = await tryOut('left')
  await look.rows(
    `update belfry.idempotency set created_at = created_at - interval '1 hour' where key = 'left'`,
  )

  const later = await tryOut('left')

  assert.equal(meanwhile.status, 409)
  assert.deepEqual([later.status, later.body.is_ok], [200, true])
  assert.equal((await tryOut('left')).headers['idempotency-replayed'], 'true')
})
