import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleParams } from './example-params.ts'

test('examples look like what the schema asks for', () => {
  const properties = {
    order_id: { type: 'string' },
    count: { type: 'integer', minimum: 10 },
    url: { type: 'string' },
    when: { type: 'string', format: 'date-time' },
    state: { enum: ['new', 'old'] },
    items: { type: 'array', items: { properties: { name: { type: 'string' } } } },
    given: { examples: ['A-1001'] },
    on: { type: 'boolean' },
    short: { type: 'string', maxLength: 3 },
  }

  assert.deepEqual(exampleParams({ properties }), {
    order_id: 'order_id',
    count: 10,
    url: 'https://example.com/',
    when: '2026-01-15T09:30:00Z',
    state: 'new',
    items: [{ name: 'name' }],
    given: 'A-1001',
    on: true,
    short: 'sho',
  })
})

test('without a schema there is nothing to show', () => {
  assert.deepEqual([exampleParams(null), exampleParams({})], [{}, {}])
})
