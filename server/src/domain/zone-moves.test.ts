import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { momentOf } from './local-time.ts'
import { countingZone, type ZoneMove } from './zone-moves.ts'

const label = '2027-03-02T09:00'
const at = (time: string) => new Date(`2027-03-${time}Z`)

// what happens, moves, zone now, where the label counts
const cases: [string, ZoneMove[], string, string][] = [
  ['nobody moves', [], 'Europe/Paris', 'Europe/Paris'],
  [
    'who moves west after nine has had it',
    [{ at: at('02T08:01'), from: 'Europe/Paris' }],
    'America/New_York',
    'Europe/Paris',
  ],
  [
    'who moves west before nine has it where they arrive',
    [{ at: at('02T07:59'), from: 'Europe/Paris' }],
    'America/New_York',
    'America/New_York',
  ],
  [
    'who moves east past nine has it when it comes to where they were',
    [{ at: at('02T08:01'), from: 'America/New_York' }],
    'Asia/Tokyo',
    'America/New_York',
  ],
  [
    'who moves east before nine has it where they arrive',
    [{ at: at('01T23:00'), from: 'America/New_York' }],
    'Asia/Tokyo',
    'Asia/Tokyo',
  ],
  [
    'who moves within a zone of the same time at nine exactly has it where they arrive',
    [{ at: at('02T08:00'), from: 'Europe/Paris' }],
    'Europe/Berlin',
    'Europe/Berlin',
  ],
  [
    'who goes there and back has had it',
    [
      { at: at('02T08:01'), from: 'Europe/Paris' },
      { at: at('02T10:00'), from: 'America/New_York' },
    ],
    'Europe/Paris',
    'Europe/Paris',
  ],
]
for (const [name, moves, zone, expected] of cases)
  test(name, () => assert.equal(countingZone(label, zone, moves), expected))

test('however people move, a label counts in one zone, and whoever looks at its moment or later finds the same', () => {
  const zones = [
    'Asia/Tokyo',
    'Europe/Paris',
    'Europe/Berlin',
    'UTC',
    'America/New_York',
    'Pacific/Kiritimati',
  ]
  const start = at('01T12:00').getTime()
  const step = fc.record({
    minutes: fc.integer({ min: 1, max: 600 }),
    from: fc.constantFrom(...zones),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), fc.constantFrom(...zones), (steps, last) => {
      let time = start
      const moves = steps.map(({ minutes, from }) => ({
        at: new Date((time += minutes * 60_000)),
        from,
      }))
      /** As it is known at a moment. */
      const knownAt = (now: number) => {
        const past = moves.filter((move) => move.at.getTime() <= now)
        return countingZone(label, moves[past.length]?.from ?? last, past)
      }

      // At its moment in each zone, and whenever somebody is late to look: told in exactly one zone.
      for (const lateMs of [0, 3_600_000, 86_400_000]) {
        const told = zones.filter(
          (zone) => knownAt(momentOf(label, zone).getTime() + lateMs) === zone,
        )
        assert.equal(told.length, 1, told.join())
        assert.equal(told[0], countingZone(label, last, moves))
      }
    }),
    { numRuns: 2_000 },
  )
})
