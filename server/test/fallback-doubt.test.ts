// A message that may have come is not sent on another channel, too, because a later attempt was refused for now.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createFallbackStory } from './fallback-story.ts'
import { given, until } from './given.ts'
import { createHttpSink } from './sinks.ts'

const story = await createFallbackStory()
const sink = await createHttpSink()
after(async () => {
  await story.close()
  await sink.close()
})

/** The first request is taken without a word; what the others are answered. */
function answerLater(statuses: number[]): { readonly calls: number } {
  const counted = { calls: 0 }
  sink.answer = (_request, response) => {
    counted.calls += 1
    if (counted.calls > 1) return { status: statuses[counted.calls - 2]! }
    response.destroy()
    return null
  }
  return counted
}

before(async () => {
  const { belfry } = story
  await given.subscriber(belfry, 'ana', {
    email: 'ana@example.com',
    addresses: { webhook: sink.url },
  })
  await belfry.ask('POST', '/providers', {
    channel: 'webhook',
    kind: 'webhook',
    name: 'own',
    settings: {},
  })
})

async function sendInDoubt(more: Record<string, unknown> = {}): Promise<string> {
  const message = { channels: ['webhook'], fallback_channels: ['email'], ...more }
  const [id] = await story.send(['ana'], message)
  return id!
}

/** Once so many attempts have ended, and it waits for the next. */
const untilTried = (id: string, count: number) =>
  until(`attempt ${count} has ended`, async () => {
    const [delivery] = (await story.told(id)).deliveries
    return delivery.attempts.length === count && delivery.status === 'scheduled'
  })

test('after an attempt that nobody can vouch for, a refusal for now is no reason for another channel', async () => {
  const counted = answerLater([503, 200])

  const id = await sendInDoubt()
  for (const count of [1, 2]) {
    await untilTried(id, count)
    story.belfry.clock.advance({ minutes: 10 })
  }

  assert.deepEqual(story.ways(await story.ended(id)), ['webhook delivered'])
  assert.equal(counted.calls, 3)
})

test('nor is a refusal for good: it may have taken the message before', async () => {
  answerLater([409])

  const id = await sendInDoubt()
  await untilTried(id, 1)
  story.belfry.clock.advance({ minutes: 10 })

  assert.deepEqual(story.ways(await story.ended(id)), ['webhook unknown http_409'])
})

test('nor is that its time is over', async () => {
  answerLater([])
  const { body } = await story.belfry.ask('GET', '/providers')
  const at = story.belfry.clock.now().getTime() + 3_600_000

  const id = await sendInDoubt({ expires_at: new Date(at).toISOString() })
  await untilTried(id, 1)
  await story.belfry.ask('POST', `/providers/${body.providers[0].id}/pause`)
  story.belfry.clock.advance({ minutes: 10 })
  await until('it waits for its provider', async () => {
    const [delivery] = (await story.told(id)).deliveries
    return delivery.reason === 'provider_paused'
  })
  story.belfry.clock.advance({ minutes: 60 })
  await story.belfry.ask('POST', `/providers/${body.providers[0].id}/resume`)

  assert.deepEqual(story.ways(await story.ended(id)), ['webhook unknown expired'])
})
