import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  nextHealth,
  operated,
  phaseOf,
  shareOf,
  wellSince,
  type Counts,
  type Health,
} from './provider-health.ts'

const start = new Date('2026-06-01T12:00:00Z')
const later = (seconds: number) => new Date(start.getTime() + seconds * 1_000)
const well = wellSince(start)
const open: Health = { ...well, state: 'open', era: 1, reason: '…', probeAt: later(30), trips: 1 }
const recovering: Health = { ...well, era: 2, trips: 1 }
const counts = (answered: number, failed: number, slow = 0): Counts => {
  return { answered, failed, slow, code: failed > 0 ? 'http_503' : null }
}

type Case = [string, Health, Counts, number, Health['state'] | 'same', boolean?]
const cases: Case[] = [
  ['half of ten failed', well, counts(5, 5), 0, 'open'],
  ['fewer than half failed', well, counts(6, 5), 0, 'same'],
  ['nine are too few to judge by', well, counts(0, 9), 0, 'same'],
  ['slow answers count where another one is faster', well, counts(10, 0, 5), 0, 'open', true],
  ['slow answers are better than none', well, counts(10, 0, 10), 0, 'same', false],
  ['one that is just back is trusted less', recovering, counts(8, 2), 60, 'open'],
  ['a few failures are forgiven one that is just back', recovering, counts(9, 1), 60, 'same'],
  ['a quarter of an hour later it is one like others', recovering, counts(8, 2), 900, 'closed'],
  ['three probes got through', open, counts(3, 0), 31, 'closed'],
  ['two probes are too few', open, counts(2, 0), 31, 'same'],
  ['after a minute of probing one is enough', open, counts(1, 0), 90, 'closed'],
  ['but not none', open, counts(0, 0), 90, 'same'],
  ['nor one that failed', open, counts(1, 1), 90, 'open'],
  ['a probe failed', open, counts(2, 1), 31, 'open'],
  ['what a person has paused', { ...well, state: 'paused' }, counts(0, 99), 0, 'same'],
]

for (const [name, before, seen, seconds, expected, hasSpare = false] of cases)
  test(name, () => {
    const after = nextHealth(before, seen, { hasSpare, now: later(seconds) })

    if (expected === 'same') assert.equal(after, before)
    else {
      assert.equal(after.state, expected)
      assert.equal(after.era, before.era + 1)
    }
  })

test('each time it opens again it stays open twice as long, up to five minutes', () => {
  const pauses: number[] = []
  let health: Health = well
  let now = start
  for (let i = 0; i < 6; i++) {
    health = nextHealth(health, counts(0, 10), { hasSpare: false, now })
    pauses.push((health.probeAt!.getTime() - now.getTime()) / 1_000)
    now = health.probeAt!
  }

  assert.deepEqual(pauses, [30, 60, 120, 240, 300, 300])
  assert.equal(health.since, start)
})

test('one that is back gets more step by step, and all of it after a quarter of an hour', () => {
  const moments: [Health | null, number][] = [
    [null, 0],
    [open, 29],
    [open, 30],
    [recovering, 0],
    [recovering, 450],
    [recovering, 900],
    [{ ...well, state: 'paused' }, 900],
  ]
  assert.deepEqual(
    moments.map(([health, seconds]) => [
      phaseOf(health, later(seconds)),
      Math.round(shareOf(health, later(seconds)) * 100),
    ]),
    [
      ['closed', 100],
      ['open', 0],
      ['half_open', 20],
      ['recovering', 10],
      ['recovering', 55],
      ['closed', 100],
      ['paused', 0],
    ],
  )
})

test('a person pauses it, lets it go on, and has it tried at once', () => {
  const act = (health: Health, kind: 'pause' | 'resume' | 'probe') =>
    operated(health, { kind, reason: 'maintenance' }, later(5))
  const paused = act(open, 'pause')

  assert.deepEqual([paused.state, paused.reason, paused.era], ['paused', 'maintenance', 2])
  assert.deepEqual([act(paused, 'resume').state, act(paused, 'resume').trips], ['closed', 0])
  assert.equal(phaseOf(act(open, 'probe'), later(5)), 'half_open')
  assert.equal(act(well, 'probe'), well)
  assert.equal(act(well, 'resume'), well)
})
