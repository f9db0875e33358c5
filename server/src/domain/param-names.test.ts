import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paramNames, type Names } from './param-names.ts'

const order = { properties: { id: { type: 'string' }, lines: { type: 'array' } } }

const schemas: [string, Record<string, unknown> | null, Names][] = [
  ['no schema', null, null],
  ['no properties', { type: 'object' }, null],
  ['properties', { properties: { a: {}, b: { type: 'string' } } }, { a: null, b: null }],
  ['members of members', { properties: { order } }, { order: { id: null, lines: null } }],
  ['closed to others', { properties: { a: {} }, additionalProperties: false }, { a: null }],
  ['open to others', { properties: { a: {} }, additionalProperties: true }, null],
  ['open by pattern', { properties: { a: {} }, patternProperties: { '^x': {} } }, null],
  [
    'one of several',
    { oneOf: [{ properties: { a: {} } }, { properties: { b: {} } }] },
    { a: null, b: null },
  ],
  [
    'conditions',
    JSON.parse('{"properties": {"a": {}}, "then": {"properties": {"b": {}}}}'),
    { a: null, b: null },
  ],
  [
    'a reference',
    { properties: { o: { $ref: '#/$defs/o' } }, $defs: { o: order } },
    { o: { id: null, lines: null } },
  ],
  ['a reference to nothing', { properties: { o: { $ref: '#/$defs/x' } } }, { o: null }],
]
for (const [name, schema, expected] of schemas)
  test(`the names that a schema declares: ${name}`, () => {
    assert.deepEqual(JSON.parse(JSON.stringify(paramNames(schema))), expected)
  })

test('a schema that goes in a circle is read as deep as templates go', () => {
  const schema = {
    $ref: '#/$defs/node',
    $defs: { node: { properties: { next: { $ref: '#/$defs/node' } } } },
  }

  assert.ok(paramNames(schema)?.['next']?.['next'])
})
