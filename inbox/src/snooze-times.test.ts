import assert from 'node:assert/strict'
import { test } from 'node:test'
import { snoozeTimes } from './snooze-times.ts'

// now, by the clock on the wall; what is offered
const offers: [string, string[]][] = [
  [
    '2026-11-18T09:30',
    ['inAnHour 18 10:30', 'thisEvening 18 18:00', 'tomorrow 19 08:00', 'nextWeek 23 08:00'],
  ],
  ['2026-11-18T16:45', ['inAnHour 18 17:45', 'tomorrow 19 08:00', 'nextWeek 23 08:00']],
  ['2026-11-18T23:30', ['inAnHour 19 00:30', 'tomorrow 19 08:00', 'nextWeek 23 08:00']],
  ['2026-11-22T12:00', ['inAnHour 22 13:00', 'thisEvening 22 18:00', 'tomorrow 23 08:00']],
  [
    '2026-11-23T12:00',
    ['inAnHour 23 13:00', 'thisEvening 23 18:00', 'tomorrow 24 08:00', 'nextWeek 30 08:00'],
  ],
]
for (const [now, expected] of offers)
  test(`on ${now} a notification may come back at ${expected.join(', ')}`, () => {
    const two = (value: number) => String(value).padStart(2, '0')
    const offered = snoozeTimes(new Date(now)).map(
      ({ name, at }) => `${name} ${at.getDate()} ${two(at.getHours())}:${two(at.getMinutes())}`,
    )

    assert.deepEqual(offered, expected)
  })
