// A person tells which chat is theirs: a link that was given to them alone, a press of Start, and messages go there.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, untilQuiet } from './given.ts'
import { createHttpSink } from './sinks.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
const vendor = await createHttpSink()
vendor.answer = () => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ ok: true, result: { message_id: 1 } }),
})
t.work()
after(async () => {
  await t.close()
  await look.close()
  await vendor.close()
})

const webhook_secret = 'a-secret-of-the-webhook'
let bot = ''
let people = 0
let updates = 0

before(async () => {
  const { status, body } = await t.ask('POST', '/providers', {
    channel: 'telegram',
    kind: 'telegram',
    name: 'bot',
    settings: {
      token: '123456789:AAF9fXc2mQ7-secret_secret_secret',
      username: 'acme_bot',
      webhook_secret,
      api_base: vendor.url,
    },
  })
  assert.equal(status, 201, JSON.stringify(body))
  bot = body.id
})

async function person(): Promise<string> {
  const id = `person-${++people}`
  await given.subscriber(t, id)
  return id
}

async function linkFor(id: string, body: object = {}): Promise<string> {
  const answer = await t.ask('POST', `/subscribers/${id}/telegram-link`, body)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  const url = new URL(answer.body.url)
  assert.equal(url.origin + url.pathname, 'https://t.me/acme_bot')
  assert.match(url.searchParams.get('start') ?? '', /^[\w-]{20,64}$/)
  return url.searchParams.get('start')!
}

/** Telegram tells that somebody wrote. */
function writes(chat: number, text: string, update_id = ++updates) {
  const message = { message_id: 1, chat: { id: chat, type: 'private' }, text }
  return t.app.inject({
    method: 'POST',
    url: `/receipts/${bot}`,
    payload: { update_id, message },
    headers: { 'x-telegram-bot-api-secret-token': webhook_secret },
  })
}

const addressOf = async (id: string) =>
  (await t.ask('GET', `/subscribers/${id}`)).body.addresses.telegram

test('whoever presses Start gets their messages there, until /stop', async () => {
  const id = await person()
  const pressed = await writes(4242, `/start ${await linkFor(id)}`)
  const message = { to: [id], channels: ['telegram'], message: 'Hello' }
  const first = await t.ask('POST', '/notifications', message)
  await untilQuiet(look)
  await writes(4242, '/stop')
  const second = await t.ask('POST', '/notifications', message)
  await untilQuiet(look)

  assert.equal(pressed.statusCode, 200)
  assert.deepEqual(
    [pressed.json().method, pressed.json().chat_id, await addressOf(id)],
    ['sendMessage', '4242', '4242'],
  )
  const status = async ({ body }: typeof first) =>
    (await t.ask('GET', `/notifications/${body.notification_ids[0]}`)).body.deliveries[0].status
  assert.deepEqual([await status(first), await status(second)], ['sent', 'skipped'])
})

test('a link holds once, and for one person', async () => {
  const [ana, ben] = [await person(), await person()]
  const code = await linkFor(ana)
  await writes(1, `/start ${code}`)

  const again = await writes(2, `/start ${code}`)

  assert.match(again.json().text, /over/)
  assert.deepEqual([await addressOf(ana), await addressOf(ben)], ['1', undefined])
})

test('the same update twice is one', async () => {
  const id = await person()
  const code = await linkFor(id)
  await writes(5, `/start ${code}`, 9_000)

  const again = await writes(5, `/start ${code}`, 9_000)

  assert.deepEqual([again.statusCode, again.body, await addressOf(id)], [200, '', '5'])
})

test('a link that is over links nobody', async () => {
  const id = await person()
  const code = await linkFor(id, { expires_in: '5m' })
  t.clock.advance({ minutes: 6 })

  await writes(3, `/start ${code}`)

  assert.equal(await addressOf(id), undefined)
})

test('of many links the newest five hold', async () => {
  const id = await person()
  const codes: string[] = []
  for (let i = 0; i < 7; i++) {
    t.clock.advance({ seconds: 1 })
    codes.push(await linkFor(id))
  }

  await writes(21, `/start ${codes[1]}`)
  const before = await addressOf(id)
  await writes(22, `/start ${codes[2]}`)

  assert.deepEqual([before, await addressOf(id)], [undefined, '22'])
})

test('who does not know the secret links nobody', async () => {
  const id = await person()
  const message = { chat: { id: 6, type: 'private' }, text: `/start ${await linkFor(id)}` }
  const { statusCode } = await t.app.inject({
    method: 'POST',
    url: `/receipts/${bot}`,
    payload: { update_id: ++updates, message },
    headers: { 'x-telegram-bot-api-secret-token': 'another-secret-of-a-webhook' },
  })

  assert.deepEqual([statusCode, await addressOf(id)], [401, undefined])
})

test('a person asks for their own link by their token', async () => {
  const id = await person()
  const { body } = await t.ask('POST', `/subscribers/${id}/token`, {})
  const authorization = `Bearer ${body.token}`
  const mine = await t.ask('POST', '/me/telegram-link', {}, { authorization })

  await writes(8, `/start ${new URL(mine.body.url).searchParams.get('start')}`)

  assert.equal(await addressOf(id), '8')
})

test('there is no link of nobody, for too long, or without a bot', async () => {
  const id = await person()
  const nobody = await t.ask('POST', '/subscribers/nobody/telegram-link', {})
  const long = await t.ask('POST', `/subscribers/${id}/telegram-link`, { expires_in: '25h' })
  await t.ask('PATCH', `/providers/${bot}`, { enabled: false })
  const without = await t.ask('POST', `/subscribers/${id}/telegram-link`, {})

  assert.equal(nobody.status, 404)
  assert.deepEqual([long.status, long.body.errors[0].pointer], [422, '/expires_in'])
  assert.equal(without.status, 422)
  assert.match(without.body.detail, /"username" and "webhook_secret"/)
})
