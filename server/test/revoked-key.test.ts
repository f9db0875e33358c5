// The key that Belfry keeps for the person who started it, after it was revoked.
import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { belfry, said, startServer, type CliOptions } from './cli-process.ts'

const folder = await mkdtemp(join(tmpdir(), 'belfry-revoked-'))
await chmod(folder, 0o755) // run by root, PostgreSQL is another user
const here: CliOptions = { dataDir: join(folder, 'data') }
after(() => rm(folder, { recursive: true, force: true }))

test('a kept key that was revoked is not shown as good at the next start, but how to make another', async () => {
  const first = await startServer(here)
  const { api_key: key, api_key_problem: problem } = await first.line('ready')
  first.kill('SIGTERM')
  await first.ended
  assert.equal((await belfry(['keys', 'revoke', key!.slice(-4)], here)).code, 0)

  const words = await said(['start', '--port', '0'], here, /sandbox\/messages/)
  const second = await startServer(here)
  const told = await second.line('ready')
  const answer = await fetch(`${told.url}/events`, { headers: { authorization: `Bearer ${key}` } })
  second.kill('SIGTERM')
  await second.ended

  assert.equal(problem, null)
  assert.match(words, /This key is revoked: it is refused[^]*data\/env[^]*belfry keys create/)
  assert.deepEqual([told.api_key, told.api_key_problem], [null, 'revoked'])
  assert.equal(answer.status, 401)
})
