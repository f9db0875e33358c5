// When data sources are asked, and when they are not: caches, messages, explanations; and who waits for them.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createDataStory, createService, json, type Entry } from './data-story.ts'
import { createLook, given, until, untilQuiet } from './given.ts'
import { createTestContext } from './test-context.ts'
import { createTestWorkspace } from './test-workspace.ts'

const t = await createTestContext()
const look = createLook(t.connection)
const service = await createService()
const { url } = service
after(async () => {
  await look.close()
  await t.close()
  await service.close()
})
const { w, typeWith, story } = await createDataStory(t, service)
const body = '{{ data.order.total }}'

test('an answer that may be used again is, for as long as it says, by the clock of the workspace', async () => {
  const { type, params, path } = await typeWith(
    { source: { cache: '60s' } },
    { email: { subject: 'x', body } },
  )

  const events: string[] = []
  for (const pause of ['1s', '50s', '20s']) {
    events.push(await given.event(w, type, { params, to: ['ana'] }))
    await w.advance({ by: pause })
  }

  const all = await Promise.all(events.map((id) => story(id)))
  assert.deepEqual(
    all.map(({ data }) => data),
    [['order fetched'], ['order cached'], ['order cached']],
  )
  await given.event(w, type, { params, to: ['ana'] })
  await w.advance({ by: '1s' })
  assert.equal(service.asked(path), 2)
  const { because } = all[1]!.trace.find(({ step }: Entry) => step === 'data')
  assert.match(
    because,
    /^order came from the cache; it was fetched from 127\.0\.0\.1:\d+ at 2030-03-04T/,
  )
})

test('who asks at the same time for what may be used again, asks once', async () => {
  const { type, params, path } = await typeWith(
    { source: { cache: '60s' } },
    { email: { subject: 'x', body } },
  )

  await Promise.all([1, 2, 3, 4, 5].map(() => given.event(w, type, { params, to: ['ana'] })))
  await w.advance({ by: '1s' })

  assert.equal(service.asked(path), 1)
})

test('what is cached for one workspace is not for another', async () => {
  const x = await createTestWorkspace(t, 'data-other')
  await x.advance({ to: await w.now() })
  await given.subscriber(x, 'ana', { email: 'ana@example.com' })
  const data = { order: { url: `${url}/orders/shared`, cache: '60s' } }
  const before = service.asked('/orders/shared')
  for (const one of [w, x]) {
    await given.eventType(one, 'order.shared', { channels: ['email'], data })
    await given.template(one, 'order.shared', 'email', { subject: 'x', body })
    await given.event(one, 'order.shared', { to: ['ana'] })
    await one.advance({ by: '1s' })
  }

  assert.equal(service.asked('/orders/shared') - before, 2)
})

test('a header that is meant for another host by now is not sent to the old one', async () => {
  const email = { subject: 'x', body }
  const { type, params, path } = await typeWith({}, { email })
  const order = { url: `${url}/orders/{{ params.id }}`, required: true }
  const put = (source: object, authorization: string) =>
    given.eventType(w, type, {
      channels: ['email'],
      retry: { attempts: 2, delay: '1m', backoff: 'fixed' },
      data: { order: { ...order, ...source, headers: { authorization } } },
    })
  await put({}, 'for the old one')
  service.say(path, json({}, 503))
  await given.event(w, type, { params, to: ['ana'] })
  await w.advance({ by: '1s' })
  await put({ url: `http://127.0.0.1:9/{{ params.id }}` }, 'for the new one')

  await w.advance({ by: '2m' })

  const sent = service.requests.filter((request) => request.path === path)
  assert.deepEqual(
    sent.map(({ headers }) => headers.authorization),
    ['for the old one', undefined],
  )
})

test('nothing is asked for texts that read nothing of it', async () => {
  const { type, params, path } = await typeWith(
    { channels: ['sms'] },
    { sms: { body: 'Hi' }, email: { subject: 'x', body } },
  )

  await given.event(w, type, { params, to: ['ana'] })
  await w.advance({ by: '1s' })

  assert.equal(service.asked(path), 0)
})

