import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDoorbell } from './doorbell.ts'

const long = 600_000
const never = new AbortController().signal
const now = new Date('2026-11-21T12:00:00Z')
const later = (ms: number) => new Date(now.getTime() + ms)

test('who waits is woken by a ring', async () => {
  const bell = createDoorbell()

  const waiting = bell.wait(long, never)
  bell.ring()

  await waiting
})

test('a ring while nobody waits is kept, but only one', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const bell = createDoorbell()

  bell.ring()
  bell.ring()
  await bell.wait(long, never)
  let isAwake = false
  const second = bell.wait(long, never).then(() => (isAwake = true))
  await new Promise((resolve) => setImmediate(resolve))
  const wasAwake = isAwake
  t.mock.timers.tick(long)
  await second

  assert.equal(wasAwake, false)
})

test('nobody waits longer than asked', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const bell = createDoorbell()

  const waiting = bell.wait(1_000, never)
  t.mock.timers.tick(1_000)

  await waiting
})

test('a stop ends the waiting, and any after it', async () => {
  const bell = createDoorbell()
  const stopping = new AbortController()

  const waiting = bell.wait(long, stopping.signal)
  stopping.abort()

  await waiting
  await bell.wait(long, stopping.signal)
})

test('it rings by itself at the earliest time it was told', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const bell = createDoorbell()
  let rings = 0
  const listen = () => bell.wait(long, never).then(() => rings++)

  bell.ringAt(later(5_000), now)
  bell.ringAt(later(2_000), now)
  bell.ringAt(later(9_000), now)
  const first = listen()
  t.mock.timers.tick(1_999)
  await new Promise((resolve) => setImmediate(resolve))
  const early = rings
  t.mock.timers.tick(1)
  await first

  assert.equal(early, 0)
  assert.equal(rings, 1)
})

test('a time that is over rings at once', async () => {
  const bell = createDoorbell()

  const waiting = bell.wait(long, never)
  bell.ringAt(later(-1_000), now)

  await waiting
})
