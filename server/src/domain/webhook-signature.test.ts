// Signatures of inbound webhooks, against the vendors' own examples, and every way not to be genuine.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import type { HmacAuth } from './source.ts'
import {
  verifyBasic,
  verifyHmac,
  verifyStandardWebhook,
  type Verdict,
} from './webhook-signature.ts'

const now = new Date('2026-11-21T12:00:00Z')
const nowSeconds = now.getTime() / 1_000

const hmac = (auth: Partial<HmacAuth> = {}): HmacAuth => ({
  kind: 'hmac',
  header: 'X-Signature',
  algorithm: 'sha256',
  encoding: 'hex',
  prefix: '',
  signed: '{body}',
  timestamp: null,
  ...auth,
})

const slackBody =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V' +
  '&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=' +
  '&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554' +
  '%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'

// The examples in the documentation of the senders.
const vendors: [string, HmacAuth, string, Record<string, string>, string, Date][] = [
  [
    'GitHub',
    hmac({ header: 'X-Hub-Signature-256', prefix: 'sha256=' }),
    "It's a Secret to Everybody",
    {
      'x-hub-signature-256':
        'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    'Hello, World!',
    now,
  ],
  [
    'Slack',
    hmac({
      header: 'X-Slack-Signature',
      prefix: 'v0=',
      signed: 'v0:{timestamp}:{body}',
      timestamp: { header: 'X-Slack-Request-Timestamp', prefix: '' },
    }),
    '8f742231b10e8888abcd99yyyzzz85a5',
    {
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      'x-slack-request-timestamp': '1531420618',
    },
    slackBody,
    new Date(1531420618_000),
  ],
]
for (const [name, auth, secret, headers, body, at] of vendors)
  test(`what ${name} signs is genuine`, () => {
    const verdict = verifyHmac(auth, { secret }, { headers, body: Buffer.from(body), now: at })

    assert.equal(verdict.isGenuine, true)
  })

const secret = 'a secret of the sender'
const body = Buffer.from('{"a": 1}')
const sign = (algorithm: string, encoding: 'hex' | 'base64', text: string | Buffer = body) =>
  createHmac(algorithm, secret).update(text).digest(encoding)
const right = sign('sha256', 'hex')

// what is configured, the header, whether it is genuine
const headers: [string, Partial<HmacAuth>, string | undefined, boolean][] = [
  ['hexadecimal', {}, right, true],
  ['capital letters', {}, right.toUpperCase(), true],
  ['base64, as Shopify does', { encoding: 'base64' }, sign('sha256', 'base64'), true],
  ['SHA-1', { algorithm: 'sha1' }, sign('sha1', 'hex'), true],
  ['SHA-512', { algorithm: 'sha512' }, sign('sha512', 'hex'), true],
  ['a prefix', { prefix: 'sha256=' }, `sha256=${right}`, true],
  ['one of several', {}, `${'0'.repeat(64)}, ${right}`, true],
  ['the tenth of several', {}, [...Array(9).fill('0'.repeat(64)), right].join(), true],
  ['the eleventh of several', {}, [...Array(10).fill('0'.repeat(64)), right].join(), false],
  ['no header', {}, undefined, false],
  ['nothing in it', {}, '', false],
  ['a prefix and nothing else', { prefix: 'sha256=' }, 'sha256=', false],
  ['no prefix where one is', { prefix: 'sha256=' }, right, false],
  ['another prefix', { prefix: 'sha256=' }, `sha1=${sign('sha1', 'hex')}`, false],
  ['another algorithm', {}, sign('sha512', 'hex'), false],
  ['one byte', {}, 'ab', false],
  ['no hexadecimal', {}, 'zz'.repeat(32), false],
  ['half a signature', {}, right.slice(0, 32), false],
  ['a signature and more', {}, `${right}00`, false],
  ['a signature and half a byte', {}, `${right}0`, false],
  ['a signature and no hexadecimal', {}, `${right}zz`, false],
  ['base64 and more', { encoding: 'base64' }, `${sign('sha256', 'base64')} !`, false],
  ['of another body', {}, sign('sha256', 'hex', '{"a":1}'), false],
  ['10,000 of them', {}, Array(10_000).fill('0'.repeat(64)).join(), false],
]
for (const [what, auth, header, isGenuine] of headers)
  test(`a signature: ${what} is ${isGenuine ? '' : 'not '}genuine`, () => {
    const given: Record<string, string> = header === undefined ? {} : { 'x-signature': header }

    const verdict = verifyHmac(hmac(auth), { secret }, { headers: given, body, now })

    assert.equal(verdict.isGenuine, isGenuine)
  })

test('while a sender changes its secret both are good, and no third', () => {
  const given = { headers: { 'x-signature': right }, body, now }

  const previous = { secret: 'the new one', previous_secret: secret }
  assert.equal(verifyHmac(hmac(), previous, given).isGenuine, true)
  assert.equal(verifyHmac(hmac(), { secret: 'the new one' }, given).isGenuine, false)
  assert.equal(verifyHmac(hmac(), {}, given).isGenuine, false)
})

const stripe = hmac({
  header: 'Stripe-Signature',
  prefix: 'v1=',
  signed: '{timestamp}.{body}',
  timestamp: { header: 'Stripe-Signature', prefix: 't=' },
})

function stripeAt(timestamp: number | string): Verdict {
  const signature = sign('sha256', 'hex', `${timestamp}.${String(body)}`)
  const header = `t=${timestamp},v1=${signature},v0=${'0'.repeat(64)}`
  return verifyHmac(stripe, { secret }, { headers: { 'stripe-signature': header }, body, now })
}

// when it was signed, whether it is taken
const times: [string, number | string, boolean][] = [
  ['now', nowSeconds, true],
  ['5 minutes ago', nowSeconds - 300, true],
  ['a second more than 5 minutes ago', nowSeconds - 301, false],
  ['a minute ahead', nowSeconds + 60, true],
  ['a second more than a minute ahead', nowSeconds + 61, false],
  ['in milliseconds', nowSeconds * 1_000, false],
  ['NaN', 'NaN', false],
  ['a negative time', `-${nowSeconds}`, false],
  ['a fraction', `${nowSeconds}.5`, false],
  ['an exponent', '1e9', false],
  ['nothing', '', false],
]
for (const [when, timestamp, isGenuine] of times)
  test(`what was signed at ${when} is ${isGenuine ? '' : 'not '}taken`, () => {
    assert.equal(stripeAt(timestamp).isGenuine, isGenuine)
  })

test('a time that is not the one signed is not taken', () => {
  const header = `t=${nowSeconds},v1=${sign('sha256', 'hex', `${nowSeconds - 900}.${String(body)}`)}`

  const given = { headers: { 'stripe-signature': header }, body, now }

  assert.equal(verifyHmac(stripe, { secret }, given).isGenuine, false)
})

test('a signed time tells a repeated request from another one', () => {
  const ids = [stripeAt(nowSeconds), stripeAt(nowSeconds), stripeAt(nowSeconds - 1)].map(
    (verdict) => verdict.isGenuine && verdict.replayId,
  )

  assert.ok(ids[0])
  assert.equal(ids[0], ids[1])
  assert.notEqual(ids[0], ids[2])
})

const standardSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

function standard(changes: Record<string, string | undefined>, text = String(body)): Verdict {
  const signature = new Webhook(standardSecret).sign('msg_1', now, text)
  const all = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(nowSeconds),
    'webhook-signature': signature,
    ...changes,
  }
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return verifyStandardWebhook({ secret: standardSecret }, { headers: given, body, now })
}

