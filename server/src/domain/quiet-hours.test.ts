import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quietUntil, type QuietHours } from './quiet-hours.ts'

const nights = { start: '22:00', end: '07:00' }
const noon = { start: '12:00', end: '13:30' }
const late = { start: '01:00', end: '02:30' }

const paris = 'Europe/Paris'
const rows: [what: string, QuietHours, zone: string, now: string, until: string | null][] = [
  ['the evening waits for the morning', nights, paris, '2026-06-01T21:30Z', '2026-06-02T05:00Z'],
  [
    'the small hours wait for the same morning',
    nights,
    paris,
    '2026-06-02T01:00Z',
    '2026-06-02T05:00Z',
  ],
  ['the first minute is quiet', nights, paris, '2026-06-01T20:00Z', '2026-06-02T05:00Z'],
  ['the last minute is over', nights, paris, '2026-06-02T05:00Z', null],
  ['the day is not quiet', nights, paris, '2026-06-01T12:00Z', null],
  ['a window within a day', noon, paris, '2026-06-01T10:15Z', '2026-06-01T11:30Z'],
  ['after a window within a day', noon, paris, '2026-06-01T11:30Z', null],
  ['a zone with half an hour', nights, 'Asia/Kolkata', '2026-06-01T18:00Z', '2026-06-02T01:30Z'],
  ['winter time', nights, paris, '2026-12-01T21:30Z', '2026-12-02T06:00Z'],
  ['the long night never ends in the past', late, paris, '2026-10-25T01:10Z', '2026-10-25T01:30Z'],
  [
    'an end that does not exist is an hour later',
    late,
    paris,
    '2026-03-29T00:30Z',
    '2026-03-29T01:30Z',
  ],
  [
    'equal times are no quiet hours',
    { start: '08:00', end: '08:00' },
    paris,
    '2026-06-01T06:00Z',
    null,
  ],
]

for (const [what, quiet, zone, now, until] of rows)
  test(`quiet hours: ${what}`, () => {
    const found = quietUntil(quiet, zone, new Date(now))

    assert.equal(found?.toISOString() ?? null, until && new Date(until).toISOString())
  })

test('whenever it is asked, the end of the quiet is not quiet and not past', () => {
  for (const zone of [paris, 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC'])
    for (let minutes = 0; minutes < 2 * 366 * 24 * 60; minutes += 97) {
      const now = new Date(Date.UTC(2026, 0, 1, 0, minutes))

      const until = quietUntil(nights, zone, now)

      if (until === null) continue
      assert.ok(until > now, `${zone} ${now.toISOString()}`)
      assert.equal(quietUntil(nights, zone, until), null, `${zone} ${now.toISOString()}`)
    }
})
