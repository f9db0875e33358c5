import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRetryBudget } from './retry-budget.ts'

const now = new Date('2026-11-21T12:00:00Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000)
const ever = (now: Date) => ({ now, mayWait: () => true })
const seconds = (at: Date) => (at.getTime() - now.getTime()) / 1_000

function mostPerSecond(moments: Date[]): number {
  const counts = Object.values(Object.groupBy(moments, (at) => Math.floor(seconds(at))))
  return Math.max(...counts.map((those) => those?.length ?? 0))
}

test('a few retries are made when they are due', () => {
  const budget = createRetryBudget()

  for (let i = 0; i < 20; i++) assert.deepEqual(budget.place('a', later(3), ever(now)), later(3))
})

test('above the floor, retries follow one after the other', () => {
  const budget = createRetryBudget()

  const placed = Array.from({ length: 1_000 }, () => budget.place('a', later(10), ever(now)))

  assert.ok(mostPerSecond(placed) <= 20)
  assert.ok(Math.abs(seconds(placed.at(-1)!) - 60) < 2, String(seconds(placed.at(-1)!)))
})

test('a fifth of what was sent in the last minute may be retried besides', () => {
  const budget = createRetryBudget()
  for (let i = 0; i < 30_000; i++) budget.count('a', now)

  const placed = Array.from({ length: 3_300 }, () => budget.place('a', later(70), ever(later(60))))

  assert.ok(seconds(placed.at(-1)!) < 98, 'a hundred a second, and the floor')
  const hourLater = Array.from({ length: 400 }, () =>
    budget.place('a', later(3_700), ever(later(3_600))),
  )
  assert.ok(seconds(hourLater.at(-1)!) > 3_718, 'what was sent long ago counts no more')
})

test('each provider has a budget of its own', () => {
  const budget = createRetryBudget()
  for (let i = 0; i < 500; i++) budget.place('a', later(5), ever(now))

  assert.deepEqual(budget.place('b', later(5), ever(now)), later(5))
})

test('a retry that may not wait is made when it is due, and takes no later place', () => {
  const budget = createRetryBudget()
  for (let i = 0; i < 20; i++) budget.place('a', later(5), ever(now))
  const soon = { now, mayWait: (until: Date) => until < later(6) }

  for (let i = 0; i < 100; i++) assert.deepEqual(budget.place('a', later(5), soon), later(5))
  const next = budget.place('a', later(5), ever(now))

  assert.equal(Math.floor(seconds(next)), 6)
})
