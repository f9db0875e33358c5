// Each device of a person is reached through the service of its maker, and through no other.
import assert from 'node:assert/strict'
import { createECDH, generateKeyPairSync, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { jsonReply } from './http-vendor.ts'
import { createLook, given, until, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let google: HttpSink
let apple: HttpSink
let browsers: HttpSink

const apnsToken = '00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0'
const fcmToken = 'bk3RNwTe3H0:CI2k_HHwg'
const pem = { privateKeyEncoding: { type: 'pkcs8', format: 'pem' } } as const
const publicPem = { publicKeyEncoding: { type: 'spki', format: 'pem' } } as const
const base64url = (bytes: Buffer) => bytes.toString('base64url')

function browserKeys() {
  const keys = createECDH('prime256v1')
  const publicKey = base64url(keys.generateKeys())
  return { public_key: publicKey, private_key: base64url(keys.getPrivateKey()) }
}

async function provider(kind: string, settings: Record<string, unknown>): Promise<void> {
  const body = { channel: 'push', kind, name: kind, settings }
  const answer = await belfry.ask('POST', '/providers', body)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
}

const google200 = jsonReply(200, { name: 'projects/acme-shop/messages/1' })
const token200 = jsonReply(200, { access_token: 'ya29.t', expires_in: 3599, token_type: 'Bearer' })

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  google = await createHttpSink({
    answer: ({ path }) => (path === '/token' ? token200 : google200),
  })
  apple = await createHttpSink({ isHttp2: true })
  browsers = await createHttpSink({ answer: () => ({ status: 201 }) })
  await given.eventType(belfry, 'told', { channels: ['push'] })
  belfry.work({ pollMs: 10 })
})

after(async () => {
  for (const sink of [google, apple, browsers]) await sink.close()
  await look.close()
  await belfry.close()
})

const webToken = () => ({
  endpoint: `${browsers.url}/ana`,
  keys: { p256dh: browserKeys().public_key, auth: base64url(randomBytes(16)) },
})

/** By device: how it ended, and through what. */
async function endsOf(to: unknown[]) {
  const event = await given.event(belfry, 'told', { to })
  await until('all have ended', async () => {
    const { body } = await belfry.ask('GET', `/events/${event}`)
    return body.status === 'processed' && (await openCount(event)) === 0
  })
  return look.rows(
    `select d.device, d.status, d.reason,
       array(select provider from belfry.attempts a where a.delivery_id = d.id) as providers
     from belfry.deliveries d where d.event_id = $1 order by d.slot`,
    [event],
  )
}

const openCount = (event: string) =>
  look.number(
    'select count(*) from belfry.queue q join belfry.deliveries d on d.id = q.delivery_id where d.event_id = $1',
    [event],
  )

test('a device without a provider for it fails, visibly, and nobody else is asked', async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048, ...pem, ...publicPem })
  await provider('fcm', {
    project_id: 'acme-shop',
    client_email: 'belfry@acme-shop.iam.gserviceaccount.com',
    private_key: rsa.privateKey,
    api_base: google.url,
    token_url: `${google.url}/token`,
  })
  const push = [
    { kind: 'apns', token: apnsToken },
    { kind: 'fcm', token: fcmToken },
  ]
  await given.subscriber(belfry, 'ben', { addresses: { push } })

  const ends = await endsOf(['ben'])

  assert.deepEqual(ends, [
    { device: 'apns', status: 'failed', reason: 'no_provider_for_device', providers: [] },
    { device: 'fcm', status: 'sent', reason: null, providers: ['fcm'] },
  ])
  const [{ id }] = await look.rows('select id from belfry.notifications where recipient = $1', [
    'ben',
  ])
  const { body: one } = await belfry.ask('GET', `/notifications/${id}`)
  assert.match(JSON.stringify(one.trace), /no provider of the channel carries this kind of device/)
})

test('three devices of a person are reached through three providers, at once and from the queue', async () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256', ...pem, ...publicPem })
  const apns = { team_id: 'DEF123GHIJ', key_id: 'ABC123DEFG', topic: 'com.acme.shop' }
  await provider('apns', { ...apns, private_key: ec.privateKey, api_base: apple.url })
  await provider('web_push', { ...browserKeys(), subject: 'mailto:ops@acme.example' })
  const push = [
    { kind: 'web', token: webToken() },
    { kind: 'apns', token: apnsToken },
    { kind: 'fcm', token: fcmToken },
  ]
  await given.subscriber(belfry, 'ana', { addresses: { push } })
  const plan = [{ wait: { for: '1s' } }, { send: ['push'] }] // what a plan sends later waits in the queue
  await given.eventType(belfry, 'later', { channels: ['push'], plan })
  const already = google.requests.length

  const atOnce = await endsOf(['ana'])
  const later = await given.event(belfry, 'later', { to: ['ana'] })
  await until(
    'it waits',
    async () => (await look.number('select count(*) from belfry.plan_runs')) > 0,
  )
  belfry.clock.advance({ seconds: 2 })
  const rows = () =>
    look.rows(
      `select d.device, a.provider, a.outcome from belfry.deliveries d
       join belfry.attempts a on a.delivery_id = d.id where d.event_id = $1 order by d.slot`,
      [later],
    )
  await until('all three were made', async () => (await rows()).length === 3)

  const through = { web: 'web_push', apns: 'apns', fcm: 'fcm' }
  assert.deepEqual(
    atOnce,
    Object.entries(through).map(([device, name]) => {
      return { device, status: 'sent', reason: null, providers: [name] }
    }),
  )
  assert.deepEqual(
    await rows(),
    Object.entries(through).map(([device, name]) => ({ device, provider: name, outcome: 'sent' })),
  )
  assert.equal(google.requests.slice(already).filter(({ path }) => path !== '/token').length, 2)
  assert.deepEqual(
    apple.requests.map(({ path }) => path),
    Array.from({ length: 2 }, () => `/3/device/${apnsToken}`),
  )
  assert.equal(browsers.requests.length, 2)
})
