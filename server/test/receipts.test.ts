// What vendors tell of messages they took, through the door they use: deliveries end as they did, in whatever order and
// however often it is told; who forges it changes nothing.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { twilioSignature } from '../src/channels/sms/twilio-receipts.ts'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { given, type Asking } from './given.ts'
import { createReceiptStory, hard } from './receipt-story.ts'
import { createKey } from './test-context.ts'

const story = await createReceiptStory()
after(() => story.close())
const { t, look, vendor, secret, provider, resend, post, tell, untilApplied, sent, seen, mailed } =
  story
const { lastReference, receiptCount, suppressedOf } = story

test('a message that was delivered says so, with the name the vendor has for it', async () => {
  const mail = await mailed()

  const answer = await tell('email.delivered', mail.deliveryId)

  const after = await seen(t, mail.id)
  assert.deepEqual([answer.statusCode, answer.body], [200, ''])
  assert.deepEqual(mail.status, ['sent', null, 'sent', null])
  assert.deepEqual(after.status, ['delivered', null, 'delivered', null])
  assert.equal(after.delivery.attempts[0].reference, lastReference())
  const told = after.trace.find(({ decision }: { decision: string }) =>
    decision.startsWith('receipt'),
  )
  assert.deepEqual([told.decision, told.because], ['receipt: delivered', 'mail has delivered it'])
  const { body } = await t.ask('GET', `/notifications?status=delivered&recipient_id=${mail.person}`)
  assert.equal(body.notifications.length, 1)
})

test('a message that came back has failed, and its address gets nothing more', async () => {
  const mail = await mailed()
  await tell('email.delivered', mail.deliveryId)

  await tell('email.bounced', mail.deliveryId, { data: hard })

  const after = await seen(t, mail.id)
  const again = await sent(t, mail.person)
  assert.deepEqual(after.status, ['failed', 'bounced', 'failed', 'bounced'])
  assert.match(JSON.stringify(after.trace), /mail had it come back \(Permanent General\)/)
  assert.equal((await suppressedOf(mail.person))[0].reason, 'bounced')
  assert.deepEqual(again.status, ['skipped', 'suppressed', 'skipped', 'suppressed'])
  assert.match(JSON.stringify(again.trace), /the address bounced on \d{4}-\d\d-\d\d/)
})

test('a message that came back for now has failed, and the next one is tried', async () => {
  const mail = await mailed()

  await tell('email.bounced', mail.deliveryId, { data: { bounce: { type: 'Transient' } } })

  assert.deepEqual((await seen(t, mail.id)).status, ['failed', 'bounced', 'failed', 'bounced'])
  assert.deepEqual((await sent(t, mail.person)).status[0], 'sent')
})

test('who complains has got it, and gets nothing more', async () => {
  const mail = await mailed()

  await tell('email.complained', mail.deliveryId)

  const { status } = await seen(t, mail.id)
  assert.deepEqual(status, ['delivered', null, 'delivered', 'complained'])
  assert.deepEqual((await sent(t, mail.person)).status[1], 'suppressed')
})

for (const kinds of [
  ['email.bounced', 'email.complained'],
  ['email.complained', 'email.bounced'],
] as const)
  test(`of ${kinds.join(', then ')} it is remembered that they complained`, async () => {
    const mail = await mailed()

    for (const kind of kinds) await tell(kind, mail.deliveryId, { data: hard })

    const { body } = await t.ask('GET', `/subscribers/${mail.person}`)
    assert.equal(body.suppressed[0].reason, 'complained', JSON.stringify(body))
  })

test('fifty times at once and in reverse order it comes to one end, told once', async () => {
  const mail = await mailed()
  const { deliveryId } = mail
  const types = ['email.complained', 'email.bounced', 'email.delivered', 'email.sent']

  const before = await receiptCount()
  const answers = await Promise.all(
    types.flatMap((type) =>
      Array.from({ length: 50 }, () => post(type, deliveryId, { data: hard })),
    ),
  )
  await untilApplied()

  assert.deepEqual(new Set(answers.map(({ statusCode }) => statusCode)), new Set([200]))
  const { status, trace } = await seen(t, mail.id)
  assert.deepEqual(status, ['delivered', null, 'delivered', 'complained'])
  assert.equal((await receiptCount()) - before, 4)
  const told = trace.filter(({ decision }: { decision: string }) => decision.startsWith('receipt'))
  assert.equal(told.length, 4)
  const [{ count }] = await look.rows(
    `select count(*) from belfry.notifications where id = $1 and pending = 0`,
    [mail.id],
  )
  assert.equal(Number(count), 1)
})

