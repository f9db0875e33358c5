import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hookAttempts, nextCallAt } from './hook-retry.ts'

const now = new Date('2026-06-01T12:00:00Z')

// attempt, Retry-After in ms, chance, the next one
const cases: [number, number | undefined, number, string | null][] = [
  [1, undefined, 0, '2026-06-01T12:00:05.000Z'],
  [1, undefined, 1, '2026-06-01T12:00:05.500Z'],
  [2, undefined, 0, '2026-06-01T12:05:00.000Z'],
  [9, undefined, 0, '2026-06-02T12:00:00.000Z'],
  [10, undefined, 0, null],
  [11, 1_000, 0, null],
  [1, 60_000, 0, '2026-06-01T12:01:00.000Z'],
  [3, 60_000, 0, '2026-06-01T12:30:00.000Z'],
]
for (const [attempt, retryAfterMs, random, expected] of cases)
  test(`after attempt ${attempt}, asked for ${retryAfterMs} ms: ${expected}`, () => {
    const next = nextCallAt({ attempt, retryAfterMs }, now, random)

    assert.equal(next?.toISOString() ?? null, expected)
  })

test('a message is tried for more than three days', () => {
  let at = now
  for (let attempt = 1; attempt < hookAttempts; attempt++)
    at = nextCallAt({ attempt, retryAfterMs: undefined }, at, 0)!

  assert.equal(at.toISOString(), '2026-06-04T15:35:05.000Z')
})
