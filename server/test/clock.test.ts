// The clock of a test workspace: what waits for days happens in milliseconds, each thing at its own moment and
// in order, and nobody else notices.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, type Look } from './given.ts'
import { createHttpSink, type HttpSink, type SunkRequest } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'
import { createTestWorkspace, inhabit, monday, type TestWorkspace } from './test-workspace.ts'

let t: TestContext
let look: Look
let receiver: HttpSink
let trial: TestWorkspace
let status = 200

before(async () => {
  t = await createTestContext()
  look = createLook(t.connection)
  receiver = await createHttpSink({ answer: () => ({ status }) })
  trial = await createTestWorkspace(t, 'trial')
  await inhabit(trial, receiver.url)
})

after(async () => {
  await look.close()
  await receiver.close()
  await t.close()
})

/** What arrived since the last call: which texts. */
let seen = 0
function arrived(): string[] {
  const texts = receiver.requests.slice(seen).map(textOf)
  seen = receiver.requests.length
  return texts
}

function textOf({ body }: SunkRequest): string {
  const { data } = JSON.parse(body) as { data: { body?: string; title?: string } }
  return String(data.body ?? data.title)
}

async function message(text: string, more: Record<string, unknown> = {}): Promise<string> {
  const answer = await trial.ask('POST', '/notifications', {
    to: ['p00000'],
    channels: ['webhook'],
    body: text,
    level: 'critical',
    ...more,
  })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  return answer.body.notification_ids[0]
}

const later = (minutes: number) => new Date(Date.parse(monday) + minutes * 60_000).toISOString()

test('only the clock of a test workspace can be moved, and the refusal says how to get one', async () => {
  const refused = await t.ask('POST', '/clock/advance', { by: '1h' })
  const shown = await t.ask('GET', '/clock')

  assert.equal(refused.status, 409)
  assert.equal(refused.body.code, 'not_a_test_workspace')
  assert.match(refused.body.detail, /belfry workspaces create \w+ --test/)
  assert.equal(shown.body.is_test, false)
})

test('a move names a duration or a moment that is not past', async () => {
  const bad: [unknown, string][] = [
    [{}, ''],
    [{ by: '1h', to: later(1) }, ''],
    [{ to: '2029-01-01T00:00:00Z' }, '/to'],
    [{ to: '2060-01-01T00:00:00Z' }, '/to'],
    [{ by: '20000d' }, '/by'],
    [{ by: 'soon' }, '/by'],
  ]
  for (const [move, pointer] of bad) {
    const { status, body } = await trial.ask('POST', '/clock/advance', move)
    assert.equal(status, 422, JSON.stringify(move))
    assert.equal(body.errors[0].pointer, pointer, JSON.stringify(move))
  }
  assert.equal(await trial.now(), monday)
})

test('from the first move on the clock stands between moves', async () => {
  const { body } = await trial.ask('GET', '/clock')

  assert.deepEqual(body, { now: monday, is_test: true, is_still: true })
})

test('what was scheduled goes out at its moment, in order, and nothing before it', async () => {
  for (const minutes of [30, 10, 20])
    await message(`after ${minutes}`, { scheduled_time: later(minutes) })

  const early = await trial.advance({ by: '9m' })
  assert.deepEqual(arrived(), [])
  const all = await trial.advance({ by: '1d' })

  assert.deepEqual([early.attempts, early.moments], [0, 0])
  assert.deepEqual([all.attempts, all.moments, all.status], [3, 3, 'success'])
  assert.equal(all.now, later(9 + 24 * 60))
  assert.deepEqual(arrived(), ['after 10', 'after 20', 'after 30'])
  const times = await look.rows(
    `select started_at from belfry.attempts where workspace_id = $1 order by started_at`,
    [trial.id],
  )
  assert.deepEqual(
    times.map(({ started_at }) => started_at.toISOString()),
    [later(10), later(20), later(30)],
  )
})

