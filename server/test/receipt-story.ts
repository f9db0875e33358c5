// Mail that goes out through Resend, which then tells what became of it: for stories of receipts.
import { createHmac } from 'node:crypto'
import { createLook, given, until, untilQuiet, type Asking } from './given.ts'
import { createHttpSink, type HttpReply } from './sinks.ts'
import { createTestContext } from './test-context.ts'

export const hard = { bounce: { type: 'Permanent', subType: 'General' } }

export type Told = { provider?: string; key?: string; data?: object; id?: string }

export async function createReceiptStory() {
  const t = await createTestContext({ config: { publicUrl: 'https://belfry.example' } })
  const look = createLook(t.connection)
  const vendor = await createHttpSink()
  t.work({ pollMs: 10, sweepMs: 20 })
  let answered = 0
  let people = 0
  const secret = `whsec_${Buffer.alloc(24, 5).toString('base64')}`

  const takes = (): HttpReply => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: `re_${(answered += 1)}`, sid: `SM${answered}` }),
  })
  vendor.answer = takes

  /** A workspace that sends mail through Resend; the provider's id. */
  async function resend(asking: Asking): Promise<string> {
    const settings = { api_key: 're_123', from: 'shop@example.com', api_base: vendor.url }
    const { body } = await asking.ask('POST', '/providers', {
      channel: 'email',
      kind: 'resend',
      name: 'mail',
      settings: { ...settings, receipts_secret: secret },
    })
    return body.id
  }
  const provider = await resend(t)

  /** Resend tells something of a delivery. */
  function post(type: string, deliveryId: string, told: Told = {}) {
    const body = JSON.stringify({ type, data: { tags: { delivery_id: deliveryId }, ...told.data } })
    const id = told.id ?? `msg_${type}_${deliveryId}`
    const timestamp = String(Math.floor(t.clock.now().getTime() / 1_000))
    const key = Buffer.from((told.key ?? secret).replace('whsec_', ''), 'base64')
    const signature = createHmac('sha256', key)
      .update(`${id}.${timestamp}.${body}`)
      .digest('base64')
    return t.app.inject({
      method: 'POST',
      url: `/receipts/${told.provider ?? provider}`,
      payload: body,
      headers: {
        'content-type': 'application/json',
        'svix-id': id,
        'svix-timestamp': timestamp,
        'svix-signature': `v1,${signature}`,
      },
    })
  }

  const untilApplied = () =>
    until('what was told is applied, or parked', async () => {
      const due = 'select count(*) from belfry.receipts where due_at <= $1'
      return (await look.number(due, [t.clock.now()])) === 0
    })

  /** As `post`, and it is applied, or parked. */
  async function tell(...about: Parameters<typeof post>) {
    const answer = await post(...about)
    await untilApplied()
    return answer
  }

  async function newPerson(asking: Asking): Promise<string> {
    const person = `p${(people += 1)}`
    await given.subscriber(asking, person, { email: `${person}@example.com` })
    return person
  }

  async function sent(asking: Asking, person: string, channel = 'email') {
    const notify = { to: [person], channels: [channel], message: 'Hello' }
    const { body } = await asking.ask('POST', '/notifications', notify)
    await untilQuiet(look)
    return { person, ...(await seen(asking, body.notification_ids[0])) }
  }

  async function seen(asking: Asking, id: string) {
    const { body } = await asking.ask('GET', `/notifications/${id}`)
    const [delivery] = body.deliveries
    const status = [body.status, body.reason, delivery.status, delivery.reason]
    return { id, deliveryId: delivery.id as string, status, delivery, trace: body.trace }
  }

  return {
    t,
    look,
    vendor,
    secret,
    provider,
    takes,
    resend,
    post,
    tell,
    untilApplied,
    newPerson,
    sent,
    seen,
    /** A mail that Resend has taken, to somebody new. */
    mailed: async (asking: Asking = t) => sent(asking, await newPerson(asking)),
    lastReference: () => `re_${answered}`,
    receiptCount: () => look.number('select count(*) from belfry.receipts'),
    suppressedOf: async (person: string) =>
      (await t.ask('GET', `/subscribers/${person}`)).body.suppressed,
    async close() {
      await t.close()
      await look.close()
      await vendor.close()
    },
  }
}
