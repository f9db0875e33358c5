// `belfry worker` beside a server that delivers nothing itself: each worker takes its own channels only.
import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { belfry, startServer, startWorkerProcess, type CliOptions } from './cli-process.ts'
import { until } from './given.ts'

const folder = await mkdtemp(join(tmpdir(), 'belfry-worker-'))
// Run by root, PostgreSQL is another user: it could not enter, and would put its data elsewhere.
await chmod(folder, 0o711)
after(() => rm(folder, { recursive: true, force: true }))
const here: CliOptions = { dataDir: join(folder, 'data') }

test('workers deliver on their own channels, each with its own /metrics and /health', async (t) => {
  const server = await startServer(here, ['--roles', 'api,scheduler'])
  t.after(() => server.kill('SIGKILL'))
  const { url, api_key, metrics_url } = await server.line('ready')
  assert.equal(metrics_url, null, 'nobody asked for one')
  const headers = { authorization: `Bearer ${api_key}` }
  const find = async (id?: string) => {
    const answer = await fetch(`${url}/notifications/${id}`, { headers })
    return (await answer.json()) as { status: string; attempt_count: number }
  }
  const isDelivered = async (id?: string) => (await find(id)).status === 'delivered'
  const sent = await Promise.all(
    ['email', 'push'].map((channel) => belfry(['send', channel, `a-${channel}@b.de`, 'Hi'], here)),
  )
  const [emailId, pushId] = sent.map(({ out }) => out.trim())
  assert.equal((await find(emailId)).attempt_count, 0, 'nobody delivers yet')

  const worker = await startWorkerProcess(here, ['email', 'sms', '--concurrency', '8'])
  t.after(() => worker.kill('SIGKILL'))
  const ready = await worker.line('ready')
  assert.deepEqual([ready.roles, ready.channels], [['worker'], ['email', 'sms']])
  await until('the e-mail is delivered', () => isDelivered(emailId))
  assert.equal((await find(pushId)).attempt_count, 0, 'push is not its channel')

  const metrics = String(ready.metrics_url)
  const text = await (await fetch(metrics)).text()
  assert.match(text, /belfry_deliveries_total\{channel="email",[^}]*\} 1/)
  const health = await (await fetch(metrics.replace('/metrics', '/health'))).json()
  assert.equal((health as { status: string }).status, 'healthy')

  const pusher = await startWorkerProcess(here, ['push'])
  t.after(() => pusher.kill('SIGKILL'))
  await until('the push is delivered', () => isDelivered(pushId))

  for (const process of [worker, pusher, server]) {
    process.kill('SIGTERM')
    assert.equal(await process.ended, 0)
    assert.equal(await process.words, '')
  }
  assert.equal((await worker.line('stopped')).deliveries, 1)
})