test('what the library of Standard Webhooks signs is genuine, and known by its id', () => {
  assert.deepEqual(standard({}), { isGenuine: true, replayId: 'msg_1' })
})

const own = new Webhook(standardSecret).sign('msg_1', now, String(body))
// what is different, the headers
const notStandard: [string, Record<string, string | undefined>][] = [
  ['another id', { 'webhook-id': 'msg_2' }],
  ['no id', { 'webhook-id': undefined }],
  ['an id that is too long', { 'webhook-id': 'x'.repeat(256) }],
  ['another time', { 'webhook-timestamp': String(nowSeconds - 1) }],
  ['no time', { 'webhook-timestamp': undefined }],
  ['no signature', { 'webhook-signature': undefined }],
  ['an empty v1', { 'webhook-signature': 'v1,' }],
  ['an asymmetric one', { 'webhook-signature': own.replace('v1,', 'v1a,') }],
  ['without the version', { 'webhook-signature': own.replace('v1,', '') }],
]
for (const [what, changes] of notStandard)
  test(`Standard Webhooks: ${what} is not genuine`, () => {
    assert.equal(standard(changes).isGenuine, false)
  })

test('Standard Webhooks: another body is not genuine, and one of several signatures is', () => {
  assert.equal(standard({}, '{"a":1}').isGenuine, false)
  assert.equal(standard({ 'webhook-signature': `v1a,AAAA v1,AAAA ${own}` }).isGenuine, true)
})

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
// Authorization, whether it is right
const passwords: [Record<string, string>, boolean][] = [
  [basic('shop:a password: of theirs'), true],
  [
    { authorization: basic('shop:a password: of theirs').authorization.replace('Basic', 'BASIC') },
    true,
  ],
  [basic('shop:another'), false],
  [basic('shop:a password: of theirs '), false],
  [basic('other:a password: of theirs'), false],
  [basic('shop'), false],
  [basic(''), false],
  [{ authorization: 'Basic' }, false],
  [{ authorization: 'Bearer x' }, false],
  [{}, false],
]
for (const [given, isGenuine] of passwords)
  test(`${given.authorization ?? 'nothing'} is ${isGenuine ? '' : 'not '}the password`, () => {
    const verdict = verifyBasic('shop', { password: 'a password: of theirs' }, given)

    assert.equal(verdict.isGenuine, isGenuine)
  })
