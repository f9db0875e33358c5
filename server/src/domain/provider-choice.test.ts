import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../test/given.ts'
import { chooseProvider, type Candidate } from './provider-choice.ts'

const a = { id: 'a', priority: 1, weight: 3 }
const b = { id: 'b', priority: 1, weight: 1 }
const c = { id: 'c', priority: 2, weight: 1 }

/** Of 4,000 deliveries, how many thousands each gets, rounded to tenths. */
function thousands(candidates: Candidate[], shares: Record<string, number> = {}) {
  const random = createRandom(7)
  const counts: Record<string, number> = {}
  for (let i = 0; i < 4_000; i++) {
    const { id } = chooseProvider(candidates, ({ id }) => shares[id!] ?? 1, random)!
    counts[id!] = (counts[id!] ?? 0) + 1
  }
  return Object.fromEntries(
    Object.entries(counts).map(([id, count]) => [id, Math.round(count / 100) / 10]),
  )
}

test('the lowest priority takes all, parted by weight', () => {
  assert.deepEqual(thousands([c, b, a]), { a: 3, b: 1 })
})

test('what one is not well enough for goes to the next', () => {
  assert.deepEqual(thousands([a, c], { a: 0 }), { c: 4 })
  assert.deepEqual(thousands([a, c], { a: 0.25 }), { a: 1, c: 3 })
})

test('one that is not well gets what nobody else is there for', () => {
  assert.deepEqual(thousands([a], { a: 0 }), { a: 4 })
  assert.deepEqual(thousands([a, c], { a: 0, c: 0 }), { a: 4 })
  assert.equal(
    chooseProvider([], () => 1, Math.random),
    null,
  )
})
