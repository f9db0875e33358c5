import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'
import { Effort, EffortError } from './effort.ts'

/** Holds the process for as long as it takes. */
function hold(ms: number): number {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
  return ms
}

const orders: [string, (piece: () => Promise<unknown>) => Promise<unknown>][] = [
  ['one after the other', async (piece) => { for (let i = 0; i < 8; i++) await piece() }], // prettier-ignore
  ['all at once', (piece) => Promise.all(Array.from({ length: 8 }, piece))],
]
for (const [how, all] of orders)
  test(`others have their turn between pieces that are asked for ${how}`, async () => {
    const effort = new Effort()
    let turns = 0
    const over = new AbortController()
    const others = (async () => {
      for (; !over.signal.aborted; turns++) await setImmediate()
    })()

    await all(() => effort.do(() => hold(11)))

    assert.ok(turns >= 7, `${turns} turns`)
    over.abort()
    await others
  })

test('pieces that take no time are done at once', async () => {
  const effort = new Effort()
  let isOthersTurn = false
  const others = setImmediate().then(() => (isOthersTurn = true))

  for (let i = 0; i < 100; i++) await effort.do(() => i)

  assert.equal(isOthersTurn, false)
  await others
})

test('when the time of all is used up the next piece is refused', async () => {
  const effort = new Effort(20)

  assert.equal(await effort.do(() => hold(25)), 25)

  await assert.rejects(effort.do(() => 1), EffortError) // prettier-ignore
})
