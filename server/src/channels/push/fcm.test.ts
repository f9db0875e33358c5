// @see https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode for the answers
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { decodeJwt, importSPKI, jwtVerify } from 'jose'
import { httpVendorSuite, jsonReply } from '../../../test/http-vendor.ts'
import type { HttpReply, SunkRequest } from '../../../test/sinks.ts'
import { exampleContext, exampleMessage } from '../conformance.ts'
import { fcm } from './fcm.ts'

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const clientEmail = 'belfry@acme-shop.iam.gserviceaccount.com'
const content = { title: 'Order 42', body: 'is on its way, Zoë', url: 'https://acme.example/42' }
const message = exampleMessage({ channel: 'push', address: 'bk3RNwTe3H0:CI2k_HHwg', content })
const accepted = jsonReply(200, { name: 'projects/acme-shop/messages/0:1500415314455276' })
const error = (code: number, status: string, errorCode?: string, words = 'x'): HttpReply =>
  jsonReply(code, {
    error: {
      code,
      message: words,
      status,
      details: [
        errorCode
          ? { '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }
          : { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [] },
      ],
    },
  })
const token: { reply: HttpReply } = {
  reply: jsonReply(200, { access_token: 'ya29.token', expires_in: 3599, token_type: 'Bearer' }),
}
const settings = (url: string) => ({
  project_id: 'acme-shop',
  client_email: clientEmail,
  private_key: keys.privateKey,
  api_base: url,
  token_url: `${url}/token`,
})

const { send, provider, stand } = await httpVendorSuite({
  kind: fcm,
  message,
  settings,
  secrets: [keys.privateKey],
  beside: ({ path }) => (path === '/token' ? token.reply : null),
  replies: {
    accept: () => accepted,
    busy: (words) => error(503, 'UNAVAILABLE', 'UNAVAILABLE', words),
    refuse: (words) => error(400, 'INVALID_ARGUMENT', undefined, words),
    unknown_address: (words) => error(404, 'NOT_FOUND', 'UNREGISTERED', words),
  },
  answers: [
    [accepted, { kind: 'sent', reference: 'projects/acme-shop/messages/0:1500415314455276' }],
    [error(404, 'NOT_FOUND', 'UNREGISTERED'), { kind: 'gone', code: 'UNREGISTERED' }],
    [error(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'), { kind: 'gone' }],
    [error(400, 'INVALID_ARGUMENT'), { kind: 'failed', code: 'http_400' }],
    [error(403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH'), { kind: 'failed' }],
    [error(403, 'PERMISSION_DENIED'), { kind: 'retry', code: 'provider_auth' }],
    [error(401, 'UNAUTHENTICATED'), { kind: 'retry', code: 'provider_auth' }],
    [error(401, 'UNAUTHENTICATED', 'THIRD_PARTY_AUTH_ERROR'), { code: 'provider_auth' }],
    [error(429, 'RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED'), { kind: 'retry', code: 'http_429' }],
    [error(500, 'INTERNAL', 'INTERNAL'), { kind: 'retry', code: 'http_500' }],
  ],
})

const tokenRequests = (): SunkRequest[] => stand.requests.filter(({ path }) => path === '/token')

test('a push is asked for with a token of the service account, which is had once', async () => {
  const context = exampleContext()
  const fresh = fcm.create(settings(stand.url), context)
  stand.reply = () => accepted
  const before = tokenRequests().length
  const once = () => fresh.send(message, new AbortController().signal)
  await Promise.all([once(), once()])
  await once()
  await context.outgoing.close()

  const asked = tokenRequests().slice(before)
  assert.equal(asked.length, 1)
  const form = new URLSearchParams(asked[0]!.body)
  assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer')
  const claim = form.get('assertion')!
  await jwtVerify(claim, await importSPKI(keys.publicKey, 'RS256'), { issuer: clientEmail })
  assert.equal(decodeJwt(claim)['scope'], 'https://www.googleapis.com/auth/firebase.messaging')
  const { path, headers, body } = stand.messages.at(-1)!
  assert.equal(path, '/v1/projects/acme-shop/messages:send')
  assert.equal(headers['authorization'], 'Bearer ya29.token')
  assert.deepEqual(JSON.parse(body), {
    message: {
      token: message.address,
      notification: { title: content.title, body: content.body },
      data: { url: content.url },
    },
  })
})

test('a token that is refused is asked for anew', async () => {
  await send(error(401, 'UNAUTHENTICATED'))
  const before = tokenRequests().length
  await send(accepted)
  assert.equal(tokenRequests().length, before + 1)
})

test('an account that gets no token is told as one, and its message is tried again', async () => {
  const context = exampleContext()
  token.reply = jsonReply(400, { error: 'invalid_grant', error_description: 'Invalid JWT' })
  const fresh = fcm.create(settings(stand.url), context)
  const outcome = await fresh.send(message, new AbortController().signal)
  const broken = fcm.create({ ...settings(stand.url), private_key: 'x'.repeat(100) }, context)
  const other = await broken.send(message, new AbortController().signal)
  await context.outgoing.close()

  assert.deepEqual([outcome.kind, outcome.code], ['retry', 'provider_auth'])
  assert.match(outcome.detail ?? '', /invalid_grant/)
  assert.deepEqual([other.kind, other.code], ['retry', 'provider_auth'])
  token.reply = jsonReply(200, { access_token: 'ya29.token', expires_in: 3599 })
})

test('what is too large is not asked for', async () => {
  const { outcome } = await send(accepted, { content: { title: 'x', body: 'é'.repeat(2_048) } })
  assert.equal(outcome.code, 'message_too_large')
})

test('a check has a message for nobody looked at, and sends nothing', async () => {
  stand.reply = () => error(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT')
  const outcome = await provider.verify?.(new AbortController().signal)
  assert.deepEqual(outcome, { kind: 'sent', code: 'verified' })
  assert.equal(JSON.parse(stand.messages.at(-1)!.body).validate_only, true)
})
