// The command in a terminal: usage, work without a server, a server that delivers it, and its end.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import pg from 'pg'
import { belfry, startServer, startTail, troubleIn, type CliOptions } from './cli-process.ts'
import { until } from './given.ts'
import { closedPort, createHttpSink } from './sinks.ts'

const folder = await mkdtemp(join(tmpdir(), 'belfry-cli-'))
// Run by root, PostgreSQL is another user: it could not enter, and would put its data elsewhere.
await chmod(folder, 0o711)
after(() => rm(folder, { recursive: true, force: true }))
const here: CliOptions = { dataDir: join(folder, 'data') }
const run = (...args: string[]) => belfry(args, here)

test('without arguments it shows what it can do', async () => {
  const { code, out, words } = await run()

  assert.equal(code, 0)
  assert.match(out, /Usage: belfry[^]*start[^]*trigger[^]*doctor/)
  assert.equal(words, '')
})

// arguments, what it says
const wrongUses: [string[], RegExp][] = [
  [['strat'], /unknown command 'strat'\n\(Did you mean start\?\)/],
  [['start', '--prot', '1'], /unknown option '--prot'\n\(Did you mean --port\?\)/],
  [['start', '--port', '70000'], /Use a port, 0 to 65535/],
  [['start', '--roles', 'api,wroker'], /"wroker" is none of api, worker, scheduler/],
  [['worker'], /missing required argument 'channel'/],
  [['worker', 'email', 'pusch'], /Allowed choices are email, sms/],
  [['worker', 'email', '--concurrency', '0'], /Use a count, 1 to 4096/],
  [['send', 'emial', 'ana@example.com', 'Hi'], /Allowed choices are in_app, email/],
  [['send', 'email', 'ana@example.com', ' '], /<text> is empty/],
  [['trigger', 'a.b', '{"a":}'], /not JSON: unexpected "}" at line 1 column 6/],
  [['trigger', 'a.b', '[1]'], /must be a JSON object/],
  [['explain', 'a.b', '--limit', '0'], /Use a number, 1 to 100/],
  [['explain', '0198c0de-0000-7000-8000-000000000000', '--to', 'ana'], /--to is for what has not/],
  [['keys', 'create', '--name', 'x', '--scopes', 'all'], /"all" is none of events:write/],
  [['keys', 'create', '--scopes', '*'], /required option '--name <name>' not specified/],
]
for (const [args, said] of wrongUses)
  test(`wrong usage is answered with what is right: ${args.join(' ')}`, async () => {
    const { code, out, words } = await run(...args)

    assert.equal(code, 2)
    assert.match(words, said)
    assert.equal(out, '')
  })

test('a setting that does not exist stops it, with the nearest that does', async () => {
  const { code, words } = await belfry(['start'], { ...here, env: { BELFRY_PROT: '1' } })

  assert.equal(code, 2)
  assert.match(words, /BELFRY_PROT is not a setting\. Did you mean BELFRY_PORT\?/)
})

test('a database that cannot be reached is named, without its password and without a stack', async () => {
  const closed = await closedPort()
  const env = {
    BELFRY_DATABASE_URL: `postgres://ana:hunter2@127.0.0.1:${closed}/app`,
    BELFRY_SECRET: 'a secret of the tests, long enough for all',
  }
  const { code, words } = await belfry(['stats'], { ...here, env })

  assert.equal(code, 1)
  assert.match(words, new RegExp(`127\\.0\\.0\\.1:${closed} \\(user ana, database app\\) refused`))
  assert.doesNotMatch(words, /hunter2|\n {4}at /)
})

test('completion suggests commands and values', async () => {
  const commands = await run('complete', '--', 'st')
  const channels = await run('complete', '--', 'send', 'em')

  assert.match(commands.out, /^start\t[^]*stats\t/m)
  assert.match(channels.out, /^email\t/m)
})

