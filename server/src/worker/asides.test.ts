// Turns of plans that ask data sources belong to one process for as long as they take, and not for ever.
import assert from 'node:assert/strict'
import { after, beforeEach, mock, test, type TestContext } from 'node:test'
import { until } from '../../test/given.ts'
import { createRows, later, workspaceId } from '../../test/rows.ts'
import { planLeaseMs } from '../pipeline/plan-run.ts'
import { renewPlanRuns, type ClaimedRun } from '../sql/plan-runs.ts'
import { createAsides } from './asides.ts'

const { db, look, close } = await createRows()
after(close)
beforeEach(() => look.rows('truncate belfry.plan_runs'))

const leaseSeconds = planLeaseMs / 1_000
const notificationId = '00000000-0000-7000-8000-000000000001'
const run = { workspaceId, notificationId, epoch: 1 } as ClaimedRun

/** A turn that has begun and does not end; its time is the test's. */
async function beginSlowly(t: TestContext) {
  let seconds = 0
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.timers.reset())
  const turn = Promise.withResolvers<void>()
  const clock = { now: () => later(seconds), close: () => {} }
  const asides = createAsides({ db, clock, log: { warn: assert.fail } }, () => {})
  await look.rows(
    `insert into belfry.plan_runs (workspace_id, notification_id, event_id, position, due_at, epoch)
     values ($1, $2, $2, 0, $3, 1)`,
    [workspaceId, notificationId, later(leaseSeconds)],
  )
  assert.equal(await asides.begin([run], () => turn.promise), true)
  return {
    passTo(next: number) {
      const passedMs = (next - seconds) * 1_000
      seconds = next
      mock.timers.tick(passedMs)
    },
    async end() {
      turn.resolve()
      await asides.idle()
    },
  }
}

const dueAt = async () => (await look.rows('select due_at from belfry.plan_runs'))[0].due_at
const isLeasedUntil = (seconds: number) =>
  until(`it is kept for ${seconds} s`, async () => +(await dueAt()) === +later(seconds))

test('while a turn asks data sources its lease is renewed', async (t) => {
  const turn = await beginSlowly(t)

  for (const at of [20, 40, 60, 80]) {
    turn.passTo(at)
    await isLeasedUntil(at + leaseSeconds)
  }
  await turn.end()
})

test('what was put off meanwhile, or taken by another process, stays as it is', async () => {
  const [now, until] = [later(20), later(80)]
  const at = async (dueAt: Date, epoch: number) => {
    await look.rows(
      `insert into belfry.plan_runs (workspace_id, notification_id, event_id, position, due_at, epoch)
       values ($1, $2, $2, 0, $3, $4)`,
      [workspaceId, notificationId, dueAt, epoch],
    )
    await renewPlanRuns(db, [run], { now, until })
    return (await look.rows('delete from belfry.plan_runs returning due_at'))[0].due_at
  }

  assert.deepEqual(await at(later(60), 1), until)
  assert.deepEqual(await at(later(3_600), 1), later(3_600), 'it waits for its data')
  assert.deepEqual(await at(later(20), 1), later(20), 'it is due')
  assert.deepEqual(await at(later(60), 2), later(60), 'another process has it')
})

test('a process has so many turns under way, and of one workspace fewer', async () => {
  const clock = { now: () => later(0), close: () => {} }
  const asides = createAsides({ db, clock, log: { warn: assert.fail } }, () => {})
  const turn = Promise.withResolvers<void>()
  const begin = (of: number) => asides.begin([{ ...run, workspaceId: of }], () => turn.promise)

  const ofOne = await Promise.all([1, 1, 1, 1, 1].map(begin))
  const ofMany = await Promise.all(Array.from({ length: 32 }, (_, i) => begin(i + 2)))

  assert.deepEqual(ofOne, [true, true, true, true, false])
  assert.equal(ofMany.filter(Boolean).length, 28)
  turn.resolve()
  await asides.idle()
})
