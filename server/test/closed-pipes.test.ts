// Whoever reads what Belfry prints goes away: a log collector that is restarted, `head` that has enough.
import assert from 'node:assert/strict'
import { access, chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { belfry, startServer, startTail, type CliOptions } from './cli-process.ts'

const folder = await mkdtemp(join(tmpdir(), 'belfry-pipes-'))
await chmod(folder, 0o711) // run by root, PostgreSQL is another user
after(() => rm(folder, { recursive: true, force: true }))
const dataDir = join(folder, 'data')
const here: CliOptions = { dataDir }

test('a server whose output nobody reads any more goes on, and ends properly', async (t) => {
  const server = await startServer({ ...here, env: { BELFRY_LOG_LEVEL: 'debug' } })
  t.after(() => server.kill('SIGKILL'))
  const { url, api_key } = await server.line('ready')

  await t.test('a command whose reader has enough ends quietly', async () => {
    const tail = await startTail(here)
    tail.stopReading()
    const sent = await belfry(['send', 'email', 'ana@example.com', 'Hello'], here)
    assert.equal(sent.code, 0)
    assert.equal(await tail.ended, 0)
  })

  server.stopReading()
  for (const id of ['bo', 'cy', 'di']) {
    const headers = { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' }
    const message = { to: [{ id, email: `${id}@example.com` }], channels: ['email'], message: 'Hi' }
    const sent = await fetch(`${url}/notifications`, {
      method: 'POST',
      headers,
      body: JSON.stringify(message),
    })
    assert.equal(sent.status, 202)
    // By then its delivery has been logged.
    const caught = await fetch(`${url}/sandbox/messages?to=${id}@example.com`, {
      headers: { ...headers, prefer: 'wait=30' },
    })
    const { messages } = (await caught.json()) as { messages: unknown[] }
    assert.equal(messages.length, 1)
  }
  server.kill('SIGTERM')

  assert.equal(await server.ended, 0)
  await assert.rejects(access(join(dataDir, 'postgres', 'postmaster.pid')), { code: 'ENOENT' })
})
