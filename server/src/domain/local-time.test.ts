import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { localTimeOf, momentOf, timeOfDay, dailyWindowEnd, type DailyWindow } from './local-time.ts'

const iso = (at: string) => new Date(at).toISOString()

const newYork = 'America/New_York'
const moments: [what: string, zone: string, local: string, moment: string][] = [
  ['winter', newYork, '2026-01-15T15:30', '2026-01-15T20:30Z'],
  ['left out', newYork, '2027-03-14T02:30', '2027-03-14T07:30Z'],
  ['twice', newYork, '2027-11-07T01:30', '2027-11-07T05:30Z'],
  ['twice', 'Europe/London', '2027-10-31T01:30', '2027-10-31T00:30Z'],
  ['left out', 'Europe/London', '2027-03-28T01:30', '2027-03-28T01:30Z'],
  ['left out, half an hour', 'Australia/Lord_Howe', '2027-10-03T02:15', '2027-10-02T15:45Z'],
  ['twice, half an hour', 'Australia/Lord_Howe', '2027-04-04T01:45', '2027-04-03T14:45Z'],
  ['left out at midnight', 'Africa/Cairo', '2027-04-30T00:30', '2027-04-29T22:30Z'],
  ['left out at midnight', 'America/Santiago', '2027-09-05T00:30', '2027-09-05T04:30Z'],
  ['left out at midnight', 'Asia/Beirut', '2027-03-28T00:30', '2027-03-27T22:30Z'],
  ['left out, two hours', 'Antarctica/Troll', '2027-03-28T01:30', '2027-03-28T01:30Z'],
  ['a rule of one year: twice', 'Africa/Casablanca', '2026-02-15T02:30', '2026-02-15T01:30Z'],
  ['a rule of one year: left out', 'Africa/Casablanca', '2026-03-22T02:30', '2026-03-22T02:30Z'],
  ['a day left out', 'Pacific/Apia', '2011-12-30T12:00', '2011-12-30T22:00Z'],
  ['half an hour', 'Asia/Kolkata', '2026-06-01T08:00', '2026-06-01T02:30Z'],
  ['three quarters', 'Asia/Kathmandu', '2026-06-01T08:00', '2026-06-01T02:15Z'],
]

for (const [what, zone, local, moment] of moments)
  test(`a time on the wall is one moment: ${local} in ${zone} (${what})`, () => {
    assert.equal(momentOf(local, zone).toISOString(), iso(moment))
  })

test('a moment is shown as a clock there shows it, with its offset', () => {
  const at = new Date('2026-01-15T20:30:00Z')

  assert.equal(localTimeOf(at, newYork), '2026-01-15T15:30:00-05:00')
  assert.equal(localTimeOf(at, 'UTC'), '2026-01-15T20:30:00+00:00')
  assert.equal(localTimeOf(at, 'asia/kathmandu'), '2026-01-16T02:15:00+05:45')
  assert.equal(timeOfDay(at, newYork), '15:30')
})

