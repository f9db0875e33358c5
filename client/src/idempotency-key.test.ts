import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newIdempotencyKey } from './idempotency-key.ts'

const { crypto } = globalThis
const platforms: [name: string, crypto: Partial<Crypto> | undefined][] = [
  ['a server', crypto],
  ['a page without TLS', { getRandomValues: crypto.getRandomValues.bind(crypto) }],
  ['Node 18', undefined],
]

for (const [name, itsCrypto] of platforms) {
  test(`keys made on ${name} differ, and the server takes them`, () => {
    const keys = Array.from({ length: 100 }, () =>
      // An argument of undefined would be the default.
      newIdempotencyKey(itsCrypto ?? {}),
    )

    assert.equal(new Set(keys).size, 100)
    for (const key of keys) assert.match(key, /^[\x21-\x7e]{32,255}$/)
  })
}
