// A person reads what a plan waits for in the moment in which that plan is looked at together with others.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fanOut } from '../src/pipeline/fan-out.ts'
import { runDuePlans } from '../src/pipeline/plan-run.ts'
import { storeTurns } from '../src/pipeline/plan-store.ts'
import { planTurns } from '../src/pipeline/plan-turn.ts'
import { insertEvents } from '../src/sql/events.ts'
import { claimPlanRuns } from '../src/sql/plan-runs.ts'
import { createLook, given, until, type Look } from './given.ts'
import { acceptedEvent, workspaceId } from './rows.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let people: string[]

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  people = await given.people(belfry, 2, 'http://127.0.0.1:9')
})

after(async () => {
  await look.close()
  await belfry.close()
})

test('what is read while others are being stored ends its wait, too', async () => {
  const steps = [
    { send: ['in_app'] },
    { wait: { for: '1d', unless: 'read' } },
    { send: ['webhook'] },
  ]
  await given.eventType(belfry, 'seen.first', { channels: undefined, plan: steps })
  const { ctx } = belfry
  const at = belfry.clock.now()
  const audience = [{ id: people[0]! }, { id: people[1]! }]
  const event = acceptedEvent({ type: 'seen.first', audience, createdAt: at, dueAt: at })
  await insertEvents(ctx.db, [event], [])
  await fanOut(ctx, ctx.db, [{ ...event, epoch: 1, cursor: null }], null)
  const ids = await look.rows(
    'select id from belfry.notifications where event_id = $1 order by recipient',
    [event.id],
  )
  const item = `/subscribers/${people[0]}/notifications/${ids[0].id}`
  await belfry.ask('POST', `${item}/seen`) // so it is looked at, and waits on
  await belfry.ask('POST', `/notifications/${ids[1].id}/force`)
  const other = await belfry.another()
  const now = belfry.clock.now()
  const leaseUntil = new Date(now.getTime() + 60_000)
  const looked = await claimPlanRuns(other.db, { limit: 10, now, leaseUntil })
  const planned = await planTurns(other, looked, now)

  // Somebody's preferences are being changed, for which what is stored has to wait.
  const lock = { name: '', text: `select pg_advisory_xact_lock(8058, ${workspaceId})`, values: [] }
  let storing: Promise<void> | undefined
  await ctx.db.transaction(async (tx) => {
    await tx.query(lock)
    storing = storeTurns(other, looked, planned)
    await until('it waits', async () => {
      const waiting = `select count(*) from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`
      return (await look.number(waiting)) > 0
    })
    assert.equal((await belfry.ask('POST', `${item}/read`)).status, 200)
  })
  await storing
  while ((await runDuePlans(ctx, 50)) > 0);

  assert.deepEqual([planned.early.length, planned.rows.turns.length], [1, 1])
  assert.equal(await look.number('select count(*) from belfry.plan_runs'), 0)
})
