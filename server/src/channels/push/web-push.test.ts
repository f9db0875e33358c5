// @see RFC 8030, sections 5 and 7, for the answers
import assert from 'node:assert/strict'
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { importJWK, jwtVerify } from 'jose'
import { httpVendorSuite } from '../../../test/http-vendor.ts'
import { exampleMessage } from '../conformance.ts'
import { readAllowedAddresses } from '../public-address.ts'
import { webPush } from './web-push.ts'

const privateKey = 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'
const publicKey =
  'BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8'
const settings = { public_key: publicKey, private_key: privateKey, subject: 'mailto:a@b.example' }
const content = { title: 'Order 42', body: 'is on its way, Zoë', url: 'https://acme.example/42' }
const message = exampleMessage({ channel: 'push', address: '', content })

const browser = createECDH('prime256v1')
const p256dh = browser.generateKeys().toString('base64url')
const auth = randomBytes(16)
const subscription = (url: string, keys = { p256dh, auth: auth.toString('base64url') }) =>
  JSON.stringify({ endpoint: `${url}/push/1`, expirationTime: null, keys })

const said = (status: number) => ({ status, body: `status ${status}` })
const created = { status: 201, headers: { location: 'https://push.example/m/1' } }

const { send, stand } = await httpVendorSuite({
  kind: webPush,
  message,
  settings: () => settings,
  address: (url) => subscription(url),
  secrets: [privateKey],
  replies: {
    accept: () => created,
    busy: () => said(429),
    refuse: () => said(400),
    unknown_address: () => said(410),
  },
  answers: [
    [created, { kind: 'sent', reference: 'https://push.example/m/1' }],
    [said(404), { kind: 'gone', code: 'http_404' }],
    [said(410), { kind: 'gone', code: 'http_410' }],
    [said(400), { kind: 'failed', code: 'http_400' }],
    [said(401), { kind: 'retry', code: 'provider_auth' }],
    [said(403), { kind: 'retry', code: 'provider_auth' }],
    [said(413), { kind: 'failed', code: 'message_too_large' }],
    [said(429), { kind: 'retry', code: 'http_429' }],
    [said(500), { kind: 'retry', code: 'http_500' }],
  ],
})

test('only the browser reads it, and its service knows who asks', async () => {
  const { request } = await send(created)

  assert.deepEqual([request.method, request.path], ['POST', '/push/1'])
  assert.equal(request.headers['content-encoding'], 'aes128gcm')
  assert.equal(request.headers['ttl'], '604800')
  const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(request.headers['authorization'] ?? '')!
  assert.equal(key, publicKey)
  const bytes = Buffer.from(publicKey, 'base64url')
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: bytes.subarray(1, 33).toString('base64url'),
    y: bytes.subarray(33).toString('base64url'),
  }
  const { payload } = await jwtVerify(token!, await importJWK(jwk, 'ES256'), {
    audience: stand.url,
  })
  assert.equal(payload.sub, settings.subject)
})

test('what arrives is what was sent', async () => {
  const { request } = await send(created)
  assert.deepEqual(JSON.parse(decrypt(request.bytes)), {
    ...content,
    notification_id: message.notificationId,
  })
})

// what the address is
const addresses: [string, string][] = [
  ['no JSON', 'abc'],
  ['no subscription', '{}'],
  ['a subscription with half a key', subscription('http://127.0.0.1', { p256dh, auth: 'AA' })],
  [
    'a subscription whose key is no point of the curve',
    subscription('http://127.0.0.1', {
      p256dh: Buffer.from([4, ...Buffer.alloc(64, 7)]).toString('base64url'),
      auth: auth.toString('base64url'),
    }),
  ],
]
for (const [what, address] of addresses)
  test(`an address that is ${what} is a dead one`, async () => {
    const before = stand.messages.length
    const { outcome } = await send(created, { address })
    assert.deepEqual([outcome.kind, outcome.code], ['gone', 'invalid_subscription'])
    assert.equal(stand.messages.length, before)
  })

test('what is too large is not asked for', async () => {
  const { outcome } = await send(created, { content: { title: 'x', body: 'é'.repeat(2_000) } })
  assert.equal(outcome.code, 'message_too_large')
})

test('keys that do not belong together are refused when saved', () => {
  const other = createECDH('prime256v1')
  const given = { ...settings, public_key: other.generateKeys().toString('base64url') }
  const problems = (values: object) =>
    webPush.problems?.({ ...values }, readAllowedAddresses([])).map(({ pointer }) => pointer)
  assert.deepEqual(problems(settings), [])
  assert.deepEqual(problems(given), ['/private_key'])
})

/** As the browser does: RFC 8188 and 8291. */
function decrypt(body: Buffer): string {
  const salt = body.subarray(0, 16)
  const theirs = body.subarray(21, 86)
  const derive = (secret: Buffer, salted: Buffer, info: Buffer, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, salted, info, length))
  const info = Buffer.concat([
    Buffer.from('WebPush: info\0'),
    Buffer.from(p256dh, 'base64url'),
    theirs,
  ])
  const material = derive(browser.computeSecret(theirs), auth, info, 32)
  const key = derive(material, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
  const nonce = derive(material, salt, Buffer.from('Content-Encoding: nonce\0'), 12)
  const decipher = createDecipheriv('aes-128-gcm', key, nonce)
  decipher.setAuthTag(body.subarray(-16))
  const record = Buffer.concat([decipher.update(body.subarray(86, -16)), decipher.final()])
  return record.subarray(0, record.lastIndexOf(2)).toString()
}
