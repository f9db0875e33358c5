// How long deliveries took, as they are counted when they end.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  again,
  claim,
  createRows,
  failed,
  later,
  settle,
  settlement,
  storeDeliveries,
} from '../../test/rows.ts'

const rows = await createRows()
const { db, look } = rows
after(() => rows.close())

async function beginOne() {
  await storeDeliveries(db, [{ recipient: 'ana', channels: ['webhook'] }])
  const [begun] = await claim(db, { channel: 'webhook' })
  assert.ok(begun)
  return begun
}

const waits: [string, number, string | null, string | null, boolean][] = [
  // how, seconds since accepted, SQL before, SQL of what it began with, counted
  ['at once', 4, null, '4 seconds', true],
  [
    'after it was to wait',
    90_000,
    `update belfry.notifications set begins_at = $2::timestamptz - interval '3 seconds' where id = $1`,
    '3 seconds',
    true,
  ],
  [
    'forced',
    4,
    'update belfry.queue set is_forced = true where notification_id = $1 and $2::timestamptz is not null',
    null,
    false,
  ],
]
for (const [how, seconds, before, took, isCounted] of waits)
  test(`how long it took is counted from when it might begin: ${how}`, async () => {
    await look.rows('delete from belfry.latencies')
    const one = await beginOne()
    if (before) await look.rows(before, [one.notificationId, later(1)])

    await settle(db, [settlement(one, { acceptedAt: later(1 - seconds) })])

    const counted = await look.rows(
      `select channel, count::integer, sqrt(2) ^ (step - 1) <= $1::float8 and sqrt(2) ^ step > $1::float8 as is_right
       from belfry.latencies`,
      [took === null ? 0 : Number.parseInt(took) * 1_000],
    )
    assert.deepEqual(counted, isCounted ? [{ channel: 'webhook', count: 1, is_right: true }] : [])
  })

test('what failed, or came too late, has no time that it took', async () => {
  await look.rows('delete from belfry.latencies')
  const [one, two] = [await beginOne(), await beginOne()]

  await settle(db, [settlement(one, { ...failed, acceptedAt: later(0) })])
  await settle(db, [
    settlement({ ...two, epoch: two.epoch - 1 }, { ...again, acceptedAt: later(0) }),
  ])

  assert.deepEqual(await look.rows('select step from belfry.latencies'), [])
})
