// A message that may have come is not sent on another channel, too, because a later attempt was refused for now.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createFallbackStory } from './fallback-story.ts'
import { given, until } from './given.ts'
import { createHttpSink } from './sinks.ts'

const story = await createFallbackStory()
const sink = await createHttpSink()
after(async () => {
  await story.close()
  await sink.close()
})

test('after an attempt that nobody can vouch for, a refusal for now is no reason for another channel', async () => {
  const { belfry, send, ended, ways, told } = story
  let calls = 0
  sink.answer = (_request, response) => {
    calls += 1
    if (calls > 1) return { status: calls === 2 ? 503 : 200 }
    response.destroy()
    return null
  }
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

  const [id] = await send(['ana'], { channels: ['webhook'], fallback_channels: ['email'] })
  for (const number of [1, 2]) {
    await until(`attempt ${number} has ended`, async () => {
      const [delivery] = (await told(id!)).deliveries
      return delivery.attempts.length === number && delivery.status === 'scheduled'
    })
    belfry.clock.advance({ minutes: 10 })
  }

  assert.deepEqual(ways(await ended(id!)), ['webhook delivered'])
  assert.equal(calls, 3)
})
