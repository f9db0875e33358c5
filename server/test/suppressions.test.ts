// An address that is dead is remembered, and never tried again until somebody clears it.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { createLook, given, until, untilQuiet, type Asking } from './given.ts'
import { createKey, createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
after(async () => {
  await t.close()
  await look.close()
})
t.work({ sweepMs: 50 })

const dead = 'bounced@belfry.test' // the sandbox says so

/** A message to `to`, when it has ended: its first delivery, with how many attempts were made. */
async function sent(asking: Asking, to: unknown[], more: Record<string, unknown> = {}) {
  const notify = { to, channels: ['email'], message: 'Hello', ...more }
  const { body } = await asking.ask('POST', '/notifications', notify)
  const id: string = body.notification_ids[0]
  await untilQuiet(look)
  const found = (await asking.ask('GET', `/notifications/${id}`)).body
  const [delivery] = found.deliveries
  const { status, reason, attempts } = delivery
  return { status, reason, tried: attempts.length, trace: found.trace, id }
}

const brief = ({ status, reason, tried }: Awaited<ReturnType<typeof sent>>) => {
  return { status, reason, tried }
}
const leftAlone = { status: 'skipped', reason: 'suppressed', tried: 0 }
const triedInVain = { status: 'failed', reason: 'bounced', tried: 1 }
const today = () => t.clock.now().toISOString().slice(0, 10)

test('an address that a provider calls dead is not tried again, whoever has it', async () => {
  await given.subscriber(t, 'ana', { email: dead })
  await given.subscriber(t, 'ben', { email: 'Bounced@belfry.test' })
  await given.subscriber(t, 'cleo', { email: 'cleo@example.com' })

  const first = await sent(t, ['ana'])
  const again = await sent(t, ['ana'])
  const others = await sent(t, ['ben'])
  const healthy = await sent(t, ['cleo'])

  assert.deepEqual(brief(first), triedInVain)
  assert.deepEqual([brief(again), brief(others)], [leftAlone, leftAlone])
  assert.equal(healthy.status, 'delivered')
})

test('what became of the address is shown on the subscriber, in the trace and before anything is sent', async () => {
  await given.subscriber(t, 'dora', { email: dead, phone: '+12025550177' })
  await sent(t, ['dora'])
  const { trace, id } = await sent(t, ['dora'])

  const shown = (await t.ask('GET', '/subscribers/dora')).body.suppressed
  const explained = await t.ask('POST', '/explain', {
    to: ['dora'],
    channels: ['email'],
    message: 'Hello',
  })
  const retold = await t.ask('POST', '/explain', { notification_id: id })

  const because = `the address was dead on ${today()}, and it gets nothing more until that is cleared`
  assert.equal(shown.length, 1)
  const { at, ...suppressed } = shown[0]
  assert.deepEqual(suppressed, {
    channel: 'email',
    address: dead,
    reason: 'gone',
    code: 'bounced',
    provider: 'sandbox',
  })
  assert.equal(at.slice(0, 10), today())
  assert.deepEqual(
    trace
      .filter(({ step }: { step: string }) => step === 'email')
      .map((e: object) => ({ ...e, at: 0 })),
    [{ at: 0, step: 'email', decision: 'skipped', because }],
  )
  assert.match(JSON.stringify(explained.body), new RegExp(`Not by email: ${because}`))
  assert.match(JSON.stringify(retold.body), new RegExp(`was not sent: ${because}`))
})

test('what was planned before is held back when it would begin', async () => {
  await given.subscriber(t, 'eve', { email: 'bounced+eve@belfry.test' })
  const soon = new Date(t.clock.now().getTime() + 3_600_000).toISOString()
  const { body } = await t.ask('POST', '/notifications', {
    to: ['eve'],
    channels: ['email'],
    message: 'Later',
    scheduled_time: soon,
  })
  await until('it waits', async () => (await look.number('select count(*) from belfry.queue')) > 0)
  const now = await t.ask('POST', '/notifications', {
    to: ['eve'],
    channels: ['email'],
    message: 'Now',
  })
  await until('the address is known to be dead', async () => {
    const { body } = await t.ask('GET', '/subscribers/eve')
    return body.suppressed.length > 0
  })

  t.clock.advance({ hours: 2 })
  await untilQuiet(look)

  assert.equal(now.status, 202)
  const found = (await t.ask('GET', `/notifications/${body.notification_ids[0]}`)).body
  const [{ status, reason, attempts }] = found.deliveries
  assert.deepEqual({ status, reason, tried: attempts.length }, leftAlone)
  assert.match(JSON.stringify(found.trace), /the address was dead on/)
})

test('an address given directly is left alone as well', async () => {
  await given.subscriber(t, 'kai', { email: 'bounced+kai@belfry.test' })
  await sent(t, ['kai'])

  const direct = { recipient_id: 'bounced+kai@belfry.test', content: 'Hello' }
  const { body } = await t.ask('POST', '/notifications/email', direct)
  await untilQuiet(look)

  const found = (await t.ask('GET', `/notifications/${body.notification_id}`)).body
  assert.deepEqual([found.status, found.reason, found.attempt_count], ['skipped', 'suppressed', 0])
})

test('an address that is cleared is tried again; one of which nothing is known is not found', async () => {
  await given.subscriber(t, 'finn', { email: 'bounced+finn@belfry.test' })
  await sent(t, ['finn'])

  const address = { channel: 'email', address: 'BOUNCED+finn@belfry.test' }
  const cleared = await t.ask('POST', '/suppressions/clear', address)
  const again = await t.ask('POST', '/suppressions/clear', address)
  const retried = await sent(t, ['finn'])

  assert.deepEqual([cleared.status, again.status, again.body.code], [200, 404, 'not_found'])
  assert.deepEqual(brief(retried), triedInVain)
})

test('a device that registers again is tried again; an email address is not so easily believed', async () => {
  const devices = { addresses: { push: [{ kind: 'fcm', token: 'bounced' }] } }
  await given.subscriber(t, 'gil', { ...devices, email: 'bounced+gil@belfry.test' })
  const push = { channels: ['push'], subject: 'Hello' }
  await sent(t, ['gil'])
  const first = await sent(t, ['gil'], push)
  const before = await sent(t, ['gil'], push)

  await given.subscriber(t, 'gil', { ...devices, email: 'bounced+gil@belfry.test' })
  const later = await sent(t, ['gil'], push)
  const email = await sent(t, ['gil'])

  assert.deepEqual([first, before, later].map(brief), [triedInVain, leftAlone, triedInVain])
  assert.deepEqual(brief(email), leftAlone)
})

test('what one workspace has learnt of an address is nothing to another', async () => {
  const { id } = (await insertWorkspace(t.ctx.db, { key: 'other', name: 'other' }))!
  const key = await createKey(t.ctx, ['*'], id)
  const other: Asking = {
    ask: (method, url, body) => t.ask(method, url, body, { authorization: `Bearer ${key}` }),
  }
  await given.subscriber(t, 'hal', { email: 'bounced+hal@belfry.test' })
  await given.subscriber(other, 'hal', { email: 'bounced+hal@belfry.test' })
  await sent(t, ['hal'])

  const theirs = await sent(other, ['hal'])
  const clear = { channel: 'email', address: 'bounced+hal@belfry.test' }
  await other.ask('POST', '/suppressions/clear', clear)

  assert.deepEqual(brief(theirs), triedInVain)
  assert.deepEqual(brief(await sent(t, ['hal'])), leftAlone)
})

test('of a person who is forgotten nothing is kept but that this address is left alone', async () => {
  await given.subscriber(t, 'ida', { email: 'bounced+ida@belfry.test' })
  await sent(t, ['ida'])

  await t.ask('POST', '/subscribers/ida/erase')
  t.clock.advance({ minutes: 5 })
  await until(
    'it is over',
    async () => (await look.number('select count(*) from belfry.erasures')) === 0,
  )
  await given.subscriber(t, 'new', { email: 'bounced+ida@belfry.test' })

  assert.deepEqual(brief(await sent(t, ['new'])), leftAlone)
  const kept = await look.rows('select s::text as row from belfry.suppressions s')
  assert.ok(kept.length > 0 && !JSON.stringify(kept).includes('ida'))
})
