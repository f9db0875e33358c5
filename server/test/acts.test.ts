// What people do about a notification: have it go out now, have tried again what failed.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { createActStory } from './act-story.ts'
import { given, until, untilQuiet } from './given.ts'

const story = await createActStory()
const { belfry, look, receiver, tomorrow, told, storyOf, act, ended, traced } = story

before(async () => {
  const retry = { attempts: 2, delay: '1h', backoff: 'fixed' }
  await given.eventType(belfry, 'reminder', { channels: ['in_app', 'webhook'], retry })
  await given.template(belfry, 'reminder', 'in_app', { title: 'Reminder', body: 'Now' })
})

after(() => story.close())

afterEach(() => void (receiver.answer = () => ({})))

test('what was scheduled for tomorrow goes out now, once it is forced, and is not forced twice', async () => {
  const { id } = await told('reminder', { to: ['p00000'], scheduled_time: tomorrow() })
  const already = receiver.requests.length

  const forced = await act(`/notifications/${id}/force`)
  await ended(id, 'delivered')
  const again = await act(`/notifications/${id}/force`)

  assert.deepEqual(forced.body, {
    status: 'success',
    message: 'Notification delivery forced',
    notification_id: id,
  })
  assert.equal(receiver.requests.length, already + 1)
  assert.deepEqual(
    [again.status, again.body.code, again.body.current_status],
    [409, 'wrong_status', 'delivered'],
  )
  assert.ok((await traced(id)).includes('force: forced: the holder of the key "test" asked for it'))
})

const clockTime = (hours: number) =>
  new Date(belfry.clock.now().getTime() + hours * 3_600_000).toISOString().slice(11, 16)

test('quiet hours do not hold back what is forced, but a channel that is off does', async () => {
  const quiet_hours = { start: clockTime(-2), end: clockTime(4) }
  const patch = { quiet_hours, timezone: 'UTC' }
  assert.equal((await belfry.ask('PATCH', '/preferences/p00001', patch)).status, 200)
  const heard = await told('once', { to: ['p00001'] })
  const unheard = await told('once', { to: ['p00001'] })
  const waits = (await storyOf(heard.id)).status

  await act(`/notifications/${heard.id}/force`)
  await ended(heard.id, 'delivered')
  await belfry.ask('PATCH', '/preferences/p00001', { channels: { webhook: false } })
  const second = await act(`/notifications/${unheard.id}/force`)
  await ended(unheard.id, 'skipped')

  assert.deepEqual([waits, second.status], ['scheduled', 200])
  assert.equal((await storyOf(unheard.id)).reason, 'preference_off')
  const whole = { channels: { webhook: null }, quiet_hours: null }
  await belfry.ask('PATCH', '/preferences/p00001', whole)
})

test('a delay before another attempt is cut short, and the round still ends where it would', async () => {
  receiver.answer = () => ({ status: 503 })
  const { id } = await told('reminder', { to: ['p00000'] })
  const attempts = async () => (await storyOf(id)).deliveries[0]?.attempts ?? []
  await until('one attempt has failed', async () => (await attempts())[0]?.outcome === 'retry')

  const forced = await act(`/notifications/${id}/force`)
  await until('the second has ended', async () => (await attempts())[1]?.outcome === 'retry')
  await until('that was the last', async () => (await storyOf(id)).status === 'delivered')

  assert.equal(forced.status, 200)
  assert.equal((await storyOf(id)).deliveries[0].status, 'failed')
})

test('what failed is tried again in a new round, whose attempts are counted on', async () => {
  receiver.answer = () => ({ status: 400 })
  const { id } = await told('once', { to: ['p00000'] })
  await ended(id, 'failed')
  const early = await act(`/notifications/${id}/force`)

  receiver.answer = () => ({})
  const retried = await act(`/notifications/${id}/retry`)
  await ended(id, 'delivered')
  const again = await act(`/notifications/${id}/retry`)

  assert.deepEqual([early.status, early.body.current_status], [409, 'failed'])
  assert.deepEqual(
    [retried.status, retried.body.message],
    [200, 'Notification will be tried again'],
  )
  assert.deepEqual([again.status, again.body.current_status], [409, 'delivered'])
  const [delivery] = (await storyOf(id)).deliveries
  const numbers = delivery.attempts.map(({ number, outcome }: Record<string, unknown>) => [
    number,
    outcome,
  ])
  assert.deepEqual(numbers, [
    [1, 'failed'],
    [2, 'delivered'],
  ])
  assert.ok(
    (await traced(id)).includes('retry: tried again: the holder of the key "test" asked for it'),
  )
})

