// Schedules that are carried out by several processes at once, and changed meanwhile.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { runDueSchedules } from '../src/pipeline/schedule-run.ts'
import { until } from './given.ts'
import { createStory } from './schedule-story.ts'

const story = await createStory()
after(() => story.close())
const { t, look, moveTo, put, untilDone } = story
t.work({ pollMs: 10 })

test('of two schedulers that look at once, each occurrence is made by one', async () => {
  moveTo('2028-05-01T12:00Z')
  for (let i = 0; i < 60; i++)
    await put(`many.${i}`, { to: ['ana'], cron: '0 9 * * *', timezone: 'UTC' })
  for (let i = 0; i < 10; i++)
    await put(`zones.${i}`, { to: [{ topic: 'team' }], cron: '0 9 * * *', catch_up: '1d' })
  const others = [await t.another(), await t.another()]
  moveTo('2028-05-02T09:00:05Z')
  await Promise.all(
    [t.ctx, ...others].map(async (ctx) => {
      while (await runDueSchedules(ctx, 7));
    }),
  )
  await untilDone()

  const made = `select count(*) from belfry.occurrences where label = '2028-05-02T09:00' and status = 'made'`
  const events = `select count(*) from belfry.events where created_at > $1`
  assert.equal(await look.number(made), 60 + 30)
  assert.equal(await look.number(events, [new Date('2028-05-02T09:00Z')]), 60 + 40)
})

test('after a change is answered nothing comes as it was before', async () => {
  for (let i = 0; i < 60; i++) await t.ask('DELETE', `/schedules/many.${i}`)
  for (let i = 0; i < 10; i++) await t.ask('DELETE', `/schedules/zones.${i}`)
  moveTo('2028-06-01T00:00Z')
  for (let i = 0; i < 30; i++) {
    const key = `raced.${i}`
    await put(key, { to: ['ana'], cron: '* * * * *', timezone: 'UTC' })
    t.clock.advance({ minutes: 1 })
    const change = i % 3 === 0 ? 'pause' : i % 3 === 1 ? 'delete' : 'put'
    if (change === 'pause') await t.ask('POST', `/schedules/${key}/pause`)
    if (change === 'delete') await t.ask('DELETE', `/schedules/${key}`)
    if (change === 'put') await put(key, { to: ['ben'], cron: '0 0 1 1 *', timezone: 'UTC' })
    const count = () =>
      look.number(
        `select count(*) from belfry.events where audience @> '[{"id":"ana"}]' and created_at > $1`,
        [new Date('2028-06-01T00:00Z')],
      )
    const before = await count()
    t.clock.advance({ minutes: 2 })
    await runDueSchedules(t.ctx, 100)
    assert.equal(await count(), before, change)
    await t.ask('DELETE', `/schedules/${key}`)
  }
})

test('other rules of time zones have everything worked out anew', async () => {
  moveTo('2028-07-01T00:00Z')
  await put('ruled', { to: ['ana'], cron: '0 9 * * *', timezone: 'Europe/Paris' })
  await look.rows(`update belfry.schedules set next_at = next_at + interval '1 hour'`)
  await look.rows(`update belfry.timezone_rules set version = '1999a'`)
  t.work({ pollMs: 10 }) // another process starts
  const right = new Date('2028-07-01T07:00Z').toISOString()
  await until('the moment is right again', async () => {
    const [row] = await look.rows(`select next_at from belfry.schedules where key = 'ruled'`)
    return row.next_at.toISOString() === right
  })
  await t.ask('DELETE', '/schedules/ruled')
})
