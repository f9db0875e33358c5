// A schedule that cannot be worked out, such as one in a zone that the rules of this machine do not have any more, is
// left alone: all others come.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { runDueSchedules } from '../src/pipeline/schedule-run.ts'
import { findSchedule, postponeSchedule } from '../src/sql/schedules.ts'
import { createStory } from './schedule-story.ts'

const story = await createStory()
after(() => story.close())
const { t, look, moveTo, put, get } = story

test('what can never be worked out does not stand in the way of the others, again and again', async () => {
  moveTo('2027-01-01T12:00Z')
  const daily = { to: ['ana'], cron: '0 9 * * *', timezone: 'UTC' }
  for (const key of ['a-zone', 'b-good', 'c-pattern', 'd-good']) await put(key, daily)
  await look.rows(`update belfry.schedules set timezone = 'Mars/Olympus' where key = 'a-zone'`)
  await look.rows(`update belfry.schedules set cron = 'whenever' where key = 'c-pattern'`)
  const made = () => look.number(`select count(*) from belfry.occurrences where status = 'made'`)

  const counts: number[] = []
  for (const day of [2, 3]) {
    moveTo(`2027-01-0${day}T09:00:05Z`)
    while (await runDueSchedules(t.ctx, 2));
    counts.push(await made())
  }
  moveTo('2027-01-03T09:01:30Z')
  await runDueSchedules(t.ctx, 2)

  assert.deepEqual(counts, [2, 4])
  const told = t.logged.filter(({ msg }) => /could not be carried out; it is tried again/.test(String(msg))) // prettier-ignore
  const keys = new Set(told.map(({ schedule }) => schedule))
  assert.deepEqual(keys, new Set(['a-zone', 'c-pattern']))
})

test('it is shown with the others, without a next time, and can be put right', async () => {
  const { status, body } = await t.ask('GET', '/schedules')
  assert.equal(status, 200, JSON.stringify(body))
  const shown = body.schedules.map((one: { key: string; next_times: unknown[] }) => [
    one.key,
    one.next_times.length,
  ])
  const alone = await get('a-zone')
  await t.ask('POST', '/schedules/c-pattern/pause')
  const resumed = await t.ask('POST', '/schedules/c-pattern/resume')
  const mended = await put('a-zone', { to: ['ana'], cron: '0 9 * * *', timezone: 'UTC' })

  assert.deepEqual(shown, [['a-zone', 0], ['b-good', 3], ['c-pattern', 0], ['d-good', 3]]) // prettier-ignore
  assert.deepEqual(alone.next_times, [])
  assert.equal(resumed.status, 409)
  assert.match(resumed.body.detail, /^"whenever" in UTC cannot be worked out/)
  assert.equal(mended.next_times.length, 3)
})

test('what somebody has put right meanwhile is not put off', async () => {
  const failed = (await findSchedule(t.ctx.db, 1, 'b-good'))!
  await put('b-good', { to: ['ana'], cron: '0 10 * * *', timezone: 'UTC' })
  const mended = (await findSchedule(t.ctx.db, 1, 'b-good'))!

  await postponeSchedule(t.ctx.db, failed, new Date('2028-01-01T00:00:00Z'))
  const left = (await findSchedule(t.ctx.db, 1, 'b-good'))!
  await postponeSchedule(t.ctx.db, mended, new Date('2028-01-01T00:00:00Z'))
  const putOff = (await findSchedule(t.ctx.db, 1, 'b-good'))!

  assert.deepEqual(left.nextAt, mended.nextAt)
  assert.equal(putOff.nextAt?.toISOString(), '2028-01-01T00:00:00.000Z')
})