test('each round has all the attempts of a round', async () => {
  receiver.answer = () => ({ status: 503 })
  const { id } = await told('reminder', { to: ['p00002'] })
  const webhook = async () => (await storyOf(id)).deliveries[0]
  const tried = (count: number) =>
    until(`${count} attempts`, async () => {
      const { status, attempts } = await webhook()
      return attempts.length === count && attempts.at(-1).outcome && status !== null
    })
  await tried(1)
  belfry.clock.advance({ minutes: 61 })
  await until('the first round is over', async () => (await webhook()).status === 'failed')

  assert.equal((await act(`/notifications/${id}/retry`)).status, 200)
  await tried(3)
  const between = (await webhook()).status
  belfry.clock.advance({ minutes: 61 })
  await until('the second round is over', async () => (await webhook()).status === 'failed')

  assert.equal(between, 'scheduled')
  assert.equal((await webhook()).attempts.length, 4)
})

test('two who have the same tried again at once begin one round', async () => {
  receiver.answer = () => ({ status: 400 })
  const { id } = await told('once', { to: ['p00000'] })
  await ended(id, 'failed')
  receiver.answer = () => ({})
  const already = receiver.requests.length

  const answers = await Promise.all(
    Array.from({ length: 8 }, () => act(`/notifications/${id}/retry`)),
  )
  await ended(id, 'delivered')
  await untilQuiet(look)

  const counted = (wanted: number) => answers.filter(({ status }) => status === wanted).length
  assert.deepEqual([counted(200), counted(409)], [1, 7])
  assert.equal(receiver.requests.length, already + 1)
})

test('a wait of a plan ends when it is forced, and what it waited for goes out also in quiet hours', async () => {
  const plan = [{ wait: { for: '2d', unless: 'read' } }, { send: ['webhook'] }]
  const steps = [{ send: ['in_app'] }, ...plan, { wait: { for: '1d' } }, { send: ['webhook'] }]
  await given.eventType(belfry, 'planned', { channels: undefined, plan: steps })
  await given.template(belfry, 'planned', 'in_app', { title: 'T', body: 'B' })
  const patch = { quiet_hours: { start: clockTime(-2), end: clockTime(4) }, timezone: 'UTC' }
  await belfry.ask('PATCH', '/preferences/p00003', patch)
  const { id } = await told('planned', { to: ['p00003'] })
  const already = receiver.requests.length

  const forced = await act(`/notifications/${id}/force`)
  await until('it is sent', () => receiver.requests.length > already)

  assert.equal(forced.status, 200)
  assert.ok((await traced(id)).includes('wait: went on: somebody has forced it'))
  await until('it waits at the next step', async () =>
    (await traced(id)).at(-1)!.startsWith('wait: waits'),
  )
  assert.equal((await act(`/notifications/${id}/cancel`)).status, 200)
  await belfry.ask('PATCH', '/preferences/p00003', { quiet_hours: null })
})

test('a digest that is forced closes now, with all that is in it', async () => {
  const plan = [{ digest: { window: '1d' } }, { send: ['in_app'] }]
  await given.eventType(belfry, 'gathered', { channels: undefined, plan })
  await given.template(belfry, 'gathered', 'in_app', { title: '{{ digest.count }}', body: 'B' })
  const first = await told('gathered', { to: ['p00004'] })
  const second = await told('gathered', { to: ['p00004'] })
  await until('both are gathered', async () => {
    return (await look.number('select sum(count) from belfry.digest_buckets')) === 2
  })

  assert.equal((await act(`/notifications/${first.id}/force`)).status, 200)
  await ended(second.id, 'delivered')

  assert.deepEqual([(await storyOf(first.id)).reason], ['digested'])
  assert.equal((await storyOf(second.id)).content.title, '2')
})

test('the same Idempotency-Key has it tried again once', async () => {
  receiver.answer = () => ({ status: 400 })
  const { id } = await told('once', { to: ['p00000'] })
  await ended(id, 'failed')
  const headers = { 'idempotency-key': `retry-${id}` }
  const retry = () => belfry.ask('POST', `/notifications/${id}/retry`, undefined, headers)

  const first = await retry()
  await ended(id, 'failed')
  const second = await retry()

  assert.deepEqual([first.status, second.status], [200, 200])
  assert.equal(second.headers['idempotency-replayed'], 'true')
  await untilQuiet(look)
  assert.equal((await storyOf(id)).deliveries[0].attempts.length, 2)
})

test('what has expired by now is not tried again', async () => {
  receiver.answer = () => ({ status: 400 })
  const expires_at = new Date(belfry.clock.now().getTime() + 1_800_000).toISOString()
  const { id } = await told('once', { to: ['p00000'], expires_at })
  await ended(id, 'failed')
  belfry.clock.advance({ hours: 1 })

  const { status, body } = await act(`/notifications/${id}/retry`)

  assert.deepEqual([status, body.current_status], [409, 'failed'])
})
