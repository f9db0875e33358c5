import assert from 'node:assert/strict'
import { test } from 'node:test'
import { restMs } from './pruning.ts'

const minuteMs = 60_000
// what, time a batch took, how far behind while others are busy, rest
const rests: [string, number, number | null, number][] = [
  ['hardly while nobody else is busy', 100, null, 25],
  ['most of the time while others are', 100, 10 * minuteMs, 3_000],
  ['less when it is an hour behind', 100, 61 * minuteMs, 900],
  ['little when it is six hours behind', 100, 361 * minuteMs, 300],
  ['never for long, however slow the database is', 60_000, 0, 5_000],
]
for (const [what, tookMs, lagMs, expected] of rests)
  test(`the clean-up rests ${what}`, () => assert.equal(restMs(tookMs, lagMs), expected))
