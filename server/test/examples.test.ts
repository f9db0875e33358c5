// The examples play to their end against a Belfry that was started as anybody would start it.
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { startServer, type Server } from './cli-process.ts'

const root = path.resolve(import.meta.dirname, '../..')
const folder = await mkdtemp(path.join(tmpdir(), 'belfry-examples-'))
// Run by root, PostgreSQL is another user: it could not enter, and would put its data elsewhere.
await chmod(folder, 0o711)
const timeoutMs = 100_000

const run = (command: string, args: string[], env: Record<string, string> = {}) =>
  promisify(execFile)(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    timeout: timeoutMs,
  })

let server: Server
let reach: Record<string, string>

before(async () => {
  await run('npm', ['run', '--silent', 'build', '--workspace', 'client'])
  const env = { BELFRY_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32' }
  server = await startServer({ dataDir: path.join(folder, 'data'), env })
  const { url, api_key: key } = await server.line('ready')
  reach = { BELFRY_URL: url, BELFRY_API_KEY: String(key) }
})
after(async () => {
  server.kill('SIGTERM')
  await server.ended
  await rm(folder, { recursive: true, force: true })
})

for (const [name, ...args] of [['shop-alerts', '--fast'], ['product-events']])
  test(`the example ${name} plays to its end`, async () => {
    await run(process.execPath, [path.join(root, 'examples', name!, 'play.ts'), ...args], reach)
  })

test('what an example set up does not stand in its way the next time', async () => {
  await run(process.execPath, [path.join(root, 'examples/product-events/play.ts')], reach)
})
