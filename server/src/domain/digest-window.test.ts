import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { tellWindow, windowEnd } from './digest-window.ts'
import { weekdays, type DigestRule } from './plan-steps.ts'

type Window = DigestRule['window']
const hourly: Window = { every: 'hour' }
const daily: Window = { every: 'day', at: '08:00' }
const night: Window = { every: 'day', at: '02:30' }
const friday: Window = { every: 'week', on: 'friday', at: '16:00' }
const [paris, kathmandu, adelaide] = ['Europe/Paris', 'Asia/Kathmandu', 'Australia/Adelaide']

// what, window, zone, now, when it closes
const rows: [string, Window, string, string, string][] = [
  ['a time, whatever the zone', '10m', paris, '2026-06-01T10:00Z', '2026-06-01T10:10Z'],
  ['the next full hour', hourly, paris, '2026-06-01T10:05Z', '2026-06-01T11:00Z'],
  ['a full hour has just begun', hourly, paris, '2026-06-01T10:00Z', '2026-06-01T11:00Z'],
  ['the hours of Nepal', hourly, kathmandu, '2026-06-01T10:05Z', '2026-06-01T10:15Z'],
  ['the hour that comes twice', hourly, paris, '2026-10-25T00:30Z', '2026-10-25T01:00Z'],
  ['the hour before the one left out', hourly, paris, '2026-03-29T00:30Z', '2026-03-29T01:00Z'],
  ['later today', daily, paris, '2026-06-01T05:59Z', '2026-06-01T06:00Z'],
  ['on the minute it is tomorrow', daily, paris, '2026-06-01T06:00Z', '2026-06-02T06:00Z'],
  ['over midnight', daily, paris, '2026-06-01T22:30Z', '2026-06-02T06:00Z'],
  [
    'the morning after the clocks went back',
    daily,
    paris,
    '2026-10-24T10:00Z',
    '2026-10-25T07:00Z',
  ],
  ['the morning after they went forward', daily, paris, '2026-03-28T10:00Z', '2026-03-29T06:00Z'],
  ['a time left out is an hour later', night, paris, '2026-03-29T00:00Z', '2026-03-29T01:30Z'],
  ['a time that comes twice is the later', night, paris, '2026-10-24T23:00Z', '2026-10-25T01:30Z'],
  ['between the two it is still today', night, paris, '2026-10-25T00:45Z', '2026-10-25T01:30Z'],
  ['half an hour beside the others', daily, adelaide, '2026-06-01T10:00Z', '2026-06-01T22:30Z'],
  [
    'a day ahead of the world',
    daily,
    'Pacific/Kiritimati',
    '2026-06-01T17:59Z',
    '2026-06-01T18:00Z',
  ],
  ['a day that was left out', daily, 'Pacific/Apia', '2011-12-29T19:00Z', '2011-12-30T18:00Z'],
  ['nine o’clock unless said', { every: 'day' }, 'UTC', '2026-06-01T10:00Z', '2026-06-02T09:00Z'],
  ['this week', friday, paris, '2026-06-01T10:00Z', '2026-06-05T14:00Z'],
  ['this very Friday', friday, paris, '2026-06-05T13:59Z', '2026-06-05T14:00Z'],
  ['this Friday is over', friday, paris, '2026-06-05T14:00Z', '2026-06-12T14:00Z'],
  ['a week into winter', friday, paris, '2026-10-23T15:00Z', '2026-10-30T15:00Z'],
  ['Monday unless said', { every: 'week' }, 'UTC', '2026-06-02T10:00Z', '2026-06-08T09:00Z'],
]
for (const [what, window, zone, now, end] of rows)
  test(`a digest closes: ${what}`, () => {
    const closed = windowEnd(window, zone, new Date(now))

    assert.equal(closed.toISOString(), new Date(end).toISOString())
  })

test('a digest always closes after now, and within its rhythm', () => {
  const zones = Intl.supportedValuesOf('timeZone')
  const at = fc
    .record({ hour: fc.integer({ min: 0, max: 23 }), minute: fc.integer({ min: 0, max: 59 }) })
    .map(({ hour, minute }) => [hour, minute].map((n) => String(n).padStart(2, '0')).join(':'))
  const moment = fc.date({
    min: new Date('2000-01-01Z'),
    max: new Date('2040-01-01Z'),
    noInvalidDate: true,
  })
  const rhythms = { hour: 1, day: 24, week: 7 * 24 }
  fc.assert(
    fc.property(
      fc.constantFrom('hour' as const, 'day' as const, 'week' as const),
      fc.constantFrom(...zones),
      fc.constantFrom(...weekdays),
      at,
      moment,
      (every, zone, on, time, now) => {
        const end = windowEnd({ every, on, at: time }, zone, now)

        const hours = (end.getTime() - now.getTime()) / 3_600_000
        // A day has up to 25 hours, and one that was left out makes two of them, or a week of eight days.
        assert.ok(hours > 0 && hours <= rhythms[every] + (every === 'hour' ? 0 : 26), `${hours}`)
      },
    ),
    { numRuns: 3_000 },
  )
})

const told: [Window, string][] = [
  ['10m', '10m'],
  [hourly, 'every hour'],
  [{ every: 'day' }, 'every day at 09:00'],
  [friday, 'every friday at 16:00'],
]
for (const [window, text] of told)
  test(`a window is told as ${text}`, () => assert.equal(tellWindow(window), text))
