// When a required data source is asked again, and what is read of an answer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextDataTry, type DataTry } from './data-source.ts'
import { readServiceJson } from './service-json.ts'

const now = new Date('2026-06-01T12:00:00Z')
const usual: DataTry = {
  policies: null,
  failureCount: 0,
  retryAfterMs: undefined,
  expiresAt: null,
  now,
  random: 1,
}
const fixed = { attempts: 3, delay: '30s', backoff: 'fixed' as const }

// behaviour, what is different, seconds until the next try; null: none
const tries: [string, Partial<DataTry>, number | null][] = [
  ['the usual schedule begins after ten seconds', {}, 10],
  ['its last pause is an hour', { failureCount: 3 }, 3_600],
  ['after five tries it is over', { failureCount: 4 }, null],
  ['the event type has a schedule', { policies: fixed }, 30],
  ['and an end', { policies: fixed, failureCount: 2 }, null],
  ['one of a channel is none for all', { policies: { email: fixed } }, 10],
  ['the service asks for more time', { retryAfterMs: 90_000 }, 90],
  ['but not for a day', { retryAfterMs: 86_400_000 }, 3_600],
  ['nothing is tried when its time is over', { expiresAt: new Date(now.getTime() + 10_000) }, null],
  ['and before that it is', { expiresAt: new Date(now.getTime() + 10_001) }, 10],
]
for (const [behaviour, different, seconds] of tries)
  test(behaviour, () => {
    const at = nextDataTry({ ...usual, ...different })

    assert.equal(at && (at.getTime() - now.getTime()) / 1_000, seconds)
  })

// a text, and what is read of it
const texts: [string, unknown][] = [
  ['{"id":9007199254740993}', { id: '9007199254740993' }],
  ['{"id":9007199254740991}', { id: 9007199254740991 }],
  ['[-12345678901234567890, 0.1, 1e3]', ['-12345678901234567890', 0.1, 1000]],
  ['null', null],
  [`${'['.repeat(32)}${']'.repeat(32)}`, JSON.parse(`${'['.repeat(32)}${']'.repeat(32)}`)],
  [`{"a":"${'[{'.repeat(50)}\\"[["}`, { a: `${'[{'.repeat(50)}"[[` }],
]
for (const [text, value] of texts)
  test(`${text.slice(0, 40)} is read`, () => assert.deepEqual(readServiceJson(text), value))

const noTexts: [string, RegExp][] = [
  ['', /is not JSON/],
  ['{"a":1} {"b":2}', /is not JSON/],
  [`${'['.repeat(33)}${']'.repeat(33)}`, /deeper than 32/],
  ['{"a":'.repeat(100_000), /deeper than 32/],
  [`"${'\\"'.repeat(130_000)}`, /is not JSON/],
]
for (const [text, why] of noTexts)
  test(`${text.slice(0, 40)} is not`, () => assert.throws(() => readServiceJson(text), why))
