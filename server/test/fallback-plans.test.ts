// Fallbacks in the plan of an event type, and what holds for them as for everything: what people do and want, the
// time of day, and what is done by hand.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { createFallbackStory, type FallbackStory } from './fallback-story.ts'
import { given, until } from './given.ts'

let story: FallbackStory

before(async () => {
  story = await createFallbackStory()
  await given.subscriber(story.belfry, 'ana', {
    email: 'ana@example.com',
    phone: '+12025550150',
    timezone: 'UTC',
  })
  await given.subscriber(story.belfry, 'noemail', { phone: '+12025550151' })
  await given.subscriber(story.belfry, 'unlucky', {
    email: 'failed@belfry.test',
    phone: '+12025550102',
  })
})

after(() => story.close())
afterEach(() => story.check())

async function happens(type: string, plan: unknown[], to: string): Promise<string> {
  const { belfry } = story
  await given.eventType(belfry, type, { channels: undefined, plan })
  const event = await given.event(belfry, type, { to: [to] })
  const list = `/notifications?event_id=${event}`
  await until('somebody is found', async () => (await belfry.ask('GET', list)).body.count > 0)
  return (await belfry.ask('GET', list)).body.notifications[0].id
}

const feed = { send: ['in_app'] }
const urgent = { send: ['in_app'], until: 'read', within: '10m', fallback: ['email', 'sms'] }

test('a step of a plan falls back when every channel of it has failed, and the plan goes on', async () => {
  const id = await happens(
    'shipped',
    [feed, { wait: { for: '30m' } }, { send: ['email'], fallback: ['sms'] }, feed].slice(0, 3),
    'noemail',
  )
  await story.waits(id, 'it waits 30m')
  story.belfry.clock.advance({ minutes: 31 })

  const one = await story.ended(id)

  assert.deepEqual(story.ways(one), ['email skipped no_address', 'sms delivered'])
  assert.deepEqual(story.decisions(one), [
    'email failed (no address), so sms',
    'sms was delivered, so nothing else is tried',
  ])
})

test('who reads it in time is told on no other channel', async () => {
  const id = await happens('read.soon', [urgent], 'ana')
  await story.waits(id, 'has not been read')

  await story.belfry.ask('POST', `/subscribers/ana/notifications/${id}/read`)
  const one = await story.ended(id)

  assert.deepEqual(story.ways(one), [])
  assert.deepEqual(story.decisions(one), ['it was read, so nothing else is tried'])
})

test('who does not read it is told on one channel after another, each in its time, until they do', async () => {
  const id = await happens('read.late', [urgent], 'ana')
  await story.waits(id, 'email follows')
  story.belfry.clock.advance({ minutes: 11 })
  await story.waits(id, 'sms follows')
  await until('the email is there', async () =>
    story.ways(await story.told(id)).includes('email delivered'),
  )

  await story.belfry.ask('POST', `/subscribers/ana/notifications/${id}/read`)
  const one = await story.ended(id)

  assert.deepEqual(story.ways(one), ['email delivered'])
  assert.deepEqual(story.decisions(one), [
    'in_app has not been read within 10m, so email',
    'it was read, so nothing else is tried',
  ])
})

test('an answer ends the whole plan; silence goes to the next channel, and to the next step', async () => {
  const plan = [
    { send: ['in_app'], until: 'acknowledged', within: '5m', fallback: ['email'] },
    { send: ['sms'] },
  ]
  const answered = await happens('answered', plan, 'ana')
  await story.waits(answered, 'email follows')
  await story.belfry.ask('POST', `/subscribers/ana/notifications/${answered}/acknowledge`)
  const one = await story.ended(answered)
  const silent = await happens('answered', plan, 'ana')
  await story.waits(silent, 'email follows')
  story.belfry.clock.advance({ minutes: 6 })
  await story.waits(silent, 'what becomes of email')
  await until('the email is there', async () =>
    story.ways(await story.told(silent)).includes('email delivered'),
  )
  story.belfry.clock.advance({ minutes: 6 })
  const other = await story.ended(silent)

  assert.deepEqual(story.ways(one), [])
  assert.deepEqual(story.decisions(one), ['it was acknowledged, so nothing else is tried'])
  assert.deepEqual(story.ways(other), ['email delivered', 'sms delivered'])
  assert.deepEqual(story.decisions(other), [
    'in_app has not been acknowledged within 5m, so email',
    'email has not been acknowledged within 5m, so the plan goes on',
  ])
})

test('a channel that is turned off counts as failed, and one that is turned off meanwhile too', async () => {
  const off = { channels: { email: false } }
  await story.belfry.ask('PATCH', '/preferences/ana', off)
  const [id] = await story.send(['ana'], { fallback_channels: ['sms'] })

  const one = await story.ended(id!)

  await story.belfry.ask('PATCH', '/preferences/ana', { channels: { email: true } })
  assert.deepEqual(story.ways(one), ['email skipped preference_off', 'sms delivered'])
  assert.equal(story.decisions(one)[0], 'email failed (turned off), so sms')
})

