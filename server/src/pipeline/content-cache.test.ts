import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createContentCache } from './content-cache.ts'

const text = (length: number) => ({ body: 'x'.repeat(length - '{"body":""}'.length) })

test('when there are too many texts the oldest are forgotten', () => {
  const cache = createContentCache({ mostTexts: 2 })
  for (const id of ['a', 'b', 'c']) cache.set(id, text(20))

  assert.deepEqual(
    ['a', 'b', 'c'].map((id) => cache.get(id) !== undefined),
    [false, true, true],
  )
})

test('texts that are too large together are forgotten, one that is too large by itself at once', () => {
  const cache = createContentCache({ mostBytes: 200 })
  cache.set('a', text(50))
  cache.set('b', text(50))
  assert.deepEqual(cache.get('a'), text(50))

  cache.set('c', text(25))
  assert.deepEqual([cache.get('a'), cache.get('b')], [undefined, text(50)])
  cache.set('d', text(101))
  assert.deepEqual(
    ['b', 'c', 'd'].map((id) => cache.get(id)),
    [undefined, undefined, undefined],
  )
})

test('a text that is read again counts once', () => {
  const cache = createContentCache({ mostBytes: 200 })
  for (let i = 0; i < 5; i++) cache.set('a', text(50))
  cache.set('b', text(50))

  assert.deepEqual([cache.get('a'), cache.get('b')], [text(50), text(50)])
})
