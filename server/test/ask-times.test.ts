// When the next is asked, and until when one can answer, by the clock of a test workspace: at once when it is known
// that nobody will answer, at anybody's hour, and long after it was asked for.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given } from './given.ts'
import { createTestContext } from './test-context.ts'
import { createTestWorkspace, monday, type TestWorkspace } from './test-workspace.ts'

const t = await createTestContext()
const look = createLook(t.connection)
let w: TestWorkspace
after(async () => {
  await look.close()
  await t.close()
})

before(async () => {
  w = await createTestWorkspace(t, 'test')
  await w.advance({ to: monday })
  for (const id of ['ana', 'ben']) await given.subscriber(w, id, { email: `${id}@example.com` })
})

// As the API shows it.
// oxlint-disable-next-line typescript/no-explicit-any
type Told = any

async function ask(message: object): Promise<string> {
  const { body, status } = await w.ask('POST', '/notifications', message)
  assert.equal(status, 202, JSON.stringify(body))
  return body.event_id
}
const told = async (path: string): Promise<Told> => (await w.ask('GET', path)).body
async function peopleOf(event: string): Promise<string[]> {
  const people = 'select recipient from belfry.notifications where event_id = $1 order by id'
  return (await look.rows(people, [event])).map(({ recipient }) => recipient)
}
const idOf = async (event: string, who: string): Promise<string> =>
  (await told(`/notifications?event_id=${event}&recipient_id=${who}`)).notifications[0].id
const answer = (id: string) => w.ask('POST', `/notifications/${id}/acknowledge`, {})

test('the next is asked at once when what one person waits for is cancelled', async () => {
  const event = await ask({
    to: ['ana'],
    channels: ['email'],
    message: 'Down',
    acknowledge: { within: '5m', escalate_to: ['ben'] },
  })
  await w.advance({ by: '1m' })
  const { status } = await w.ask('POST', `/notifications/${await idOf(event, 'ana')}/cancel`)
  await w.advance({ by: '1m' })

  assert.equal(status, 200)
  assert.deepEqual(await peopleOf(event), ['ana', 'ben'])
})

test('what was scheduled far ahead can be answered when it is told', async () => {
  const now = new Date(await w.now()).getTime()
  const event = await ask({
    to: ['ana', 'ben'],
    channels: ['email'],
    message: 'May I deploy?',
    scheduled_time: new Date(now + 40 * 86_400_000).toISOString(),
    acknowledge: { within: '10m', by: 'each' },
  })
  await w.advance({ by: '40d' })
  await w.advance({ by: '1m' })
  const early = await answer(await idOf(event, 'ana'))
  await w.advance({ by: '1h' })
  const late = await answer(await idOf(event, 'ben'))
  await w.advance({ by: '31d' })
  const again = await answer(await idOf(event, 'ben'))

  assert.deepEqual([early.status, late.status, again.body.is_first], [200, 200, false])
})

test('at local time the next is asked when nobody answered, whatever their own clock shows', async () => {
  for (const [id, timezone] of [
    ['bea', 'Europe/Berlin'],
    ['noa', 'America/New_York'],
  ])
    await given.subscriber(w, id!, { email: `${id}@example.com`, timezone })
  const day = new Date(new Date(await w.now()).getTime() + 2 * 86_400_000)
  const date = day.toISOString().slice(0, 10)
  const event = await ask({
    to: ['bea'],
    channels: ['email'],
    message: 'Good morning?',
    level: 'critical',
    scheduled_time: `${date}T16:00:00`,
    acknowledge: { within: '5m', escalate_to: ['noa'] },
  })
  await w.advance({ to: `${date}T15:06:00.000Z` })

  assert.deepEqual(await peopleOf(event), ['bea', 'noa'])
  const noa = await told(`/notifications/${await idOf(event, 'noa')}`)
  assert.equal(noa.deliveries.length, 1)
  assert.ok(noa.deliveries[0].finished_at, 'it has gone out')
})
