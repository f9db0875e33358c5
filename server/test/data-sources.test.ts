// Data sources: services next door that are asked before a text is written.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createService, json } from './data-story.ts'
import { createLook, given, until, untilQuiet } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
const service = await createService()
const { url } = service
t.work()
after(async () => {
  await look.close()
  await t.close()
  await service.close()
})

const retry = { attempts: 2, delay: '1s', backoff: 'fixed' }
const orders = { url: `${url}/orders/{{ params.order_id }}`, required: true }
const parcels = { url: `${url}/parcels/{{ params.order_id }}` }
const text = {
  subject: 'Order {{ data.order.id }}',
  body: '{{ data.order.total }} {% if data.parcel %}by {{ data.parcel.carrier }}{% else %}by hand{% endif %}',
}

let count = 0
/** An event type of its own, and an order of its own. */
async function shipped(definition: Record<string, unknown> = {}) {
  const id = `A-${++count}`
  const type = `order.shipped.${count}`
  const data = { order: orders, parcel: parcels }
  await given.eventType(t, type, { channels: ['email'], retry, data, ...definition })
  await given.template(t, type, 'email', text)
  return { id, type, path: `/orders/${id}`, params: { order_id: id } }
}

await given.subscriber(t, 'ana', { email: 'ana@example.com' })
await given.subscriber(t, 'ben', { email: 'ben@example.com' })

/** How an event's notifications ended. */
async function endOf(eventId: string) {
  await untilQuiet(look)
  const { body } = await t.ask('GET', `/notifications?event_id=${eventId}`)
  const ids: string[] = body.notifications.map(({ id }: { id: string }) => id)
  const all = await Promise.all(
    ids.map(async (id) => (await t.ask('GET', `/notifications/${id}`)).body),
  )
  const data = (trace: { step: string; decision: string; because: string }[]) =>
    trace
      .filter(({ step }) => step === 'data')
      .map(({ decision, because }) => `${decision}: ${because}`)
  return all.map(({ status, reason, content, deliveries, trace }) => ({
    status,
    reason,
    text: content?.text?.trim() ?? content?.body ?? null,
    deliveries: deliveries.map((one: { channel: string; status: string; reason: string | null }) =>
      [one.channel, one.status, one.reason ?? ''].join(' ').trim(),
    ),
    data: data(trace).map((line) => line.replace(/\d+ ms/, '… ms')),
    trace,
  }))
}
const host = url.replace('http://', '')

test('what a service says of an order is read by the text', async () => {
  const { type, params, path } = await shipped()

  const eventId = await given.event(t, type, { params, to: ['ana', 'ben'] })
  const ends = await endOf(eventId)

  assert.deepEqual(
    ends.map(({ status, text }) => `${status} ${text}`),
    ['delivered 12.50 by DHL', 'delivered 12.50 by DHL'],
  )
  assert.equal(service.asked(path), 1, 'once for both')
  assert.deepEqual(ends[0]!.data, [
    `order fetched: order was fetched from ${host} in … ms`,
    `parcel fetched: parcel was fetched from ${host} in … ms`,
  ])
  const { headers, method } = service.requests.find((request) => request.path === path)!
  assert.equal(method, 'GET')
  assert.equal(headers.accept, 'application/json')
  const { body } = await t.ask('GET', `/events/${eventId}`)
  assert.equal(body.trace.filter(({ step }: { step: string }) => step === 'data').length, 2)
})

test('one that is not required is absent when it fails, and the trace says so', async () => {
  const { id, type, params } = await shipped()
  service.say(`/parcels/${id}`, json({ secret: 'never shown' }, 503))

  const [end] = await endOf(await given.event(t, type, { params, to: ['ana'] }))

  assert.equal(end!.text, '12.50 by hand')
  const why = `parcel could not be fetched from ${host}: HTTP 503, after … ms; it is not required, and left out`
  assert.equal(end!.data[1], `parcel absent: ${why}`)
  assert.equal(service.asked(`/parcels/${id}`), 1, 'nothing waits for it')
})

test('one that is required is waited for, on the schedule for retries', async () => {
  const { type, params, path } = await shipped()
  service.say(path, json({}, 503))

  const eventId = await given.event(t, type, { params, to: ['ana'] })
  await until('it was asked once', () => service.asked(path) === 1)
  const [end] = await endOf(eventId)

  assert.equal(end!.text, '12.50 by DHL')
  assert.match(
    end!.data[0]!,
    /^order failed: .*HTTP 503, after … ms; it is required \(try 1 of 2; the next is due 2.*Z\)$/,
  )
  assert.match(end!.data[2]!, /^order fetched: /)
})