test('a fallback waits for the end of quiet hours like anything else; forced, it does not', async () => {
  const { belfry } = story
  const clock = (hours: number) =>
    new Date(belfry.clock.now().getTime() + hours * 3_600_000).toISOString().slice(11, 16)
  const quiet = { start: clock(-1), end: clock(2) }
  await belfry.ask('PATCH', '/preferences/noemail', { quiet_hours: quiet })
  const more = { fallback_channels: ['sms', 'telegram'], fallback_after: '5m' }
  const [waiting, forced] = await Promise.all(
    [1, 2].map(async () => (await story.send(['noemail'], more))[0]),
  )
  for (const id of [waiting, forced])
    await until('the sms waits', async () => {
      const { deliveries } = await story.told(id!)
      return deliveries.some(
        ({ channel, status }: Record<string, string>) =>
          channel === 'sms' && status === 'scheduled',
      )
    })

  assert.equal((await belfry.ask('POST', `/notifications/${forced}/force`)).status, 200)
  const now = await story.ended(forced!)
  belfry.clock.advance({ minutes: 30 })
  const later = await story.told(waiting!)
  belfry.clock.advance({ minutes: 92 }) // a minute or two after they end, and before its own five are over
  const one = await story.ended(waiting!)

  await belfry.ask('PATCH', '/preferences/noemail', { quiet_hours: null })
  for (const told of [now, one])
    assert.deepEqual(story.ways(told), ['email skipped no_address', 'sms delivered'])
  assert.deepEqual(story.ways(later), ['email skipped no_address', 'sms scheduled quiet_hours'])
})

test('nothing is tried after its time is over', async () => {
  const expires_at = new Date(story.belfry.clock.now().getTime() + 300_000).toISOString()
  const [id] = await story.send(['unlucky'], { max_retries: 2, retry_delay: '10m', expires_at })
  await story.waits(id!, '(2 of 3)')
  story.belfry.clock.advance({ minutes: 11 })

  const one = await story.ended(id!)

  assert.deepEqual(story.ways(one), ['email failed refused'])
  assert.match(JSON.stringify(one.trace), /its time was over before it could go on/)
})

test('before it is sent it can be seen what would follow', async () => {
  const message = {
    to: ['noemail'],
    channels: ['email'],
    fallback_channels: ['sms'],
    max_retries: 2,
    message: 'Hi',
  }

  const { body } = await story.belfry.ask('POST', '/explain', message)

  assert.deepEqual(body.people[0].sentences.slice(1), [
    'Not by email: noemail has no address for it.',
    'Then it goes on with sms only if email has not got through.',
    'By SMS to +1•••••51 at once, through sandbox.',
    'Then it tries all of it again 15s later if nothing has got through, up to 2 times.',
  ])
})

// what a message says, and the field that is named
const refused: [Record<string, unknown>, string][] = [
  [{ fallback_channels: [] }, '/fallback_channels'],
  [{ fallback_channels: ['sms', 'sms'] }, '/fallback_channels'],
  [{ fallback_channels: ['smoke'] }, '/fallback_channels/0'],
  [{ fallback_channels: 'other' }, '/fallback_channels'],
  [{ fallback_channels: ['sms', 'email'] }, '/fallback_channels/1'],
  [{ fallback_channels: ['sms'], fallback_after: 'soon' }, '/fallback_after'],
  [{ fallback_channels: ['sms'], fallback_after: '32d' }, '/fallback_after'],
  [{ fallback_after: '5m' }, '/fallback_after'],
  [{ max_retries: 11 }, '/max_retries'],
  [{ max_retries: -1 }, '/max_retries'],
  [{ max_retries: 1.5 }, '/max_retries'],
  [{ retry_delay: '15s' }, '/retry_delay'],
  [{ max_retries: 0, retry_delay: '15s' }, '/retry_delay'],
  [{ max_retries: 1, retry_delay: '15' }, '/retry_delay'],
  [{ fallback_chanels: ['sms'] }, '/fallback_chanels'],
]
for (const [words, pointer] of refused)
  test(`a message is refused: ${JSON.stringify(words)}`, async () => {
    const message = { to: ['ana'], channels: ['email'], message: 'Hi', ...words }
    const { status, body } = await story.belfry.ask('POST', '/notifications', message)
    const one = { recipient_id: 'ana', content: 'Hi', ...words }
    const toChannel = await story.belfry.ask('POST', '/notifications/email', one)

    assert.deepEqual([status, toChannel.status], [422, 422])
    assert.equal(body.errors[0].pointer, pointer)
    assert.equal(toChannel.body.errors[0].pointer, pointer)
  })

test('an address that is good for no fallback is refused, and one that is for all is taken', async () => {
  const { ask } = story.belfry
  const words = { content: 'Hi', fallback_channels: ['telegram'] }

  const bad = await ask('POST', '/notifications/sms', {
    ...words,
    recipient_id: '+12025550102',
    fallback_channels: ['email'],
  })
  const good = await ask('POST', '/notifications/sms', { ...words, recipient_id: '+12025550102' })

  assert.equal(bad.body.errors[0].pointer, '/recipient_id')
  assert.deepEqual(story.ways(await story.ended(good.body.notification_id)), [
    'sms failed refused',
    'telegram delivered',
  ])
})
