// What the guide says is run as it stands: the commands that let a role publish, and the SQL by that role.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { createLook, given, until, type Look } from './given.ts'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { createApplication, onDatabase, type Application } from './sql-door.ts'
import { createTestContext, type TestContext } from './test-context.ts'

const text = readFileSync(new URL('../../docs/guides/sql.md', import.meta.url), 'utf8')
const shell = text.match(/^```sh\n(.*?)^```$/ms)![1]!
const commands = shell.match(/^belfry .*?(?= *#|$)/gm)!
const blocks = [...text.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, block]) => block!)

let context: TestContext
let look: Look
let app: Application

before(async () => {
  context = await createTestContext()
  look = createLook(context.connection)
  await insertWorkspace(context.ctx.db, { key: 'acme', name: 'Acme' })
  app = await createApplication(context, [], 'shop')
  context.work()
  for (const key of ['order.shipped', 'test_scenario.created', 'test_scenario.executed'])
    await given.eventType(context, key, { channels: ['in_app'] })
  await given.subscriber(context, 'ana', { email: 'ana@example.com' })
})
after(async () => {
  await app.close()
  await look.close()
  await context.close()
})

test('what the guide says happens, happens', async () => {
  assert.equal(commands.length, 4)
  assert.equal(blocks.length, 4)
  for (const command of commands) {
    const { code, out, words } = await onDatabase(context, ...command.split(' ').slice(1))
    assert.equal(code, 0, words)
    if (command === 'belfry sql list') assert.match(out, /shop +acme[^]*shop +default/)
  }

  for (const block of blocks) await app.client.query(block)
  await until('all are looked at', async () => {
    return (await look.number(`select count(*) from belfry.event_queue`)) === 0
  })

  const events = await look.rows(
    `select coalesce(type, 'message') as type, status from belfry.events order by id`,
  )
  assert.deepEqual(
    events.map(({ type, status }) => `${type} ${status}`),
    [
      'order.shipped processed',
      'order.shipped processed',
      'order.shipped processed',
      'order.shipped processed',
      'message processed',
      'test_scenario.created processed',
      'test_scenario.executed processed',
    ],
  )
})

test('a grant is listed, taken back once, and refused for whom there is not, with exit codes', async () => {
  const run = (...args: string[]) => onDatabase(context, 'sql', ...args)
  const other = await createApplication(context, [])

  const granted = await run('grant', other.role, '--json')
  const again = await run('grant', other.role)
  const list = await run('list', '--json')
  const works = await other.value(`select belfry.trigger('order.shipped', '{}', array['ana'])`)
  const revoked = await run('revoke', other.role, '--json')
  const twice = await run('revoke', other.role)
  const unknown = await run('grant', 'nobody_of_that_name')
  const nowhere = await run('grant', other.role, '--workspace', 'nowhere')
  const misused = await run('grant')
  await other.close()

  const role = { role: other.role, workspace: 'default' }
  assert.deepEqual(JSON.parse(granted.out), { ...role, granted: true })
  assert.equal(again.code, 0, again.words)
  const { roles } = JSON.parse(list.out) as { roles: (typeof role & { created_at: string })[] }
  const { created_at: at, ...listed } = roles.find((one) => one.role === other.role)!
  assert.deepEqual(listed, role)
  assert.ok(Date.parse(at))
  assert.ok(works)
  assert.deepEqual(JSON.parse(revoked.out), { ...role, granted: false })
  assert.deepEqual([twice.code, unknown.code, nowhere.code, misused.code], [1, 1, 1, 2])
  assert.match(twice.words, /may not publish in default/)
  assert.match(unknown.words, /no role "nobody_of_that_name"\. Make one: create role/)
  assert.match(nowhere.words, /no workspace "nowhere"/)
})
