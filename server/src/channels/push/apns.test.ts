// @see https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { decodeProtectedHeader, importSPKI, jwtVerify } from 'jose'
import { httpVendorSuite, jsonReply } from '../../../test/http-vendor.ts'
import { createHttpSink, type HttpReply } from '../../../test/sinks.ts'
import { exampleContext, exampleMessage } from '../conformance.ts'
import { readAllowedAddresses } from '../public-address.ts'
import { apns } from './apns.ts'

const keys = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const content = { title: 'Order 42', body: 'is on its way, Zoë', url: 'https://acme.example/42' }
const address = '00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0'
const message = exampleMessage({ channel: 'push', address, content })
const error = (status: number, reason: string): HttpReply => jsonReply(status, { reason })
const accepted: HttpReply = { status: 200, headers: { 'apns-id': 'EC1BF194-B3B2-424A' } }
const settings = (url: string) => ({
  team_id: 'DEF123GHIJ',
  key_id: 'ABC123DEFG',
  private_key: keys.privateKey,
  topic: 'com.acme.shop',
  api_base: url,
})
const signal = () => new AbortController().signal

const clock = { now: new Date('2026-06-01T12:00:00Z') }
const { send, provider, stand } = await httpVendorSuite({
  kind: apns,
  message,
  isHttp2: true,
  settings,
  context: { now: () => clock.now },
  secrets: [keys.privateKey],
  replies: {
    accept: () => accepted,
    busy: () => error(429, 'TooManyRequests'),
    refuse: () => error(400, 'PayloadEmpty'),
    unknown_address: () => error(410, 'Unregistered'),
  },
  answers: [
    [accepted, { kind: 'sent', reference: 'EC1BF194-B3B2-424A' }],
    [error(400, 'BadDeviceToken'), { kind: 'gone', code: 'BadDeviceToken' }],
    [error(400, 'DeviceTokenNotForTopic'), { kind: 'gone', code: 'DeviceTokenNotForTopic' }],
    [error(410, 'Unregistered'), { kind: 'gone', code: 'Unregistered' }],
    [error(410, 'ExpiredToken'), { kind: 'gone', code: 'ExpiredToken' }],
    [error(400, 'BadTopic'), { kind: 'retry', code: 'provider_auth' }],
    [error(403, 'ExpiredProviderToken'), { kind: 'retry', code: 'provider_auth' }],
    [error(403, 'InvalidProviderToken'), { kind: 'retry', code: 'provider_auth' }],
    [error(429, 'TooManyProviderTokenUpdates'), { kind: 'retry', code: 'provider_auth' }],
    [error(400, 'BadPriority'), { kind: 'failed', code: 'BadPriority' }],
    [error(405, 'MethodNotAllowed'), { kind: 'failed', code: 'MethodNotAllowed' }],
    [error(413, 'PayloadTooLarge'), { kind: 'failed', code: 'message_too_large' }],
    [error(429, 'TooManyRequests'), { kind: 'retry', code: 'http_429' }],
    [error(500, 'InternalServerError'), { kind: 'retry', code: 'http_500' }],
    [error(503, 'Shutdown'), { kind: 'retry', code: 'http_503' }],
  ],
})

test('a push goes to its device with a token that the key has signed', async () => {
  const { request } = await send(accepted)

  assert.deepEqual([request.method, request.path], ['POST', `/3/device/${address}`])
  assert.equal(request.headers['apns-topic'], 'com.acme.shop')
  assert.equal(request.headers['apns-push-type'], 'alert')
  assert.equal(request.headers['apns-id'], message.deliveryId)
  const token = String(request.headers['authorization']).replace('bearer ', '')
  const { payload } = await jwtVerify(token, await importSPKI(keys.publicKey, 'ES256'), {
    currentDate: clock.now,
  })
  assert.equal(payload.iss, 'DEF123GHIJ')
  assert.equal(decodeProtectedHeader(token).kid, 'ABC123DEFG')
  assert.deepEqual(JSON.parse(request.body), {
    aps: { alert: { title: content.title, body: content.body } },
    url: content.url,
  })
})

test('a token is used for forty minutes, and another made at once when Apple finds it too old', async () => {
  const tokenOf = async (reply: HttpReply = accepted) =>
    (await send(reply)).request.headers['authorization']
  const first = await tokenOf()
  clock.now = new Date(clock.now.getTime() + 39 * 60_000)
  assert.equal(await tokenOf(), first)
  clock.now = new Date(clock.now.getTime() + 2 * 60_000)
  const second = await tokenOf()
  assert.notEqual(second, first)
  clock.now = new Date(clock.now.getTime() + 60_000)
  await tokenOf(error(403, 'ExpiredProviderToken'))
  assert.notEqual(await tokenOf(), second)
})

test('all messages share one connection, and a new one is opened when it has ended', async () => {
  const sink = await createHttpSink({ isHttp2: true })
  const context = exampleContext()
  const other = apns.create(settings(sink.url), context)
  await Promise.all(Array.from({ length: 20 }, () => other.send(message, signal())))
  assert.equal(sink.sockets.size, 1)
  for (const socket of sink.sockets) socket.destroy()
  await sink.allClosed()

  const outcomes = [await other.send(message, signal()), await other.send(message, signal())]
  assert.equal(outcomes.at(-1)?.kind, 'sent')
  await other.close()
  await context.outgoing.close()
  await sink.close()
})

test('a connection that is lost before an answer leaves it open whether Apple took it', async () => {
  const sink = await createHttpSink({ isHttp2: true, answer: () => null })
  const context = exampleContext()
  const other = apns.create(settings(sink.url), context)
  const sending = other.send(message, signal())
  await sink.waitFor(1)
  for (const socket of sink.sockets) socket.destroy()

  const outcome = await sending
  assert.deepEqual([outcome.kind, outcome.code], ['ambiguous', 'connection_lost'])
  await other.close()
  await context.outgoing.close()
  await sink.close()
})

test('a key that is none is told as the account’s fault', async () => {
  const context = exampleContext()
  const other = apns.create({ ...settings(stand.url), private_key: 'x'.repeat(100) }, context)
  assert.equal((await other.send(message, signal())).code, 'provider_auth')
  await other.close()
  await context.outgoing.close()
})

test('what is too large is not asked for', async () => {
  const { outcome } = await send(accepted, { content: { title: 'x', body: 'é'.repeat(2_048) } })
  assert.equal(outcome.code, 'message_too_large')
  assert.equal(provider.verify, undefined, 'there is nothing to ask without a device')
})

test('only public addresses are connected to', () => {
  const given = settings('http://10.0.0.1')
  const problems = apns.problems?.(given, readAllowedAddresses([])) ?? []
  assert.deepEqual(
    problems.map(({ pointer }) => pointer),
    ['/api_base'],
  )
})
