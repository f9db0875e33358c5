// Data sources of plans: asked when a step is come to, by the clock of a test workspace.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createDataStory, createService, json, textOf, type Entry } from './data-story.ts'
import { given } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const service = await createService()
after(async () => {
  await t.close()
  await service.close()
})
const { w, typeWith, story } = await createDataStory(t, service)
const body = '{{ data.order.total }}'

test('a later step of a plan asks anew, when its time comes', async () => {
  const plan = [{ send: ['sms'] }, { wait: { for: '1h' } }, { send: ['sms'] }]
  const { type, params, path } = await typeWith({ plan }, { sms: { body } })
  service.say(path, json({ total: 'one' }), json({ total: 'two' }))

  const eventId = await given.event(w, type, { params, to: ['ana', 'ben'] })
  await w.advance({ by: '2h' })

  const ana = await story(eventId)
  assert.deepEqual(new Set(textOf(ana)), new Set(['one', 'two']))
  assert.deepEqual(ana.data, ['order fetched', 'order fetched'])
  assert.equal(service.asked(path), 2, 'once for all at each step')
})

test('a step waits for what it needs, and then says what it was', async () => {
  const plan = [{ wait: { for: '1h' } }, { send: ['sms'] }]
  const { type, params, path } = await typeWith({ plan }, { sms: { body } })
  service.say(path, json({}, 503))

  const eventId = await given.event(w, type, { params, to: ['ana'] })
  await w.advance({ by: '30m' })
  assert.equal(service.asked(path), 0, 'not before its time')
  await w.advance({ by: '30m' })
  assert.equal((await story(eventId)).status, 'scheduled')
  await w.advance({ by: '2m' })

  const end = await story(eventId)
  assert.deepEqual(textOf(end), ['12.50'])
  assert.deepEqual(end.data, ['order failed', 'order fetched'])
  const [first] = end.trace.filter(({ step }: Entry) => step === 'data')
  assert.match(first.because, /HTTP 503.*try 1 of 2; the next is due 2030-03-04T\d\d:\d1:00/)
})

test('a step that cannot be written has failed, and its fallback is tried', async () => {
  const plan = [{ wait: { for: '1h' } }, { send: ['email'], fallback: ['sms'] }]
  const email = { subject: 'x', body }
  const { type, params, path } = await typeWith({ plan }, { email, sms: { body: 'Without' } })
  service.say(path, json({}, 404))

  const eventId = await given.event(w, type, { params, to: ['ana'] })
  await w.advance({ by: '2h' })

  const end = await story(eventId)
  const ways = end.deliveries.map((one: { channel: string; status: string; reason: string }) =>
    [one.channel, one.status, one.reason].join(' ').trim(),
  )
  assert.deepEqual(ways, ['email failed data_source_failed', 'sms delivered'])
})

test('so it is at the beginning', async () => {
  const plan = [{ send: ['email'], fallback: ['sms'] }]
  const email = { subject: 'x', body }
  const { type, params, path } = await typeWith({ plan }, { email, sms: { body: 'Without' } })
  service.say(path, json({}, 404))

  const eventId = await given.event(w, type, { params, to: ['ana'] })
  await w.advance({ by: '1m' })

  assert.equal((await story(eventId)).status, 'delivered')
})

test('a message that only the feed would have had fails there', async () => {
  const { type, params, path } = await typeWith(
    { channels: ['in_app'] },
    { in_app: { title: 'x', body } },
  )
  service.say(path, json({}, 404))

  const eventId = await given.event(w, type, { params, to: ['ana'] })
  await w.advance({ by: '1m' })

  const { status, reason, content } = await story(eventId)
  assert.deepEqual([status, reason, content], ['failed', 'data_source_failed', null])
  const feed = await w.ask('GET', '/subscribers/ana/notifications')
  assert.doesNotMatch(JSON.stringify(feed.body), new RegExp(eventId))
})

test('a digest asks once, for the event it goes on with, when it closes', async () => {
  const plan = [{ digest: { window: '10m' } }, { send: ['sms'] }]
  const { type } = await typeWith(
    { plan },
    { sms: { body: '{{ digest.count }}: {{ data.order.id }}' } },
  )
  const before = service.requests.length

  for (const id of ['first', 'second']) await given.event(w, type, { params: { id }, to: ['ben'] })
  await w.advance({ by: '5m' })
  assert.equal(service.requests.length, before)
  await w.advance({ by: '10m' })

  const asked = service.requests.slice(before).map(({ path }) => path.replace('/orders/', ''))
  const sent = await w.ask('GET', '/sandbox/messages?channel=sms&limit=1')
  assert.equal(asked.length, 1)
  assert.equal(sent.body.messages[0].content.body, `2: ${asked[0]}`)
})

test('what is under way keeps the sources it began with', async () => {
  const plan = [{ wait: { for: '1h' } }, { send: ['sms'] }]
  const { type, params, path } = await typeWith({ plan }, { sms: { body } })
  const eventId = await given.event(w, type, { params, to: ['ana'] })
  await w.advance({ by: '1m' })
  await given.eventType(w, type, { channels: undefined, plan })

  await w.advance({ by: '2h' })

  assert.deepEqual(textOf(await story(eventId)), ['12.50'])
  assert.equal(service.asked(path), 1)
})

test('an event that waits for data can be cancelled', async () => {
  const { type, params, path } = await typeWith({}, { email: { subject: 'x', body } })
  service.say(path, json({}, 503), json({}, 503))
  const eventId = await given.event(w, type, { params, to: ['ana'] })
  await w.advance({ by: '1s' })
  assert.equal(service.asked(path), 1)

  const { status } = await w.ask('POST', `/events/${eventId}/cancel`)
  await w.advance({ by: '2h' })

  assert.equal(status, 200)
  assert.equal(service.asked(path), 1)
  const { body: event } = await w.ask('GET', `/events/${eventId}`)
  assert.equal(event.status, 'cancelled')
})

test('it is not waited for beyond the time of the event', async () => {
  const { type, params, path } = await typeWith({}, { email: { subject: 'x', body } })
  service.say(path, json({}, 503))
  const now = Date.parse(await w.now())

  const expires_at = new Date(now + 30_000).toISOString()
  const eventId = await given.event(w, type, { params, to: ['ana'], expires_at })
  await w.advance({ by: '2h' })

  assert.equal((await story(eventId)).reason, 'data_source_failed')
  assert.equal(service.asked(path), 1)
})
