import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDoorbell } from './doorbell.ts'
import { workLoop } from './loop.ts'

/** A loop whose turns answer what they are told; it stops after the last one. */
async function play(turns: (boolean | Error)[], ring: (turn: number) => boolean) {
  const stopping = new AbortController()
  const doorbell = createDoorbell()
  const errors: unknown[] = []
  let made = 0
  await workLoop({
    async turn() {
      const answer = turns[made]!
      if (ring(made)) doorbell.ring()
      if (++made === turns.length) stopping.abort()
      if (answer instanceof Error) throw answer
      return answer
    },
    doorbell,
    pollMs: 600_000,
    stop: stopping.signal,
    onError: (error) => errors.push(error),
  })
  return { made, errors }
}

test('while there is more it goes on without a ring', async () => {
  assert.equal((await play([true, true, false], () => false)).made, 3)
})

test('when there is no more it waits for a ring; one that came meanwhile counts', async () => {
  assert.equal((await play([false, false, false], () => true)).made, 3)
})

test('a turn that fails is told, and tried again at the next ring', async () => {
  const away = new Error('away')

  const { made, errors } = await play([away, false], () => true)

  assert.equal(made, 2)
  assert.deepEqual(errors, [away])
})

test('after a stop the turn under way comes to its end, and none follows', async () => {
  const stopping = new AbortController()
  const turn = Promise.withResolvers<boolean>()
  let made = 0
  const loop = workLoop({
    turn() {
      made++
      return turn.promise
    },
    doorbell: createDoorbell(),
    pollMs: 600_000,
    stop: stopping.signal,
    onError: () => {},
  })

  stopping.abort()
  turn.resolve(true)
  await loop

  assert.equal(made, 1)
})

test('without a ring it looks again after the poll', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const stopping = new AbortController()
  const second = Promise.withResolvers<void>()
  let made = 0
  const loop = workLoop({
    async turn() {
      if (++made === 2) second.resolve()
      return false
    },
    doorbell: createDoorbell(),
    pollMs: 1_000,
    stop: stopping.signal,
    onError: () => {},
  })

  await new Promise((resolve) => setImmediate(resolve))
  t.mock.timers.tick(1_000)
  await second.promise
  stopping.abort()
  await loop

  assert.equal(made, 2)
})
