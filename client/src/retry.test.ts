import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BelfryError } from './belfry-error.ts'
import { isPassing, isRepeatable, parseRetryAfter, retryDelayMs } from './retry.ts'

const failures: [code: string, status: number | null, isPassing: boolean][] = [
  ['no_answer', null, true],
  ['timeout', null, true],
  ['idempotency_in_progress', 409, true],
  ['rate_limited', 429, true],
  ['unavailable', 503, true],
  ['unexpected_answer', 502, true],
  ['unexpected_answer', 408, true],
  ['wrong_status', 409, false],
  ['invalid_request', 422, false],
  ['unauthenticated', 401, false],
  ['unexpected_answer', 200, false],
]

for (const [code, status, expected] of failures) {
  const name = expected ? 'may pass' : 'is final'
  test(`${code} with status ${status ?? 'unknown'} ${name}`, () => {
    assert.equal(isPassing(new BelfryError({ code, status, request: 'GET /' })), expected)
  })
}

test('only what is the same when done twice is repeated', () => {
  const repeatable = ['GET', 'PUT', 'DELETE', 'POST', 'PATCH'].map((method) => [
    method,
    isRepeatable(method, false),
    isRepeatable(method, true),
  ])

  assert.deepEqual(repeatable, [
    ['GET', true, true],
    ['PUT', true, true],
    ['DELETE', true, true],
    ['POST', false, true],
    ['PATCH', false, false],
  ])
})

test('retries come at growing intervals that no two clients share', () => {
  const earliest = [1, 2, 3, 4, 20].map((retry) => retryDelayMs(retry, null, () => 0))
  const latest = [1, 2, 3, 4, 20].map((retry) => retryDelayMs(retry, null, () => 1))

  assert.deepEqual(earliest, [125, 250, 500, 1_000, 4_000])
  assert.deepEqual(latest, [250, 500, 1_000, 2_000, 8_000])
})

test('a retry is never earlier than the server asked', () => {
  assert.equal(
    retryDelayMs(1, 3_000, () => 0),
    3_000,
  )
  assert.equal(
    retryDelayMs(1, 3_000, () => 1),
    3_125,
  )
})

const nowMs = Date.parse('2026-06-01T12:00:00Z')
const retryAfters: [header: string | null, ms: number | null][] = [
  ['2', 2_000],
  ['0', 0],
  ['Mon, 01 Jun 2026 12:00:05 GMT', 5_000],
  ['Mon, 01 Jun 2026 11:00:00 GMT', 0],
  ['soon', null],
  [null, null],
]

for (const [header, ms] of retryAfters) {
  test(`Retry-After: ${header ?? 'absent'} means ${ms ?? 'nothing'}`, () => {
    assert.equal(parseRetryAfter(header, nowMs), ms)
  })
}
