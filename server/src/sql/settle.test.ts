import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  again,
  ambiguous,
  claim,
  createRows,
  failed,
  later,
  settle,
  settlement,
  storeDeliveries,
  type GivenPerson,
} from '../../test/rows.ts'
import type { Status } from '../domain/status.ts'
import { cancelDeliveries } from './cancel-deliveries.ts'
import type { ClaimedDelivery } from './queue.ts'
import type { Settlement } from './settle.ts'

const rows = await createRows()
const { db, look } = rows
after(() => rows.close())

const ana: GivenPerson = { recipient: 'ana', channels: ['webhook'] }

async function begin(person: GivenPerson = ana): Promise<ClaimedDelivery[]> {
  await storeDeliveries(db, [person])
  const begun = await Promise.all(
    [...new Set(person.channels)].map((channel) => claim(db, { channel })),
  )
  return begun.flat()
}

async function beginOne(): Promise<ClaimedDelivery> {
  const [begun] = await begin()
  assert.ok(begun)
  return begun
}

const delivery = async ({ deliveryId }: { deliveryId: string }) =>
  (
    await look.rows(
      'select status, reason, attempt_count, finished_at from belfry.deliveries where id = $1',
      [deliveryId],
    )
  )[0]
const notification = async ({ notificationId }: { notificationId: string }) =>
  (
    await look.rows(
      'select status, reason, outcome, pending, finished_at from belfry.notifications where id = $1',
      [notificationId],
    )
  )[0]
const queued = async ({ deliveryId }: { deliveryId: string }) =>
  (
    await look.rows(
      'select worker, begun_at, due_at, epoch, attempt from belfry.queue where delivery_id = $1',
      [deliveryId],
    )
  )[0]
const attempts = ({ deliveryId }: { deliveryId: string }) =>
  look.rows(
    'select number, outcome, code, duration_ms from belfry.attempts where delivery_id = $1 order by number',
    [deliveryId],
  )

test('a success ends the delivery and its notification, and is recorded', async () => {
  const begun = await beginOne()

  const settled = await settle(db, [settlement(begun)])

  assert.deepEqual(settled, [{ deliveryId: begun.deliveryId, status: 'sent', isAwaited: false }])
  assert.equal(await queued(begun), undefined)
  assert.deepEqual(await delivery(begun), {
    status: 'sent',
    reason: null,
    attempt_count: 1,
    finished_at: later(1),
  })
  assert.deepEqual(await notification(begun), {
    status: 'sent',
    reason: null,
    outcome: 'sent',
    pending: 0,
    finished_at: later(1),
  })
  assert.deepEqual(await attempts(begun), [
    { number: 1, outcome: 'sent', code: 'http_200', duration_ms: 12 },
  ])
})

test('an attempt that is to be repeated goes back to the queue', async () => {
  const begun = await beginOne()

  const settled = await settle(db, [settlement(begun, again)])

  assert.deepEqual(settled, [{ deliveryId: begun.deliveryId, status: null, isAwaited: false }])
  assert.deepEqual(await queued(begun), {
    worker: null,
    begun_at: null,
    due_at: later(30),
    epoch: 2,
    attempt: 1,
  })
  assert.equal((await notification(begun)).status, 'processing')
  assert.deepEqual(await claim(db, { now: later(29) }), [])
  const [second] = await claim(db, { now: later(30) })
  assert.deepEqual([second?.attempt, second?.epoch], [2, 3])
  await settle(db, [settlement(second!)])
  assert.equal((await delivery(begun)).attempt_count, 2)
})

test('the same outcome a second time changes nothing', async () => {
  const begun = await beginOne()

  await settle(db, [settlement(begun, again)])
  const second = await settle(db, [settlement(begun, again)])

  assert.deepEqual(second, [])
  assert.equal((await attempts(begun)).length, 1)
  await claim(db, { now: later(30) }).then((all) =>
    settle(
      db,
      all.map((one) => settlement(one)),
    ),
  )
})

const late: [string, Partial<Settlement>, boolean][] = [
  ['a late failure', failed, false],
  ['a late retry', again, false],
  ['a late success', {}, true],
  ['a late "delivered"', { outcome: 'delivered', status: 'delivered' }, true],
]
for (const [name, outcome, isTaken] of late) {
  test(`${name} of a worker that lost its lease ${isTaken ? 'saves a duplicate while nobody has begun again' : 'changes nothing'}`, async () => {
    const begun = await beginOne()
    await settle(db, [settlement(begun, ambiguous)])

    const settled = await settle(db, [settlement(begun, outcome)])

    assert.equal(settled.length, isTaken ? 1 : 0)
    assert.equal((await queued(begun)) === undefined, isTaken)
    const [attempt] = await attempts(begun)
    assert.equal(attempt.outcome, isTaken ? (outcome.outcome ?? 'sent') : 'ambiguous')
    if (!isTaken)
      await claim(db, { now: later(30) }).then((all) =>
        settle(
          db,
          all.map((one) => settlement(one)),
        ),
      )
  })
}

