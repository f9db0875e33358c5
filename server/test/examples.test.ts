// The examples play to their end against a Belfry that was started as anybody would start it.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { createScenario } from '../../examples/test-scenarios/scenarios.ts'
import { noBrowser, openBrowser, openPage } from './browser.ts'
import { startServer, type Server } from './cli-process.ts'
import { createLook, until } from './given.ts'

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
const dataDir = path.join(folder, 'data')
const privateAddresses = { BELFRY_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32' }

before(async () => {
  await run('npm', ['run', '--silent', 'build', '--workspace', 'client'])
  server = await startServer({ dataDir, env: privateAddresses })
  const { url, api_key: key } = await server.line('ready')
  reach = { BELFRY_URL: url, BELFRY_API_KEY: String(key), BELFRY_DATA_DIR: dataDir }
})
after(async () => {
  server.kill('SIGTERM')
  await server.ended
  await rm(folder, { recursive: true, force: true })
})

const plays = [
  ['shop-alerts', '--fast'],
  ['product-events'],
  ['test-scenarios'],
  ['scheduled-messages'],
  ['fallback-channels'],
]
for (const [name, ...args] of plays)
  test(`the example ${name} plays to its end`, async () => {
    await run(process.execPath, [path.join(root, 'examples', name!, 'play.ts'), ...args], reach)
  })

test('a test that moves ten days runs as it is shown', async () => {
  await run(process.execPath, ['--test', path.join(root, 'examples/testing/ten-days.test.ts')])
})

for (const name of ['product-events', 'test-scenarios', 'scheduled-messages', 'fallback-channels'])
  test(`what ${name} set up does not stand in its way the next time`, async () => {
    await run(process.execPath, [path.join(root, 'examples', name, 'play.ts')], reach)
  })

test('an example finds the server of its data directory, whatever its port', async () => {
  const { BELFRY_API_KEY: _, BELFRY_URL: __, ...env } = process.env
  const args = [path.join(root, 'examples/shop-alerts/play.ts'), '--fast']
  const found = { ...env, BELFRY_DATA_DIR: dataDir }

  await promisify(execFile)(process.execPath, args, { cwd: root, env: found, timeout: timeoutMs })
})

test('without a server an example says what to do', async () => {
  const env = {
    BELFRY_DATA_DIR: folder,
    BELFRY_URL: 'http://127.0.0.1:9',
    BELFRY_API_KEY: 'bf_sk_x',
  }
  const args = [path.join(root, 'examples/play.ts'), 'product-events']

  const { stderr } = await run(process.execPath, args, env).catch(
    (error: unknown) => error as { stderr: string },
  )

  assert.match(stderr, /No Belfry answers at http:\/\/127\.0\.0\.1:9\..*npm start\n.*BELFRY_URL=/)
})

describe('the test tool of test-scenarios', () => {
  let tool: TestTool

  before(async () => {
    Object.assign(process.env, reach)
    tool = await startTestTool()
  })
  after(() => tool.close())

  test('what one event says is stored once, however many hear it', async () => {
    const { look, ana, ben } = tool
    for (const person of [ana, ben]) await person.subscribe('created', true)

    const { name } = await ana.create('Said once')

    for (const person of [ana, ben]) await person.hears(`Created: ${name}`)
    const [said] = await look.rows(
      `select count(*) as heard, count(distinct n.content_id) as texts from belfry.events e
       join belfry.notifications n on n.event_id = e.id
       where e.params #>> '{row,name}' = $1 and n.status = 'delivered'`,
      [name],
    )
    assert.deepEqual(said, { heard: '2', texts: '1' })
  })

  test('work that a worker does twice makes no second row', async () => {
    const { look, ana, ben } = tool
    const { name } = await ana.create('Done twice')
    for (const person of [ana, ben]) await person.hears(`Created: ${name}`)
    const rows = () =>
      look.rows(
        `select n.recipient, n.content_id from belfry.events e
         join belfry.notifications n on n.event_id = e.id
         where e.params #>> '{row,name}' = $1 order by n.recipient`,
        [name],
      )
    const before = await rows()

    await look.rows(
      `with again as (
         update belfry.events set status = 'accepted', processed_at = null
         where params #>> '{row,name}' = $1 returning id, workspace_id)
       insert into belfry.event_queue (event_id, workspace_id, lane, due_at)
       select id, workspace_id, 1, now() from again`,
      [name],
    )
    await until('it was done again', async () => {
      const [event] = await look.rows(
        `select status from belfry.events where params #>> '{row,name}' = $1`,
        [name],
      )
      return event.status === 'processed'
    })

    assert.ok(before.length >= 2)
    assert.deepEqual(await rows(), before)
  })

  test('what happens while Belfry is killed is heard when it is back', async () => {
    const { database, close } = tool
    server.kill('SIGKILL')
    await server.ended

    const { name } = await createScenario(database, 'While it was away', 'Ana')

    server = await startServer({ dataDir, env: privateAddresses })
    process.env['BELFRY_URL'] = reach['BELFRY_URL'] = (await server.line('ready')).url
    await close()
    tool = await startTestTool()
    await tool.ben.hears(`Created: ${name}`)
  })

  test('the page shows what others do as they do it', { skip: noBrowser }, async (t) => {
    const { app, ana } = tool
    const browser = await openBrowser()
    t.after(() => browser.close())
    const page = await openPage(browser)
    await page.goto(app.url)
    await page.getByRole('button', { name: 'Sign in as Chloe' }).click()
    await page.getByRole('checkbox', { name: 'a test scenario was created' }).check()
    await page.waitForResponse((answer) => answer.request().method() === 'PATCH')

    await ana.create('Seen at once')

    await page.getByRole('article').getByText('Created: Seen at once').waitFor()
    await page.getByRole('button', { name: 'Execute Seen at once' }).waitFor()
    await page.setViewportSize({ width: 360, height: 740 })
    await page.getByRole('button', { name: /1 unread/ }).click()
    await page.getByRole('dialog').getByText('Created: Seen at once').waitFor()
  })
})

type TestTool = Awaited<ReturnType<typeof startTestTool>>

/** The app of the example, its people, and a look into the database. */
async function startTestTool() {
  // They need the client, which is built by now.
  const [{ reachBelfry, runBelfry }, { startApp }, { setUp }, { signIn }] = await Promise.all([
    import('../../examples/belfry.ts'),
    import('../../examples/test-scenarios/app.ts'),
    import('../../examples/test-scenarios/setup.ts'),
    import('../../examples/test-scenarios/person.ts'),
  ])
  const belfry = await reachBelfry()
  const database = await setUp(belfry)
  const app = await startApp({ belfry, database })
  const look = createLook({ connectionString: (await runBelfry(['database-url'])).trim() })
  return {
    app,
    database,
    look,
    ana: await signIn(app, belfry, 'ana'),
    ben: await signIn(app, belfry, 'ben'),
    async close() {
      app.close()
      await Promise.all([look.close(), database.end()])
    },
  }
}
