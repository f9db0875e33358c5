import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHandoff, type Taker } from './handoff.ts'
import type { ClaimedEvent } from './sql/events.ts'

// The hand-over looks at nothing in them.
const event = (id: string) => ({ id }) as ClaimedEvent
const ids = (events: ClaimedEvent[]) => events.map(({ id }) => id)

function createTaker(): Taker & { rings: number } {
  const starter = { worker: 'w', reserve: () => true, release() {}, leaseMs: () => 1_000 }
  const taker = { rings: 0, starter, begin() {}, onPush: () => void taker.rings++ }
  return taker
}

test('without a worker in the process there is no room', () => {
  const handoff = createHandoff()

  assert.equal(handoff.reserve(), false)
  assert.equal(handoff.taker, null)
})

test('events are taken in the order in which they came, a few at a time', () => {
  const handoff = createHandoff()
  const taker = createTaker()
  handoff.open(taker)

  for (let i = 0; i < 3; i++) handoff.reserve()
  handoff.push([event('a'), event('b')])
  handoff.push([event('c')])
  handoff.push([])

  assert.equal(taker.rings, 2)
  assert.deepEqual(ids(handoff.take(2)), ['a', 'b'])
  assert.deepEqual(ids(handoff.take(2)), ['c'])
  assert.deepEqual(handoff.take(2), [])
})

test('room is limited; taking and giving back make room again', () => {
  const handoff = createHandoff(2)
  handoff.open(createTaker())

  assert.deepEqual([handoff.reserve(), handoff.reserve(), handoff.reserve()], [true, true, false])
  handoff.push([event('a')])
  assert.equal(handoff.reserve(), false)
  handoff.take(10)
  assert.deepEqual([handoff.reserve(), handoff.reserve()], [true, false])
  handoff.release(2)
  assert.deepEqual([handoff.reserve(), handoff.reserve(), handoff.reserve()], [true, true, false])
})

test('a worker that stops takes nothing more, and may empty what is there', () => {
  const handoff = createHandoff()
  handoff.open(createTaker())
  handoff.reserve()
  handoff.reserve()
  handoff.push([event('a')])

  handoff.close()
  handoff.push([event('b')])

  assert.equal(handoff.reserve(), false)
  assert.deepEqual(ids(handoff.take(Infinity)), ['a', 'b'])
})
