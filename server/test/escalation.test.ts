// Silence goes to the next channel, then to the next person or topic: each level is asked once, in order, and an
// answer ends it all. Played by the clock of a test workspace.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given } from './given.ts'
import { createTestContext } from './test-context.ts'
import { createTestWorkspace, monday, type TestWorkspace } from './test-workspace.ts'

const t = await createTestContext()
const look = createLook(t.connection)
let w: TestWorkspace
after(async () => {
  await look.close()
  await t.close()
})

// As the API shows it.
// oxlint-disable-next-line typescript/no-explicit-any
type Told = any

const plan = [{ send: ['in_app'], until: 'acknowledged', within: '5m', fallback: ['email', 'sms'] }]
const params = {
  type: 'object',
  required: ['team', 'on_call'],
  additionalProperties: false,
  properties: { team: { type: 'string' }, on_call: { type: 'string' }, backup: {} },
}
const acknowledge = { escalate_to: ['{{ backup }}', { topic: 'team:{{ team }}#oncall' }, 'boss'] }

before(async () => {
  w = await createTestWorkspace(t, 'test')
  await w.advance({ to: monday })
  for (const id of ['ana', 'ben', 'cem', 'dee', 'boss'])
    await given.subscriber(w, id, { email: `${id}@example.com`, phone: '+12025550142' })
  await given.topic(w, 'team:db%23oncall', ['ana', 'cem', 'dee'])
  const audience = ['{{ on_call }}']
  const more = { channels: undefined, level: 'critical', params, audience, plan, acknowledge }
  await given.eventType(w, 'db.down', more)
  for (const [channel, text] of [
    ['in_app', { title: 'Down', body: '{{ team }}' }],
    ['email', { subject: 'Down', body: 'Answer: {{ acknowledge_url }}' }],
    ['sms', { body: 'Down' }],
  ] as const)
    await given.template(w, 'db.down', channel, text)
})

const down = (more: object = {}) =>
  given.event(w, 'db.down', { params: { team: 'db', on_call: 'ana', backup: 'ben' }, ...more })
const told = async (path: string): Promise<Told> => (await w.ask('GET', path)).body
const peopleOf = async (event: string): Promise<string[]> => {
  const rows = await look.rows(
    'select recipient from belfry.notifications where event_id = $1 order by id',
    [event],
  )
  return rows.map(({ recipient }) => recipient)
}
const idOf = async (event: string, who: string): Promise<string> =>
  (await told(`/notifications?event_id=${event}&recipient_id=${who}`)).notifications[0].id
const escalations = ({ trace }: Told): string[] =>
  trace.filter((one: Told) => one.step === 'escalation').map((one: Told) => one.because)
const answer = (id: string) => w.ask('POST', `/notifications/${id}/acknowledge`, {})

test('silence goes through the channels, then to the next, level by level, and ends', async () => {
  const event = await down()
  const seen: string[][] = []
  for (const by of ['14m', '2m', '14m', '14m', '20m', '1h']) {
    await w.advance({ by })
    seen.push(await peopleOf(event))
  }

  const all = seen.map((people) => people.toSorted().join(' '))
  assert.deepEqual(all, [
    'ana', // she has three channels, five minutes each
    'ana ben',
    'ana ben cem dee',
    'ana ben cem dee',
    'ana ben boss cem dee',
    'ana ben boss cem dee',
  ])
  const body = await told(`/events/${event}`)
  assert.deepEqual(escalations(body), [
    'nobody answered within 15 min: asked ben (escalation 1 of 3)',
    'nobody answered within 15 min: asked the topic team:db#oncall (escalation 2 of 3)',
    'nobody answered within 15 min: asked boss (escalation 3 of 3)',
    'nobody answered within 15 min; nobody is left to ask',
  ])
  assert.equal(body.answer, null)
  assert.deepEqual(
    body.audience.map(({ level, found }: Told) => [level ?? 0, found]),
    [
      [0, 1],
      [1, 1],
      [2, 3],
      [3, 1],
    ],
  )
  const boss = await told(`/notifications/${await idOf(event, 'boss')}`)
  assert.deepEqual(escalations(boss), ['nobody answered within 15 min (escalation 3 of 3)'])
  assert.deepEqual(boss.reasons, [{ kind: 'escalation', topic: null }])
  const ana = await told(`/notifications/${await idOf(event, 'ana')}`)
  assert.deepEqual(ana.reasons, [
    { kind: 'event_type', topic: null },
    { kind: 'escalation', topic: 'team:db#oncall' },
  ])
  assert.equal(ana.deliveries.length, 2, 'who was asked is not asked again')
})