test('a message stored without a server is delivered when one starts, and the commands see it', async (t) => {
  const fresh = await run('migrate', 'status', '--json')
  assert.equal(fresh.code, 1)
  assert.equal(JSON.parse(fresh.out).is_current, false)

  const sent = await run('send', 'email', 'ana@example.com', 'Hello', '--json')
  assert.equal(sent.code, 0)
  assert.match(sent.words, /^Stored\. No Belfry is running here/)
  const [id] = JSON.parse(sent.out).notification_ids as string[]

  const current = await run('migrate', 'status')
  assert.equal(current.code, 0)
  assert.match(current.out, /✓ {2}0001-init +applied/)

  const unfollowed = await run('tail')
  assert.equal(unfollowed.code, 1)
  assert.match(unfollowed.words, /belfry start/)

  const server = await startServer(here)
  t.after(() => server.kill('SIGKILL'))
  const { url, api_key } = await server.line('ready')
  assert.match(api_key ?? '', /^bf_sk_/, 'a new key is shown')
  await t.test('it is delivered', async () => {
    const caught = await fetch(`${url}/sandbox/messages?to=ana@example.com`, {
      headers: { authorization: `Bearer ${api_key}`, prefer: 'wait=30' },
    })
    const { messages } = (await caught.json()) as { messages: { notification_id: string }[] }
    assert.deepEqual(
      messages.map((message) => message.notification_id),
      [id],
    )
  })

  await t.test('a second start says where the first one is', async () => {
    const second = await run('start')
    assert.equal(second.code, 0)
    assert.match(second.out, new RegExp(`already running \\(pid ${server.pid}\\) at ${url}`))
  })

  await t.test('send tells the outcome', async () => {
    const { code, out } = await run('send', 'email', 'ben@example.com', 'Hello', '--wait')
    assert.equal(code, 0)
    assert.match(out, /message → ben@example\.com: email ✓ sandbox \d+ ms/)
  })

  await t.test('tail shows it as it happens, until Ctrl-C', async () => {
    const tail = await startTail(here)
    const sent = await run('send', 'email', 'eve@example.com', 'Hello')
    const told = await tail.notification(sent.out.trim())
    assert.equal(told?.status, 'delivered')
    tail.kill('SIGINT')
    assert.equal(await tail.ended, 0)
  })

  await t.test('trigger reads its parameters from stdin, and refuses an unknown type', async () => {
    const input = '{"order":"A-1001"}'
    const { code, words } = await belfry(['trigger', 'order.shiped', '-'], { ...here, input })
    assert.equal(code, 1)
    assert.match(words, /"order\.shiped" is not registered.*\n +\(unknown_event_type\)/)
  })

  await t.test('explain tells what would happen, and why something went as it did', async () => {
    const past = await run('explain', id!)
    assert.equal(past.code, 0, past.words)
    assert.match(past.out, /ana@example\.com\n  Email was delivered to a•••@example\.com at /)
    await fetch(`${url}/event-types/order.shipped`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' },
      body: '{"channels": ["in_app"]}',
    })
    const dry = await run('explain', 'order.shipped', '{"order": 1}', '--to', 'nobody', '--json')
    assert.equal(JSON.parse(dry.out).people[0].reason, 'unknown_recipient')
    const none = await run('explain', '0198c0de-0000-7000-8000-000000000000', 'ana')
    assert.equal(none.code, 1)
    assert.match(none.words, /There is no event and no notification 0198c0de/)
  })

  await t.test('a key is shown once, works, and stops working when revoked', async () => {
    const made = await run('keys', 'create', '--name', 'Report', '--scopes', 'events:read')
    const key = made.out.trim()
    assert.match(key, /^bf_sk_\w{40}$/)
    const list = await run('keys', 'list')
    assert.match(list.out, new RegExp(`Report +bf_sk_…${key.slice(-4)} +events:read +active`))
    assert.doesNotMatch(list.out, new RegExp(key))

    const withKey = { headers: { authorization: `Bearer ${key}` } }
    assert.equal((await fetch(`${url}/events`, withKey)).status, 200)
    assert.equal((await run('keys', 'revoke', key.slice(-4))).code, 0)
    const isRefused = async () => (await fetch(`${url}/events`, withKey)).status === 401
    await until('the server has heard that the key is revoked', isRefused)
    const keys = JSON.parse((await run('keys', 'list', '--json')).out).keys as {
      name: string
      revoked_at: string | null
    }[]
    assert.ok(keys.find(({ name }) => name === 'Report')?.revoked_at)
  })

  await t.test('stats and doctor answer in JSON', async () => {
    const stats = JSON.parse((await run('stats', '--json')).out)
    assert.deepEqual(stats.last_day, [{ channel: 'email', status: 'delivered', count: 3 }])
    const port = await closedPort()
    const options = { ...here, env: { BELFRY_PORT: String(port) } }
    const doctor = await belfry(['doctor', '--json'], options)
    const { is_healthy, checks } = JSON.parse(doctor.out)
    assert.equal(is_healthy, true, doctor.out)
    assert.ok(checks.some((check: { name: string }) => check.name === 'durability'))
  })

  server.kill('SIGTERM')
  assert.equal(await server.ended, 0)
  assert.equal((await server.line('stopped')).deliveries, 3)
  assert.equal(troubleIn(await server.words), '', 'a start without trouble needs no words')
})