test('without it, what reads it fails, and what does not goes out', async () => {
  const { type, params, path } = await shipped({ channels: ['email', 'in_app'] })
  await given.template(t, type, 'in_app', { title: 'Shipped', body: 'Order {{ params.order_id }}' })
  service.say(path, json({}, 503), json({}, 503))

  const [end] = await endOf(await given.event(t, type, { params, to: ['ana'] }))

  assert.deepEqual(end!.deliveries, ['email failed data_source_failed'])
  assert.equal(end!.status, 'delivered')
  assert.equal(end!.text, `Order ${params.order_id}`)
  assert.equal(service.asked(path), 2)
})

test('alone it fails visibly; what was only a matter of time is not retried when it is none', async () => {
  const { type, params, path } = await shipped()
  service.say(path, json({ secret: 'never shown' }, 404))

  const eventId = await given.event(t, type, { params, to: ['ana'] })
  const [end] = await endOf(eventId)

  assert.deepEqual([end!.status, end!.reason], ['failed', 'data_source_failed'])
  assert.equal(service.asked(path), 1)
  const failed = end!.trace.find(
    ({ step, decision }: { step: string; decision: string }) =>
      step === 'email' && decision === 'failed',
  )
  assert.match(
    failed.because,
    /^data source order could not be fetched from .*: HTTP 404, after \d+ ms$/,
  )
  const { body } = await t.ask('POST', '/explain', { event_id: eventId })
  assert.match(body.people[0].sentences.join(' '), /Email.* failed .*HTTP 404/)
  assert.doesNotMatch(JSON.stringify([body, end]), /never shown/)
  const listed = await t.ask('GET', `/notifications?status=failed&event_id=${eventId}`)
  assert.equal(listed.body.notifications.length, 1)
})

test('where the event type has words for it, people read those', async () => {
  const fallback = { title: 'Shipped', body: 'Look into your orders.' }
  const { type, params, path } = await shipped({ fallback })
  service.say(path, json({}, 404))

  const eventId = await given.event(t, type, { params, to: ['ana'] })
  const [end] = await endOf(eventId)

  assert.deepEqual([end!.status, end!.text], ['delivered', 'Look into your orders.'])
  const { body } = await t.ask('GET', `/events/${eventId}`)
  assert.match(body.error, /^data source order could not be fetched .*HTTP 404/)
})

const unusable: [what: string, reply: Parameters<typeof service.say>[1], why: RegExp][] = [
  ['is no JSON', { body: '<html>hello</html>' }, /its answer is not JSON/],
  ['is too long', { body: JSON.stringify('x'.repeat(300_000)) }, /more than 262144 bytes/],
  ['is compressed', { headers: { 'content-encoding': 'gzip' }, body: 'x' }, /is compressed/],
  ['is too deep', { body: '['.repeat(20_000) }, /deeper than 32 levels/],
  ['leads elsewhere', { status: 302, headers: { location: `${url}/orders/1` } }, /HTTP 302/],
  ['is empty', { body: '' }, /its answer is not JSON/],
]
for (const [what, reply, why] of unusable)
  test(`an answer that ${what} is none`, async () => {
    const { type, params, path } = await shipped()
    service.say(path, reply)

    const [end] = await endOf(await given.event(t, type, { params, to: ['ana'] }))

    assert.equal(end!.reason, 'data_source_failed')
    assert.match(end!.data[0]!, why)
    assert.equal(service.asked(path), 1)
  })

test('an answer that does not come in time is waited for no longer', async () => {
  const silent = { ...orders, timeout: '1s' }
  const { type, params, path, id } = await shipped({
    data: { order: silent, parcel: parcels },
    retry: { ...retry, attempts: 1 },
  })
  const usual = service.answer
  service.answer = (request, response) => (request.path === path ? null : usual(request, response))

  const [end] = await endOf(await given.event(t, type, { params, to: ['ana'] }))

  service.answer = usual
  assert.equal(end!.reason, 'data_source_failed')
  assert.match(end!.data[0]!, /no answer in time/)
  assert.equal(service.asked(`/parcels/${id}`), 1, 'asked at the same time')
})

test('long ids stay what they are', async () => {
  const { type, params, path } = await shipped()
  service.say(path, { body: '{"id":12345678901234567890,"total":0.1}' })

  const [end] = await endOf(await given.event(t, type, { params, to: ['ana'] }))

  assert.equal(end!.text, '0.1 by DHL')
  const sent = await t.ask('GET', '/sandbox/messages?channel=email&to=ana@example.com&limit=1')
  assert.match(JSON.stringify(sent.body), /Order 12345678901234567890/)
})
