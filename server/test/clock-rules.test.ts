// What else counts by the clock of a test workspace: how often a plan lets something through, when somebody moved, and
// what an application publishes in its own transaction.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { pruneThrottles } from '../src/sql/throttles.ts'
import { createLook, given, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'
import { createTestWorkspace, inhabit, monday, type TestWorkspace } from './test-workspace.ts'

let t: TestContext
let look: Look
let receiver: HttpSink
let ahead: TestWorkspace // of the world
let behind: TestWorkspace
const past = '2020-03-02T09:00:00.000Z'

before(async () => {
  t = await createTestContext()
  look = createLook(t.connection)
  receiver = await createHttpSink()
  ahead = await createTestWorkspace(t, 'ahead')
  await inhabit(ahead, receiver.url)
  behind = await createTestWorkspace(t, 'behind')
  await look.rows('update belfry.workspaces set clock_at = $2 where id = $1', [behind.id, past])
  t.ctx.clocks.set(behind.id, new Date(past))
  await given.webhooks(behind)
  await given.people(behind, 3, receiver.url)
})

after(async () => {
  await look.close()
  await receiver.close()
  await t.close()
})

async function statusOf(workspace: TestWorkspace, event: string): Promise<string> {
  const { body } = await workspace.ask('GET', `/notifications?event_id=${event}`)
  return body.notifications[0].status
}

test('a throttle lets through again when its time is over there, whatever time it is in the world', async () => {
  const plan = [{ throttle: { limit: 1, per: '1h' } }, { send: ['webhook'] }]
  const found: string[] = []
  for (const workspace of [ahead, behind]) {
    await given.eventType(workspace, 'alarm', { channels: undefined, plan })
    const sound = async (by: string) => {
      const event = await given.event(workspace, 'alarm', { to: ['p00000'], level: 'critical' })
      await workspace.advance({ by })
      found.push(await statusOf(workspace, event))
    }
    await sound('30m')
    await pruneThrottles(t.ctx.db, t.clock.now(), 100)
    await sound('29m')
    await sound('2m')
    await sound('1m')
  }

  const each = ['delivered', 'skipped', 'skipped', 'delivered']
  assert.deepEqual(found, [...each, ...each])
})

test('what waits by the clock on the wall moves with its person, also where it is earlier than in the world', async () => {
  for (const workspace of [ahead, behind]) {
    await given.subscriber(workspace, 'p00001', { timezone: 'Europe/Lisbon' })
    const day = (await workspace.now()).slice(0, 10)
    const next = Temporal.PlainDate.from(day).add({ days: 1 }).toString()
    const { body } = await workspace.ask('POST', '/notifications', {
      to: ['p00001'],
      channels: ['webhook'],
      message: 'Hello',
      scheduled_time: `${next}T15:00:00`,
    })
    await given.subscriber(workspace, 'p00001', { timezone: 'Asia/Tokyo' })

    await workspace.advance({ by: '1s' })
    const path = `/notifications/${body.notification_ids[0]}`
    const moved = (await workspace.ask('GET', path)).body
    await workspace.advance({ to: `${next}T06:00:00Z` })
    const sent = (await workspace.ask('GET', path)).body

    assert.equal(moved.scheduled_time, `${next}T06:00:00.000Z`)
    assert.equal(sent.status, 'delivered')
  }
})

test('whoever has heard a schedule and then goes west does not hear it again', async () => {
  await given.subscriber(ahead, 'p00002', { timezone: 'Europe/Lisbon' })
  const message = { channels: ['webhook'], body: 'Standup' }
  const schedule = { message, to: ['p00002'], cron: '0 9 * * *' }
  const put = await ahead.ask('PUT', '/schedules/standup', schedule)
  assert.equal(put.status, 201, JSON.stringify(put.body))
  const next = Temporal.PlainDate.from((await ahead.now()).slice(0, 10))
    .add({ days: 1 })
    .toString()
  const told = () => look.number(`select count(*) from belfry.notifications where recipient = 'p00002'`) // prettier-ignore

  await ahead.advance({ to: `${next}T10:00:00Z` })
  const before = await told()
  await given.subscriber(ahead, 'p00002', { timezone: 'America/New_York' })
  await ahead.advance({ to: `${next}T20:00:00Z` })
  const after = await told()
  await ahead.advance({ by: '1d' })
  await ahead.ask('DELETE', '/schedules/standup')

  assert.ok(before > 0)
  assert.deepEqual([after, await told()], [before, before + 1])
})

test('what an application publishes is as old, and may be scheduled, as the clock has it', async () => {
  const publish = async ({ key, at }: { key: string; at: string }) => {
    const [row] = await look.rows(
      `select belfry.notify('["p00000"]'::jsonb, array['webhook'], message => 'Hello', level => 'critical',
        scheduled_time => $1, workspace => $2) as id`,
      [at, key],
    )
    return row.id as string
  }
  for (const [key, workspace] of Object.entries({ ahead, behind })) {
    const now = Date.parse(await workspace.now())
    const event = await publish({ key, at: new Date(now + 3_600_000).toISOString() })

    await workspace.advance({ by: '61m' })

    const { body } = await workspace.ask('GET', `/events/${event}`)
    assert.equal(body.created_at, new Date(now).toISOString())
    assert.equal(await statusOf(workspace, event), 'delivered')
  }
  assert.ok((await ahead.now()) > monday)
})
