// Two processes that find the people of the same event at the same time: a lost race, not a failure.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, untilQuiet, type Look } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  await given.eventType(belfry, 'news', { channels: ['in_app'] })
  const ids = await given.people(belfry, 10, 'http://127.0.0.1')
  await given.topic(belfry, 'few', ids.slice(0, 3))
})

after(async () => {
  await look.close()
  await belfry.close()
})

const peopleOf = async (event: string): Promise<string[]> => {
  const text = 'select recipient from belfry.notifications where event_id = $1 order by recipient'
  return (await look.rows(text, [event])).map(({ recipient }) => recipient)
}

test('a person whom another process has told meanwhile is left out, and the event goes on', async () => {
  const event = await given.event(belfry, 'news', { to: [{ topic: 'few' }] })
  const other = await given.event(belfry, 'news', { to: ['p00009'] })
  await look.rows(
    `insert into belfry.notifications (workspace_id, id, event_id, recipient, is_subscriber, level,
       channel, status, pending, created_at)
     values (1, uuidv7(), $1, 'p00001', true, 'standard', 'in_app', 'delivered', 0, now())`,
    [event],
  )
  await look.rows('update belfry.events set recipient_count = 1 where id = $1', [event])

  const worker = belfry.work()
  await untilQuiet(look)
  await worker.stop()

  assert.deepEqual(await peopleOf(event), ['p00000', 'p00001', 'p00002'])
  assert.deepEqual(await peopleOf(other), ['p00009'])
  for (const [id, count] of [
    [event, 3],
    [other, 1],
  ] as const) {
    const { body } = await belfry.ask('GET', `/events/${id}`)
    assert.deepEqual([body.status, body.recipient_count], ['processed', count])
  }
})
