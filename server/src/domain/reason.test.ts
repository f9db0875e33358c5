import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AudienceMember } from './audience.ts'
import { reasonsOf, reasonText, tellReasons, type Reason } from './reason.ts'

// whom the audience names, as stored, as shown, as told
const cases: [AudienceMember, string, Reason, string][] = [
  [{ id: 'ana' }, 'request', { kind: 'request', topic: null }, 'named in the request'],
  [
    { id: 'ana', from: 'event_type' },
    'event_type',
    { kind: 'event_type', topic: null },
    'named by the event type',
  ],
  [
    { id: 'ana', from: 'otherwise' },
    'otherwise',
    { kind: 'otherwise', topic: null },
    'named, to be told otherwise: the audience found nobody',
  ],
  [
    { topic: 'product:42#manager', from: 'event_type' },
    'topic:product:42#manager',
    { kind: 'topic', topic: 'product:42#manager' },
    'manager of product:42',
  ],
  [
    { topic: 'request' },
    'topic:request',
    { kind: 'topic', topic: 'request' },
    'member of the topic request',
  ],
  [{ topic: 'a#' }, 'topic:a#', { kind: 'topic', topic: 'a#' }, 'member of the topic a#'],
  [
    { topic: 'topic:x', from: 'otherwise' },
    'otherwise:topic:topic:x',
    { kind: 'otherwise', topic: 'topic:x' },
    'member of the topic topic:x, to be told otherwise: the audience found nobody',
  ],
]
for (const [member, stored, shown, told] of cases)
  test(`the reason of ${JSON.stringify(member)}`, () => {
    assert.equal(reasonText(member), stored)
    assert.deepEqual(reasonsOf([stored]), [shown])
    assert.equal(tellReasons([shown]), told)
  })

test('nothing stored means named in the request', () => {
  assert.equal(tellReasons(reasonsOf(null)), 'named in the request')
})

test('several reasons are told in one sentence', () => {
  assert.equal(
    tellReasons(reasonsOf(['topic:product:42#manager', 'request'])),
    'manager of product:42 and named in the request',
  )
})
