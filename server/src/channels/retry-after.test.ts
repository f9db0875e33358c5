import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryAfterMs } from './retry-after.ts'

const now = new Date('2026-06-01T12:00:00Z')

const cases: [string, string | undefined, number | undefined][] = [
  ['seconds', '120', 120_000],
  ['seconds with spaces', ' 2 ', 2_000],
  ['a fraction', '1.5', 1_500],
  ['nothing at all is a second', '0', 1_000],
  ['more than a day is a day', '99999999', 86_400_000],
  ['an HTTP date', 'Mon, 01 Jun 2026 12:00:30 GMT', 30_000],
  ['an old HTTP date form', 'Monday, 01-Jun-26 12:00:30 GMT', 30_000],
  ['a date in the past is a second', 'Mon, 01 Jun 2026 11:00:00 GMT', 1_000],
  ['a missing header', undefined, undefined],
  ['an empty header', '', undefined],
  ['a negative number', '-5', undefined],
  ['a word', 'soon', undefined],
  ['a weekday alone', 'Mon, ', undefined],
  ['a hexadecimal number', '0x10', undefined],
  ['an exponent', '1e3', undefined],
]
for (const [name, header, expected] of cases) {
  test(`Retry-After: ${name}`, () => {
    assert.equal(retryAfterMs(header, now), expected)
  })
}
