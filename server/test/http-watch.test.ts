// Health, metrics, counts, the sandbox, and the documents about the API itself.
import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { insertSandboxMessage } from '../src/sql/sandbox.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

const withoutKey = { authorization: '' }

test('health and readiness need no key', async () => {
  const health = await t.ask('GET', '/health', undefined, withoutKey)
  const ready = await t.ask('GET', '/health/ready', undefined, withoutKey)

  assert.equal(health.body.status, 'healthy')
  assert.equal(ready.status, 200)
  assert.deepEqual(
    ready.body.checks.map(({ name, is_ok }: Record<string, unknown>) => [name, is_ok]),
    [
      ['accepting', true],
      ['database', true],
      ['migrations', true],
    ],
  )
})

test('the bare address leads to the reference, without a key', async () => {
  const answer = await t.ask('GET', '/', undefined, withoutKey)

  assert.deepEqual([answer.status, answer.headers.location], [302, '/docs'])
})

test('a process that is stopping is not ready', async () => {
  t.ctx.isDraining = true
  const ready = await t.ask('GET', '/health/ready', undefined, withoutKey)
  t.ctx.isDraining = false

  assert.equal(ready.status, 503)
  assert.match(ready.body.checks[0].hint, /stopping/)
})

test('a schema that is behind is not ready, and the answer says what to do', async () => {
  const client = await t.ctx.db.connect()
  const { rows } = await client.query('delete from belfry.migrations returning *')
  const ready = await t.ask('GET', '/health/ready', undefined, withoutKey)
  for (const row of rows)
    await client.query('insert into belfry.migrations values ($1, $2, $3, $4)', Object.values(row))
  await client.end()

  assert.equal(ready.status, 503)
  assert.match(ready.body.checks[2].hint, /belfry migrate/)
})

test('metrics are Prometheus text, and paths that were made up are no labels', async () => {
  await t.ask('GET', '/made-up-by-somebody')
  await t.ask('GET', '/subscribers/somebody')

  const { status, headers, body } = await t.ask('GET', '/metrics')

  assert.equal(status, 200)
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/)
  for (const name of [
    'belfry_events_accepted_total',
    'belfry_queue_jobs{queue="events",state="waiting"} 0',
    'belfry_prune_lag_seconds 0',
    'belfry_build_info{version="',
    'process_cpu_seconds_total',
    'http_request_duration_seconds_count{method="GET",route="/subscribers/:id",status_class="4xx"} 1',
  ])
    assert.ok(body.includes(name), name)
  assert.doesNotMatch(body, /made-up|somebody/)
})

test('the counts of a quiet system are empty', async () => {
  const { body } = await t.ask('GET', '/stats')

  assert.deepEqual(body.last_hour, [])
  assert.deepEqual(body.queues, [
    { queue: 'events', waiting: 0, in_flight: 0, oldest_due_age_seconds: null },
  ])
})

test('deliveries are counted by minute, hour and day, by channel, status and worker', async () => {
  const client = await t.ctx.db.connect()
  const rows = [
    ['40 seconds', 'h.1.ab/0', 'email', 'sent', 3],
    ['40 seconds', 'h.1.ab/1', 'email', 'sent', 4],
    ['90 minutes', 'h.2.cd/0', 'sms', 'failed', 5],
    ['3 days', 'h.2.cd/0', 'sms', 'failed', 6],
  ]
  for (const [ago, ...rest] of rows)
    await client.query(
      `insert into belfry.stats (workspace_id, minute, worker, channel, status, count)
       values (1, date_trunc('minute', now() - $1::interval), $2, $3, $4, $5)`,
      [ago, ...rest],
    )
  await client.query('insert into belfry.workspaces (key, name) values ($1, $1)', ['other'])
  await client.query(
    `insert into belfry.stats select 2, minute, worker, channel, status, 9 from belfry.stats`,
  )

  const minutes = (await t.ask('GET', '/stats?period=3600')).body.series
  const days = (await t.ask('GET', '/stats?period=864000&step=1d')).body.series
  const tooMany = await t.ask('GET', '/stats?period=864000')
  await client.query('delete from belfry.stats')
  await client.end()

  assert.deepEqual(
    minutes.map(({ channel, worker, count }: Record<string, unknown>) => [channel, worker, count]),
    [['email', 'h.1.ab', 7]],
  )
  assert.equal(Date.parse(minutes[0].at) % 60_000, 0)
  const total = days.reduce((sum: number, { count }: { count: number }) => sum + count, 0)
  assert.equal(total, 18)
  assert.ok(days.length >= 3 && Date.parse(days[0].at) % 86_400_000 === 0)
  assert.deepEqual([tooMany.status, tooMany.body.errors[0].pointer], [422, '?step'])
})

test('a test can wait for a message in the sandbox', async () => {
  const waiting = t.ask('GET', '/sandbox/messages?to=ana@example.com&channel=email', undefined, {
    prefer: 'wait=30',
  })
  const message = {
    workspaceId: 1,
    deliveryId: randomUUIDv7(),
    notificationId: randomUUIDv7(),
    channel: 'email',
    address: 'ana@example.com',
    content: { subject: 'Hello', html: '<p>Hello</p>', text: 'Hello' },
  } as const
  await insertSandboxMessage(t.ctx.db, { ...message, address: 'ben@example.com' }, new Date())
  await insertSandboxMessage(t.ctx.db, message, new Date())

  const { body } = await waiting

  assert.equal(body.count, 1)
  assert.equal(body.messages[0].to, 'ana@example.com')
  assert.deepEqual(body.messages[0].content, message.content)
  const later = new Date(Date.now() + 60_000).toISOString()
  assert.equal((await t.ask('GET', `/sandbox/messages?since=${later}`)).body.count, 0)
  assert.equal((await t.ask('DELETE', '/sandbox/messages')).body.deleted, 2)
})

