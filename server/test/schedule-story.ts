// What stories of schedules have in common: four people in four zones, a clock that is moved from moment to moment,
// and what was told to whom.
import assert from 'node:assert/strict'
import { createLook, given, until } from './given.ts'
import { createTestContext } from './test-context.ts'

export async function createStory() {
  const t = await createTestContext()
  const look = createLook(t.connection)
  await given.eventType(t, 'report', {
    channels: ['in_app'],
    params: { type: 'object', properties: { team: { type: 'string' } } },
  })
  await given.template(t, 'report', 'in_app', { title: 'Report', body: 'It is ready.' })
  await given.subscriber(t, 'ana', { timezone: 'Europe/Paris' })
  await given.subscriber(t, 'ben', { timezone: 'America/New_York' })
  await given.subscriber(t, 'chi', { timezone: 'Asia/Tokyo' })
  await given.subscriber(t, 'dev')
  await given.topic(t, 'team', ['ana', 'ben', 'chi', 'dev'])

  return {
    t,
    look,
    /** Each test has some days of its own: the clock never goes back. */
    moveTo(time: string): void {
      const seconds = (Date.parse(time) - t.clock.now().getTime()) / 1_000
      assert.ok(seconds > 0, `the clock is past ${time}`)
      t.clock.advance({ seconds })
    },
    async put(key: string, schedule: Record<string, unknown>) {
      const body = { event: { type: 'report' }, ...schedule }
      const answer = await t.ask('PUT', `/schedules/${key}`, body)
      assert.ok(answer.status < 300, JSON.stringify(answer.body))
      return answer.body
    },
    async get(key: string) {
      return (await t.ask('GET', `/schedules/${key}`)).body
    },
    /** By whom and when: `ana 2027-01-04T09:00 Europe/Paris`. */
    async told(key: string): Promise<string[]> {
      const rows = await look.rows(
        `select n.recipient, o.label, o.zone from belfry.occurrences o
         join belfry.notifications n on n.event_id = o.event_id
         where o.schedule = $1 order by n.recipient, o.label`,
        [key],
      )
      return rows.map(({ recipient, label, zone }) => `${recipient} ${label} ${zone}`)
    },
    /** Until all that is due has been made, and whoever it is for has been found. */
    async untilDone(): Promise<void> {
      const now = t.clock.now()
      await until('nothing is due', async () => {
        const due = 'select count(*) from belfry.schedules where next_at <= $1'
        const found = 'select count(*) from belfry.event_queue'
        return (await look.number(due, [now])) + (await look.number(found)) === 0
      })
    },
    async close() {
      await t.close()
      await look.close()
    },
  }
}
