import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latencyPercentile, latencyStepStarts, type LatencyCount } from './latency.ts'

function stepOf(ms: number): number {
  return latencyStepStarts.filter((start) => start <= ms).length
}

function count(times: readonly number[]): LatencyCount[] {
  return times.map((ms) => ({ step: stepOf(ms), count: 1 }))
}

test('percentiles are within a step of the truth, for what takes milliseconds and for what takes hours', () => {
  for (const unit of [1, 1_000, 60_000]) {
    const times = Array.from({ length: 1_000 }, (_, i) => (i + 1) * unit)
    for (const share of [0.5, 0.95, 0.99]) {
      const truth = 1_000 * share * unit
      const answer = latencyPercentile(count(times), share)!
      assert.ok(answer > truth / 1.2 && answer < truth * 1.2, `${answer} for ${truth}`)
    }
  }
})

test('counts of several workers give what their sum gives', () => {
  const [quick, slow] = [count(Array(99).fill(10)), count([9_000])]
  const summed = [
    { step: stepOf(9_000), count: 1 },
    { step: stepOf(10), count: 99 },
  ]

  for (const share of [0.5, 0.99, 1])
    assert.equal(latencyPercentile([...slow, ...quick], share), latencyPercentile(summed, share))
  assert.ok(latencyPercentile(summed, 0.99)! < 12)
  assert.ok(latencyPercentile(summed, 1)! > 8_000)
})

test('nothing has no percentile, and what takes longer than the last step is told as its beginning', () => {
  assert.equal(latencyPercentile([], 0.5), null)
  assert.equal(latencyPercentile([{ step: 3, count: 0 }], 0.5), null)
  assert.equal(latencyPercentile([{ step: 63, count: 2 }], 0.5), latencyStepStarts[62])
})
