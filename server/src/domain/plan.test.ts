import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { channels, type CarriedChannel, type Channel } from './channel.ts'
import { planNotification, type Person, type Plan } from './plan.ts'
import { wishesOf, type Preferences } from './preferences.ts'

const ana: Person = {
  recipient: 'ana',
  isSubscriber: true,
  isKnown: true,
  via: ['request'],
  locale: null,
  timezone: null,
  data: {},
  preferences: null,
  addresses: [],
}

function reachableBy(...addresses: CarriedChannel[]): Person {
  const slots = new Map<CarriedChannel, number>()
  return {
    ...ana,
    addresses: addresses.map((channel) => {
      const slot = slots.get(channel) ?? 0
      slots.set(channel, slot + 1)
      return { channel, slot, address: `${channel}-${slot}`, kind: null }
    }),
  }
}

type Expected = Pick<Plan, 'status' | 'reason' | 'outcome' | 'pending' | 'hasInApp'>

const processing = { status: 'processing', reason: null } as const
const rows: [string, Person, Channel[], boolean, Expected][] = [
  [
    'one address is one delivery under way',
    reachableBy('email'),
    ['email'],
    false,
    { ...processing, outcome: null, pending: 1, hasInApp: false },
  ],
  [
    'what is for later is scheduled',
    reachableBy('email'),
    ['email'],
    true,
    { status: 'scheduled', reason: null, outcome: null, pending: 1, hasInApp: false },
  ],
  [
    'each device gets a delivery of its own',
    reachableBy('push', 'push', 'push'),
    ['push'],
    false,
    { ...processing, outcome: null, pending: 3, hasInApp: false },
  ],
  [
    'in-app alone is delivered at once',
    ana,
    ['in_app'],
    false,
    { status: 'delivered', reason: null, outcome: 'delivered', pending: 0, hasInApp: true },
  ],
  [
    'in-app is delivered while an e-mail is under way',
    reachableBy('email'),
    ['in_app', 'email'],
    false,
    { ...processing, outcome: 'delivered', pending: 1, hasInApp: true },
  ],
  [
    'in-app waits for its moment like everything else',
    ana,
    ['in_app'],
    true,
    { status: 'scheduled', reason: null, outcome: null, pending: 1, hasInApp: false },
  ],
  [
    'in-app makes up for a missing address',
    ana,
    ['in_app', 'email'],
    false,
    { status: 'delivered', reason: null, outcome: 'delivered', pending: 0, hasInApp: true },
  ],
  [
    'without any address it is skipped and says so',
    ana,
    ['email', 'sms'],
    false,
    { status: 'skipped', reason: 'no_address', outcome: 'skipped', pending: 0, hasInApp: false },
  ],
  [
    'a missing address does not hold up the other channel',
    reachableBy('sms'),
    ['email', 'sms'],
    false,
    { ...processing, outcome: 'skipped', pending: 1, hasInApp: false },
  ],
  [
    'an id that belongs to nobody is skipped whatever the channels',
    { ...reachableBy('email'), isKnown: false },
    ['in_app', 'email'],
    false,
    {
      status: 'skipped',
      reason: 'unknown_recipient',
      outcome: 'skipped',
      pending: 0,
      hasInApp: false,
    },
  ],
  [
    'an address given directly has no in-app feed',
    { ...ana, isSubscriber: false },
    ['in_app'],
    false,
    { status: 'skipped', reason: 'no_channel', outcome: 'skipped', pending: 0, hasInApp: false },
  ],
  [
    'no channels at all is skipped',
    reachableBy('email'),
    [],
    false,
    { status: 'skipped', reason: 'no_channel', outcome: 'skipped', pending: 0, hasInApp: false },
  ],
]
for (const [name, person, wanted, isLater, expected] of rows) {
  test(`a plan: ${name}`, () => {
    const { status, reason, outcome, pending, hasInApp } = planNotification(
      person,
      wanted,
      isLater,
      null,
    )

    assert.deepEqual({ status, reason, outcome, pending, hasInApp }, expected)
  })
}

test('deliveries carry the address they go to, those skipped why', () => {
  const { deliveries } = planNotification(
    reachableBy('push', 'push'),
    ['email', 'push'],
    false,
    null,
  )

  assert.deepEqual(deliveries, [
    { channel: 'email', slot: 0, address: null, status: 'skipped', reason: 'no_address' },
    { channel: 'push', slot: 0, address: 'push-0', status: 'processing', reason: null },
    { channel: 'push', slot: 1, address: 'push-1', status: 'processing', reason: null },
  ])
})

