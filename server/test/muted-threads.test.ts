// A thread that somebody has muted: nothing of it begins any more, whenever it was planned.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, until, untilQuiet } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
after(async () => {
  await look.close()
  await t.close()
})

before(async () => {
  await given.eventType(t, 'comment.added', { channels: ['in_app', 'email'], thread: 'keep' })
  await given.template(t, 'comment.added', 'email', { subject: 'S', body: 'B' })
  for (const id of ['ana', 'ben']) await given.subscriber(t, id, { email: `${id}@example.com` })
})

const mute = (id: string, threads: unknown) =>
  t.ask('PATCH', `/preferences/${id}`, { muted_threads: threads })

async function storyOf(event: string, id: string) {
  const { body } = await t.ask('GET', `/notifications?event_id=${event}&recipient_id=${id}`)
  return (await t.ask('GET', `/notifications/${body.notifications[0].id}`)).body
}

test('nothing of a muted thread is sent, but other threads and what is critical are', async () => {
  assert.equal((await mute('ana', { 'post:1': true })).status, 200)
  const to = ['ana', 'ben']
  const muted = await given.event(t, 'comment.added', { to, thread_key: 'post:1' })
  const other = await given.event(t, 'comment.added', { to, thread_key: 'post:2' })
  const critical = await given.event(t, 'comment.added', {
    to,
    thread_key: 'post:1',
    level: 'critical',
  })
  const worker = t.work()
  await untilQuiet(look)
  await worker.stop()

  const story = await storyOf(muted, 'ana')
  assert.deepEqual([story.status, story.reason], ['skipped', 'preference_off'])
  assert.ok(
    story.trace.some(({ because }: { because: string }) => because === 'ana muted its thread'),
  )
  assert.equal((await storyOf(muted, 'ben')).status, 'delivered')
  assert.equal((await storyOf(other, 'ana')).status, 'delivered')
  assert.equal((await storyOf(critical, 'ana')).status, 'delivered')
})

test('a thread that is muted while a message of it waits holds it back', async () => {
  const scheduled_time = new Date(t.clock.now().getTime() + 3_600_000).toISOString()
  const body = { to: ['ben'], thread_key: 'post:3', scheduled_time }
  const event = await given.event(t, 'comment.added', body)
  const worker = t.work()
  await until('its people are found', async () => {
    const { body } = await t.ask('GET', `/events/${event}`)
    return body.status === 'processed'
  })
  await mute('ben', { 'post:3': true })
  t.clock.advance({ hours: 2 })
  await untilQuiet(look)
  await worker.stop()

  const story = await storyOf(event, 'ben')
  assert.deepEqual([story.status, story.reason], ['skipped', 'preference_off'])
  assert.ok(
    story.deliveries.every(({ reason }: { reason: string }) => reason === 'preference_off'),
    JSON.stringify(story),
  )
})

test('null hears of a thread again; 200 are the most, and a key has 1 to 255 characters', async () => {
  assert.deepEqual((await mute('ana', { 'post:1': null })).body.muted_threads, {})
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`thread-${i}`, true]))

  assert.equal((await mute('ana', many(200))).status, 200)
  const more = await mute('ana', { 'one-more': true })
  assert.equal(more.status, 422)
  assert.equal(more.body.errors[0].pointer, '/muted_threads')
  for (const wrong of [{ '': true }, { ['x'.repeat(256)]: true }, { a: false }, { a: 1 }, [], 'a'])
    assert.equal((await mute('ben', wrong)).status, 422, JSON.stringify(wrong))
  assert.equal(Object.keys((await t.ask('GET', '/preferences/ana')).body.muted_threads).length, 200)
})
