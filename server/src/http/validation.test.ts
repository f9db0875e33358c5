import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { createChecker, createValidatorCompiler } from './validation.ts'

const check = createChecker(
  Type.Object({
    to: Type.Array(
      Type.Union(
        [
          Type.String({ minLength: 1 }),
          Type.Object({ topic: Type.String() }),
          Type.Object({ id: Type.String(), email: Type.Optional(Type.String()) }),
        ],
        { description: 'an id, a topic or a subscriber' },
      ),
    ),
    level: Type.Optional(Type.Enum(['standard', 'critical'])),
    locale: Type.Optional(Type.Union([Type.String({ maxLength: 5 }), Type.Null()])),
    at: Type.Optional(Type.String({ format: 'date-time' })),
    tags: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    text: Type.Optional(Type.String({ pattern: '\\S' })),
    choice: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  }),
)

// what is given, what is said about it
const cases: [string, unknown, [string, string][]][] = [
  ['what fits is accepted', { to: ['ana', { topic: 'a' }, { id: 'ben' }], locale: null }, []],
  ['a field that is missing', {}, [['/to', 'is required.']]],
  [
    'a field that is misspelt',
    { to: [], levl: 1 },
    [['/levl', 'is not known here. Did you mean "level"?']],
  ],
  [
    'a word that is misspelt',
    { to: [], level: 'critcal' },
    [['/level', 'must be one of standard, critical. Did you mean "critical"?']],
  ],
  [
    'a form that is nearly right',
    { to: ['ana', { id: 'ben', emial: 'b' }] },
    [['/to/1/emial', 'is not known here. Did you mean "email"?']],
  ],
  ['a form with a wrong field', { to: [{ topic: 5 }] }, [['/to/0/topic', 'must be a string.']]],
  ['no form at all', { to: [5] }, [['/to/0', 'does not fit: an id, a topic or a subscriber']]],
  [
    'one of two forms',
    { to: [], locale: 'far too long' },
    [['/locale', 'must have at most 5 characters. It has 12.']],
  ],
  [
    'a list that is empty',
    { to: [], tags: [] },
    [['/tags', 'must have at least 1 item. It has 0.']],
  ],
  ['a text that is empty', { to: [], tags: [''] }, [['/tags/0', 'must not be empty.']]],
  [
    'a text of nothing but spaces',
    { to: [], text: '  ' },
    [['/text', 'must have something in it that can be seen.']],
  ],
  [
    'a number that is too small',
    { to: [], limit: 0 },
    [['/limit', 'must be at least 1. It is 0.']],
  ],
  [
    'a choice without a description',
    { to: [], choice: 5 },
    [['/choice', 'must be a string or an array.']],
  ],
  ['no object at all', [], [['', 'must be an object.']]],
  ['a moment', { to: [], at: '2027-01-01T10:00:00.5+05:30' }, []],
  ...['2027-01-01T10:00:00+05', '2026-12-31T23:59:60Z', '2027-01-01T10:00:00', 'tomorrow'].map(
    (at): [string, unknown, [string, string][]] => [
      `${at}, which is no moment`,
      { to: [], at },
      [['/at', 'must be a moment with its offset, such as 2026-11-21T09:30:00Z.']],
    ],
  ),
]
for (const [name, value, problems] of cases)
  test(`a body is described in plain words: ${name}`, () => {
    const found = check(value).map(({ pointer, detail }): [string, string] => [pointer, detail])

    assert.deepEqual(found, problems)
  })

for (const endless of ['Infinity', '-Infinity', '1e400'])
  test(`a query has no number without an end: ${endless}`, () => {
    const schema = Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 100 }) })
    const query = { schema, method: 'GET', url: '/', httpPart: 'querystring' }
    const validate = createValidatorCompiler()(query)

    assert.equal(validate({ limit: '100' }), true)
    assert.equal(validate({ limit: endless }), false)
  })
