// A channel whose provider is never called, because the address will not do, and what is said of it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { given, until } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext

before(async () => {
  t = await createTestContext()
  await given.webhooks(t)
})
after(() => t.close())

test('a notification that goes on has no reason yet, whatever failed so far', async () => {
  await given.subscriber(t, 'eve', {
    addresses: { webhook: 'http://10.0.0.1/' },
    email: 'eve@example.com',
  })
  await given.eventType(t, 'both', { channels: ['webhook', 'email'] })
  const settings = { host: '127.0.0.1', port: 1, from: 'belfry@example.com' } // refused, and tried again
  const provider = { channel: 'email', kind: 'smtp', name: 'away', settings }
  const { status, body } = await t.ask('POST', '/providers', provider)
  assert.equal(status, 201, JSON.stringify(body))
  const event = await given.event(t, 'both', { to: ['eve'] })

  const worker = t.work()
  const story = async () => {
    const { notifications } = (await t.ask('GET', `/notifications?event_id=${event}`)).body
    return (await t.ask('GET', `/notifications/${notifications[0]?.id}`)).body
  }
  await until('one channel has failed, the other waits for its next attempt', async () => {
    const { deliveries = [] } = await story()
    const ended = deliveries.filter(({ attempts }: Tried) => attempts[0]?.outcome)
    return ended.length === 2
  })
  await worker.stop()

  const shown = await story()
  assert.deepEqual([shown.status, shown.reason], ['processing', null])
  const webhook = shown.deliveries.find(({ channel }: Tried) => channel === 'webhook')
  assert.deepEqual([webhook.status, webhook.reason], ['failed', 'url_not_allowed'])
  const told = shown.trace.map(({ because }: { because: string }) => because)
  assert.ok(told.includes('receiver was not called: url_not_allowed'), JSON.stringify(told))
})

type Tried = { channel: string; attempts: { outcome: string | null }[] }
