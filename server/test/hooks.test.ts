// Hooks: a receiver is told what becomes of notifications, signed, for days if need be, until it is switched off for
// good reason; and told again when somebody asks for it. Days pass by the clock of a test workspace.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { given, until } from './given.ts'
import {
  attemptsOf,
  isSignedWith,
  makeHook,
  tellHookStories,
  tellSomebody,
  toldTo,
  type Made,
} from './hook-story.ts'
import type { HttpReply, SunkRequest } from './sinks.ts'

const story = tellHookStories()
const only = { types: ['notification.delivered'] }
const idOf = ({ headers }: SunkRequest) => String(headers['webhook-id'])
const shown = async ({ id }: Made) => (await story.trial.ask('GET', `/hooks/${id}`)).body

test('a hook is told what becomes of a delivery and its notification, as the package for receivers verifies it', async () => {
  const made = await makeHook(story, '/all')

  const id = await tellSomebody(story)

  const [delivery, notification] = toldTo(story, '/all').toSorted((a, b) =>
    a.body < b.body ? -1 : 1,
  )
  const headers = notification!.headers as Record<string, string>
  const verified = new Webhook(made.secret).verify(notification!.body, headers)
  const { type, timestamp, data } = verified as Record<string, Record<string, unknown>>
  const { body } = await story.trial.ask('GET', `/notifications/${id}`)
  assert.equal(type, 'notification.delivered')
  assert.equal(data?.['id'], id)
  assert.equal(timestamp, body.finished_at)
  assert.equal(
    JSON.parse(delivery!.body).data.address,
    `http://${new URL(story.people.url).host}/…`,
  )
  assert.equal(toldTo(story, '/all').length, 2)
  const [attempt] = await attemptsOf(story, made)
  assert.deepEqual(
    [attempt.outcome, attempt.code, attempt.number, attempt.message_status],
    ['delivered', 'http_200', 1, 'delivered'],
  )
})

test('a hook hears the types it names, and its secret is shown once', async () => {
  const made = await makeHook(story, '/few', { ...only, description: 'Orders' })

  await tellSomebody(story)

  assert.equal(toldTo(story, '/few').length, 1)
  const { body } = await story.trial.ask('GET', '/hooks')
  assert.equal(body.hooks[0].description, 'Orders')
  assert.ok(!JSON.stringify(body).includes('whsec_'))
  const changed = await story.trial.ask('PATCH', `/hooks/${made.id}`, {
    types: ['delivery.failed'],
  })
  assert.deepEqual(changed.body.types, ['delivery.failed'])
  await tellSomebody(story)
  assert.equal(toldTo(story, '/few').length, 1)
})

const failures: [string, HttpReply][] = [
  ['fails', { status: 503 }],
  ['refuses', { status: 404 }],
  ['leads elsewhere', { status: 302, headers: { location: '/elsewhere' } }],
]
for (const [what, reply] of failures)
  test(`one that ${what} seven times is told at last, by the schedule, with the same id and body`, async () => {
    story.receiver.answer = () => (story.receiver.requests.length <= 7 ? reply : {})
    const made = await makeHook(story, '/weak', only)

    await tellSomebody(story)
    const begun = Date.parse(await story.trial.now())
    await story.trial.advance({ by: '5d' })

    const told = story.receiver.requests
    assert.equal(told.length, 8)
    assert.equal(new Set(told.map((request) => `${idOf(request)} ${request.body}`)).size, 1)
    assert.ok(
      told.every((request) => request.path === '/weak' && isSignedWith(made.secret, request)),
    )
    const attempts = (await attemptsOf(story, made)).toReversed()
    const times = attempts.map(({ started_at }: { started_at: string }) => Date.parse(started_at))
    const schedule = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400] // seconds
    for (const [i, seconds] of schedule.entries()) {
      const waited = (times[i + 1]! - times[i]!) / 1_000
      assert.ok(waited >= seconds && waited <= seconds * 1.1, `${seconds}: ${waited}`)
    }
    assert.ok(times[0] <= begun)
    assert.equal((await shown(made)).failing_since, null)
    assert.equal((await shown(made)).enabled, true)
  })

