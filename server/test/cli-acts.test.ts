// `belfry cancel`, `force` and `retry` in a terminal.
import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { belfry, startServer, type CliOptions } from './cli-process.ts'
import { until } from './given.ts'

const folder = await mkdtemp(join(tmpdir(), 'belfry-acts-'))
// Run by root, PostgreSQL is another user: it could not enter, and would put its data elsewhere.
await chmod(folder, 0o711)
after(() => rm(folder, { recursive: true, force: true }))
const here: CliOptions = { dataDir: join(folder, 'data') }
const run = (...args: string[]) => belfry(args, here)

// arguments, what it says
const wrongUses: [string[], RegExp][] = [
  [['cancel'], /Say what to cancel: an id, or filters/],
  [['force', '0198c0de-0000-7000-8000-000000000000', '--dry-run'], /An id is enough/],
  [['retry', '--status', 'sick'], /Allowed choices are pending, scheduled/],
]
for (const [args, said] of wrongUses)
  test(`wrong usage is answered with what is right: ${args.join(' ')}`, async () => {
    const { code, out, words } = await run(...args)

    assert.deepEqual([code, out], [2, ''])
    assert.match(words, said)
  })

test('what waits is counted, cancelled and forced', async (t) => {
  const server = await startServer(here)
  t.after(() => server.kill('SIGKILL'))
  const { url, api_key } = await server.line('ready')
  const later = new Date(Date.now() + 86_400_000).toISOString()
  const send = async (message: string, thread_key: string) => {
    const answer = await fetch(`${url}/notifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        to: [{ id: 'ida', email: 'ida@example.com' }],
        channels: ['email'],
        scheduled_time: later,
        message,
        thread_key,
      }),
    })
    return (await answer.json()).notification_ids[0] as string
  }
  const ids = [await send('One', 'cli:1'), await send('Two', 'cli:2')]
  const counted = await run('cancel', '--status', 'pending', '--dry-run', '--json')
  const forced = await run('force', ids[0]!)
  const again = await run('force', ids[0]!)
  const thread = await run('cancel', '--thread', 'cli:2')
  const refused = await run('retry', '--since', 'yesterday')
  assert.equal(JSON.parse(counted.out).cancelled, 2, counted.words)
  assert.deepEqual([forced.code, forced.out], [0, 'Notification delivery forced\n'], forced.words)
  assert.equal(again.code, 1)
  assert.match(again.words, /409: The notification cannot be forced/)
  assert.match(thread.out, /^Thread cancelled: 1 cancelled, 0 in flight, 0 done$/m)
  assert.match(refused.words, /error: \/since must/)
  await until('the forced one has arrived', async () => {
    const { out } = await run('explain', ids[0]!)
    return /was delivered/.test(out)
  })
  const answered = await run('acknowledge', ids[0]!, '--by', 'ida')
  assert.match(answered.out, /^Notification acknowledged: by ida at 2/, answered.words)
  server.kill('SIGTERM')
  assert.equal(await server.ended, 0)
})