test('a message with a template of such a type is answered when its data is there, or not at all', async () => {
  const { type, path, params } = await typeWith({}, { email: { subject: 'x', body } })
  const message = { to: ['ana'], channels: ['email'], template: type, params }
  service.say(path, json({}, 503), json({}, 404))
  const headers = { 'idempotency-key': '"data-1"' }

  const away = await w.ask('POST', '/notifications', message, headers)
  const missing = await w.ask('POST', '/notifications', message, headers)
  const sent = await w.ask('POST', '/notifications', message, headers)
  const again = await w.ask('POST', '/notifications', message, headers)

  assert.deepEqual([away.status, away.body.code], [503, 'data_source_unavailable'])
  assert.ok(Number(away.headers['retry-after']) >= 1)
  assert.deepEqual([missing.status, missing.body.code], [422, 'data_source_failed'])
  assert.match(missing.body.detail, /^The data source order could not be fetched .*HTTP 404/)
  assert.equal(sent.status, 202)
  assert.deepEqual(again.body, sent.body)
  assert.equal(service.asked(path), 3, 'the answer that is there is given again without asking')
  await w.advance({ by: '1s' })
  const { body: one } = await w.ask('GET', `/notifications/${sent.body.notification_ids[0]}`)
  assert.match(one.deliveries[0].content.text, /12\.50/)
})

test('an explanation asks as well, and says what would be read', async () => {
  const { type, params, path } = await typeWith({}, { email: { subject: 'x', body } })
  const asked = { type, params, to: ['ana'] }
  service.say(path, json({ total: 'seven' }), json({}, 404), json({}, 503))

  const good = await w.ask('POST', '/explain', asked)
  const failed = await w.ask('POST', '/explain', asked)
  const away = await w.ask('POST', '/explain', asked)

  assert.match(good.body.people[0].channels[0].content.text, /seven/)
  assert.match(good.body.sentences[0], /^Order was fetched from 127\.0\.0\.1:\d+ in \d+ ms\.$/)
  const [channel] = failed.body.people[0].channels
  assert.deepEqual(
    [channel.status, channel.reason, channel.content],
    ['failed', 'data_source_failed', null],
  )
  assert.match(
    failed.body.people[0].sentences.join(' '),
    /Not by email: data source order .*HTTP 404/,
  )
  assert.match(away.body.sentences.join(' '), /would be asked 2 times/)
  assert.equal(await look.number(`select count(*) from belfry.events where type = '${type}'`), 0)
})

test('a service that does not answer holds up nobody else', async () => {
  t.work()
  const usual = service.answer
  let open = 0
  let mostOpen = 0
  service.answer = (request, response) => {
    if (!request.path.startsWith('/slow')) return usual(request, response)
    mostOpen = Math.max(mostOpen, ++open)
    response.on('close', () => open--)
    return null
  }
  const data = { order: { url: `${url}/slow/{{ params.id }}`, timeout: '10s' } }
  await given.eventType(t, 'slow', { channels: ['email'], data })
  await given.template(t, 'slow', 'email', { subject: 'x', body })
  await given.eventType(t, 'swift', { channels: ['in_app'] })
  await given.subscriber(t, 'ana', { email: 'ana@example.com' })

  for (let id = 0; id < 300; id++) await given.event(t, 'slow', { params: { id }, to: ['ana'] })
  await until(
    'many are asked',
    () => service.requests.filter(({ path }) => path.startsWith('/slow')).length >= 16,
  )
  const swift = await given.event(t, 'swift', { to: ['ana'] })
  await until('the other one is there', async () => {
    const { body } = await t.ask('GET', `/notifications?event_id=${swift}`)
    return body.notifications[0]?.status === 'delivered'
  })

  assert.equal(mostOpen, 16, 'asked at once')
  await look.rows(`delete from belfry.event_queue`)
  service.answer = usual
  for (const socket of service.sockets) socket.destroy()
})

test('the numbers are counted', async () => {
  await untilQuiet(look)
  const { body } = await t.ask('GET', '/metrics')
  assert.match(body, /belfry_data_source_requests_total\{outcome="fetched"\} [1-9]/)
  assert.match(body, /belfry_data_source_requests_total\{outcome="cached"\} [1-9]/)
  assert.match(body, /belfry_data_source_duration_seconds_count [1-9]/)
})