test('the address of the database is told to applications that share it', async (t) => {
  const away = await run('database-url')
  assert.equal(away.code, 1)
  assert.match(away.words, /Start one here: belfry start/)

  const server = await startServer(here)
  t.after(() => server.kill('SIGKILL'))
  const own = await run('database-url')
  const users: string[] = []
  for (const args of [[], ['--role', 'belfry']]) {
    const { out } = await run('database-url', ...args)
    const client = new pg.Client(out.trim())
    await client.connect()
    users.push((await client.query<{ name: string }>('select session_user as name')).rows[0]!.name)
    await client.end()
  }
  assert.deepEqual(users, ['belfry', 'belfry'])
  const other = await run('database-url', '--role', 'my shop', '--json')
  assert.equal(JSON.parse(other.out).url, own.out.trim().replace('belfry@', 'my%20shop@'))
  server.kill('SIGTERM')
  await server.ended

  const given = 'postgres://ana:hunter2@db.example.com/app'
  const env = {
    BELFRY_DATABASE_URL: given,
    BELFRY_SECRET: 'long enough for everything here, is it not',
  }
  const theirs = await belfry(['database-url'], { ...here, env })
  assert.equal(theirs.out, `${given}\n`)
  const shop = await belfry(['database-url', '--role', 'shop'], { ...here, env })
  assert.equal(shop.out, 'postgres://shop@db.example.com/app\n')
})

test('a port that is taken is named with the process that has it', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo

  const { code, words } = await run('start', '--port', String(port))
  const doctor = await belfry(['doctor'], { ...here, env: { BELFRY_PORT: String(port) } })
  taken.close()

  assert.equal(code, 1)
  assert.match(words, new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is taken`))
  if (process.platform === 'linux') assert.match(words, new RegExp(`by pid ${process.pid} `))
  assert.equal(doctor.code, 1)
  assert.match(doctor.out, new RegExp(`✗ port: Port ${port}`))
})

test('while it stops it says so on the port of the metrics; a second signal ends it at once', async (t) => {
  const hook = await createHttpSink({ answer: () => null }) // takes requests, never answers
  t.after(() => hook.close())
  const metricsPort = await closedPort()
  const env = {
    BELFRY_API_KEY: `bf_sk_${'a'.repeat(40)}`,
    BELFRY_METRICS_PORT: String(metricsPort),
    BELFRY_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32',
  }
  const server = await startServer({ ...here, env })
  t.after(() => server.kill('SIGKILL'))
  const { url, api_key } = await server.line('ready')
  assert.equal(api_key, null, 'a key that is not new is not shown')
  const metrics = `http://127.0.0.1:${metricsPort}`
  assert.match(await (await fetch(`${metrics}/metrics`)).text(), /belfry_queue_jobs/)
  assert.equal((await fetch(`${metrics}/health/ready`)).status, 200)
  assert.equal((await fetch(`${url}/metrics`)).status, 401)
  const provider = { channel: 'webhook', kind: 'webhook', name: 'hooks', settings: {} }
  const made = await fetch(`${url}/providers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.BELFRY_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(provider),
  })
  assert.equal(made.status, 201, await made.text())

  await run('send', 'webhook', hook.url, 'Hello')
  await hook.waitFor(1)
  server.kill('SIGTERM')
  assert.equal((await server.line('stopping')).busy, 1)
  assert.equal((await fetch(`${metrics}/health/ready`)).status, 503)
  server.kill('SIGTERM')

  assert.equal(await server.ended, 143)
})

test('a workspace is made, has keys of its own, and is suggested when misspelt', async () => {
  const made = await run('workspaces', 'create', 'acme', '--name', 'Acme Inc.', '--json')
  assert.equal(made.code, 0, made.words)
  assert.equal((await run('workspaces', 'create', 'acme')).code, 1)
  const named = ['--workspace', 'acme', '--name', 'Theirs']
  const created = await run('keys', 'create', ...named, '--scopes', '*')
  assert.match(created.out, /^bf_sk_/)

  const theirs = await run('keys', 'list', '--workspace', 'acme', '--json')
  const ours = await run('keys', 'list', '--json')
  const misspelt = await run('keys', 'list', '--workspace', 'acmee')

  const names = (out: string) => JSON.parse(out).keys.map(({ name }: { name: string }) => name)
  assert.deepEqual(names(theirs.out), ['Theirs'])
  assert.ok(!names(ours.out).includes('Theirs'))
  assert.equal(misspelt.code, 1)
  assert.match(misspelt.words, /There is no workspace "acmee"\. Did you mean "acme"\?/)
  assert.equal((await run('workspaces', 'create', 'Acme Inc')).code, 2)
})
