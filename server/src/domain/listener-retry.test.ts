import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextRunAt } from './listener-retry.ts'

const now = new Date('2026-11-21T12:00:00Z')

// attempt, attempts, chance, seconds until the next
const rows: [number, number, number, number | null][] = [
  [1, 8, 1, 5],
  [1, 8, 0, 2.5],
  [2, 8, 1, 15],
  [4, 8, 1, 135],
  [7, 8, 1, 3_600],
  [8, 8, 1, null],
  [1, 1, 1, null],
  [9, 8, 0, null], // a crash more than there are attempts
  [50, 100, 0.5, 2_700],
]
for (const [attempt, attempts, random, seconds] of rows)
  test(`after attempt ${attempt} of ${attempts} it is tried in ${seconds} s`, () => {
    const next = nextRunAt({ attempt, attempts }, now, random)

    assert.equal(next && (next.getTime() - now.getTime()) / 1_000, seconds)
  })
