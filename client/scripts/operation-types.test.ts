import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printSchema, printType, type JsonSchema } from './operation-types.ts'

const rows: [what: string, schema: JsonSchema, request: string, answer: string][] = [
  ['anything', {}, 'unknown', 'unknown'],
  ['a choice of words', { enum: ['a', "b'c"] }, "'a' | 'b\\'c'", "'a' | 'b\\'c'"],
  ['a constant', { const: 'success' }, "'success'", "'success'"],
  ['a whole number', { type: 'integer' }, 'number', 'number'],
  ['a moment', { type: 'string', format: 'date-time' }, 'string | Date', 'string'],
  [
    'a list of texts or nothing',
    { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
    'readonly (string | null)[]',
    '(string | null)[]',
  ],
  [
    'a free object',
    { type: 'object', additionalProperties: {} },
    'Record<string, unknown>',
    'Record<string, unknown>',
  ],
  [
    'a field with a default',
    {
      type: 'object',
      required: ['limit'],
      properties: { limit: { type: 'integer', default: 100 } },
    },
    '{\n  limit?: number | undefined\n}',
    '{\n  limit: number\n}',
  ],
  [
    'a field that may be absent',
    { type: 'object', properties: { 'x-y': { type: 'string', description: 'Why.' } } },
    "{\n  /** Why. */\n  'x-y'?: string | undefined\n}",
    "{\n  /** Why. */\n  'x-y'?: string\n}",
  ],
]

for (const [what, schema, request, answer] of rows) {
  test(`${what} becomes a type`, () => {
    assert.equal(printType(schema, 'request', 0), request)
    assert.equal(printType(schema, 'answer', 0), answer)
  })
}

test('what the generator does not know stops it', () => {
  const schema = { not: { type: 'string' } } as JsonSchema

  assert.throws(() => printType(schema, 'answer', 0), /does not know "not"/)
})

test('an operation says how it is asked for, what it takes and what it answers', () => {
  const items = { type: 'array', items: { type: 'string' } }
  const page = { type: 'object', properties: { names: items, next_cursor: { type: 'string' } } }
  const code = { enum: ['not_found'] }
  const problem = { type: 'object', properties: { code } }

  const printed = printSchema({
    paths: {
      '/rooms/{id}/names': {
        get: {
          operationId: 'listNames',
          summary: 'List names',
          parameters: [{ in: 'path', name: 'id', required: true, schema: { type: 'string' } }],
          responses: {
            200: { content: { 'application/json': { schema: page } } },
            '4XX': {
              content: {
                'application/problem+json': {
                  schema: { $ref: '#/components/schemas/Problem' } as JsonSchema,
                },
              },
            },
          },
        },
      },
    },
    components: { schemas: { Problem: problem } },
  })

  assert.match(
    printed,
    /listNames: \{ method: 'GET', path: '\/rooms\/\{id\}\/names', list: 'names' \}/,
  )
  assert.match(printed, /path: \{\n {6}id: string\n {4}\}\n {4}answer: \{\n {6}names\?: string\[\]/)
  assert.match(printed, /ErrorCode =\n {2}\| 'not_found'\n$/)
})
