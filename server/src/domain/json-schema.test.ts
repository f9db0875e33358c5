import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileParams, declaredParams, schemaProblem } from './json-schema.ts'

const order = compileParams({
  type: 'object',
  required: ['order_id'],
  properties: {
    order_id: { type: 'string', pattern: '^A-[0-9]+$' },
    state: { enum: ['new', 'paid'] },
    mail: { type: 'string', format: 'email' },
    code: { type: 'string', pattern: '^x$' },
  },
  additionalProperties: false,
})

test('without a schema any parameters are accepted', () => {
  assert.deepEqual(compileParams(null)({ anything: [1] }), [])
})

// what is given, pointer, detail
const cases: [string, unknown, string, RegExp][] = [
  ['a missing parameter is named', {}, '/order_id', /is required/],
  ['a misspelt parameter gets a suggestion', { order_id: 'A-1', stat: 'new' }, '/stat', /"state"/],
  [
    'a value outside of a list names the list',
    { order_id: 'A-1', state: 'old' },
    '/state',
    /"new", "paid"/,
  ],
  ['each pattern is checked by itself', { order_id: 'A-1', code: 'A-1' }, '/code', /pattern/],
  ['a format is checked', { order_id: 'A-1', mail: 'a@' }, '/mail', /email/],
  ['a list is not an object', [], '', /object/],
]
for (const [name, params, pointer, detail] of cases)
  test(name, () => {
    const [problem] = order(params)
    assert.equal(problem?.pointer, pointer)
    assert.match(problem.detail, detail)
  })

test('parameters that fit are accepted', () => {
  assert.deepEqual(order({ order_id: 'A-1', state: 'paid', mail: 'a@b.example', code: 'x' }), [])
})

test('a pattern made to take for ever takes no time', () => {
  const check = compileParams({ type: 'string', pattern: '^(a+)+$' })
  const started = performance.now()

  const problems = check(`${'a'.repeat(5_000)}b`)

  assert.equal(problems.length, 1)
  assert.ok(performance.now() - started < 500)
})

const deep = (levels: number): object => (levels === 0 ? {} : { not: deep(levels - 1) })

const manyRepeats = {
  properties: Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [
      `p${i}`,
      { type: 'string', pattern: `(a|b|${i}){1000}` },
    ]),
  ),
}

// schema, what is said about it
const refused: [string, object, RegExp][] = [
  ['a misspelt keyword', { typ: 'object' }, /typ/],
  ['a misspelt type', { type: 'objct' }, /type/],
  ['a reference to elsewhere', { $ref: 'http://169.254.169.254/schema' }, /into the schema itself/],
  ['a reference to nothing', { $ref: '#/$defs/nothing' }, /reference/],
  ['a pattern with look-behind', { type: 'string', pattern: '(?<=a)b' }, /regexp/],
  ['a pattern that does not parse', { type: 'string', pattern: '[' }, /regexp/],
  ['an unknown format', { type: 'string', format: 'nonsense' }, /nonsense/],
  ['a check that answers later', { type: 'object', $async: true }, /\$async/],
  ['33 levels', deep(33), /deeper than 32/],
  ['patterns that repeat too much', manyRepeats, /too large altogether/],
  ['a repeat of repeats', { type: 'string', pattern: '(a{1000}){1000}' }, /repeat count/],
  ['an older JSON Schema', { $schema: 'http://json-schema.org/draft-07/schema#' }, /draft-07/],
  ['more than 64 kB of letters beyond ASCII', { description: '€'.repeat(22 * 1024) }, /64 kB/],
  ['more than 64 kB', { description: 'x'.repeat(65 * 1024) }, /64 kB/],
]
for (const [name, schema, detail] of refused)
  test(`a schema is refused for ${name}`, () => {
    assert.match(schemaProblem(schema as Record<string, unknown>) ?? '', detail)
  })

test('two schemas with the same id do not know of each other', () => {
  const schema = { $id: 'https://example.com/a', type: 'object' }
  assert.equal(schemaProblem(schema), null)
  assert.equal(schemaProblem({ ...schema, type: 'array' }), null)
})

const branching = { properties: { next: { $ref: '#/$defs/node' } }, required: ['next'] }
const nested = (levels: number): object => (levels === 0 ? {} : { next: nested(levels - 1) })

test('a schema that doubles its work with each level of the data is given up in time', () => {
  const check = compileParams({
    $ref: '#/$defs/node',
    $defs: { node: { anyOf: [branching, structuredClone(branching)] } },
  })
  const started = performance.now()

  assert.match(check(nested(30))[0]?.detail ?? '', /too long/)
  assert.ok(performance.now() - started < 2_000)
  assert.doesNotMatch(check(nested(3))[0]?.detail ?? '', /too long/, 'the next check starts anew')
})

test('a tree that refers to itself is checked', () => {
  const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required: [] }
  const check = compileParams({ $ref: '#/$defs/node', $defs: { node } })

  assert.deepEqual(check(nested(30)), [])
  assert.equal(check({ next: { next: 7 } })[0]?.pointer, '/next/next')
})

test('items that must differ are compared in no time, whatever the order of their members', () => {
  const check = compileParams({ type: 'array', uniqueItems: true })
  const items = Array.from({ length: 20_000 }, (_, i) => ({ id: i, name: [i] }))
  const started = performance.now()

  assert.deepEqual(check(items), [])
  assert.match(check([...items, { name: [7], id: 7 }])[0]?.detail ?? '', /twice/)
  assert.deepEqual(check([1, '1', true, null, [1], [[1]]]), [])
  assert.ok(performance.now() - started < 1_000)
})

// schema, the parameters it declares
const declaring: [object | null, string[] | null][] = [
  [null, null],
  [{ properties: { a: {} } }, null],
  [{ properties: { a: {}, b: {} }, additionalProperties: false }, ['a', 'b']],
  [{ additionalProperties: false }, []],
  [{ properties: { a: {} }, unevaluatedProperties: false }, ['a']],
  [
    { properties: { a: {} }, unevaluatedProperties: false, allOf: [{ properties: { b: {} } }] },
    null,
  ],
  [{ properties: { a: {} }, patternProperties: { '^x': {} }, additionalProperties: false }, null],
]
for (const [schema, names] of declaring)
  test(`the parameters declared by ${JSON.stringify(schema)}`, () => {
    assert.deepEqual(declaredParams(schema as Record<string, unknown> | null), names)
  })
