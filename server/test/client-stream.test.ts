// The client's stream: it hears, comes back by itself, asks for a new token, and ends when told to.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { BelfryError, streamFeed, type FeedEvent } from '../../client/src/client.ts'
import { given, until } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const url = await t.app.listen({ port: 0 })
after(() => t.close())
await given.subscriber(t, 'ana')

const say = (message: string) =>
  t.ask('POST', '/notifications', { to: ['ana'], channels: ['in_app'], message })

async function newToken(expires_in = '15m'): Promise<string> {
  return (await t.ask('POST', '/subscribers/ana/token', { expires_in })).body.token
}

test('the client’s stream goes on with a new token where the old one ended', async () => {
  const stop = new AbortController()
  const heard: FeedEvent[] = []
  const texts = () =>
    heard.flatMap((one) => (one.event === 'notification.created' ? one.data.content.body : []))
  let tokens = 0
  const token = () => {
    tokens++
    return newToken('1m')
  }
  const listening = (async () => {
    for await (const event of streamFeed({ url, token, signal: stop.signal })) heard.push(event)
  })()
  await until('it counts', () => heard.some(({ event }) => event === 'counts'))

  await say('one')
  await until('one is heard', () => texts().length === 1)
  t.clock.advance({ minutes: 2 })
  await until('the token is over', () => t.ctx.streams.count === 0)
  await say('two')
  await until('two is heard', () => texts().length === 2)
  stop.abort()
  await listening

  assert.deepEqual(texts(), ['one', 'two'])
  assert.equal(tokens, 2)
  await until('nobody is connected', () => t.ctx.streams.count === 0)
})

test('a loop that is left ends its stream', async () => {
  for await (const { event } of streamFeed({ url, token: await newToken() }))
    if (event === 'counts') break

  await until('nobody is connected', () => t.ctx.streams.count === 0)
})

test('a token that is none is an error, not a reason to try for ever', async () => {
  const events = streamFeed({ url, token: 'nonsense' })

  await assert.rejects(
    events.next(),
    (error) => error instanceof BelfryError && error.code === 'unauthenticated',
  )
})