test('an answer ends it: nobody else is asked, and nobody goes on', async () => {
  const event = await down()
  await w.advance({ by: '32m' })
  assert.deepEqual((await peopleOf(event)).toSorted(), ['ana', 'ben', 'cem', 'dee'])

  const { body } = await answer(await idOf(event, 'cem'))
  await w.advance({ by: '3h' })

  assert.equal(body.is_first, true)
  assert.equal((await peopleOf(event)).length, 4)
  const dee = await told(`/notifications/${await idOf(event, 'dee')}`)
  assert.deepEqual(dee.deliveries, [])
  assert.equal(dee.trace.at(-1).because, 'cem answered (api), so nothing more is sent')
  const { answer: given, notifications } = await told(`/events/${event}`)
  assert.deepEqual([given.recipient_id, given.stopped], ['cem', 1])
  assert.deepEqual(notifications, { delivered: 4 })
})

test('who was silent may still answer, and that ends it, too', async () => {
  const event = await down()
  await w.advance({ by: '16m' })

  assert.equal((await answer(await idOf(event, 'ana'))).body.is_first, true)
  await w.advance({ by: '1h' })

  assert.deepEqual(await peopleOf(event), ['ana', 'ben'])
  const late = await answer(await idOf(event, 'ben'))
  assert.deepEqual([late.body.is_first, late.body.recipient_id], [false, 'ana'])
})

test('those who cannot be reached, or are nobody, hold up nothing', async () => {
  await w.ask('POST', '/topics/team:ops%23oncall/members', { subscribers: [] })
  const missing = { team: 'none', on_call: 'nobody', backup: 'nobody-either' }
  const event = await given.event(w, 'db.down', { params: missing })
  await w.advance({ by: '1s' })

  assert.deepEqual(escalations(await told(`/events/${event}`)), [
    'there was nobody to ask (no_audience): asked nobody-either (escalation 1 of 3)',
    'there was nobody to ask (no_audience): asked the topic team:none#oncall (escalation 2 of 3)',
    'there was nobody to ask (no_audience): asked boss (escalation 3 of 3)',
  ])
  assert.ok((await peopleOf(event)).includes('boss'))
})

test('a level that names nobody for these parameters is none', async () => {
  const event = await given.event(w, 'db.down', { params: { team: 'db', on_call: 'ana' } })
  await w.advance({ by: '15m' })

  assert.deepEqual(escalations(await told(`/events/${event}`)), [
    'nobody answered within 15 min: asked the topic team:db#oncall (escalation 1 of 2)',
  ])
})

test('a message asks the next on the same channels, and each can answer by the link', async () => {
  const message = {
    to: ['ana'],
    channels: ['email'],
    fallback_channels: ['sms'],
    message: 'May I deploy?',
    level: 'critical',
    acknowledge: { within: '10m', escalate_to: ['ben', { topic: 'team:db#oncall' }] },
  }
  const { body } = await w.ask('POST', '/notifications', message)
  await w.advance({ by: '21m' })

  assert.deepEqual(await peopleOf(body.event_id), ['ana', 'ben'])
  const ben = await told(`/notifications/${await idOf(body.event_id, 'ben')}`)
  const [, path] = /(\/acknowledge\/[\w.-]+)/.exec(ben.deliveries[0].content.text)!
  const page = await t.app.inject({ method: 'POST', url: path!, payload: '' })
  assert.match(page.body, /Thank you/)
  await w.advance({ by: '2h' })
  assert.equal((await peopleOf(body.event_id)).length, 2)
  const event = await told(`/events/${body.event_id}`)
  assert.deepEqual([event.answer.recipient_id, event.answer.via], ['ben', 'link'])
})