const nights = { start: '22:00', end: '08:00' }
const noon = { start: '12:00', end: '13:30' }
const small = { start: '01:00', end: '02:30' }
const paris = 'Europe/Paris'
const windows: [what: string, DailyWindow, zone: string, at: string, until: string | null][] = [
  ['the evening waits for the morning', nights, paris, '2026-06-01T21:30Z', '2026-06-02T06:00Z'],
  ['the small hours wait for the same', nights, paris, '2026-06-02T01:00Z', '2026-06-02T06:00Z'],
  ['the first minute is in it', nights, paris, '2026-06-01T20:00Z', '2026-06-02T06:00Z'],
  ['the minute before is not', nights, paris, '2026-06-01T19:59:59.999Z', null],
  ['its end is not', nights, paris, '2026-06-02T06:00Z', null],
  ['winter time', nights, paris, '2026-12-01T21:30Z', '2026-12-02T07:00Z'],
  ['within a day', noon, paris, '2026-06-01T10:15Z', '2026-06-01T11:30Z'],
  ['half an hour', nights, 'Asia/Kolkata', '2026-06-01T18:00Z', '2026-06-02T02:30Z'],
  ['the short night', nights, newYork, '2027-03-14T03:00Z', '2027-03-14T12:00Z'],
  ['the long night', nights, newYork, '2027-11-07T02:00Z', '2027-11-07T13:00Z'],
  ['an end left out', small, newYork, '2027-03-14T06:30Z', '2027-03-14T07:00Z'],
  ['an end that comes twice', small, paris, '2026-10-25T00:40Z', '2026-10-25T01:30Z'],
  ['between the two', small, paris, '2026-10-25T00:59Z', '2026-10-25T01:30Z'],
  [
    'a start left out is where the clock jumps',
    { start: '02:30', end: '04:00' },
    newYork,
    '2027-03-14T07:00Z',
    '2027-03-14T08:00Z',
  ],
  [
    'a start that comes twice is the first',
    { start: '01:30', end: '04:00' },
    newYork,
    '2027-11-07T06:10Z',
    '2027-11-07T09:00Z',
  ],
  ['all of it left out', { start: '02:10', end: '02:50' }, newYork, '2027-03-14T07:00Z', null],
  [
    'midnight left out',
    { start: '00:00', end: '06:00' },
    'Africa/Cairo',
    '2027-04-29T22:00Z',
    '2027-04-30T03:00Z',
  ],
  ['a day left out', nights, 'Pacific/Apia', '2011-12-30T09:00Z', '2011-12-30T18:00Z'],
  ['equal times', { start: '08:00', end: '08:00' }, paris, '2026-06-01T06:00Z', null],
]

for (const [what, window, zone, at, until] of windows)
  test(`a daily window: ${what} (${window.start}–${window.end}, ${zone}, ${at})`, () => {
    const found = dailyWindowEnd(window, zone, new Date(at))

    assert.equal(found?.toISOString() ?? null, until && iso(until))
  })

const time = fc
  .integer({ min: 0, max: 24 * 60 - 1 })
  .map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`)
const twoYears = { min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) }
const shows = ({ start, end }: DailyWindow, label: string) =>
  end < start ? label >= start || label < end : label >= start && label < end

test('in every zone, at any moment of two years, nobody is called within the window, nor later than its end', () => {
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
  const moment = fc.integer(twoYears).map((ms): Date => new Date(ms))
  const property = fc.property(zone, time, time, moment, (zone, start, end, at: Date) => {
    fc.pre(start !== end)
    const window = { start, end }
    const until: Date | null = dailyWindowEnd(window, zone, at)
    const opens: Date = until ?? at
    // What the clock there shows says so by itself, and is never ambiguous this way round.
    assert.equal(shows(window, timeOfDay(opens, zone)), false, 'it begins within the window')
    assert.equal(dailyWindowEnd(window, zone, opens), null, 'it would have to wait again')
    if (until === null) return
    assert.ok(until > at)
    const label = timeOfDay(until, zone)
    const justBefore = timeOfDay(new Date(until.getTime() - 60_000), zone)
    const isJump = label > end && justBefore < end
    assert.ok(label === end || isJump, `it ends at ${label}, later than necessary`)
    // Two days where the one open minute of a day is left out.
    assert.ok(until.getTime() - at.getTime() <= 50 * 3_600_000)
  })
  fc.assert(property, { numRuns: 20_000, interruptAfterTimeLimit: 5_000 })
})

test('around every change of a clock in two years, minute by minute, no moment of a night is open', () => {
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    let change: Temporal.ZonedDateTime | null = Temporal.Instant.fromEpochMilliseconds(twoYears.min)
      .toZonedDateTimeISO(zone)
      .getTimeZoneTransition('next')
    for (
      ;
      change && change.epochMilliseconds < twoYears.max;
      change = change.getTimeZoneTransition('next')
    )
      for (let minutes = -180; minutes <= 180; minutes += 15) {
        const at: Date = new Date(change.epochMilliseconds + minutes * 60_000)
        const label = timeOfDay(at, zone)
        for (const window of [nights, small]) {
          const until = dailyWindowEnd(window, zone, at)
          if (until === null) assert.ok(!shows(window, label), `${zone} ${at.toISOString()}`)
          else
            assert.ok(
              until > at && dailyWindowEnd(window, zone, until) === null,
              `${zone} ${label}`,
            )
        }
      }
  }
})
