import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileParams } from './json-schema.ts'

const long = 'k'.repeat(500)
const many = Array.from({ length: 25 }, (_, i) => i)

// schema of /x, what is given, what is said about it
const cases: [Record<string, unknown>, unknown, string][] = [
  [{ type: 'string' }, 7, 'must be a string. It is 7.'],
  [{ type: ['integer', 'null'] }, 'a', 'must be an integer or null. It is "a".'],
  [{ type: 'string' }, { a: 1 }, 'must be a string. It is an object.'],
  [{ type: 'object' }, [1], 'must be an object. It is an array.'],
  [{ type: 'string', minLength: 3 }, '👍a', 'must have at least 3 characters. It has 2.'],
  [{ type: 'string', minLength: 1 }, '', 'must have at least 1 character. It has 0.'],
  [{ type: 'string', maxLength: 3 }, long, 'must have at most 3 characters. It has 500.'],
  [{ type: 'string', pattern: '^A-' }, 'B-1', 'must match the pattern ^A-. It is "B-1".'],
  [{ type: 'string', format: 'email' }, 'a@', 'must have the format email. It is "a@".'],
  [{ enum: ['new', 'paid'] }, 'old', 'must be one of "new", "paid". It is "old".'],
  [{ enum: many }, -1, `must be one of ${many.slice(0, 20).join(', ')}, or 5 more. It is -1.`],
  [{ const: 'a' }, 'b', 'must be "a". It is "b".'],
  [{ type: 'number', minimum: 1 }, 0, 'must be at least 1. It is 0.'],
  [{ type: 'number', maximum: 1 }, 2, 'must be at most 1. It is 2.'],
  [{ type: 'number', exclusiveMinimum: 1 }, 1, 'must be more than 1. It is 1.'],
  [{ type: 'number', exclusiveMaximum: 1 }, 1, 'must be less than 1. It is 1.'],
  [{ type: 'integer', multipleOf: 5 }, 7, 'must be a multiple of 5. It is 7.'],
  [{ type: 'array', minItems: 1 }, [], 'must have at least 1 item. It has 0.'],
  [{ type: 'array', maxItems: 1 }, [1, 2], 'must have at most 1 item. It has 2.'],
  [{ type: 'array', uniqueItems: true }, [1, 1], 'must not have the same item twice.'],
  [{ type: 'object', minProperties: 1 }, {}, 'must have at least 1 member. It has 0.'],
  [{ type: 'object', maxProperties: 0 }, { a: 1 }, 'must have at most 0 members. It has 1.'],
  [{ anyOf: [{ const: 1 }, { const: 2 }] }, 3, 'has none of the forms its schema allows. It is 3.'],
  [
    { oneOf: [{ type: 'number' }, { type: 'integer' }] },
    3,
    'must have exactly one of the forms its schema allows. It is 3.',
  ],
  [{ not: { const: 1 } }, 1, 'is of the very form its schema forbids. It is 1.'],
  [
    { type: 'array', contains: { const: 1 } },
    [2],
    'lacks an item of the kind its schema asks for, or has too many of them.',
  ],
]
for (const [schema, x, sentence] of cases)
  test(`${JSON.stringify(schema).slice(0, 60)} and ${JSON.stringify(x).slice(0, 20)}: ${sentence}`, () => {
    const check = compileParams({ type: 'object', properties: { x: schema } })

    const problems = check({ x })

    assert.deepEqual(problems.at(-1), { pointer: '/x', detail: sentence })
  })

test('what is given is shown as far as 80 characters, and never half a character', () => {
  const check = compileParams({ type: 'object', properties: { x: { type: 'integer' } } })

  const [secret] = check({ x: long })
  const [emoji] = check({ x: `${'k'.repeat(78)}👍` })

  assert.equal(secret?.detail, `must be an integer. It is "${'k'.repeat(79)}….`)
  assert.equal(emoji?.detail, `must be an integer. It is "${'k'.repeat(78)}….`)
})

const members: [string, Record<string, unknown>, unknown, string, string][] = [
  ['one that is needed', { required: ['id'] }, {}, '/id', 'is required.'],
  [
    'one that is needed beside another',
    { dependentRequired: { a: ['b'] } },
    { a: 1 },
    '/b',
    'is required.',
  ],
  [
    'one that is not known',
    { properties: { state: {} }, additionalProperties: false },
    { stat: 1 },
    '/stat',
    'is not known here. Did you mean "state"?',
  ],
  [
    'one that no part of the schema knows',
    { properties: { state: {} }, unevaluatedProperties: false },
    { stat: 1 },
    '/stat',
    'is not known here. Did you mean "state"?',
  ],
  [
    'one with a name it may not have',
    { propertyNames: { pattern: '^a' } },
    { b: 1 },
    '',
    'has a member with a name it may not have: "b".',
  ],
  ['one that may not be there', { properties: { a: false } }, { a: 1 }, '/a', 'may not be there.'],
]
for (const [name, schema, params, pointer, detail] of members)
  test(`of the members of an object, ${name} is named`, () => {
    assert.deepEqual(compileParams({ type: 'object', ...schema })(params).at(-1), {
      pointer,
      detail,
    })
  })
