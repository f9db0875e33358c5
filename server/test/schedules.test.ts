// What recurs: once for each time on the wall in each zone.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createStory } from './schedule-story.ts'

const story = await createStory()
after(() => story.close())
const { t, look, moveTo, put, get, told, untilDone } = story
t.work({ pollMs: 10 })

test('a weekly report comes every Monday at nine in Paris, and says so', async () => {
  moveTo('2027-01-02T12:00Z')
  const shown = await put('weekly', {
    to: ['ana', 'ben'],
    cron: '0 9 * * MON',
    timezone: 'Europe/Paris',
  })
  assert.deepEqual(shown.next_times[0], {
    time: '2027-01-04T08:00:00.000Z',
    local_time: '2027-01-04T09:00',
    timezone: 'Europe/Paris',
  })
  assert.equal(shown.next_times.length, 3)

  moveTo('2027-01-04T07:59:50Z')
  await untilDone()
  assert.deepEqual(await told('weekly'), [])
  moveTo('2027-01-04T08:00:01Z')
  await untilDone()

  assert.deepEqual(await told('weekly'), [
    'ana 2027-01-04T09:00 Europe/Paris',
    'ben 2027-01-04T09:00 Europe/Paris',
  ])
  const { last_times: last, next_times: next } = await get('weekly')
  assert.equal(next[0].local_time, '2027-01-11T09:00')
  const { status, local_time: local, event_id: id } = last[0]
  assert.deepEqual([last.length, status, local], [1, 'made', '2027-01-04T09:00'])
  const { body: event } = await t.ask('GET', `/events/${id}`)
  assert.equal(event.schedule, 'weekly')
  const because = 'made by schedule weekly for 2027-01-04T09:00 in Europe/Paris'
  assert.match(event.trace[0].because, new RegExp(because))
  const { body: list } = await t.ask('GET', `/notifications?event_id=${id}`)
  const { body: story } = await t.ask('GET', `/notifications/${list.notifications[0].id}`)
  assert.match(story.trace[0].because, new RegExp(because))
  await t.ask('DELETE', '/schedules/weekly')
})

test('without a zone everybody hears at nine where they are, one event for each zone', async () => {
  moveTo('2027-02-01T12:00Z')
  await put('morning', { to: [{ topic: 'team' }], cron: '0 9 * * *' })
  const after = async (time: string) => {
    moveTo(time)
    await untilDone()
    return told('morning')
  }

  assert.deepEqual(await after('2027-02-02T00:00:05Z'), ['chi 2027-02-02T09:00 Asia/Tokyo'])
  assert.equal((await after('2027-02-02T08:00:05Z'))[0], 'ana 2027-02-02T09:00 Europe/Paris')
  assert.equal((await after('2027-02-02T09:00:05Z')).at(-1), 'dev 2027-02-02T09:00 UTC')
  assert.equal((await after('2027-02-02T13:59:00Z')).length, 3)
  const all = await after('2027-02-02T14:00:05Z')
  assert.equal(all[1], 'ben 2027-02-02T09:00 America/New_York')
  assert.equal(all.length, 4)
  const made = await look.number(`select count(*) from belfry.events where id in (
    select event_id from belfry.occurrences where schedule = 'morning')`)
  assert.equal(made, 4)
  await t.ask('DELETE', '/schedules/morning')
})

const move = async (id: string, timezone: string | null) => {
  const { status } = await t.ask('PATCH', `/preferences/${id}`, { timezone })
  assert.equal(status, 200)
}

test('who moves west after nine does not get nine again, and who moves east past nine gets it yet', async () => {
  moveTo('2027-03-01T12:00Z')
  await put('daily', { to: ['ana', 'ben', 'chi'], cron: '0 9 * * *' })
  for (const time of ['2027-03-02T00:00:05Z', '2027-03-02T08:00:05Z']) {
    moveTo(time) // nine in Tokyo, and in Paris; New York is to come
    await untilDone()
  }

  await move('ana', 'America/New_York')
  await move('ben', 'Asia/Tokyo')
  moveTo('2027-03-02T14:00:05Z')
  await untilDone()

  assert.deepEqual(await told('daily'), [
    'ana 2027-03-02T09:00 Europe/Paris',
    'ben 2027-03-02T09:00 America/New_York',
    'chi 2027-03-02T09:00 Asia/Tokyo',
  ])
  moveTo('2027-03-03T00:00:05Z')
  await untilDone()
  assert.deepEqual((await told('daily')).slice(2, 3), ['ben 2027-03-03T09:00 Asia/Tokyo'])
  moveTo('2027-03-03T14:00:05Z')
  await untilDone()
  assert.equal((await told('daily'))[1], 'ana 2027-03-03T09:00 America/New_York')
  assert.equal((await told('daily')).length, 6)
  await t.ask('DELETE', '/schedules/daily')
  await move('ana', 'Europe/Paris')
  await move('ben', 'America/New_York')
})

test('what is skipped by the clock comes once, and what comes twice does too', async () => {
  moveTo('2027-03-14T00:00Z')
  const zone = { timezone: 'America/New_York', to: ['ana'] }
  await put('half.past.two', { ...zone, cron: '30 2 * * *' })
  for (const time of ['2027-03-14T06:45Z', '2027-03-14T07:00:05Z', '2027-03-14T07:30:05Z']) {
    moveTo(time)
    await untilDone()
  }
  assert.deepEqual(await told('half.past.two'), ['ana 2027-03-14T02:30 America/New_York'])
  await t.ask('DELETE', '/schedules/half.past.two')

  moveTo('2027-11-07T00:00Z')
  await put('half.past.one', { ...zone, cron: '30 1 * * *' })
  for (const time of ['2027-11-07T05:30:05Z', '2027-11-07T06:30:05Z', '2027-11-07T07:00:05Z']) {
    moveTo(time)
    await untilDone()
  }
  assert.deepEqual(await told('half.past.one'), ['ana 2027-11-07T01:30 America/New_York'])
  await t.ask('DELETE', '/schedules/half.past.one')
})

test('it begins when it is to begin, and is over when it is to be over', async () => {
  moveTo('2028-01-01T00:00Z')
  const shown = await put('season', {
    to: ['ana'],
    cron: '0 9 * * *',
    timezone: 'UTC',
    starts_at: '2028-01-03T09:00:00Z',
    ends_at: '2028-01-05T09:00:00Z',
  })
  assert.deepEqual(
    shown.next_times.map((one: { local_time: string }) => one.local_time),
    ['2028-01-03T09:00', '2028-01-04T09:00'],
  )
  for (const day of ['02', '03', '04', '05', '06']) {
    moveTo(`2028-01-${day}T09:00:05Z`)
    await untilDone()
  }
  assert.deepEqual(await told('season'), ['ana 2028-01-03T09:00 UTC', 'ana 2028-01-04T09:00 UTC'])
  assert.equal((await get('season')).status, 'ended')
  await t.ask('DELETE', '/schedules/season')
})
