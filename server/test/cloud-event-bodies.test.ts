// Which requests are read as CloudEvents, and which are refused before anything in them is looked at.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { given } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

const post = (body: string, headers: Record<string, string>) =>
  t.ask('POST', '/events', body, headers)

await given.subscriber(t, 'ana')
await given.eventType(t, 'stock.low', { channels: ['in_app'], audience: [{ topic: 'team' }] })

// what, content type, further headers, body, status
const ce = { 'ce-specversion': '1.0', 'ce-type': 'stock.low', 'ce-source': '/', 'ce-id': 'x' }
const unread: [string, string, Record<string, string>, string, number][] = [
  ['another format', 'application/cloudevents+avro', {}, '{}', 415],
  ['no format', 'application/cloudevents', {}, '{}', 415],
  ['many in another format', 'application/cloudevents-batch+avro', {}, '[]', 415],
  ['another charset', 'application/cloudevents+json; charset=latin1', {}, '{}', 415],
  ['headers with XML', 'application/xml', ce, '<a/>', 415],
  ['no JSON', 'application/cloudevents+json', {}, '{', 400],
  ['the same key twice', 'application/cloudevents+json', {}, '{"id":"1","id":"2"}', 400],
  ['nothing', 'application/cloudevents+json', {}, '', 400],
  ['a list where one is meant', 'application/cloudevents+json', {}, '[]', 422],
  ['one where a list is meant', 'application/cloudevents-batch+json', {}, '{}', 422],
  ['one too large', 'application/cloudevents+json', {}, ' '.repeat(262_145), 413],
  ['a batch too large', 'application/cloudevents-batch+json', {}, ' '.repeat(2_097_153), 413],
  ['a preference that cannot be', 'application/cloudevents+json', { prefer: 'wait=99' }, '{}', 422],
]
for (const [name, type, headers, body, status] of unread)
  test(`what cannot be read as CloudEvents is refused: ${name}`, async () => {
    const answer = await post(body, { 'content-type': type, ...headers })

    assert.equal(answer.status, status)
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
  })

test('CloudEvents need a key, and are taken on the path of events only', async () => {
  const body = '{"specversion":"1.0","type":"stock.low","source":"/","id":"1"}'
  const type = { 'content-type': 'application/cloudevents+json' }

  const nobody = await post(body, { ...type, authorization: '' })
  const elsewhere = await t.ask('POST', '/events/batch', body, type)
  const withSlash = await t.ask('POST', '/events/', body, type)

  assert.equal(nobody.status, 401)
  assert.equal(elsewhere.status, 415)
  assert.equal(withSlash.status, 202)
})

test('who prefers to wait is told what became of CloudEvents', async () => {
  t.work()
  await given.topic(t, 'team', ['ana'])
  const event = { specversion: '1.0', type: 'stock.low', source: '/', id: 'awaited' }
  const headers = { prefer: 'wait=20' }

  const one = await post(JSON.stringify(event), {
    ...headers,
    'content-type': 'application/cloudevents+json',
  })
  const many = await post(JSON.stringify([{ ...event, id: 'awaited too' }]), {
    ...headers,
    'content-type': 'application/cloudevents-batch+json',
  })

  assert.deepEqual([one.status, one.body.event.recipient_count], [200, 1])
  assert.deepEqual([many.status, many.body.results[0].recipient_count], [200, 1])
})
