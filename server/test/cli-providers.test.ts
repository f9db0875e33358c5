// `belfry providers` in a terminal.
import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { belfry, startServer, type CliOptions } from './cli-process.ts'

const folder = await mkdtemp(join(tmpdir(), 'belfry-providers-'))
// Run by root, PostgreSQL is another user: it could not enter, and would put its data elsewhere.
await chmod(folder, 0o711)
after(() => rm(folder, { recursive: true, force: true }))
const here: CliOptions = { dataDir: join(folder, 'data') }
const run = (...args: string[]) => belfry(['providers', ...args], here)

test('providers are listed, paused and resumed by hand', async (t) => {
  const server = await startServer(here)
  t.after(() => server.kill('SIGKILL'))
  const { url, api_key } = await server.line('ready')
  const headers = { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' }
  for (const [channel, name, priority] of [
    ['email', 'mail', 1],
    ['email', 'spare', 2],
    ['sms', 'spare', 1],
  ]) {
    const body = JSON.stringify({ channel, name, priority, kind: 'sandbox', settings: {} })
    const { status } = await fetch(`${url}/providers`, { method: 'POST', headers, body })
    assert.equal(status, 201)
  }

  const paused = await run('pause', 'mail', '--reason', 'maintenance')
  const [listed, unclear, unknown] = await Promise.all([
    run('list', '--channel', 'email'),
    run('pause', 'spare'),
    run('pause', 'spar'),
  ])
  const resumed = await run('resume', 'mail', '--json')
  const probed = await run('probe', 'spare', '--channel', 'sms')
  server.kill('SIGTERM')
  assert.equal(await server.ended, 0)

  assert.deepEqual([paused.code, paused.words], [0, 'email provider mail: paused.\n'])
  const [head, ...rows] = listed.out.trimEnd().split('\n')
  assert.match(head!, /^CHANNEL +NAME +KIND +PRIORITY +STATE +FAILED +WAITING +WHY$/)
  assert.match(rows[0]!, /^email +mail +sandbox +1 +paused +0 of 0 +0 +maintenance$/)
  assert.match(rows[1]!, /^email +spare +sandbox +2 +closed +0 of 0 +0$/)
  assert.equal(JSON.parse(resumed.out).health.state, 'closed')
  assert.match(probed.words, /^sms provider spare: closed\.$/m)
  assert.deepEqual([unclear.code, unknown.code], [2, 2])
  assert.match(unclear.words, /say which with --channel email or sms/)
  assert.match(unknown.words, /There is no provider "spar"\. Did you mean "spare"\?/)
})
