// What vendors tell of messages is told on, to hooks: also what changes no status, such as a complaint.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { until } from './given.ts'
import { createReceiptStory } from './receipt-story.ts'
import { createHttpSink } from './sinks.ts'

const story = await createReceiptStory()
const receiver = await createHttpSink()
after(async () => {
  await story.close()
  await receiver.close()
})
const { t, tell, mailed } = story

const types = ['delivery.sent', 'delivery.delivered', 'delivery.failed', 'delivery.complained']
const { body: hook } = await t.ask('POST', '/hooks', { url: receiver.url, types })

// Told in no promised order.
function toldOf(deliveryId: string): { type: string; data: Record<string, unknown> }[] {
  const all = receiver.requests.map(({ body }) => JSON.parse(body))
  return all.filter(({ data }) => data.id === deliveryId)
}
const typesOf = (deliveryId: string) =>
  toldOf(deliveryId)
    .map(({ type }) => type)
    .toSorted()

// what the vendor tells, what is told on
const cases: [string[], string[]][] = [
  [
    ['email.delivered', 'email.complained'],
    ['complained', 'delivered', 'sent'],
  ],
  [
    ['email.complained', 'email.delivered'],
    ['complained', 'delivered', 'sent'],
  ],
  [
    ['email.bounced', 'email.complained'],
    ['complained', 'delivered', 'failed', 'sent'],
  ],
]
for (const [reports, expected] of cases)
  test(`${reports.join(', then ')}: ${expected.join(', ')}`, async () => {
    const { deliveryId } = await mailed()

    for (const report of reports) await tell(report, deliveryId)
    await tell('email.complained', deliveryId, { id: `again-${deliveryId}` })
    await until('it is told', () => typesOf(deliveryId).length >= expected.length)

    assert.deepEqual(
      typesOf(deliveryId),
      expected.map((what) => `delivery.${what}`),
    )
    const complained = toldOf(deliveryId).find(({ type }) => type === 'delivery.complained')!
    assert.equal(complained.data['status'], 'delivered')
    assert.equal(complained.data['reason'], 'complained')
    assert.match(String(complained.data['address']), /•••@example\.com/)
  })

test('the hook took all of it', async () => {
  const { body } = await t.ask('GET', `/hooks/${hook.id}`)
  assert.equal(body.failing_since, null)
})
