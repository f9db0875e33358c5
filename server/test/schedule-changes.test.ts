// What schedules are told to do: paused, run by hand, saved with what cannot be, and what becomes of it.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { given } from './given.ts'
import { createStory } from './schedule-story.ts'

const story = await createStory()
after(() => story.close())
const { t, look, moveTo, put, get, told, untilDone } = story
t.work({ pollMs: 10 })

test('after a standstill the last one is made up for unless it is too late, and what is missed is shown', async () => {
  moveTo('2027-12-01T12:00Z')
  await put('patient', { to: ['ana'], cron: '0 9 * * *', timezone: 'UTC', catch_up: '6h' })
  await put('strict', { to: ['ana'], cron: '0 9 * * *', timezone: 'UTC' })
  moveTo('2027-12-04T12:00Z')
  await untilDone()

  const outcomes = async (key: string) =>
    (await get(key)).last_times.map((one: { local_time: string; status: string }) => [
      one.local_time,
      one.status,
    ])
  assert.deepEqual(await outcomes('patient'), [
    ['2027-12-04T09:00', 'made'],
    ['2027-12-03T09:00', 'missed'],
    ['2027-12-02T09:00', 'missed'],
  ])
  assert.deepEqual(
    (await outcomes('strict')).map((one: string[]) => one[1]),
    ['missed', 'missed', 'missed'],
  )
  await t.ask('DELETE', '/schedules/patient')
  await t.ask('DELETE', '/schedules/strict')
})

test('a pause leaves out what would have come, and a run by hand comes at once', async () => {
  moveTo('2028-02-01T12:00Z')
  await put('paused', { to: ['ana'], cron: '0 9 * * *', timezone: 'UTC' })
  const { body: paused } = await t.ask('POST', '/schedules/paused/pause')
  assert.deepEqual([paused.status, paused.next_times], ['paused', []])
  const { body: again } = await t.ask('PUT', '/schedules/paused', {
    event: { type: 'report' },
    to: ['ana', 'ben'],
    cron: '0 9 * * *',
    timezone: 'UTC',
  })
  assert.equal(again.is_paused, true, 'a change does not end it')
  moveTo('2028-02-03T12:00Z')
  const run = await t.ask('POST', '/schedules/paused/run', undefined, { 'idempotency-key': 'once' })
  const repeated = await t.ask('POST', '/schedules/paused/run', undefined, {
    'idempotency-key': 'once',
  })
  assert.equal(run.status, 202)
  assert.deepEqual(repeated.body, run.body)
  await untilDone()
  await t.ask('POST', '/schedules/paused/resume')
  moveTo('2028-02-04T09:00:05Z')
  await untilDone()

  const { last_times: last } = await get('paused')
  assert.deepEqual(
    last.map((one: { status: string; local_time: string }) => [one.status, one.local_time]),
    [
      ['made', '2028-02-04T09:00'],
      ['run', null],
    ],
  )
  const { body: event } = await t.ask('GET', `/events/${run.body.event_id}`)
  assert.equal(event.recipient_count, 2)
  assert.match(event.trace[0].because, /made by schedule paused, which was run by hand/)
  const list = async (query: string) =>
    (await t.ask('GET', `/schedules?${query}`)).body.schedules.map(
      (one: { key: string }) => one.key,
    )
  assert.deepEqual(await list('is_paused=true'), [])
  assert.deepEqual(await list('is_paused=false'), ['paused'])
  await t.ask('DELETE', '/schedules/paused')
})

test('what had ended and is given a later end goes on from then', async () => {
  const daily = { to: ['ana'], cron: '0 9 * * *', timezone: 'UTC' }
  moveTo('2028-02-10T12:00Z')
  await put('ended', { ...daily, ends_at: '2028-02-11T12:00:00Z' })
  moveTo('2028-02-11T09:00:05Z')
  await untilDone()
  const { status } = await get('ended')
  moveTo('2028-02-13T09:30Z')
  await put('ended', { ...daily, ends_at: '2028-03-01T12:00:00Z' })
  moveTo('2028-02-14T09:00:05Z')
  await untilDone()

  const { last_times: last } = await get('ended')
  await t.ask('DELETE', '/schedules/ended')

  assert.equal(status, 'ended')
  assert.deepEqual(
    last.map((one: { local_time: string }) => one.local_time),
    ['2028-02-14T09:00', '2028-02-11T09:00'],
    'nothing of the days between',
  )
})

