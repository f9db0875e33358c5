import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelsOf, occurrences } from './recurrence.ts'
import { dueIn, mostMissed } from './schedule-due.ts'

const standstills: [what: string, cron: string, doneAt: string, now: string][] = [
  ['nothing was missed', '0 9 * * *', '2027-03-13T10:00Z', '2027-03-14T06:00Z'],
  ['one minute', '* * * * *', '2027-03-13T10:00Z', '2027-03-13T10:01Z'],
  ['days of minutes, over a gap', '* * * * *', '2027-03-11T10:00Z', '2027-03-14T08:00Z'],
  ['days of minutes, over an hour twice', '* * * * *', '2027-11-05T10:00Z', '2027-11-07T06:30Z'],
  ['a month of hours', '0 * * * *', '2027-03-01T10:00Z', '2027-04-01T10:00Z'],
  ['a busy day long ago', '* 3 1 1 *', '2026-12-30T10:00Z', '2027-11-01T10:00Z'],
  ['a year of mornings', '0 9 * * *', '2026-06-01T10:00Z', '2027-06-01T10:00Z'],
]

for (const [what, cron, doneAt, now] of standstills)
  test(`of what came while nobody looked the latest are known: ${what}`, () => {
    const zone = 'America/New_York'
    const [after, until] = [new Date(doneAt), new Date(now)]
    const schedule = { cron, timezone: zone, startsAt: null, endsAt: null, doneAt: after }
    const labels = labelsOf(cron)
    const all = [...occurrences(labels, { zone, after, until })]

    const inTime = dueIn(zone, { ...schedule, catchUp: '999d' }, { labels, now: until })
    const tooLate = dueIn(
      zone,
      { ...schedule, catchUp: '1s' },
      { labels, now: new Date(until.getTime() + 5_000) },
    )

    assert.deepEqual(inTime.made, all.at(-1) ?? null)
    assert.deepEqual(inTime.missed, all.slice(0, -1).slice(-mostMissed))
    assert.deepEqual(tooLate, { made: null, missed: all.slice(-mostMissed) })
  })

test('a long standstill of a schedule for all zones costs no more than what is remembered of it', () => {
  const labels = labelsOf('* * * * *')
  let steps = 0
  const counted = (label: string) => {
    steps++
    return labels(label)
  }
  const doneAt = new Date('2026-03-01T00:00Z')
  const schedule = {
    cron: '* * * * *',
    timezone: null,
    startsAt: null,
    endsAt: null,
    catchUp: '1h',
  }

  dueIn(
    'Europe/Lisbon',
    { ...schedule, doneAt },
    { labels: counted, now: new Date('2027-03-01T00:00Z') },
  )

  assert.ok(steps < 5 * mostMissed, `${steps} labels of half a million`)
})
