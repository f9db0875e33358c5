import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../errors.ts'
import { parseStrictJson, parseStrictNdjson } from './strict-json.ts'

const accepted: [string, string][] = [
  ['an object with nested lists', '{"a":[1,2,{"b":"c:d"}],"e":{"f":null}}'],
  ['quotes, backslashes and colons in texts', String.raw`{"a\"b:":"\\","c":"\\\":{[","d":":"}`],
  ['characters beyond the basic plane, escaped and not', String.raw`{"a":"😀","b":"\ud83d\ude00"}`],
  ['the largest exact integer', '{"a":9007199254740991,"b":-9007199254740991}'],
  ['fractions and exponents', '{"a":1.5e-7,"b":1e3,"c":-0}'],
  ['32 levels', '['.repeat(32) + ']'.repeat(32)],
  ['1,000 keys', JSON.stringify(Object.fromEntries([...Array(1000)].map((_, i) => [`k${i}`, i])))],
  ['10,000 items', JSON.stringify(Array(10_000).fill(0))],
  ['the same key in two objects', '[{"a":1},{"a":{"a":2}}]'],
  ['keys that look like numbers', '{"1":1,"0":2,"01":3}'],
  ['a text as the whole body', '"a:b"'],
]
for (const [name, text] of accepted)
  test(`JSON is read as JSON.parse reads it: ${name}`, () => {
    assert.deepEqual(parseStrictJson(Buffer.from(text)), JSON.parse(text))
  })

const refused: [string, string | Buffer, string, RegExp][] = [
  ['nothing', '', '', /not JSON/],
  ['half an object', '{"a":', '', /not JSON/],
  ['text after the value', '{} {}', '', /line 1, column 4/],
  ['a comma too many', '{"a":1,\n}', '', /line 2, column 1/],
  ['single quotes', "{'a':1}", '', /not JSON/],
  ['a byte order mark', '\ufeff{}', '', /not JSON/],
  ['NaN', '{"a":NaN}', '', /not JSON/],
  ['a raw control character', '{"a":"\u0001"}', '', /not JSON/],
  ['an unterminated text', '{"a":"b', '', /not JSON/],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), '', /UTF-8/],
  ['an overlong form', Buffer.from([0x22, 0xc0, 0x80, 0x22]), '', /UTF-8/],
  ['an escaped NUL', String.raw`{"a":["\u0000"]}`, '/a/0', /NUL/],
  ['an escaped NUL in a key', String.raw`{"b":{"a\u0000":1}}`, '/b/a\0', /NUL/],
  ['half a character', String.raw`{"a":"\ud83d"}`, '/a', /surrogate/],
  ['33 levels', '['.repeat(33) + ']'.repeat(33), '', /deeper than 32/],
  ['20,000 levels', '{"a":'.repeat(20_000), '', /deeper than 32/],
  [
    '1,001 keys',
    JSON.stringify(Object.fromEntries([...Array(1001)].map((_, i) => [`k${i}`, i]))),
    '',
    /more than 1000 keys/,
  ],
  ['10,001 items', JSON.stringify({ a: Array(10_001).fill(0) }), '/a', /more than 10000 items/],
  [
    'a text that is too long',
    JSON.stringify({ 'x/y~': 'a'.repeat(65_537) }),
    '/x~1y~0',
    /longer than 65536/,
  ],
  ['the same key twice', '{"a":1,"b":{"c":1,"c":2}}', '', /the key "c" twice/],
  ['the same key twice, once escaped', String.raw`{"a":1,"\u0061":2}`, '', /twice/],
  ['a prototype', '{"a":{"__proto__":{"isAdmin":true}}}', '/a/__proto__', /not allowed/],
  ['an infinite number', '{"a":1e999}', '/a', /too large/],
  ['a number beyond 2^53', '{"a":[0,9007199254740993]}', '/a/1', /as a string/],
]
for (const [name, text, pointer, detail] of refused)
  test(`JSON is refused: ${name}`, () => {
    assert.throws(
      () => parseStrictJson(Buffer.from(text as string)),
      (error) => {
        assert.ok(error instanceof ApiError)
        assert.equal(error.code, 'invalid_json')
        assert.match(error.details.detail!, detail)
        assert.equal(error.details.errors![0]!.pointer, pointer)
        return true
      },
    )
  })

test('NDJSON is one value per line, and a bad line is named', () => {
  assert.deepEqual(parseStrictNdjson(Buffer.from('{"a":1}\r\n\n{"a":2}')), [{ a: 1 }, { a: 2 }])
  assert.throws(() => parseStrictNdjson(Buffer.from('{"a":1}\n\n{"a":1,"a":2}\n')), /Line 3.*twice/)
})