test('programs that follow results hear it, each step once', async () => {
  const mail = await mailed()
  await look.rows(
    `insert into belfry.followings (workspace_id, until) values (1, now() + interval '1 hour')
     on conflict do nothing`,
  )

  await tell('email.delivered', mail.deliveryId)
  await tell('email.bounced', mail.deliveryId, { data: hard })
  await tell('email.delivered', mail.deliveryId, { id: 'msg_late' })

  const results = await look.rows(
    'select type from belfry.results where notification_id = $1 order by id',
    [mail.id],
  )
  assert.equal(results.length, 4)
  assert.deepEqual(
    new Set(results.map(({ type }) => type)),
    new Set([
      'delivery.delivered',
      'delivery.failed',
      'notification.delivered',
      'notification.failed',
    ]),
  )
})

test('what is forged is refused, and changes nothing', async () => {
  const mail = await mailed()
  const before = await receiptCount()
  const key = `whsec_${Buffer.alloc(24, 6).toString('base64')}`

  const forged = await tell('email.bounced', mail.deliveryId, { key, data: hard })
  const unsigned = await t.ask('POST', `/receipts/${provider}`, { type: 'email.bounced' })
  const nobodys = await tell('email.bounced', mail.deliveryId, { provider: randomUUID() })

  assert.deepEqual([forged.statusCode, unsigned.status, nobodys.statusCode], [401, 401, 404])
  assert.equal(forged.json().code, 'not_authentic')
  assert.deepEqual((await seen(t, mail.id)).status, mail.status)
  assert.equal(await receiptCount(), before)
})

test('a provider that is not asked to hears nothing; one that is switched off still does', async () => {
  const settings = { api_key: 're_123', from: 'shop@example.com' }
  const spare = { channel: 'email', kind: 'resend', name: 'spare', priority: 2, enabled: false }
  const { body } = await t.ask('POST', '/providers', { ...spare, settings })
  const deaf = await tell('email.delivered', randomUUID(), { provider: body.id })
  await t.ask('PATCH', `/providers/${body.id}`, { settings: { receipts_secret: secret } })
  const mail = await mailed()

  const heard = await tell('email.delivered', mail.deliveryId, { provider: body.id })

  assert.deepEqual([deaf.statusCode, heard.statusCode], [404, 200])
  assert.equal((await seen(t, mail.id)).status[0], 'delivered')
})

test('a provider of one workspace can say nothing of the messages of another', async () => {
  const { id } = (await insertWorkspace(t.ctx.db, { key: 'other', name: 'other' }))!
  const key = await createKey(t.ctx, ['*'], id)
  const other: Asking = {
    ask: (method, url, body) => t.ask(method, url, body, { authorization: `Bearer ${key}` }),
  }
  const theirs = await resend(other)
  const [ours, own] = [await mailed(), await mailed(other)]

  await tell('email.bounced', ours.deliveryId, { provider: theirs, data: hard })
  // The vendor's ids are each provider's own.
  await tell('email.delivered', own.deliveryId, { provider: theirs, id: 'msg_same' })
  await tell('email.delivered', ours.deliveryId, { id: 'msg_same' })

  assert.equal((await seen(t, ours.id)).status[0], 'delivered')
  assert.equal((await seen(other, own.id)).status[0], 'delivered')
  assert.deepEqual(await suppressedOf(ours.person), [])
})

test('Twilio is asked to tell, and who answers STOP to it hears no more until they say START', async () => {
  const token = 'the auth token of the account'
  const { body } = await t.ask('POST', '/providers', {
    channel: 'sms',
    kind: 'twilio',
    name: 'texts',
    settings: {
      account_sid: 'AC0123456789abcdef0123456789abcdef',
      auth_token: token,
      receipts_token: token,
      from: '+12025550100',
      api_base: vendor.url,
    },
  })
  const call = async (url: string, fields: Record<string, string>) => {
    const form = new URLSearchParams(fields)
    await t.app.inject({
      method: 'POST',
      url: url.replace('https://belfry.example', ''),
      payload: form.toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': twilioSignature(token, url, form),
      },
    })
    await untilApplied()
  }
  const phone = '+12025550177'
  await given.subscriber(t, 'texted', { phone })
  const text = await sent(t, 'texted', 'sms')
  const asked = new URLSearchParams(vendor.requests.at(-1)!.body).get('StatusCallback')!
  const own = `https://belfry.example/receipts/${body.id}`

  await call(asked, { MessageSid: 'SM1', MessageStatus: 'delivered' })
  await call(own, { MessageSid: 'SM2', SmsStatus: 'received', From: phone, Body: 'STOP' })
  const stopped = await sent(t, 'texted', 'sms')
  const shown = await suppressedOf('texted')
  await call(own, { MessageSid: 'SM3', SmsStatus: 'received', From: phone, Body: 'start' })
  const started = await sent(t, 'texted', 'sms')

  assert.equal(asked, `${own}?delivery_id=${text.deliveryId}`)
  assert.equal((await seen(t, text.id)).status[0], 'delivered')
  assert.deepEqual(stopped.status.slice(0, 2), ['skipped', 'suppressed'])
  assert.deepEqual([shown[0].reason, shown[0].provider], ['stopped', 'texts'])
  assert.match(JSON.stringify(stopped.trace), /the recipient said STOP/)
  assert.equal(started.status[0], 'sent')
})
