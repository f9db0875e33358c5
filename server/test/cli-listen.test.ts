// `belfry listen`: a program on this machine hears what becomes of notifications, as from a hook.
import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { belfry, startListening, startServer, type CliOptions } from './cli-process.ts'
import { createHttpSink } from './sinks.ts'

const folder = await mkdtemp(join(tmpdir(), 'belfry-listen-'))
await chmod(folder, 0o711) // as in cli-hooks.test.ts
const receiver = await createHttpSink()
after(async () => {
  await receiver.close()
  await rm(folder, { recursive: true, force: true })
})
const here: CliOptions = { dataDir: join(folder, 'data') }
const to = (path: string) => ['--forward-to', receiver.url + path]

test('what becomes of a message is forwarded, signed, and what was answered is shown', async (t) => {
  const server = await startServer(here)
  t.after(() => server.kill('SIGKILL'))
  const { url, api_key } = await server.line('ready')
  receiver.answer = ({ path }) => ({ status: path === '/no' ? 500 : 204 })
  const types = ['--types', 'notification.delivered']
  const listening = await startListening(here, [...to('/yes'), ...types])
  const refused = await startListening(here, [...to('/no'), '--secret', 'whsec_' + 'A'.repeat(32)])
  t.after(() => listening.kill('SIGKILL'))
  t.after(() => refused.kill('SIGKILL'))

  const ask = async (method: string, path: string, body: unknown) => {
    const headers = { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' }
    const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body) })
    return (await answer.json()) as { notification_ids: string[] }
  }
  await ask('PUT', '/subscribers/ana', {})
  const direct = { to: ['ana'], channels: ['in_app'], message: 'Hello' }
  const { notification_ids } = await ask('POST', '/notifications', direct)
  const type = 'notification.delivered'
  const [taken, failed] = await Promise.all([
    listening.result(type, notification_ids[0]!),
    refused.result(type, notification_ids[0]!),
  ])

  assert.deepEqual([taken?.['status'], failed?.['status']], [204, 500])
  const [secret] = /whsec_\S+/.exec(listening.words)!
  const forwarded = receiver.requests.find(({ path }) => path === '/yes')!
  const headers = forwarded.headers as Record<string, string>
  const verified = new Webhook(secret).verify(forwarded.body, headers) as Record<string, unknown>
  assert.equal(verified['type'], type)
  const ids = receiver.requests
    .filter(({ body }) => body === forwarded.body)
    .map((request) => request.headers['webhook-id'])
  assert.equal(ids.length, 2)
  assert.equal(ids[0], ids[1], 'what comes again can be told by its id')
  assert.ok(!/whsec_/.test(refused.words), 'a given secret is not shown')
  for (const one of [listening, refused]) {
    one.kill('SIGTERM')
    await one.ended
  }
  const stranger = { ...here, env: { BELFRY_API_KEY: `bf_sk_${'A'.repeat(43)}` } }
  const unknown = await belfry(['listen', ...to('/yes')], stranger)
  assert.equal(unknown.code, 1, unknown.words)
  assert.match(unknown.words, /refuses/)
  server.kill('SIGTERM')
  assert.equal(await server.ended, 0)
})

test('an address that is none, or a weak secret, is refused', async () => {
  const address = await belfry(['listen', '--forward-to', 'localhost:3000'], here)
  const secret = await belfry(['listen', ...to('/'), '--secret', 'whsec_YQ=='], here)

  assert.deepEqual([address.code, secret.code], [2, 2])
  assert.match(address.words, /http:\/\/localhost:3000/)
  assert.match(secret.words, /24 to 64 bytes/)
})
