// `belfry channels` and `belfry top` in a terminal.
import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { belfry, said, startServer, type CliOptions } from './cli-process.ts'

const folder = await mkdtemp(join(tmpdir(), 'belfry-channels-'))
// Run by root, PostgreSQL is another user: it could not enter, and would put its data elsewhere.
await chmod(folder, 0o711)
after(() => rm(folder, { recursive: true, force: true }))
const here: CliOptions = { dataDir: join(folder, 'data') }
const run = (...args: string[]) => belfry(['channels', ...args], here)

test('channels are paused and slowed down by hand, and top shows what goes on', async (t) => {
  const server = await startServer(here)
  t.after(() => server.kill('SIGKILL'))
  await server.line('ready')

  const paused = await run('pause', 'sms', '--reason', 'the gateway is moved')
  const set = await run('set', 'email', '--concurrency', '16', '--rate', '50')
  const listed = await run('list')
  const [top, once] = await Promise.all([
    said(['top', '--json'], here, /\n.*\n/),
    belfry(['top'], here), // no terminal: once
  ])
  const resumed = await run('resume', 'sms')
  const undone = await run('set', 'email', '--concurrency', 'default', '--rate', 'none', '--json')
  const [nothing, unknown] = await Promise.all([run('set', 'sms'), run('pause', 'pigeon')])
  server.kill('SIGTERM')
  assert.equal(await server.ended, 0)

  assert.deepEqual([paused.code, paused.words], [0, 'sms: paused.\n'])
  assert.equal(set.words, 'email: working, 16 at once in each process, 50 a second.\n')
  assert.match(
    listed.out,
    /^CHANNEL +STATE +CONCURRENCY +RATE LIMIT +WORKERS +BUSY +WAITING +WHY$/m,
  )
  assert.match(listed.out, /^sms +paused +default +none +1 +0\/64 +0 +the gateway is moved$/m)
  assert.match(listed.out, /^email +working +16 +50\/s +1 +0\/\d+ +0$/m)
  const seen = JSON.parse(top.split('\n')[0]!)
  assert.deepEqual(seen.workers[0].roles, ['api', 'worker', 'scheduler'])
  assert.match(once.out, /^PROCESS +STATE +ROLES +UP +SEEN +BUSY +RATE +ON$/m)
  assert.match(once.out, / +working +api,worker,scheduler +\d+ s +\d s ago +0\/\d+ +0\/s$/m)
  assert.equal(resumed.words, 'sms: working.\n')
  assert.equal(undone.words, '')
  const { concurrency, rate_limit } = JSON.parse(undone.out)
  assert.deepEqual([concurrency, rate_limit], [null, null])
  assert.deepEqual([nothing.code, unknown.code], [2, 2])
  assert.match(nothing.words, /--concurrency, --rate, or both/)
})
