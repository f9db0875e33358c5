import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

test('a series says what was accepted, by whom it was sent, and how long it took over all workers', async () => {
  const client = await t.ctx.db.connect()
  for (const [worker, step, count] of [
    ['h.1.ab/0', 14, 90], // 91 to 128 ms
    ['h.2.cd/0', 14, 4],
    ['h.2.cd/0', 28, 6], // 11.6 to 16.4 s
  ])
    await client.query(
      `insert into belfry.latencies (workspace_id, minute, worker, channel, step, count)
       values (1, date_trunc('minute', now()), $1, 'email', $2, $3), (2, now(), $1, 'email', 40, 999)`,
      [worker, step, count],
    )
  await client.query(
    `insert into belfry.stats (workspace_id, minute, worker, channel, status, provider, count)
     values (1, now(), 'h.1.ab/0', 'email', 'sent', 'post', 94), (1, now(), 'h.1.ab/1', 'email', 'sent', 'mail', 6)`,
  )
  await client.query(
    `insert into belfry.accepted_counts (workspace_id, minute, connection, count)
     values (1, now(), 1, 60), (1, now(), 2, 40), (2, now(), 1, 999)`,
  )

  const { body } = await t.ask('GET', '/stats?period=60&step=1d')
  for (const table of ['latencies', 'stats', 'accepted_counts'])
    await client.query(`delete from belfry.${table}`)
  await client.end()

  const [{ at }] = body.accepted
  assert.equal(Date.parse(at) % 86_400_000, 0)
  assert.deepEqual(body.accepted, [{ at, count: 100 }])
  const [{ p50_ms: p50, p95_ms: p95, p99_ms: p99, ...latency }] = body.latencies
  assert.deepEqual([body.latencies.length, latency], [1, { at, channel: 'email', count: 100 }])
  assert.ok(p50 > 90 && p50 < 129 && p95 > 11_500 && p99 > p95 && p99 < 16_500)
  assert.deepEqual(
    body.series.map(({ provider, count }: Record<string, unknown>) => [provider, count]),
    [
      ['mail', 6],
      ['post', 94],
    ],
  )
})

test('a series with more entries than an answer takes is refused, not cut', async () => {
  const client = await t.ctx.db.connect()
  await client.query(
    `insert into belfry.stats (workspace_id, minute, worker, channel, status, provider, count)
     select 1, date_trunc('minute', now()) - make_interval(mins => i % 1400), 'h.' || i / 1400 || '.ab/0', 'email', 'sent', '', 1
     from generate_series(1, 100001) i`,
  )

  const minutes = await t.ask('GET', '/stats?period=86400')
  const hours = await t.ask('GET', '/stats?period=86400&step=1h')
  await client.query('delete from belfry.stats')
  await client.end()

  assert.equal(minutes.status, 422)
  assert.equal(minutes.body.errors[0].pointer, '?step')
  assert.match(minutes.body.errors[0].detail, /more than 100,000 entries/)
  const counts = hours.body.series.map(({ count }: { count: number }) => count)
  assert.equal(
    counts.reduce((sum: number, count: number) => sum + count, 0),
    100_001,
  )
})
