// Who an event type names, and how urgent it says an event is: worked out from the parameters.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, untilQuiet, type Look } from './given.ts'
import { createTestContext, type Answer, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  for (const id of ['ana', 'ben', 'cleo', 'dan', '7']) await given.subscriber(belfry, id)
  await given.topic(belfry, encodeURIComponent('product:42#manager'), ['ana', 'ben'])
  await given.topic(belfry, encodeURIComponent('product:42#admin'), ['ben', 'cleo'])
  belfry.work()
})

after(async () => {
  await look.close()
  await belfry.close()
})

let count = 0

/** An event type of its own for an event; what the event is refused with, or the event. */
async function tell(
  definition: Record<string, unknown>,
  event: Record<string, unknown>,
): Promise<Answer['body']> {
  const type = `audience.${++count}`
  await given.eventType(belfry, type, { channels: ['in_app'], ...definition })
  const { status, body } = await belfry.ask('POST', '/events', { type, ...event })
  if (status !== 202) return body
  await untilQuiet(look)
  return (await belfry.ask('GET', `/events/${body.event_id}`)).body
}

async function toldBy(event: Answer['body']): Promise<string[]> {
  const { body } = await belfry.ask('GET', `/notifications?event_id=${event.id}`)
  return body.notifications.map((row: { recipient_id: string }) => row.recipient_id).sort()
}

const productIds = { product_ids: ['product:42#manager', 'product:42#admin'] }

// what the event type says, the parameters, who is told
const audiences: [string, unknown[], object, string[]][] = [
  ['an id', ['ana'], {}, ['ana']],
  ['a parameter', ['{{ who }}'], { who: 'ana' }, ['ana']],
  ['a number', ['{{ who }}'], { who: 7 }, ['7']],
  ['a parameter below params', ['{{ params.who.id }}'], { who: { id: 'ana' } }, ['ana']],
  ['a list of ids', ['{{ who }}'], { who: ['ana', 'dan', null, ''] }, ['ana', 'dan']],
  ['a list that a filter makes', ['{{ who | split: "," }}'], { who: 'ana,dan' }, ['ana', 'dan']],
  ['a relation', [{ topic: 'product:{{ id }}#manager' }], { id: 42 }, ['ana', 'ben']],
  ['a list of topics', [{ topic: '{{ product_ids }}' }], productIds, ['ana', 'ben', 'cleo']],
  ['nobody by one of several', ['{{ who }}', 'dan'], {}, ['dan']],
  [
    'a union',
    ['dan', { topic: 'product:42#manager' }, { topic: 'product:42#admin' }],
    {},
    ['ana', 'ben', 'cleo', 'dan'],
  ],
]
for (const [what, audience, params, expected] of audiences)
  test(`an event type names ${what}`, async () => {
    assert.deepEqual(await toldBy(await tell({ audience }, { params })), expected)
  })

test('an event type cannot name more by naming the same list again and again', async () => {
  const who = Array.from({ length: 3_000 }, (_, i) => i)
  const refusal = await tell({ audience: ['{{ who }}', '{{ who }}'] }, { params: { who } })

  assert.match(refusal.errors[0].detail, /more than 5000/)
})

// what is asked for, who is told
const fallbacks: [string, object, Record<string, unknown>, string[]][] = [
  ['nobody', { audience: ['{{ who }}'] }, {}, ['cleo', 'dan']],
  ['an empty topic', { audience: [{ topic: 'deserted' }] }, {}, ['cleo', 'dan']],
  ['somebody', { audience: ['{{ who }}'] }, { params: { who: 'ana' } }, ['ana']],
  ['nobody but whom the event names', { audience: ['{{ who }}'] }, { to: ['ben'] }, ['ben']],
  ['no audience at all', {}, {}, ['cleo', 'dan']],
]
for (const [what, definition, event, expected] of fallbacks)
  test(`otherwise is told when the audience finds ${what}`, async () => {
    const otherwise = ['dan', { topic: '{{ team | default: "keepers" }}' }]
    await given.topic(belfry, 'keepers', ['cleo', 'dan'])

    assert.deepEqual(await toldBy(await tell({ ...definition, otherwise }, event)), expected)
  })

test('every reason is shown, and told in words', async () => {
  const event = await tell(
    { audience: ['{{ owner }}', { topic: 'product:42#manager' }, { topic: 'product:42#admin' }] },
    { params: { owner: 'ben' }, to: ['ben'] },
  )

  const { body } = await belfry.ask('GET', `/notifications?event_id=${event.id}&recipient_id=ben`)
  const { id } = body.notifications[0]
  const { reasons, trace } = (await belfry.ask('GET', `/notifications/${id}`)).body
  assert.deepEqual(reasons, [
    { kind: 'event_type', topic: null },
    { kind: 'topic', topic: 'product:42#manager' },
    { kind: 'topic', topic: 'product:42#admin' },
    { kind: 'request', topic: null },
  ])
  assert.equal(
    trace.find(({ step }: { step: string }) => step === 'fan_out').because,
    'named by the event type and manager of product:42 and admin of product:42 and named in the request',
  )
})

