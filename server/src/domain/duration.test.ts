import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationMs } from './duration.ts'

const good: [string, number][] = [
  ['1s', 1_000],
  ['15s', 15_000],
  ['10m', 600_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['999999d', 86_399_913_600_000],
]
for (const [text, ms] of good) {
  test(`a duration: ${text}`, () => assert.equal(durationMs(text), ms))
}

const bad = [
  '',
  '0s',
  '05s',
  '5',
  's',
  '1.5h',
  '-1s',
  '5 s',
  '5S',
  '5w',
  '5ms',
  '1h30m',
  ' 5s',
  '5s\n',
  '１s',
]
const tooLong = ['9999999d', '1000000d', '99999999s']
for (const text of [...bad, ...tooLong]) {
  test(`no duration: ${JSON.stringify(text)}`, () => {
    assert.throws(() => durationMs(text), RangeError)
  })
}
