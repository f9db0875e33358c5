// `belfry hooks` in a terminal.
import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { belfry, startServer, type CliOptions } from './cli-process.ts'

const folder = await mkdtemp(join(tmpdir(), 'belfry-hooks-'))
// Run by root, PostgreSQL is another user: it could not enter, and would put its data elsewhere.
await chmod(folder, 0o711)
after(() => rm(folder, { recursive: true, force: true }))
const here: CliOptions = { dataDir: join(folder, 'data') }
const run = (...args: string[]) => belfry(['hooks', ...args], here)

test('hooks are made, listed, given another secret and told again', async (t) => {
  const server = await startServer(here)
  t.after(() => server.kill('SIGKILL'))
  await server.line('ready')

  const address = 'https://example.com/belfry'
  const made = await run('create', address, '--types', 'hook.disabled', '--description', 'Orders')
  const [listed, refused, rotated, replayed, enabled, unknown] = await Promise.all([
    run('list'),
    run('create', 'http://10.0.0.1/'),
    run('rotate', 'Orders', '--overlap', '1h', '--json'),
    run('replay', 'Orders', '--since', '2026-01-01T00:00:00Z'),
    run('enable', 'Orders'),
    run('test', 'Order'),
  ])
  server.kill('SIGTERM')
  assert.equal(await server.ended, 0)

  assert.match(made.out, /^whsec_\S{44}\n$/)
  const [head, row] = listed.out.trimEnd().split('\n')
  assert.match(head!, /^ID +ADDRESS +DESCRIPTION +TYPES +STATE$/)
  assert.match(row!, /^\S{36} +https:\/\/example.com\/belfry +Orders +hook.disabled +on$/)
  assert.equal(refused.code, 1)
  assert.match(refused.words, /10\.0\.0\.1 is not a public address/)
  assert.notEqual(JSON.parse(rotated.out).secret, made.out.trim())
  assert.equal(replayed.words, '0 messages are told again.\n')
  assert.equal(enabled.words, 'Orders is told what happens from now on.\n')
  assert.equal(unknown.code, 1)
  assert.match(unknown.words, /No hook has this id or description: Order\./)
})