const carried = channels.filter((channel) => channel !== 'in_app')
const anyone = fc
  .array(fc.constantFrom(...carried), { maxLength: 12 })
  .map((addresses) => reachableBy(...addresses))

test('every wanted channel comes to a delivery or to the feed, and what is pending adds up', () => {
  fc.assert(
    fc.property(anyone, fc.subarray([...channels]), fc.boolean(), (person, wanted, isLater) => {
      const plan = planNotification(person, wanted, isLater, null)
      const open = plan.deliveries.filter(({ status }) => status !== 'skipped')

      assert.equal(plan.hasInApp, wanted.includes('in_app') && !isLater)
      for (const channel of wanted) {
        const isInFeed = channel === 'in_app' && plan.hasInApp
        assert.ok(isInFeed || plan.deliveries.some((delivery) => delivery.channel === channel))
      }
      assert.equal(plan.pending, open.length)
      assert.equal(plan.pending > 0, plan.status === 'processing' || plan.status === 'scheduled')
      for (const { status, channel, address } of open) {
        assert.equal(status, plan.status)
        assert.equal(address === null, channel === 'in_app')
      }
      const places = plan.deliveries.map(({ channel, slot }) => `${channel} ${slot}`)
      assert.equal(new Set(places).size, places.length, 'two deliveries in one place')
      assert.ok(wanted.length > 0 || plan.reason === 'no_channel')
    }),
  )
})

const shipped = {
  level: 'standard',
  eventType: 'order.shipped',
  category: 'orders',
  isOptIn: false,
  threadKey: null,
} as const
const timing = { timezone: null, isByWallClock: false, typeHours: null, usualHours: null }
const night = new Date('2026-06-01T23:00Z')

function planFor(preferences: Preferences, wanted: Channel[], isLater = false): Plan {
  const person = { ...reachableBy('email', 'sms'), preferences }
  return planNotification(
    person,
    wanted,
    isLater,
    wishesOf(person, shipped, { defaults: null, timing, at: night }),
  )
}

test('a channel that is not wanted is skipped, in-app too, and says why', () => {
  const plan = planFor({ channels: { in_app: false, sms: false } }, ['in_app', 'email', 'sms'])

  const skipped = { slot: 0, address: null, status: 'skipped', reason: 'preference_off' }
  assert.deepEqual(plan.deliveries, [
    { channel: 'in_app', ...skipped, because: 'turned off in_app' },
    { channel: 'email', slot: 0, address: 'email-0', status: 'processing', reason: null },
    { channel: 'sms', ...skipped, because: 'turned off sms' },
  ])
  assert.deepEqual([plan.hasInApp, plan.pending, plan.status], [false, 1, 'processing'])
})

test('who wants none of it has a notification that says so, and no deliveries', () => {
  const plan = planFor({ event_types: { 'order.shipped': { enabled: false } } }, ['in_app', 'sms'])

  assert.deepEqual(plan, {
    hasInApp: false,
    deliveries: [],
    status: 'skipped',
    reason: 'preference_off',
    because: 'turned off order.shipped',
    outcome: 'skipped',
    pending: 0,
  })
})

test('one channel of an event type that was left is still a delivery', () => {
  const plan = planFor({ event_types: { 'order.shipped': { enabled: false, sms: true } } }, [
    'email',
    'sms',
  ])

  assert.deepEqual(
    plan.deliveries.map(({ channel, status }) => [channel, status]),
    [
      ['email', 'skipped'],
      ['sms', 'processing'],
    ],
  )
})

test('quiet hours hold back deliveries, not the feed', () => {
  const quiet = { quiet_hours: { start: '22:00', end: '08:00' } }

  const plan = planFor(quiet, ['in_app', 'email'])

  const until = new Date('2026-06-02T08:00Z')
  assert.deepEqual(plan.deliveries, [
    {
      channel: 'email',
      slot: 0,
      address: 'email-0',
      status: 'scheduled',
      reason: 'quiet_hours',
      because: 'had quiet hours until 2026-06-02T08:00:00.000Z',
      notBefore: until,
    },
  ])
  assert.deepEqual([plan.hasInApp, plan.status, plan.pending], [true, 'scheduled', 1])
})