const stops: [string, (event: string) => Promise<unknown>][] = [
  ['cancelling the event', (event) => w.ask('POST', `/events/${event}/cancel`)],
  ['cancelling its thread', () => w.ask('POST', '/threads/incident:1/cancel')],
  ['what is newer in its thread', () => down({ thread_key: 'incident:1' })],
]
for (const [what, stop] of stops)
  test(`nobody else is asked after ${what}`, async () => {
    const event = await down({ thread_key: 'incident:1' })
    await w.advance({ by: '7m' })
    await stop(event)
    await w.advance({ by: '1s' })
    const before = await peopleOf(event)
    await w.ask('POST', '/threads/incident:1/cancel')
    await w.advance({ by: '4h' })

    assert.deepEqual(before, ['ana'])
    assert.deepEqual(await peopleOf(event), ['ana'])
    assert.deepEqual(escalations(await told(`/events/${event}`)), [])
  })

test('what a newer one has superseded is over, so cancelling its thread leaves it as it is', async () => {
  const event = await down({ thread_key: 'incident:2' })
  await w.advance({ by: '7m' })
  await down({ thread_key: 'incident:2' })
  await w.advance({ by: '1m' })
  const { body } = await w.ask('POST', '/threads/incident:2/cancel')

  assert.ok(body.cancelled > 0)
  assert.equal((await told(`/events/${event}`)).status, 'processed')
})

test('nobody else is asked once its time is over', async () => {
  const expires_at = new Date(new Date(await w.now()).getTime() + 12 * 60_000).toISOString()
  const event = await down({ expires_at })
  await w.advance({ by: '4h' })

  assert.deepEqual(await peopleOf(event), ['ana'])
})

test('a replay asks from the start again', async () => {
  const event = await down()
  await w.advance({ by: '16m' })
  await answer(await idOf(event, 'ben'))
  await w.advance({ by: '1s' })

  const { body, status } = await w.ask('POST', `/events/${event}/replay`)
  assert.ok(status < 300, JSON.stringify(body))
  await w.advance({ by: '1s' })
  const again = body.event_id
  assert.deepEqual(await peopleOf(again), ['ana'])
  await w.advance({ by: '16m' })
  assert.deepEqual(await peopleOf(again), ['ana', 'ben'])
  await w.ask('POST', `/events/${again}/cancel`)
})

test('an ask is stopped when a person who was asked is erased, and others are asked instead', async () => {
  await given.subscriber(w, 'eve', { email: 'eve@example.com' })
  const event = await given.event(w, 'db.down', {
    params: { team: 'db', on_call: 'eve', backup: 'ben' },
    to: ['cem'],
  })
  await w.advance({ by: '1m' })
  await w.ask('DELETE', '/subscribers/eve')
  await w.advance({ by: '20m' })

  assert.ok((await peopleOf(event)).includes('ben'))
  await w.ask('POST', `/events/${event}/cancel`)
})

test('an explanation says who would be asked next, and when', async () => {
  const now = new Date(await w.now())
  const body = { type: 'db.down', params: { team: 'db', on_call: 'ana', backup: 'ben' } }
  const explained = (await w.ask('POST', '/explain', body)).body

  const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString()
  assert.deepEqual(explained.escalations, [
    { level: 1, at: later(15), audience: [{ id: 'ben' }] },
    { level: 2, at: later(30), audience: [{ topic: 'team:db#oncall' }] },
    { level: 3, at: later(45), audience: [{ id: 'boss' }] },
  ])
  assert.equal(
    explained.sentences[0],
    'If nobody answers within 15 min, ben is asked (escalation 1 of 3).',
  )
  assert.deepEqual(
    explained.people.map((person: Told) => person.recipient_id),
    ['ana'],
  )
})
