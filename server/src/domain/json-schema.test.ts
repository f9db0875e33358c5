import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileParams, schemaProblem } from './json-schema.ts'

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