test('waits that follow each other are both over within one move, each at its time', async () => {
  await given.eventType(trial, 'twice', {
    channels: undefined,
    plan: [
      { send: ['webhook'] },
      { wait: { for: '1h' } },
      { send: ['webhook'] },
      { wait: { for: '1h' } },
      { send: ['webhook'] },
    ],
  })
  const start = Date.parse(await trial.now())
  const event = await given.event(trial, 'twice', { to: ['p00001'], level: 'critical' })

  await trial.advance({ by: '1d' })

  const rows = await look.rows(
    `select a.started_at from belfry.attempts a
     join belfry.deliveries d on d.workspace_id = a.workspace_id and d.id = a.delivery_id
     where d.event_id = $1 order by 1`,
    [event],
  )
  assert.deepEqual(
    rows.map(({ started_at }) => (started_at.getTime() - start) / 3_600_000),
    [0, 1, 2],
  )
  arrived()
})

test('retries come at their times, until it works', async () => {
  await given.eventType(trial, 'stubborn', {
    retry: { attempts: 4, delay: '1h', backoff: 'fixed' },
  })
  status = 503
  const event = await given.event(trial, 'stubborn', { to: ['p00002'], level: 'critical' })
  await trial.advance({ by: '90m' })
  const before = arrived().length
  status = 200

  await trial.advance({ by: '1d' })

  assert.ok(before >= 1 && before <= 2, String(before))
  assert.equal(arrived().length, 1)
  const { body } = await trial.ask('GET', `/notifications?event_id=${event}`)
  assert.equal(body.notifications[0].status, 'delivered')
})

test('a snooze is over, and a message expires, by the clock of the workspace', async () => {
  await given.eventType(trial, 'note', { channels: ['in_app'] })
  await given.event(trial, 'note', { to: ['p00000'], level: 'critical' })
  await trial.advance({ by: '1s' })
  const feed = async () =>
    (await trial.ask('GET', '/subscribers/p00000/notifications')).body.notifications
  const [item] = await feed()
  const start = Date.parse(await trial.now())
  const until = new Date(start + 3 * 86_400_000).toISOString()
  const path = `/subscribers/p00000/notifications/${item.id}/snooze`
  const snoozed = await trial.ask('POST', path, { until })
  const expires_at = new Date(start + 3_600_000).toISOString()
  const lost = await message('too late', { expires_at, scheduled_time: new Date(start + 60_000) })
  status = 503
  await trial.advance({ by: '2h' })
  status = 200
  await trial.advance({ by: '2d' })
  assert.equal((await feed()).length, 0)

  await trial.advance({ to: until })

  assert.equal(snoozed.status, 200)
  assert.equal((await feed()).length, 1)
  const { body } = await trial.ask('GET', `/notifications/${lost}`)
  assert.notEqual(body.status, 'processing', JSON.stringify(body))
  arrived()
})

test('other workspaces keep the time of the world, and what waits in them waits', async () => {
  const other = await createTestWorkspace(t, 'other')
  const soon = new Date(Date.now() + 60_000).toISOString()
  for (const asking of [t, other]) {
    await given.webhooks(asking)
    await given.people(asking, 1, `${receiver.url}/theirs`)
    const body = { to: ['p00000'], channels: ['webhook'], body: 'theirs', scheduled_time: soon }
    assert.equal((await asking.ask('POST', '/notifications', body)).status, 202)
  }
  const worker = t.work()
  await message('ours', { scheduled_time: new Date(Date.parse(await trial.now()) + 60_000) })

  await trial.advance({ by: '10d' })
  await worker.stop()

  assert.deepEqual(arrived(), ['ours'])
  const shown = await t.ask('GET', '/clock')
  assert.ok(Math.abs(Date.parse(shown.body.now) - Date.now()) < 60_000)
  const theirs = await t.ask('GET', '/notifications')
  assert.equal(theirs.body.notifications[0].status, 'scheduled')
})

test('a move that is repeated with its key is made once', async () => {
  const start = Date.parse(await trial.now())
  const once = { 'idempotency-key': 'one-hour' }

  const first = await trial.ask('POST', '/clock/advance', { by: '1h' }, once)
  const again = await trial.ask('POST', '/clock/advance', { by: '1h' }, once)

  assert.deepEqual(again.body, first.body)
  assert.equal(Date.parse(await trial.now()) - start, 3_600_000)
})
