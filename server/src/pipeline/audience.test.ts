import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'
import { compileAudience } from './audience.ts'
import { Effort } from './effort.ts'

const dear = `{{ text | split: "," ${'| reverse | join: "," | split: "," '.repeat(10)}| size }}`
const rules = compileAudience({
  key: 'sale',
  level: 'standard',
  audience: Array.from({ length: 1_000 }, () => dear),
  otherwise: [],
})

test('a thousand dear expressions let others have their turn, and are given up in the end', async () => {
  let turns = 0
  const over = new AbortController()
  const others = (async () => {
    for (; !over.signal.aborted; turns++) await setImmediate()
  })()

  await assert.rejects(rules.audienceOf({ text: 'a,'.repeat(5_000) }, new Effort(200)), {
    code: 'invalid_params',
    message: /^\/audience\/\d+ of the event type cannot be worked out: more than 200 ms have gone/,
  })

  over.abort()
  await others
  assert.ok(turns >= 3, `${turns} turns`)
})
