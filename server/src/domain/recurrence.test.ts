import assert from 'node:assert/strict'
import { test } from 'node:test'
import { momentOf } from './local-time.ts'
import { labelsOf, nextAnywhere, occurrences, patternProblem, type Span } from './recurrence.ts'

function list(cron: string, span: Span, most = 100): string[] {
  const found: string[] = []
  for (const { label, at } of occurrences(labelsOf(cron), span)) {
    found.push(`${label} ${at.toISOString().slice(0, 16)}Z`)
    if (found.length === most) break
  }
  return found
}

const dayAround = (cron: string, zone: string, day: string) => {
  const after = new Date(Date.parse(`${day}T00:00Z`) - 86_400_000)
  const until = new Date(Date.parse(`${day}T00:00Z`) + 2 * 86_400_000)
  return list(cron, { zone, after, until }).filter((text) => text.startsWith(day))
}

// zone, day, pattern, what comes of it
const vectors: [string, string, string, string[]][] = [
  ['America/New_York', '2027-03-14', '30 2 * * *', ['2027-03-14T02:30 2027-03-14T07:30Z']],
  ['America/New_York', '2027-11-07', '30 1 * * *', ['2027-11-07T01:30 2027-11-07T05:30Z']],
  ['Europe/London', '2027-10-31', '30 1 * * *', ['2027-10-31T01:30 2027-10-31T00:30Z']],
  ['Europe/London', '2027-03-28', '30 1 * * *', ['2027-03-28T01:30 2027-03-28T01:30Z']],
  ['Australia/Lord_Howe', '2027-10-03', '15 2 * * *', ['2027-10-03T02:15 2027-10-02T15:45Z']],
  ['Australia/Lord_Howe', '2027-04-04', '45 1 * * *', ['2027-04-04T01:45 2027-04-03T14:45Z']],
  ['Africa/Cairo', '2027-04-30', '30 0 * * *', ['2027-04-30T00:30 2027-04-29T22:30Z']],
  ['Africa/Cairo', '2027-04-30', '0 0 * * *', ['2027-04-30T00:00 2027-04-29T22:00Z']],
  ['America/Santiago', '2027-09-05', '0 0 * * *', ['2027-09-05T00:00 2027-09-05T04:00Z']],
  ['Asia/Beirut', '2027-03-28', '0 0 * * *', ['2027-03-28T00:00 2027-03-27T22:00Z']],
  ['Antarctica/Troll', '2027-03-28', '30 1 * * *', ['2027-03-28T01:30 2027-03-28T01:30Z']],
  ['Africa/Casablanca', '2025-02-23', '30 2 * * *', ['2025-02-23T02:30 2025-02-23T01:30Z']],
  ['Africa/Casablanca', '2025-04-06', '30 2 * * *', ['2025-04-06T02:30 2025-04-06T02:30Z']],
  ['Pacific/Apia', '2011-12-30', '0 9 * * *', ['2011-12-30T09:00 2011-12-30T19:00Z']],
]
for (const [zone, day, cron, expected] of vectors)
  test(`"${cron}" on ${day} in ${zone} comes once`, () => {
    const found = dayAround(cron, zone, day)
    // Where the skipped day's moment is that of the next day's, they are one.
    assert.deepEqual(found, zone === 'Pacific/Apia' ? [] : expected)
    if (zone === 'Pacific/Apia')
      assert.deepEqual(dayAround(cron, zone, '2011-12-31'), [
        expected[0]!.replace('30T09', '31T09'),
      ])
  })

test('an hourly pattern has each label once: two that fall together are one, and the second pass is left out', () => {
  const spring = dayAround('0 0-4 * * *', 'America/New_York', '2027-03-14')
  const autumn = dayAround('0 0-3 * * *', 'America/New_York', '2027-11-07')

  assert.deepEqual(spring, [
    '2027-03-14T00:00 2027-03-14T05:00Z',
    '2027-03-14T01:00 2027-03-14T06:00Z',
    '2027-03-14T03:00 2027-03-14T07:00Z',
    '2027-03-14T04:00 2027-03-14T08:00Z',
  ])
  assert.deepEqual(autumn, [
    '2027-11-07T00:00 2027-11-07T04:00Z',
    '2027-11-07T01:00 2027-11-07T05:00Z',
    '2027-11-07T02:00 2027-11-07T07:00Z',
    '2027-11-07T03:00 2027-11-07T08:00Z',
  ])
})

test('a label that was skipped is still due to somebody who looks between the gap and its moment', () => {
  const after = new Date('2027-03-14T07:10Z') // 03:10 on the clock
  assert.deepEqual(list('30 2 * * *', { zone: 'America/New_York', after }, 1), [
    '2027-03-14T02:30 2027-03-14T07:30Z',
  ])
})

test('in the second pass of an hour nothing of the first comes again', () => {
  const after = new Date('2027-11-07T06:10Z') // 01:10, for the second time
  assert.deepEqual(list('30 1 * * *', { zone: 'America/New_York', after }, 1), [
    '2027-11-08T01:30 2027-11-08T06:30Z',
  ])
})