test('a message that nobody takes is given up after ten attempts, and others had their turn meanwhile', async () => {
  story.receiver.answer = ({ body }) => (body.includes('acknowledged_at') ? {} : { status: 500 })
  const made = await makeHook(story, '/picky', {
    types: ['delivery.delivered', 'notification.delivered'],
  })

  await tellSomebody(story)
  await story.trial.advance({ by: '5d' })

  const attempts = await attemptsOf(story, made)
  const failed = attempts.filter(({ outcome }: { outcome: string }) => outcome === 'failed')
  assert.equal(failed.length, 10)
  assert.equal(attempts.length, 11)
  assert.equal(failed[0].message_status, 'failed')
  assert.equal(failed[0].next_attempt_at, null)
})

test('a receiver that is gone (410) is asked no more, and the other hooks hear of it', async () => {
  story.receiver.answer = ({ path }) => ({ status: path === '/gone' ? 410 : 200 })
  const gone = await makeHook(story, '/gone', only)
  await makeHook(story, '/other', { types: ['hook.disabled'] })

  await tellSomebody(story)
  await tellSomebody(story)

  assert.equal(toldTo(story, '/gone').length, 1)
  const { enabled, disabled_reason } = await shown(gone)
  assert.deepEqual([enabled, disabled_reason], [false, 'gone'])
  const [notice] = toldTo(story, '/other').map(({ body }) => JSON.parse(body))
  assert.equal(notice.type, 'hook.disabled')
  assert.equal(notice.data.id, gone.id)
  assert.equal(notice.data.disabled_reason, 'gone')
  assert.equal(notice.data.url, `http://${new URL(story.receiver.url).host}/…`)
  assert.equal(toldTo(story, '/other').length, 1)
})

test('one that fails for five days is switched off, and enabled again goes on with what waited', async () => {
  story.receiver.answer = ({ path }) => ({ status: path === '/dead' ? 500 : 200 })
  const dead = await makeHook(story, '/dead', only)
  await makeHook(story, '/watch', { types: ['hook.disabled'] })

  await tellSomebody(story)
  await story.trial.advance({ by: '4d' })
  assert.equal((await shown(dead)).enabled, true)
  await tellSomebody(story)
  await story.trial.advance({ by: '2d' })
  const off = await shown(dead)
  const called = toldTo(story, '/dead').length
  await tellSomebody(story) // nobody is told
  assert.deepEqual([off.enabled, off.disabled_reason], [false, 'failing'])
  assert.equal(JSON.parse(toldTo(story, '/watch')[0]!.body).data.disabled_reason, 'failing')
  assert.equal(toldTo(story, '/dead').length, called)

  story.receiver.answer = () => ({})
  await story.trial.ask('PATCH', `/hooks/${dead.id}`, { enabled: true })
  await tellSomebody(story)
  await story.trial.advance({ by: '1d' })

  assert.equal(toldTo(story, '/dead').length, called + 2, 'what waited, and what came since')
  assert.equal((await shown(dead)).failing_since, null)
})

test('while a secret is changed for another both sign, and then only the new one', async () => {
  const made = await makeHook(story, '/rotated', only)
  const { status, body: rotated } = await story.trial.ask('POST', `/hooks/${made.id}/rotate`, {
    overlap: '2h',
  })

  await tellSomebody(story)
  const during = toldTo(story, '/rotated').at(-1)!
  const { previous_secret_until } = await shown(made)
  await story.trial.advance({ by: '2h' })
  await tellSomebody(story)
  const afterwards = toldTo(story, '/rotated').at(-1)!

  assert.equal(status, 200)
  assert.ok(previous_secret_until)
  const long = await story.trial.ask('POST', `/hooks/${made.id}/rotate`, { overlap: '8d' })
  assert.equal(long.body.errors[0].pointer, '/overlap')
  assert.notEqual(rotated.secret, made.secret)
  assert.deepEqual(
    [isSignedWith(made.secret, during), isSignedWith(rotated.secret, during)],
    [true, true],
  )
  assert.deepEqual(
    [isSignedWith(made.secret, afterwards), isSignedWith(rotated.secret, afterwards)],
    [false, true],
  )
})

