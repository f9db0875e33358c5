// `belfry hooks` in a terminal.
import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { belfry, startServer, type CliOptions } from './cli-process.ts'
import { createLook } from './given.ts'

const folder = await mkdtemp(join(tmpdir(), 'belfry-hooks-'))
// Run by root, PostgreSQL is another user: it could not enter, and would put its data elsewhere.
await chmod(folder, 0o711)
after(() => rm(folder, { recursive: true, force: true }))
const here: CliOptions = { dataDir: join(folder, 'data') }
/** What it says of hooks. */
async function doctor(): Promise<Record<'name' | 'state' | 'text' | 'fix', string>> {
  const { out } = await belfry(['doctor', '--json'], here)
  return JSON.parse(out).checks.find(({ name }: { name: string }) => name.startsWith('hook'))
}
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
  const well = await doctor()
  const look = createLook({ connectionString: (await belfry(['database-url'], here)).out.trim() })
  await look.rows(
    `update belfry.hooks set is_enabled = false, disabled_reason = 'gone', disabled_at = now()`,
  )
  const off = await doctor()
  await look.rows(
    `update belfry.hooks set is_enabled = true, disabled_reason = null, failing_since = now()`,
  )
  const failing = await doctor()
  await look.rows('update belfry.hooks set failing_since = null')
  await look.rows(
    `insert into belfry.hook_messages (workspace_id, id, hook_id, type, body, status, due_at, created_at, waiting_since)
     select workspace_id, gen_random_uuid(), id, 'x', '{}', 'waiting', now() + interval '1 day', t, t
     from belfry.hooks, (select now() - interval '2 hours' as t) t`,
  )
  const behind = await doctor()
  await look.close()
  server.kill('SIGTERM')
  assert.equal(await server.ended, 0)
  const fix = (what: string) => new RegExp(`^belfry hooks ${what} \\S{36}$`)
  assert.deepEqual([well.name, well.state], ['hooks', 'good'])
  for (const one of [off, failing, behind])
    assert.deepEqual([one.name, one.state], ['hook "Orders"', 'bad'])
  assert.match(off.text, /switched off: gone/)
  assert.match(off.fix, fix('enable'))
  assert.match(failing.text, /Calls fail since/)
  assert.match(behind.text, /takes less than it is told/)
  assert.match(behind.fix, fix('attempts'))

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