test('where somebody arrives after their nine o’clock nothing is made, when nobody else is there', async () => {
  moveTo('2028-02-20T12:00Z')
  await put('own', { to: ['ana'], cron: '0 9 * * *' })
  moveTo('2028-02-21T08:00:05Z') // nine in Paris
  await untilDone()
  await t.ask('PATCH', '/preferences/ana', { timezone: 'America/New_York' })
  moveTo('2028-02-21T14:00:05Z') // nine in New York
  await untilDone()

  const { last_times: last } = await get('own')
  await t.ask('DELETE', '/schedules/own')
  await t.ask('PATCH', '/preferences/ana', { timezone: 'Europe/Paris' })

  assert.deepEqual(
    last.map((one: { timezone: string }) => one.timezone),
    ['Europe/Paris'],
  )
})

test('a message recurs as well, without those who were deleted meanwhile', async () => {
  moveTo('2028-03-01T12:00Z')
  await given.subscriber(t, 'eve', { timezone: 'UTC' })
  await put('standup', {
    event: undefined,
    message: { channels: ['in_app'], message: 'Stand-up in five minutes.' },
    to: ['eve', 'ana'],
    cron: '55 9 * * *',
    timezone: 'UTC',
  })
  await look.rows(`delete from belfry.subscribers where id = 'eve'`)
  moveTo('2028-03-02T09:55:05Z')
  await untilDone()
  assert.deepEqual(await told('standup'), ['ana 2028-03-02T09:55 UTC'])
  await t.ask('DELETE', '/schedules/standup')
})

test('what cannot be said any more is recorded as failed, and the schedule goes on', async () => {
  moveTo('2028-04-01T12:00Z')
  await given.eventType(t, 'doomed', { channels: ['in_app'] })
  await put('doomed', {
    event: { type: 'doomed' },
    to: ['ana'],
    cron: '0 9 * * *',
    timezone: 'UTC',
  })
  await t.ask('DELETE', '/event-types/doomed')
  moveTo('2028-04-02T09:00:05Z')
  await untilDone()
  const { last_times: last, status } = await get('doomed')
  assert.deepEqual([status, last[0].status, last[0].event_id], ['active', 'failed', null])
  assert.match(last[0].error, /"doomed" was deleted/)
  await t.ask('DELETE', '/schedules/doomed')
})

const refusals: [string, Record<string, unknown>, string, string, RegExp][] = [
  [
    'an unknown event type',
    { event: { type: 'reprot' } },
    'unknown_event_type',
    '/event/type',
    /report/,
  ],
  [
    'parameters that do not fit',
    { event: { type: 'report', params: { team: 7 } } },
    'invalid_params',
    '/event/params/team',
    /./,
  ],
  ['nobody to tell', { to: [] }, 'no_recipients', '/to', /./],
  ['six fields', { cron: '0 0 9 * * *' }, 'invalid_request', '/cron', /takes 5/],
  ['a day that never comes', { cron: '0 9 30 2 *' }, 'invalid_request', '/cron', /never comes/],
  ['an offset for a zone', { timezone: '+02:00' }, 'invalid_request', '/timezone', /place/],
  [
    'an end before the beginning',
    { starts_at: '2030-01-02T00:00:00Z', ends_at: '2030-01-01T00:00:00Z' },
    'invalid_request',
    '/ends_at',
    /later/,
  ],
  ['a catch-up of a second', { catch_up: '1s' }, 'invalid_request', '/catch_up', /between/],
  [
    'an event and a message',
    { message: { channels: ['in_app'], message: 'Hi' } },
    'invalid_request',
    '',
    /exactly one/,
  ],
  ['neither', { event: undefined }, 'invalid_request', '', /exactly one/],
  [
    'a message without a text',
    { event: undefined, message: { channels: ['in_app'] } },
    'invalid_request',
    '/message',
    /exactly one/,
  ],
  [
    'a message to a stranger',
    { event: undefined, message: { channels: ['in_app'], message: 'Hi' }, to: ['zoe'] },
    'unknown_recipient',
    '/to/0',
    /zoe/,
  ],
  [
    'a channel that is none',
    { event: undefined, message: { channels: ['fax'], message: 'Hi' } },
    'invalid_request',
    '/message/channels/0',
    /./,
  ],
]

for (const [name, change, code, pointer, detail] of refusals)
  test(`${name} is refused when it is saved`, async () => {
    const body = { event: { type: 'report' }, to: ['ana'], cron: '0 9 * * *', ...change }
    const { status, body: problem } = await t.ask('PUT', '/schedules/refused', body)
    assert.equal(status, 422)
    assert.equal(problem.code, code)
    assert.equal(problem.errors[0].pointer, pointer)
    assert.match(problem.errors[0].detail, detail)
  })