test('a secret changed again meanwhile signs until its own time, and too many are refused', async () => {
  const made = await makeHook(story, '/rotated', only)
  const rotate = (overlap: string) =>
    story.trial.ask('POST', `/hooks/${made.id}/rotate`, { overlap })
  const second = await rotate('4h')
  const third = await rotate('2h')
  const signs = async () => {
    await tellSomebody(story)
    const told = toldTo(story, '/rotated').at(-1)!
    return [made, second.body, third.body].map(({ secret }) => isSignedWith(secret, told))
  }

  const atFirst = await signs()
  await story.trial.advance({ by: '3h' })
  const later = await signs()
  await story.trial.advance({ by: '2h' })
  const atLast = await signs()

  assert.deepEqual(atFirst, [true, true, true])
  assert.deepEqual(later, [true, false, true])
  assert.deepEqual(atLast, [false, false, true])
  for (let i = 0; i < 4; i++) assert.equal((await rotate('1h')).status, 200)
  const refused = await rotate('1h')
  assert.equal(refused.status, 409)
  assert.equal(refused.headers['retry-after'], '3600')
  await story.trial.advance({ by: '1h' })
  assert.equal((await rotate('1h')).status, 200)
})

test('one message is told again, or all that failed in a time, under their old ids', async () => {
  story.receiver.answer = () => ({ status: 500 })
  const made = await makeHook(story, '/again', only)
  const since = await story.trial.now()
  await tellSomebody(story)
  await tellSomebody(story)
  await story.trial.advance({ by: '4d' })
  const ids = new Set(toldTo(story, '/again').map(idOf))
  const before = toldTo(story, '/again').length
  assert.equal(before, 20)

  story.receiver.answer = () => ({})
  const [message_id] = ids
  const one = await story.trial.ask('POST', `/hooks/${made.id}/replay`, { message_id })
  await story.trial.advance({ by: '1s' })
  const range = await story.trial.ask('POST', `/hooks/${made.id}/replay`, {
    since,
    status: 'failed',
  })
  await story.trial.advance({ by: '1s' })
  const none = await story.trial.ask('POST', `/hooks/${made.id}/replay`, {
    since: await story.trial.now(),
  })

  assert.deepEqual([one.body.replayed, range.body.replayed, none.body.replayed], [1, 1, 0])
  const again = toldTo(story, '/again').slice(before)
  assert.deepEqual(new Set(again.map(idOf)), ids)
  assert.equal(again.length, 2)
  const log = await attemptsOf(story, made, `?message_id=${message_id}`)
  assert.deepEqual([log[0].number, log[0].outcome, log.length], [11, 'delivered', 11])
})

test('where the clock runs hooks are told at once, again with a fresh timestamp, and by whoever is there', async () => {
  story.receiver.answer = () => ({ status: story.receiver.requests.length === 1 ? 500 : 200 })
  const { ctx } = story.t
  await given.webhooks(story.t)
  await given.subscriber(story.t, 'ana', { addresses: { webhook: `${story.people.url}/ana` } })
  const made = await story.t.ask('POST', '/hooks', { url: `${story.receiver.url}/now`, ...only })
  const worker = story.t.work({ pollMs: 10 })

  await story.t.ask('POST', '/notifications', { to: ['ana'], channels: ['webhook'], message: 'Hi' })
  await until('it was called', () => toldTo(story, '/now').length === 1)
  await until('that was written down', async () => {
    const { body } = await story.t.ask('GET', `/hooks/${made.body.id}/attempts`)
    return body.count === 1
  })
  story.t.clock.advance({ seconds: 10 })
  await until('it was called again', () => toldTo(story, '/now').length === 2)
  await worker.stop()

  const [first, second] = toldTo(story, '/now')
  const timeOf = ({ headers }: SunkRequest) => Number(headers['webhook-timestamp'])
  assert.equal(idOf(first!), idOf(second!))
  assert.ok(timeOf(second!) - timeOf(first!) >= 10)
  assert.ok(Math.abs(timeOf(second!) * 1_000 - ctx.clock.now().getTime()) < 60_000)
  assert.ok(isSignedWith(made.body.secret, second!))
})
