import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCache, type CacheOptions } from './cache.ts'

/** Loads end when told, with the value they are given. */
function createLoading(options: Omit<CacheOptions<string>, 'load'> = {}) {
  const loads: { key: string; gate: PromiseWithResolvers<string> }[] = []
  const cache = createCache({
    ...options,
    load(key: string) {
      const gate = Promise.withResolvers<string>()
      loads.push({ key, gate })
      return gate.promise
    },
  })
  return { cache, loads, keys: () => loads.map(({ key }) => key) }
}

test('who asks for the same thing at the same time shares one load, and its answer is kept', async () => {
  const { cache, loads, keys } = createLoading()

  const both = Promise.all([cache.get('a'), cache.get('a')])
  loads[0]!.gate.resolve('one')

  assert.deepEqual(await both, ['one', 'one'])
  assert.equal(await cache.get('a'), 'one')
  assert.deepEqual(keys(), ['a'])
})

test('a load that fails fails for all who waited, and is not remembered', async () => {
  const { cache, loads } = createLoading()

  const both = Promise.allSettled([cache.get('a'), cache.get('a')])
  loads[0]!.gate.reject(new Error('away'))
  const answers = await both
  const again = cache.get('a')
  loads[1]!.gate.resolve('two')

  assert.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.equal(await again, 'two')
})

test('a change during a load: who asks after it gets what is true after it', async () => {
  const { cache, loads } = createLoading()

  const before = cache.get('a')
  cache.clear()
  const after = cache.get('a')
  loads[1]!.gate.resolve('new')
  loads[0]!.gate.resolve('old')

  assert.equal(await before, 'old')
  assert.equal(await after, 'new')
  assert.equal(await cache.get('a'), 'new')
})

test('a load that fails after a change does not take the newer answer away', async () => {
  const { cache, loads, keys } = createLoading()

  const before = cache.get('a')
  cache.forget('a')
  const after = cache.get('a')
  loads[1]!.gate.resolve('new')
  loads[0]!.gate.reject(new Error('away'))
  await assert.rejects(before)

  assert.equal(await after, 'new')
  assert.equal(await cache.get('a'), 'new')
  assert.deepEqual(keys(), ['a', 'a'])
})

test('what is too old is loaded again', async () => {
  const { cache, loads, keys } = createLoading({ maxAgeMs: 0 })

  const first = cache.get('a')
  loads[0]!.gate.resolve('one')
  await first
  void cache.get('a')

  assert.deepEqual(keys(), ['a', 'a'])
})

test('it does not grow beyond its limit: the oldest goes', async () => {
  const { cache, loads, keys } = createLoading({ maxEntries: 2 })

  for (const key of ['a', 'b', 'c', 'b', 'a']) {
    void cache.get(key)
    loads.at(-1)!.gate.resolve(key)
  }

  assert.deepEqual(keys(), ['a', 'b', 'c', 'a'])
})
