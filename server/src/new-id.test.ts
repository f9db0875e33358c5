import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timeOfId } from './domain/id.ts'
import { newId } from './new-id.ts'

test('ids stand in the order in which they were made, however many are made at once', () => {
  const before = Date.now()
  const ids = Array.from({ length: 50_000 }, newId)
  const after = Date.now()

  assert.deepEqual(ids.toSorted(), ids)
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.ok(timeOfId(ids[0]!) >= before)
  // More than fit into a millisecond run ahead of it, by no more than they are.
  assert.ok(timeOfId(ids.at(-1)!) <= after + ids.length / 2_048)
})