test('an event says which entries were tried and how many each found', async () => {
  const event = await tell(
    { audience: ['{{ owner }}', { topic: 'deserted' }], otherwise: [{ topic: 'keepers' }, 'ana'] },
    { params: { owner: 'ghost' } },
  )

  assert.deepEqual(event.audience, [
    { id: 'ghost', from: 'event_type', found: 0 },
    { topic: 'deserted', from: 'event_type', found: 0 },
    { topic: 'keepers', from: 'otherwise', found: 2 },
    { id: 'ana', from: 'otherwise', found: 1 },
  ])
  assert.deepEqual(
    event.trace.map(({ decision, because }: Record<string, string>) => `${decision}: ${because}`),
    [
      `accepted: an event of type ${event.type} (version 1), level standard, was stored`,
      'found 0: 1 named by the event type; no subscriber is "ghost"',
      'found 1: 1 named to be told otherwise',
      'found 0: the topic deserted has no members',
      'found 2: the topic keepers, to be told otherwise',
      '4 recipients: each person once, however many ways led there',
    ],
  )
  assert.deepEqual(await toldBy(event), ['ana', 'cleo', 'dan', 'ghost'])
})

test('otherwise is looked at only when nobody else was found, and that is told', async () => {
  const event = await tell(
    { audience: ['{{ who }}'], otherwise: ['dan'] },
    { params: { who: 'ana' } },
  )

  assert.deepEqual(event.audience[1], { id: 'dan', from: 'otherwise', found: null })
  assert.ok(
    event.trace.some(({ decision }: { decision: string }) => decision === 'otherwise not used'),
  )
})

test('who is named after thousands of names that are all the same person is found too', async () => {
  const who = Array.from({ length: 5_000 }, () => 'ana')
  const event = await tell({ audience: ['{{ who }}'] }, { params: { who }, to: ['ben'] })

  assert.deepEqual(event.audience.at(-1), { id: 'ben', from: 'request', found: 1 })
  assert.deepEqual([event.recipient_count, event.notifications], [2, { delivered: 2 }])
})

// the entry, the parameters, what is said
const noNames: [unknown, object, RegExp][] = [
  ['{{ who }}', { who: { id: 'ana' } }, /\/audience\/0 .*comes out as \{"id":"ana"\}/],
  ['{{ who }}', { who: true }, /comes out as true/],
  ['{{ who }}', { who: ['ana', ['ben']] }, /comes out as \["ben"\]/],
  ['{{ who }}', { who: 'a\nb' }, /no id/],
  [{ topic: 'x{{ who }}' }, { who: 'y'.repeat(255) }, /no id/],
  ['{{ who }}', { who: Array.from({ length: 5_001 }, (_, i) => i) }, /5000 are the most/],
]
for (const [entry, params, said] of noNames)
  test(`what names nobody that can be is refused: ${JSON.stringify(entry)} ${said}`, async () => {
    const refusal = await tell({ audience: [entry] }, { params })

    assert.equal(refusal.code, 'invalid_params')
    assert.equal(refusal.errors[0].pointer, '/params')
    assert.match(refusal.errors[0].detail, said)
  })

const level =
  '{% if total > 1000 %}critical{% elsif total %}{{ urgency | default: "standard" }}{% endif %}'

// the event, its level
const printed: [object, string][] = [
  [{ params: { total: 2_000 } }, 'critical'],
  [{ params: { total: 1 } }, 'standard'],
  [{ params: { total: 1 }, level: 'critical' }, 'critical'],
  [{ params: {}, level: 'standard' }, 'standard'],
]
for (const [event, expected] of printed)
  test(`the level of ${JSON.stringify(event)} is ${expected}`, async () => {
    assert.equal((await tell({ level }, { ...event, to: ['ana'] })).level, expected)
  })

// parameters, what is said
const noLevels: [object, RegExp][] = [
  [{}, /comes out as ""/],
  [{ total: 1, urgency: 'critcal' }, /comes out as "critcal".*Did you mean "critical"/],
]
for (const [params, said] of noLevels)
  test(`a level that is none is refused: ${JSON.stringify(params)}`, async () => {
    const refusal = await tell({ level }, { params, to: ['ana'] })

    assert.deepEqual([refusal.status, refusal.code], [422, 'invalid_params'])
    assert.equal(refusal.errors[0].pointer, '/type')
    assert.match(refusal.errors[0].detail, said)
  })

test('in a batch each event is refused by itself, with pointers and the nearest names', async () => {
  const schema = { properties: { who: { type: 'string' } }, additionalProperties: false }
  await given.eventType(belfry, 'batch.one', { params: schema, audience: ['{{ who }}'] })
  const events = [
    { type: 'batch.one', params: { who: 'ana' } },
    { type: 'batch.on', params: {} },
    { type: 'batch.one', params: { whho: 'ana' } },
    { type: 'batch.one', params: { who: 7 } },
  ]

  const { status, body } = await belfry.ask('POST', '/events/batch', events)

  assert.deepEqual([status, body.accepted, body.refused], [202, 1, 3])
  const errors = body.results
    .slice(1)
    .map((result: Answer['body']) => [result.code, result.errors[0]])
  assert.deepEqual(
    errors.map(([code, { pointer }]: [string, { pointer: string }]) => [code, pointer]),
    [
      ['unknown_event_type', '/type'],
      ['invalid_params', '/params/whho'],
      ['invalid_params', '/params/who'],
    ],
  )
  assert.match(errors[0][1].detail, /Did you mean "batch.one"/)
  assert.match(errors[1][1].detail, /Did you mean "who"/)
})
