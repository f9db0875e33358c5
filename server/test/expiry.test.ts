// `expires_at`: nothing of a request begins at that moment or later, whatever it waited for; and it ends then, not when
// what it waited for comes.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, until, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'
import { createTestWorkspace, inhabit, type TestWorkspace } from './test-workspace.ts'

let t: TestContext
let look: Look
let receiver: HttpSink
let trial: TestWorkspace
const hour = 3_600_000

before(async () => {
  t = await createTestContext()
  look = createLook(t.connection)
  receiver = await createHttpSink()
  trial = await createTestWorkspace(t, 'trial')
  await inhabit(trial, receiver.url)
  const quiet = { quiet_hours: { start: '22:00', end: '07:00' }, timezone: 'Europe/Lisbon' }
  assert.equal((await trial.ask('PATCH', '/preferences/p00001', quiet)).status, 200)
  await given.eventType(trial, 'told', { retry: { attempts: 9, delay: '1h', backoff: 'fixed' } })
  const collect = { digest: { window: '3h' } }
  await given.eventType(trial, 'collected', { channels: undefined, plan: [collect, { send: ['webhook'] }] }) // prettier-ignore
  const wait = { wait: { for: '3h' } }
  await given.eventType(trial, 'waited', { channels: undefined, plan: [wait, { send: ['webhook', 'in_app'] }] }) // prettier-ignore
  await given.eventType(trial, 'shown', { channels: ['in_app'] })
})

after(async () => {
  await look.close()
  await receiver.close()
  await t.close()
})

const now = async () => Date.parse(await trial.now())

/** Moves the clock on to the next evening, or whatever the wall shows in Lisbon. */
async function goOnTo(time: string): Promise<void> {
  const local = Temporal.Instant.from(await trial.now()).toZonedDateTimeISO('Europe/Lisbon')
  const next = local.withPlainTime(time)
  const moment = Temporal.ZonedDateTime.compare(next, local) > 0 ? next : next.add({ days: 1 })
  await trial.advance({ to: moment.toInstant().toString() })
}

async function send(type: string, to: string, hours: number, more: Record<string, unknown> = {}) {
  const expires_at = new Date((await now()) + hours * hour).toISOString()
  const id = await given.event(trial, type, { to: [to], expires_at, ...more })
  return { id, expires_at }
}

type Sent = Awaited<ReturnType<typeof send>>
type Story = { busy?: boolean; at?: string; send: () => Promise<Sent>; meanwhile?: () => unknown }

const inAnHour = async () => ({ scheduled_time: new Date((await now()) + hour).toISOString() })

// what it waits for, the story, how it ends, when it ended, how often it was tried
const stories: [string, Story, string, 'then' | 'before', number][] = [
  [
    'nothing',
    { at: '12:00', send: () => send('told', 'p00000', 2) },
    'delivered null',
    'before',
    1,
  ],
  [
    'another attempt',
    { busy: true, at: '12:00', send: () => send('told', 'p00000', 2.5) },
    'failed http_503',
    'before',
    3,
  ],
  [
    'quiet hours',
    { at: '23:00', send: () => send('told', 'p00001', 2) },
    'skipped expired',
    'then',
    0,
  ],
  [
    'quiet hours, which the next attempt would find',
    { busy: true, at: '21:30', send: () => send('told', 'p00001', 5) },
    'failed http_503',
    'before',
    1,
  ],
  [
    'quiet hours, at the moment it was scheduled for',
    {
      at: '21:30',
      send: async () => send('told', 'p00001', 5, await inAnHour()),
    },
    'skipped expired',
    'then',
    0,
  ],
  [
    'quiet hours that somebody sets meanwhile',
    {
      at: '14:00',
      send: async () => send('told', 'p00002', 5, await inAnHour()),
      meanwhile: () =>
        trial.ask('PATCH', '/preferences/p00002', {
          quiet_hours: { start: '14:30', end: '23:30' },
          timezone: 'Europe/Lisbon',
        }),
    },
    'skipped expired',
    'then',
    0,
  ],
  [
    'a digest',
    { at: '12:00', send: () => send('collected', 'p00000', 2) },
    'skipped expired',
    'before',
    0,
  ],
  [
    'a wait of its plan',
    { at: '12:00', send: () => send('waited', 'p00000', 2) },
    'skipped expired',
    'before',
    0,
  ],
]
for (const [what, story, ends, when, count] of stories)
  test(`what waits for ${what} begins in time or never`, async () => {
    await goOnTo(story.at!)
    receiver.answer = () => ({ status: story.busy ? 503 : 200 })
    const sent = await story.send()
    await trial.advance({ by: '1s' })
    await story.meanwhile?.()
    await trial.advance({ to: sent.expires_at })
    const list = async () =>
      (await trial.ask('GET', `/notifications?event_id=${sent.id}`)).body.notifications[0]
    const over = await list()
    receiver.answer = () => ({})
    await trial.ask('POST', `/events/${sent.id}/force`)
    await trial.ask('POST', `/events/${sent.id}/retry`)
    await trial.advance({ by: '2d' })
    const found = await list()

    assert.equal(`${found.status} ${found.reason}`, ends)
    assert.equal(found.attempt_count, count)
    if (when === 'then') assert.equal(over.finished_at, sent.expires_at)
    const late = await look.number(
      `select count(*) from belfry.attempts a
       join belfry.deliveries d on d.workspace_id = a.workspace_id and d.id = a.delivery_id
       join belfry.events e on e.workspace_id = d.workspace_id and e.id = d.event_id
       where a.started_at >= e.expires_at`,
    )
    assert.equal(late, 0)
  })

