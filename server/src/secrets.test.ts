import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import {
  createSecrets,
  hashApiKey,
  loadOrCreateSecret,
  newApiKey,
  SecretUnreadable,
} from './secrets.ts'

const secrets = createSecrets('a secret of more than thirty-two characters')

test('a stored credential is readable only in its own place, unchanged, with the same secret', () => {
  const sealed = secrets.encrypt('{"password":"hunter2"}', '1/providers/a')
  const flipped = Buffer.from(sealed)
  flipped[flipped.length - 1]! ^= 1

  assert.equal(secrets.decrypt(sealed, '1/providers/a'), '{"password":"hunter2"}')
  assert.ok(!sealed.includes('hunter2'))
  assert.throws(() => secrets.decrypt(sealed, '1/providers/b'), SecretUnreadable)
  assert.throws(() => secrets.decrypt(flipped, '1/providers/a'), SecretUnreadable)
  const other = createSecrets('another secret of more than thirty-two characters')
  assert.throws(() => other.decrypt(sealed, '1/providers/a'), /another secret/)
  assert.throws(() => secrets.decrypt(sealed.subarray(0, 10), '1/providers/a'), SecretUnreadable)
})

test('a signature holds for its text and its purpose only', () => {
  const signature = secrets.sign('text', 'cursor')

  assert.ok(secrets.isSigned('text', 'cursor', signature))
  assert.ok(!secrets.isSigned('text', 'link', signature))
  assert.ok(!secrets.isSigned('texu', 'cursor', signature))
  assert.ok(!secrets.isSigned('text', 'cursor', ''))
})

test('an API key is long, random and stored as a hash', () => {
  const key = newApiKey()

  assert.match(key, /^bf_sk_[0-9A-Za-z]{40}$/)
  assert.notEqual(key, newApiKey())
  assert.equal(hashApiKey(key).length, 32)
})

test('the generated secret is made once, readable by its owner only, and kept', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'belfry-secret-'))
  try {
    const made = await Promise.all([1, 2, 3].map(() => loadOrCreateSecret(dataDir)))
    assert.equal(new Set(made).size, 1)
    assert.equal(await loadOrCreateSecret(dataDir), made[0])
    assert.equal((await stat(path.join(dataDir, 'secret'))).mode & 0o777, 0o600)

    await writeFile(path.join(dataDir, 'secret'), 'cut')
    await assert.rejects(loadOrCreateSecret(dataDir), /fewer than 32/)
  } finally {
    await rm(dataDir, { recursive: true })
  }
})