test('the API describes itself completely', async () => {
  const { body } = await t.ask('GET', '/openapi.json', undefined, withoutKey)

  assert.equal(body.openapi, '3.1.0')
  const operations = Object.entries(
    body.paths as Record<string, Record<string, Record<string, unknown>>>,
  ).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method} ${path}`,
      operation,
    })),
  )
  const ids = operations.map(({ operation }) => operation.operationId)
  assert.equal(new Set(ids).size, operations.length)
  for (const { name, operation } of operations) {
    for (const part of ['summary', 'tags', 'operationId', 'security'])
      assert.ok(part in operation, `${name} ${part}`)
    const responses = operation.responses as Record<string, unknown>
    assert.ok(
      '4XX' in responses && Object.keys(responses).some((code) => code.startsWith('2')),
      name,
    )
  }
})

test('the pages about the API need nothing from elsewhere', async () => {
  const docs = await t.ask('GET', '/docs', undefined, withoutKey)
  const errors = await t.ask('GET', '/docs/errors', undefined, withoutKey)

  for (const { status, headers, body } of [docs, errors]) {
    assert.equal(status, 200)
    assert.match(String(headers['content-security-policy']), /default-src 'none'/)
    assert.doesNotMatch(body, /(src|href)="(https?:)?\/\/(?!www\.rfc-editor)/)
  }
  assert.match(errors.body, /<h2 id="invalid_request">/)
  assert.equal((await t.ask('GET', '/docs/static/swagger-ui-bundle.js')).status, 200)
  assert.equal((await t.ask('GET', '/docs/static/..%2f..%2fpackage.json')).status, 404)
})

test('a sane request id is used, any other is replaced', async () => {
  const kept = await t.ask('GET', '/health', undefined, { 'x-request-id': 'order-1001' })
  assert.equal(kept.headers['x-request-id'], 'order-1001')
  for (const id of ['a b', 'x'.repeat(129), 'é']) {
    const replaced = await t.ask('GET', '/health', undefined, { 'x-request-id': id })
    assert.notEqual(replaced.headers['x-request-id'], id)
  }
})

test('what is not HTTP gets a problem document too', async () => {
  await t.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = t.app.server.address() as { port: number }
  const send = async (request: string) => {
    const socket = connect(port, '127.0.0.1')
    socket.write(request)
    return text(socket)
  }

  assert.match(await send('nonsense\r\n\r\n'), /^HTTP\/1\.1 400 .*application\/problem\+json/s)
  const large = `GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`
  assert.match(await send(large), /^HTTP\/1\.1 431 .*16 kB/s)
  const twoHosts = 'GET /health HTTP/1.1\r\nhost: a\r\nHost: b\r\nconnection: close\r\n\r\n'
  assert.match(await send(twoHosts), /^HTTP\/1\.1 400 .*malformed_request/s)
})

test('a page of large messages ends early, and the cursor goes on to every one of them', async () => {
  const ids = Array.from({ length: 30 }, () => randomUUIDv7())
  for (const deliveryId of ids)
    await insertSandboxMessage(
      t.ctx.db,
      {
        workspaceId: 1,
        deliveryId,
        notificationId: randomUUIDv7(),
        channel: 'sms',
        address: '+12025550100',
        content: { body: 'x'.repeat(500_000) },
      },
      new Date(),
    )

  const seen: string[] = []
  let pages = 0
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = await t.ask(
      'GET',
      `/sandbox/messages?to=%2B12025550100${cursor && `&cursor=${cursor}`}`,
    )
    pages++
    assert.ok(JSON.stringify(page.body).length < 9_000_000)
    seen.push(...page.body.messages.map(({ delivery_id }: { delivery_id: string }) => delivery_id))
    cursor = page.body.next_cursor
  }

  assert.deepEqual(seen, ids.toReversed())
  assert.equal(pages, 2)
})

test('large parameters do not make a list of events larger than a page may be', async () => {
  await t.ask('PUT', '/event-types/large', { channels: ['in_app'] })
  const events = Array.from({ length: 8 }, () => ({
    type: 'large',
    to: ['nobody'],
    params: { text: 'x'.repeat(60_000), more: Array.from({ length: 3 }, () => 'y'.repeat(60_000)) },
  }))
  for (let i = 0; i < 6; i++)
    assert.equal((await t.ask('POST', '/events/batch', events)).status, 202)

  const first = await t.ask('GET', '/events?type=large')
  const second = await t.ask('GET', `/events?type=large&cursor=${first.body.next_cursor}`)

  assert.ok(first.body.count < 48)
  assert.equal(first.body.count + second.body.count, 48)
  assert.equal(second.body.next_cursor, null)
  for (const { params } of [...first.body.events, ...second.body.events])
    assert.equal(params.text.length, 60_000)
})
