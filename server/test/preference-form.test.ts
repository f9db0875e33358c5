// Preferences as choices: what a preference centre shows of them, and what its changes come to.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { given } from './given.ts'
import { createTestContext, type Answer } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

before(async () => {
  const channels = ['in_app', 'email']
  await given.eventType(t, 'order.shipped', { category: 'orders', channels })
  await given.eventType(t, 'order.late', { category: 'orders', channels: ['email', 'sms'] })
  await given.eventType(t, 'newsletter', { name: 'News', channels: ['email'] })
  await given.eventType(t, 'product.new', { name: 'New', opt_in: true, channels: ['email'] })
  await given.eventType(t, 'password.reset', { name: 'Reset', level: 'critical', channels })
})

let count = 0
type Asks = (method: string, body?: unknown) => Promise<Answer>

async function somebody(): Promise<{ id: string; form: Asks }> {
  const id = `person-${++count}`
  await given.subscriber(t, id, { timezone: 'Europe/Lisbon' })
  const { body } = await t.ask('POST', `/subscribers/${id}/token`, {})
  const headers = { authorization: `Bearer ${body.token}` }
  return { id, form: (method, body) => t.ask(method, '/me/preferences/form', body, headers) }
}

test('a form has a choice for each category and channel, and says what cannot be chosen', async () => {
  const { form } = await somebody()

  const { status, body } = await form('GET')

  assert.equal(status, 200)
  assert.deepEqual(body, {
    level: 'standard',
    quiet_hours: null,
    timezone: 'Europe/Lisbon',
    groups: [
      {
        name: 'type product.new',
        title: 'New',
        channels: [{ channel: 'email', is_on: true }],
      },
      { name: 'type newsletter', title: 'News', channels: [{ channel: 'email', is_on: true }] },
      {
        name: 'category orders',
        title: 'orders',
        channels: [
          { channel: 'in_app', is_on: true },
          { channel: 'email', is_on: true },
          { channel: 'sms', is_on: true },
        ],
      },
    ],
    subscriptions: [{ event_type: 'product.new', title: 'New', is_on: false }],
    mandatory: [
      {
        event_type: 'password.reset',
        title: 'Reset',
        category: null,
        channels: ['in_app', 'email'],
      },
    ],
  })
})

test('a change is answered with all choices as they are then, and touches no other', async () => {
  const { id, form } = await somebody()
  await form('PATCH', { groups: { 'type newsletter': { email: false } } })

  const { status, body } = await form('PATCH', {
    level: 'critical',
    quiet_hours: { start: '21:00', end: '07:30' },
    timezone: 'Asia/Tokyo',
    subscriptions: { 'product.new': true },
  })

  assert.equal(status, 200)
  assert.deepEqual((await form('GET')).body, body)
  assert.equal(body.level, 'critical')
  assert.equal(body.timezone, 'Asia/Tokyo')
  const said = (await t.ask('GET', `/preferences/${id}`)).body
  assert.deepEqual(said.event_types, {
    newsletter: { email: false },
    'product.new': { enabled: true },
  })
  assert.deepEqual(said.quiet_hours, { start: '21:00', end: '07:30' })
  const { changes } = (await t.ask('GET', `/preferences/${id}/changes`)).body
  assert.equal(changes[0].by.kind, 'subscriber')
})

test('a choice about a category goes before what was said about its event types', async () => {
  const { id, form } = await somebody()
  await t.ask('PATCH', `/preferences/${id}`, { event_types: { 'order.late': { email: true } } })

  const { body } = await form('PATCH', { groups: { 'category orders': { email: false } } })

  const orders = body.groups.find(({ name }: { name: string }) => name === 'category orders')
  assert.deepEqual(orders.channels[1], { channel: 'email', is_on: false })
  const said = (await t.ask('GET', `/preferences/${id}`)).body
  assert.deepEqual([said.categories, said.event_types], [{ orders: { email: false } }, {}])
})

// what is asked for, the field that is named
const refused: [unknown, string][] = [
  [{ groups: { 'category nonsense': { email: false } } }, '/groups/category nonsense/email'],
  [{ groups: { 'category orders': { push: false } } }, '/groups/category orders/push'],
  [{ groups: { 'type password.reset': { email: false } } }, '/groups/type password.reset/email'],
  [{ groups: { 'category orders': { email: 'no' } } }, '/groups/category orders/email'],
  [{ subscriptions: { newsletter: false } }, '/subscriptions/newsletter'],
  [{ timezone: 'Lisbon' }, '/timezone'],
  [{ quiet_hours: { start: '25:00', end: '08:00' } }, '/quiet_hours/start'],
  [{ quiet_hours: { start: '08:00', end: '08:00' } }, '/quiet_hours/end'],
]
for (const [change, pointer] of refused)
  test(`a form refuses ${JSON.stringify(change)}`, async () => {
    const { form } = await somebody()
    const before = (await form('GET')).body

    const { status, body } = await form('PATCH', change)

    assert.equal(status, 422, JSON.stringify(body))
    assert.equal(body.errors[0].pointer, pointer)
    assert.deepEqual((await form('GET')).body, before)
  })

test('the form of somebody who is deleted meanwhile is nobody’s', async () => {
  const { id, form } = await somebody()
  await t.ask('DELETE', `/subscribers/${id}`)

  assert.equal((await form('GET')).status, 404)
  assert.equal((await form('PATCH', { level: 'critical' })).status, 404)
})
