// Belfry inside a program: the same words and the same refusals as over HTTP.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createBelfry, type BelfryOptions } from '../src/belfry.ts'
import { loadConfig } from '../src/config.ts'
import { ApiError } from '../src/errors.ts'
import { createLog } from '../src/log.ts'
import { startSystem } from '../src/system.ts'
import { createTestDatabase } from './test-cluster.ts'
import { testSecret } from './test-context.ts'

const database = await createTestDatabase()
const dataDir = await mkdtemp(join(tmpdir(), 'belfry-library-'))
after(async () => {
  await database.drop()
  await rm(dataDir, { recursive: true, force: true })
})

const { host, port, user, database: name } = database.connection
const query = new URLSearchParams({
  host: String(host),
  user: String(user),
  ...(port && { port: String(port) }),
})
const options: BelfryOptions = {
  databaseUrl: `postgresql:///${name}?${query}`,
  secret: testSecret,
  dataDir,
  logLevel: 'silent',
}
const to = [{ id: 'ana', email: 'ana@example.com' }]

test('a program sends a message in the words of the API, and follows it', async () => {
  await using belfry = await createBelfry({ ...options, roles: [] })

  const { notificationIds } = await belfry.notify({ to, channels: ['in_app'], message: 'Hello.' })

  const followed = await belfry.follow(notificationIds[0]!)
  assert.match(JSON.stringify(followed?.notification.content), /Hello\./)
})

const refused: [string, object, RegExp][] = [
  ['an unknown channel', { to, channels: ['emial'], message: 'Hello.' }, /\/channels\/0 .*"email"/],
  ['a field nobody knows', { to, channels: ['email'], mesage: 'Hello.' }, /\/mesage .*"message"/],
  ['nobody to tell', { channels: ['email'], message: 'Hello.' }, /\/to is required/],
  ['two texts', { to, channels: ['email'], message: 'Hello.', body: 'Hello.' }, /exactly one of/],
]
test('a program is refused what the API refuses', async (t) => {
  await using belfry = await createBelfry({ ...options, roles: [] })

  for (const [what, message, problem] of refused)
    await t.test(what, () =>
      assert.rejects(belfry.notify(message as Parameters<typeof belfry.notify>[0]), (error) => {
        assert.ok(error instanceof ApiError)
        assert.equal(error.code, 'invalid_request')
        assert.match(error.message, problem)
        return true
      }),
    )
  await t.test('an event with a level there is none of', () =>
    assert.rejects(belfry.trigger('a', {}, { level: 'urgent' as 'critical' }), /\/level must be/),
  )
})

test('a program that is done with Belfry has closed it', async () => {
  const belfry = await createBelfry({ ...options, roles: [] })
  {
    await using scoped = belfry
    assert.equal(scoped.url, null)
  }

  await assert.rejects(belfry.notify({ to, channels: ['in_app'], message: 'Too late.' }))
})

test('direct messages are counted as accepted', async (t) => {
  const config = loadConfig({ ...options, port: 0 }, {})
  const log = createLog({ level: 'silent' })
  const system = await startSystem({ config, log, roles: ['api'] })
  t.after(() => system.close())

  const { status } = await fetch(`${system.url}/notifications`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${system.apiKey?.key}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ to, channels: ['in_app'], message: 'Hello.' }),
  })

  assert.equal(status, 202)
  const { values } = await system.ctx.metrics.eventsAccepted.get()
  assert.equal(values[0]?.value, 1)
})

test('two processes that start for the first time at once have one key', async () => {
  const config = loadConfig({ ...options, dataDir: join(dataDir, 'first'), port: 0 }, {})
  const log = createLog({ level: 'silent' })
  const start = () => startSystem({ config, log, roles: ['api'] })

  const systems = await Promise.all([start(), start(), start()])

  const keys = systems.map(({ apiKey }) => apiKey!)
  await Promise.all(systems.map((system) => system.close()))
  assert.equal(new Set(keys.map(({ key }) => key)).size, 1)
  assert.equal(keys.filter(({ isNew }) => isNew).length, 1)
})

test('only a test moves the clock, and a database that is used is not taken for tests', async () => {
  await using belfry = await createBelfry({ ...options, roles: [] })
  await belfry.notify({ to, channels: ['in_app'], message: 'Used.' })

  await assert.rejects(belfry.clock.advance({ by: '10d' }), /createBelfry\(\{ isTest: true \}\)/)
  await assert.rejects(
    createBelfry({ ...options, roles: [], isTest: true }),
    /has been used .* dataDir: await mkdtemp/,
  )
})