test('a late success changes nothing once another attempt has begun', async () => {
  const begun = await beginOne()
  await settle(db, [settlement(begun, ambiguous)])
  const [second] = await claim(db, { now: later(30) })

  const late = await settle(db, [settlement(begun)])
  const settled = await settle(db, [settlement(second!, failed)])

  assert.deepEqual(late, [])
  assert.equal(settled.length, 1)
  assert.equal((await delivery(begun)).status, 'failed')
  assert.deepEqual(
    (await attempts(begun)).map(({ outcome }) => outcome),
    ['ambiguous', 'failed'],
  )
})

const cancelled: [string, Partial<Settlement>, Status][] = [
  ['fails for now', again, 'cancelled'],
  ['fails for good', failed, 'failed'],
  ['nobody can vouch for', ambiguous, 'unknown'],
  ['succeeds', {}, 'sent'],
]
for (const [name, outcome, status] of cancelled) {
  test(`a delivery cancelled in flight whose attempt ${name} is ${status}, and not tried again`, async () => {
    await storeDeliveries(db, [ana])
    const [begun] = await claim(db)
    const target = { workspaceId: 1, notificationIds: [begun!.notificationId], now: later(0) }
    assert.deepEqual(await cancelDeliveries(db, target), {
      cancelled: 0,
      inFlight: 1,
      newlyInFlight: 1,
      total: 1,
    })

    const settled = await settle(db, [settlement(begun!, outcome)])

    assert.deepEqual(settled, [{ deliveryId: begun!.deliveryId, status, isAwaited: false }])
    assert.equal(await queued(begun!), undefined)
    assert.equal((await notification(begun!)).status, status)
  })
}

test('what expired before it could be tried ends without an attempt', async () => {
  const begun = await beginOne()

  const none = {
    number: null,
    provider: '',
    outcome: null,
    code: null,
    status: 'skipped',
    reason: 'expired',
  } as const
  await settle(db, [settlement(begun, none)])

  assert.deepEqual(await delivery(begun), {
    status: 'skipped',
    reason: 'expired',
    attempt_count: 0,
    finished_at: later(1),
  })
  assert.deepEqual(await attempts(begun), [])
})

type End = Partial<Settlement>
const skipped: End = { number: null, outcome: null, status: 'skipped', reason: 'expired' }
const unsure: End = { outcome: 'ambiguous', code: 'timeout', status: 'unknown', reason: 'timeout' }
const ends: [string, End[], Status, string | null][] = [
  ['a success and a failure', [failed, {}], 'sent', null],
  ['two failures', [failed, { ...failed, reason: 'http_404' }], 'failed', 'http_404'],
  ['a failure and one that expired', [failed, skipped], 'failed', 'http_400'],
  ['a failure and one nobody can vouch for', [failed, unsure], 'unknown', 'timeout'],
]
for (const [name, outcomes, status, reason] of ends) {
  for (const order of ['together', 'one by one', 'the other way round'] as const) {
    test(`a notification with ${name}, settled ${order}, is ${status}`, async () => {
      const begun = await begin({ recipient: 'ana', channels: ['webhook', 'sms'] })
      const settlements = begun.map((one, i) => settlement(one, outcomes[i]))
      const batches = order === 'together' ? [settlements] : settlements.map((one) => [one])
      if (order === 'the other way round') batches.reverse()

      for (const [i, batch] of batches.entries()) {
        await settle(db, batch)
        const { pending, finished_at: finishedAt } = await notification(begun[0]!)
        assert.equal(pending, batches.length - 1 - i)
        assert.equal(finishedAt === null, pending > 0)
      }

      const end = await notification(begun[0]!)
      assert.equal(end.status, status)
      if (!(name === 'two failures' && order === 'the other way round'))
        assert.equal(end.reason, reason)
    })
  }
}

test('a notification that was delivered in-app stays so when its webhook fails', async () => {
  const [begun] = await begin({ ...ana, outcome: 'delivered' })

  await settle(db, [settlement(begun!, failed)])

  const { status, reason } = await notification(begun!)
  assert.deepEqual([status, reason], ['delivered', null])
})

test('what ended is counted per minute, channel and status; what is repeated is not', async () => {
  await look.rows('delete from belfry.stats')
  const first = [
    ...(await begin()),
    ...(await begin()),
    ...(await begin({ recipient: 'ben', channels: ['sms'] })),
  ]
  const second = await beginOne()
  const third = await beginOne()

  await settle(
    db,
    first.map((one) => settlement(one)),
  )
  await settle(db, [settlement(second), settlement(third, again)])
  await settle(db, [settlement(second)])

  const stats =
    'select channel, status, provider, count::integer, minute, worker from belfry.stats order by channel'
  const minute = later(0)
  assert.deepEqual(await look.rows(stats), [
    { channel: 'sms', status: 'sent', provider: 'receiver', count: 1, minute, worker: 'w1' },
    { channel: 'webhook', status: 'sent', provider: 'receiver', count: 3, minute, worker: 'w1' },
  ])
})
