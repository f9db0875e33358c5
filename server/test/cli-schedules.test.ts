// `belfry schedules` in a terminal.
import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { belfry, startServer, type CliOptions } from './cli-process.ts'

const folder = await mkdtemp(join(tmpdir(), 'belfry-schedules-'))
// Run by root, PostgreSQL is another user: it could not enter, and would put its data elsewhere.
await chmod(folder, 0o711)
after(() => rm(folder, { recursive: true, force: true }))
const here: CliOptions = { dataDir: join(folder, 'data') }
const run = (...args: string[]) => belfry(['schedules', ...args], here)

test('schedules are listed, shown, paused, resumed and run by hand', async (t) => {
  const server = await startServer(here)
  t.after(() => server.kill('SIGKILL'))
  const { url, api_key } = await server.line('ready')
  const put = async (key: string, schedule: object) => {
    const headers = { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' }
    const body = JSON.stringify(schedule)
    const { status } = await fetch(`${url}${key}`, { method: 'PUT', headers, body })
    assert.equal(status, 201)
  }
  await put('/subscribers/ana', {})
  const message = { channels: ['in_app'], message: 'Stand-up' }
  const zone = { timezone: 'Europe/Lisbon' }
  await put('/schedules/stand-up', { message, to: ['ana'], cron: '55 9 * * *', ...zone })
  await put('/schedules/rest', { message, to: ['ana'], cron: '0 18 * * FRI' })

  const listed = await run('list')
  const paused = await run('pause', 'rest')
  const [found, one] = await Promise.all([run('list', '--paused', '--json'), run('show', 'rest')])
  const resumed = await run('resume', 'rest', '--json')
  const made = await run('run', 'stand-up')
  const [shown, unknown] = await Promise.all([run('show', 'stand-up'), run('pause', 'standup')])
  server.kill('SIGTERM')
  assert.equal(await server.ended, 0)

  const [head, ...rows] = listed.out.trimEnd().split('\n')
  assert.match(head!, /^KEY +SAYS +PATTERN +ZONE +STATUS +NEXT$/)
  assert.match(
    rows[0]!,
    /^rest +a message by in_app +0 18 \* \* FRI +each person's own +active +\S+T18:00$/,
  )
  assert.match(rows[1]!, /^stand-up .* Europe\/Lisbon +active +\S+T09:55 in Europe\/Lisbon$/)
  assert.deepEqual([paused.code, paused.out, paused.words], [0, '', 'Paused rest.\n'])
  const { schedules } = JSON.parse(found.out)
  assert.deepEqual(schedules.map(({ key }: { key: string }) => key), ['rest']) // prettier-ignore
  assert.match(one.out, /^STATUS +paused$/m)
  assert.match(one.out, /^NEXT +–$/m)
  assert.equal(JSON.parse(resumed.out).status, 'active')
  assert.match(made.out, /^[0-9a-f-]{36}\n$/)
  assert.match(shown.out, new RegExp(`run +${made.out.trim()}$`, 'm'))
  assert.equal(unknown.code, 1)
  assert.match(unknown.words, /There is no schedule "standup"\. Did you mean "stand-up"\?/)
})
