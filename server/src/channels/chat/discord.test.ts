// @see https://docs.discord.com/developers/topics/opcodes-and-status-codes for the answers
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpVendorSuite, jsonReply } from '../../../test/http-vendor.ts'
import type { HttpReply } from '../../../test/sinks.ts'
import { exampleContext, exampleMessage } from '../conformance.ts'
import { readAllowedAddresses } from '../public-address.ts'
import { discord } from './discord.ts'

const token = 'MTk4NjIyNDgzNDcxOTI1MjQ4.secret.secretsecret'
const content = { body: '@everyone **order** 42' }
const message = exampleMessage({ channel: 'discord', address: '155101607195836416', content })
const error = (status: number, code: number, words = 'x'): HttpReply =>
  jsonReply(status, { code, message: words })
const limited = jsonReply(429, { message: 'x', retry_after: 0.57, global: false })
const accepted = jsonReply(200, { id: '334385199974967042', type: 0 })

const { send, provider, stand } = await httpVendorSuite({
  kind: discord,
  message,
  settings: (url) => ({ token, api_base: url }),
  secrets: [token],
  replies: {
    accept: () => accepted,
    busy: () => limited,
    refuse: (words) => error(400, 50006, words),
    unknown_address: (words) => error(404, 10003, words),
  },
  answers: [
    [accepted, { kind: 'sent', reference: '334385199974967042' }],
    [limited, { kind: 'retry', code: 'http_429', retryAfterMs: 570 }],
    [error(404, 10003), { kind: 'gone', code: 'discord_10003' }],
    [error(403, 50007), { kind: 'gone', code: 'discord_50007' }],
    [error(403, 50001), { kind: 'retry', code: 'provider_auth' }],
    [error(403, 50013), { kind: 'retry', code: 'provider_auth' }],
    [error(401, 0), { kind: 'retry', code: 'provider_auth' }],
    [error(400, 50035), { kind: 'failed', code: 'http_400' }],
    [
      { status: 502, body: 'x' },
      { kind: 'retry', code: 'http_502' },
    ],
  ],
})

test('a bot writes to a channel, mentions nobody, and says which message it is', async () => {
  const { request } = await send(accepted)

  assert.deepEqual(
    [request.method, request.path],
    ['POST', '/channels/155101607195836416/messages'],
  )
  assert.equal(request.headers['authorization'], `Bot ${token}`)
  assert.deepEqual(JSON.parse(request.body), {
    content: content.body,
    allowed_mentions: { parse: [] },
    nonce: message.deliveryId.slice(-25),
    enforce_nonce: true,
  })
})

test('a webhook of the settings, or of the person, takes it without a bot', async () => {
  const context = exampleContext()
  const signal = new AbortController().signal
  const ours = discord.create({ url: `${stand.url}/webhooks/1/secretsecret` }, context)
  const theirs = discord.create({}, context)
  const address = `${stand.url}/webhooks/2/theirs`

  stand.reply = () => accepted
  assert.equal((await ours.send(message, signal)).kind, 'sent')
  assert.equal(stand.messages.at(-1)?.path, '/webhooks/1/secretsecret?wait=true')
  assert.equal((await theirs.send({ ...message, address }, signal)).kind, 'sent')
  assert.equal(stand.messages.at(-1)?.path, '/webhooks/2/theirs?wait=true')
  stand.reply = () => error(404, 10015)
  assert.equal((await ours.send(message, signal)).code, 'provider_auth')
  assert.equal((await theirs.send({ ...message, address }, signal)).kind, 'gone')
  await context.outgoing.close()
})

test('a check asks who the bot is', async () => {
  stand.reply = () => error(401, 0)
  const outcome = await provider.verify?.(new AbortController().signal)
  assert.equal(outcome?.code, 'provider_auth')
  assert.equal(stand.requests.at(-1)?.path, '/users/@me')
})

test('settings name a bot or a webhook, not both', () => {
  const url = 'https://discord.com/api/webhooks/1/x'
  const problems = discord.problems?.({ token, url }, readAllowedAddresses([])) ?? []
  assert.deepEqual(
    problems.map(({ pointer }) => pointer),
    ['/url'],
  )
})