test('the last day of a month, the second Friday and the first of a quarter are found', () => {
  const span = { zone: 'UTC', after: new Date('2027-01-01T12:00Z') }
  assert.deepEqual(list('0 9 L * *', span, 2), [
    '2027-01-31T09:00 2027-01-31T09:00Z',
    '2027-02-28T09:00 2027-02-28T09:00Z',
  ])
  assert.deepEqual(list('0 9 * * FRI#2', span, 1), ['2027-01-08T09:00 2027-01-08T09:00Z'])
  assert.deepEqual(list('0 9 1 */3 *', span, 1), ['2027-04-01T09:00 2027-04-01T09:00Z'])
  assert.deepEqual(list('0 0 29 2 *', span, 1), ['2028-02-29T00:00 2028-02-29T00:00Z'])
})

const problems: [string, RegExp | null][] = [
  ['0 9 * * MON', null],
  ['*/15 9-17 * * mon-fri', null],
  ['@daily', null],
  ['0 0 29 2 *', null],
  ['0 0 9 * * *', /6 fields, but takes 5 .*more than once a minute/],
  ['0 9 * *', /must have 5 fields/],
  ['', /must have 5 fields/],
  ['2027-01-01T00:00:00', /must have 5 fields/],
  ['61 * * * *', /cannot be read: Invalid value for minute: 61/],
  ['@reboot', /cannot be read/],
  ['0 0 30 2 *', /never comes/],
  ['0 0 31 4,6,9,11 *', /never comes/],
]
for (const [cron, expected] of problems)
  test(`"${cron}" ${expected ? 'is refused' : 'is a pattern'}`, () => {
    const found = patternProblem(cron)
    if (expected) assert.match(String(found), expected)
    else assert.equal(found, null)
  })

test('somewhere in the world a label comes at every moment that is announced, and at no other', () => {
  const cron = '0 9 * * *'
  let after = new Date('2027-03-13T20:00Z')
  const announced: number[] = []
  for (; announced.length < 60; after = new Date(announced.at(-1)!))
    announced.push(nextAnywhere(labelsOf(cron), after)!.getTime())

  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const span = { zone, after: new Date('2027-03-13T20:00Z'), until: after }
    for (const { at } of occurrences(labelsOf(cron), span))
      assert.ok(announced.includes(at.getTime()), `${zone} ${at.toISOString()}`)
  }
})

test('what a clock skips is announced too, though by then no clock in the world shows such a time', () => {
  // At 05:30Z clocks in Newfoundland go from 02:00, three and a half hours behind, to 03:00.
  const labels = labelsOf('30 2 * * *')
  const after = new Date('2027-03-14T05:30Z')

  assert.equal(nextAnywhere(labels, after)?.toISOString(), '2027-03-14T06:00:00.000Z')
})

// Each label once, in the order of time, through every change of every clock of two years.
const [from, until] = [new Date('2026-12-31T12:00Z'), new Date('2028-12-31T12:00Z')]
const dayMs = 86_400_000

test('in every zone, for two years, each label comes once and later than the one before', () => {
  for (const [zone, changes] of zonesThatDiffer()) {
    for (const cron of ['15 1 * * SUN', '45 23 L * *', '0 0 1 * *'])
      assertEachOnce(cron, { zone, after: from, until })
    for (const change of changes) {
      const around = {
        zone,
        after: new Date(change - 4 * dayMs),
        until: new Date(change + 4 * dayMs),
      }
      for (const cron of ['0 0 * * *', '30 0 * * *', '30 1 * * *', '30 2 * * *', '0 3 * * *'])
        assertEachOnce(cron, around)
    }
  }
})

function assertEachOnce(cron: string, span: Span & { until: Date }): void {
  const wanted = [...occurrences(labelsOf(cron), { ...span, zone: 'UTC' })].map(
    ({ label }) => label,
  )
  const inside = wanted.slice(1, -1) // a zone begins and ends up to a day earlier or later
  const found = [...occurrences(labelsOf(cron), span)]
  const labels = found.map(({ label }) => label).filter((label) => inside.includes(label))
  assert.deepEqual(labels, inside, `${cron} in ${span.zone}`)
  for (const [i, { label, at }] of found.entries()) {
    assert.equal(at.getTime(), momentOf(label, span.zone).getTime())
    assert.ok(i === 0 || at > found[i - 1]!.at, `${cron} in ${span.zone}: ${label}`)
  }
}

/** One of each group of zones whose clocks are always the same, and when they change. */
function zonesThatDiffer(): Map<string, number[]> {
  const seen = new Map<string, { zone: string; changes: number[] }>()
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    let at = Temporal.Instant.fromEpochMilliseconds(from.getTime()).toZonedDateTimeISO(zone)
    const offsets = [at.offset]
    const changes: number[] = []
    for (;;) {
      const next = at.getTimeZoneTransition('next')
      if (next === null || next.epochMilliseconds > until.getTime()) break
      at = next
      offsets.push(`${at.epochMilliseconds} ${at.offset}`)
      changes.push(at.epochMilliseconds)
    }
    seen.getOrInsert(offsets.join(), { zone, changes })
  }
  return new Map([...seen.values()].map(({ zone, changes }) => [zone, changes]))
}
