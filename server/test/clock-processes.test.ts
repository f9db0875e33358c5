// The clock of a test workspace in several processes: whoever moves it does the work, and a move that was cut off goes on.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createApp } from '../src/http/app.ts'
import type { Sql } from '../src/sql/db.ts'
import { startWorker } from '../src/worker/worker.ts'
import { createLook, given, until } from './given.ts'
import { startProcess } from './process.ts'
import { createHttpSink } from './sinks.ts'
import { createTestContext } from './test-context.ts'
import { createTestWorkspace, inhabit } from './test-workspace.ts'

const t = await createTestContext()
const look = createLook(t.connection)
const receiver = await createHttpSink()
after(async () => {
  await look.close()
  await receiver.close()
  await t.close()
})
const trial = await createTestWorkspace(t, 'trial')
await inhabit(trial, receiver.url)
const message = { to: ['p00000'], channels: ['webhook'], body: 'B', level: 'critical' }

test('another process knows the time, and does what is due at once between moves', async () => {
  const other = await t.another()
  const worker = startWorker(other, { pollMs: 50 })
  const app = createApp(other)
  await trial.advance({ by: '10d' })
  await until(
    'it has heard',
    async () => other.clocks.at(trial.id)?.toISOString() === (await trial.now()),
  )

  const headers = { authorization: `Bearer ${trial.key}` }
  const payload = { ...message }
  const sent = await app.inject({ method: 'POST', url: '/notifications', headers, payload })
  await until('it arrives', () => receiver.requests.length === 1)
  await worker.stop()
  await app.close()

  assert.equal(sent.statusCode, 202)
  const [row] = await look.rows('select created_at from belfry.events where workspace_id = $1', [
    trial.id,
  ])
  assert.equal(row.created_at.toISOString(), await trial.now())
})

test('a move that was cut off is resumed by asking for it again, and ends where it was to end', async () => {
  const start = Date.parse(await trial.now())
  const end = new Date(start + 10 * 86_400_000)
  await trial.ask('POST', '/notifications', {
    ...message,
    scheduled_time: new Date(start + 9 * 86_400_000),
  })
  // As it is left by a process that died after four days.
  await look.rows('update belfry.workspaces set clock_at = $2, clock_target = $3 where id = $1', [
    trial.id,
    new Date(start + 4 * 86_400_000),
    end,
  ])

  const moved = await trial.advance({ by: '10d' })

  assert.equal(moved.now, end.toISOString())
  assert.equal(moved.attempts, 1)
  assert.equal(receiver.requests.length, 2)
})

test('the first move waits for what a worker has begun by the time of the world', async ({
  mock,
}) => {
  const receiver = await createHttpSink()
  const fresh = await createTestWorkspace(t, 'fresh')
  await given.webhooks(fresh)
  await given.people(fresh, 1, receiver.url)
  const held = Promise.withResolvers<void>()
  receiver.answer = (_request, response) => {
    void held.promise.then(() => response.writeHead(204).end())
    return null
  }
  const worker = startWorker(t.ctx, { pollMs: 50 })
  const { body } = await fresh.ask('POST', '/notifications', message)
  await receiver.waitFor(1)

  const looked = Promise.withResolvers<void>()
  const { query } = t.ctx.db
  let looks = 0
  mock.method(t.ctx.db, 'query', (statement: Sql) => {
    if (statement.text.includes('begun_at <=') && ++looks === 2) looked.resolve()
    return query(statement)
  })

  const moving = fresh.advance({ by: '10d' })
  await Promise.race([looked.promise, moving])
  held.resolve()
  const moved = await moving
  const { body: found } = await fresh.ask('GET', `/notifications/${body.notification_ids[0]}`)
  await worker.stop()
  await receiver.close()

  assert.equal(moved.status, 'success')
  assert.deepEqual([found.status, found.attempt_count], ['delivered', 1])
  assert.equal(receiver.requests.length, 1)
})

test('a process that is killed in the middle of a move leaves it to the next one, and nothing is lost', async () => {
  const receiver = await createHttpSink()
  const doomed = await createTestWorkspace(t, 'doomed')
  await inhabit(doomed, receiver.url, 1)
  const start = Date.parse(await doomed.now())
  const days = [1, 2, 3, 4, 5, 6]
  for (const day of days) {
    const scheduled_time = new Date(start + day * 86_400_000)
    const { status } = await doomed.ask('POST', '/notifications', {
      ...message,
      body: `day ${day}`,
      scheduled_time,
    })
    assert.equal(status, 202)
  }
  const said = () =>
    receiver.requests.map(({ body }) => (JSON.parse(body) as { data: { body: string } }).data.body)
  const first = await startProcess(t)
  receiver.answer = () => {
    if (said().at(-1) !== 'day 3') return {}
    first.kill('SIGKILL')
    return null
  }
  const move = ['POST', '/clock/advance', { by: '10d' }] as const
  const asTester = { authorization: `Bearer ${doomed.key}` }

  await assert.rejects(first.ask(...move, asTester))
  await first.exited
  receiver.answer = () => ({})
  const second = await startProcess(t)
  const moved = await second.ask(...move, asTester)
  second.kill('SIGTERM')
  await second.exited
  await receiver.close()

  assert.deepEqual([moved.status, moved.body.status], [200, 'success'])
  assert.equal(moved.body.now, new Date(start + 10 * 86_400_000).toISOString())
  // The one nobody can vouch for comes a second time, before its later ones or between them.
  const once = said().filter((text, i, all) => all.indexOf(text) === i)
  assert.deepEqual(once, days.map((day) => `day ${day}`)) // prettier-ignore
  assert.equal(said().length, days.length + 1)
  const { body } = await doomed.ask('GET', '/notifications')
  assert.deepEqual(
    body.notifications.map(({ status }: { status: string }) => status),
    days.map(() => 'delivered'),
  )
})