test('while it waits it says that it will not go out, and somebody may still force it', async () => {
  await goOnTo('23:00')
  receiver.answer = () => ({})
  const { id, expires_at } = await send('told', 'p00001', 2)
  await trial.advance({ by: '1s' })
  const [listed] = (await trial.ask('GET', `/notifications?event_id=${id}`)).body.notifications
  const { body: shown } = await trial.ask('GET', `/notifications/${listed.id}`)
  const { body: why } = await trial.ask('POST', '/explain', { notification_id: listed.id })
  const forced = await trial.ask('POST', `/notifications/${listed.id}/force`)
  await trial.advance({ by: '1s' })
  const { body: sent } = await trial.ask('GET', `/notifications/${listed.id}`)

  assert.equal(listed.status, 'scheduled')
  assert.deepEqual([listed.estimated_delivery_time, shown.deliveries[0].next_attempt_at], [null, null]) // prettier-ignore
  assert.match(JSON.stringify(why), /will not be sent: its time is over on .* at 01:00/)
  assert.equal(forced.status, 200)
  assert.equal(sent.status, 'delivered')
  assert.ok(sent.deliveries[0].attempts[0].started_at < expires_at)
})

test('what nobody was there to begin in time is not begun late, on any channel, forced or not', async () => {
  await given.webhooks(t)
  await given.people(t, 1, receiver.url)
  await given.eventType(t, 'told', { channels: ['webhook', 'in_app'] })
  const at = (hours: number) => new Date(t.clock.now().getTime() + hours * hour).toISOString()
  const expires_at = at(2)
  const message = { to: ['p00000'], channels: ['webhook', 'in_app'], message: 'Hello', expires_at }
  const bodies = [
    message,
    { ...message, scheduled_time: at(1) },
    { ...message, scheduled_time: at(1) },
  ]
  const ids: string[] = []
  for (const body of bodies)
    ids.push((await t.ask('POST', '/notifications', body)).body.notification_ids[0])
  const event = await given.event(t, 'told', { to: ['p00000'], expires_at })
  const already = receiver.requests.length
  t.clock.advance({ hours: 3 })
  await t.ask('POST', `/notifications/${ids[2]}/force`)

  const worker = t.work({ pollMs: 10 })
  const found: string[] = []
  for (const id of ids)
    await until('it is over', async () => {
      const { body } = await t.ask('GET', `/notifications/${id}`)
      if (body.finished_at !== null) found.push(`${body.status} ${body.reason}`)
      return body.finished_at !== null
    })
  await until('the event is over', async () => {
    const { body } = await t.ask('GET', `/events/${event}`)
    return body.status !== 'accepted' && !('processing' in body.notifications)
  })
  await worker.stop()

  // The first was shown in the feed when it was made.
  assert.deepEqual(found, ['delivered null', 'skipped expired', 'skipped expired'])
  assert.equal(receiver.requests.length, already)
})
