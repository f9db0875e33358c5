// More steps of plans ask data sources than there are places for: the others wait, and hold up nobody.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { runDuePlans } from '../src/pipeline/plan-run.ts'
import type { Sql } from '../src/sql/db.ts'
import { createService } from './data-story.ts'
import { createLook, given, until } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
const service = await createService()
after(async () => {
  await look.close()
  await t.close()
  await service.close()
})

test('what finds no place is put off together, and later the more there are', async () => {
  const data = { order: { url: `${service.url}/orders/{{ params.id }}` } }
  const plan = [{ wait: { for: '1h' } }, { send: ['sms'] }]
  await given.eventType(t, 'many', { data, plan, channels: undefined })
  await given.template(t, 'many', 'sms', { body: '{{ data.order.total }}' })
  await given.subscriber(t, 'ana', { phone: '+12025550143' })
  const worker = t.work()
  for (let id = 0; id < 40; id++) await given.event(t, 'many', { params: { id }, to: ['ana'] })
  const waiting = 'select count(*) from belfry.plan_runs'
  await until('all wait', async () => (await look.number(waiting)) === 40)
  await worker.stop()
  t.clock.advance({ hours: 1 })
  const puttingOff: Sql[] = []
  const now = t.clock.now()
  const ctx = {
    ...t.ctx,
    clock: { ...t.ctx.clock, now: () => now }, // it stands still
    db: {
      ...t.ctx.db,
      query<Row>(statement: Sql): Promise<Row[]> {
        if (/set due_at/.test(statement.text)) puttingOff.push(statement)
        return t.ctx.db.query(statement)
      },
    },
  }
  const putOff = async (limit: number): Promise<number> => {
    assert.equal(await runDuePlans(ctx, limit, async () => false), limit)
    const [row] = await look.rows('select max(due_at) as due from belfry.plan_runs')
    return row.due.getTime() - now.getTime()
  }

  const few = await putOff(5)
  const many = await putOff(35)

  assert.equal(puttingOff.length, 2, 'one statement each time')
  assert.ok(few >= 2_000 && many > few, `${few} ms, ${many} ms`)
  assert.equal(await runDuePlans(ctx, 100, async () => false), 0)
})
