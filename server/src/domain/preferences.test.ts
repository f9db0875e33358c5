import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Channel } from './channel.ts'
import {
  decide,
  wishesOf,
  type PreferenceDefaults,
  type Preferences,
  type Rule,
  type Subject,
} from './preferences.ts'

const shipped: Subject = {
  level: 'standard',
  eventType: 'order.shipped',
  category: 'orders',
  isOptIn: false,
  threadKey: null,
}
const critical: Subject = { ...shipped, level: 'critical' }
const optIn: Subject = { ...shipped, isOptIn: true }
const direct: Subject = { ...shipped, eventType: null, category: null }

const forType = (switches: object) => ({ event_types: { 'order.shipped': switches } })
const emailOff = { email: false }
const emailOn = { email: true }
const categoryOff = { categories: { orders: emailOff } }
const categoryOn = { categories: { orders: emailOn } }

type Row = [string, Subject, Preferences, PreferenceDefaults, isOn: boolean, Rule, string]
const rows: Row[] = [
  [
    'who has said nothing hears everything',
    shipped,
    {},
    {},
    true,
    'nothing_said',
    'has said nothing against email',
  ],
  [
    'a channel that is off',
    shipped,
    { channels: emailOff },
    {},
    false,
    'channel',
    'turned off email',
  ],
  [
    'the category is nearer than the channel',
    shipped,
    { channels: emailOff, ...categoryOn },
    {},
    true,
    'category',
    'turned on email for orders',
  ],
  [
    'a category that is off',
    shipped,
    { channels: emailOn, ...categoryOff },
    {},
    false,
    'category',
    'turned off email for orders',
  ],
  [
    'another category says nothing',
    shipped,
    { categories: { bills: emailOff } },
    {},
    true,
    'nothing_said',
    'has said nothing against email',
  ],
  [
    'leaving an event type is nearer than its category',
    shipped,
    { ...categoryOn, ...forType({ enabled: false }) },
    {},
    false,
    'event_type',
    'turned off order.shipped',
  ],
  [
    'subscribing does not bring back a channel',
    shipped,
    { channels: emailOff, ...forType({ enabled: true }) },
    {},
    false,
    'channel',
    'turned off email',
  ],
  [
    'subscribing does not bring back a category',
    shipped,
    { ...categoryOff, ...forType({ enabled: true }) },
    {},
    false,
    'category',
    'turned off email for orders',
  ],
  [
    'a channel of an event type is nearest',
    shipped,
    { ...categoryOff, ...forType({ enabled: false, email: true }) },
    {},
    true,
    'event_type_channel',
    'turned on email for order.shipped',
  ],
  [
    'a channel of an event type that is off',
    shipped,
    { ...categoryOn, ...forType(emailOff) },
    {},
    false,
    'event_type_channel',
    'turned off email for order.shipped',
  ],
  [
    'opt-in waits for the person',
    optIn,
    {},
    {},
    false,
    'opt_in',
    'has not subscribed to order.shipped',
  ],
  [
    'opt-in is not met by the category',
    optIn,
    categoryOn,
    {},
    false,
    'opt_in',
    'has not subscribed to order.shipped',
  ],
  [
    'opt-in is met by subscribing',
    optIn,
    forType({ enabled: true }),
    {},
    true,
    'nothing_said',
    'has said nothing against email',
  ],
  [
    'opt-in is met by turning on a channel',
    optIn,
    forType(emailOn),
    {},
    true,
    'event_type_channel',
    'turned on email for order.shipped',
  ],
  [
    'opt-in does not heed defaults',
    optIn,
    {},
    forType(emailOn),
    false,
    'opt_in',
    'has not subscribed to order.shipped',
  ],
  [
    'only critical',
    shipped,
    { level: 'critical', ...forType(emailOn) },
    {},
    false,
    'level',
    'wants only critical events',
  ],
  [
    'the level standard hears everything',
    shipped,
    { level: 'standard' },
    {},
    true,
    'nothing_said',
    'has said nothing against email',
  ],
  [
    'critical passes everything',
    { ...critical, isOptIn: true },
    { channels: emailOff, ...categoryOff, ...forType({ enabled: false, email: false }) },
    { channels: emailOff },
    true,
    'mandatory',
    'hears what is critical in any case',
  ],
  [
    'a default for the channel',
    shipped,
    {},
    { channels: emailOff },
    false,
    'channel_default',
    'kept the default: email is off',
  ],
  [
    'a default for the category is nearer',
    shipped,
    {},
    { channels: emailOff, ...categoryOn },
    true,
    'category_default',
    'kept the default: email is on for orders',
  ],
  [
    'a default for the event type is nearest',
    shipped,
    {},
    { ...categoryOn, ...forType(emailOff) },
    false,
    'event_type_default',
    'kept the default: email is off for order.shipped',
  ],
  [
    'any word of the person goes before any default',
    shipped,
    { channels: emailOn },
    { ...categoryOff, ...forType(emailOff) },
    true,
    'channel',
    'turned on email',
  ],
  [
    'a direct message heeds the channel',
    direct,
    { channels: emailOff },
    {},
    false,
    'channel',
    'turned off email',
  ],
  [
    'a direct message heeds the level',
    direct,
    { level: 'critical' },
    {},
    false,
    'level',
    'wants only critical events',
  ],
  [
    'a direct message heeds defaults of the channel',
    direct,
    {},
    { channels: emailOff },
    false,
    'channel_default',
    'kept the default: email is off',
  ],
]

for (const [what, subject, said, defaults, isOn, rule, because] of rows)
  test(`preferences: ${what}`, () => {
    assert.deepEqual(decide('email', subject, said, defaults), { isOn, rule, because })
  })

const ana = { isSubscriber: true, timezone: 'Europe/Paris', preferences: {} as Preferences | null }
const evening = new Date('2026-06-01T21:30Z')
const timing = { timezone: null, isByWallClock: false, typeHours: undefined, usualHours: null }
const at = (moment: Date, defaults: PreferenceDefaults | null = null) => {
  return { defaults, timing, at: moment }
}
const nights = { quiet_hours: { start: '22:00', end: '07:00' } }

test('there is nothing to consider for an address, for what is critical, and where nothing was said', () => {
  const muted = { ...ana, preferences: { channels: emailOff } }

  assert.equal(wishesOf({ ...muted, isSubscriber: false }, shipped, at(evening)), null)
  assert.equal(wishesOf(muted, critical, at(evening, { channels: emailOff })), null)
  assert.equal(wishesOf({ ...ana, preferences: null }, shipped, at(evening)), null)
})

test('who has said nothing still has not subscribed, and still has the defaults', () => {
  const silent = { ...ana, preferences: null }
  const isOn = (subject: Subject, defaults: PreferenceDefaults | null, channel: Channel) =>
    wishesOf(silent, subject, at(evening, defaults))?.on(channel).isOn

  assert.equal(isOn(optIn, null, 'email'), false)
  assert.equal(isOn(shipped, { channels: emailOff }, 'email'), false)
  assert.equal(isOn(shipped, { channels: emailOff }, 'sms'), true)
})

test('quiet hours are in the zone of the person, and in UTC without one', () => {
  const until = (timezone: string | null) =>
    wishesOf({ ...ana, timezone, preferences: nights }, shipped, at(evening))?.waitOn('email')
      ?.until

  assert.deepEqual(until('Europe/Paris'), new Date('2026-06-02T05:00Z'))
  assert.deepEqual(until('Asia/Tokyo'), new Date('2026-06-01T22:00Z'))
  assert.equal(until('Asia/Kolkata')?.toISOString(), '2026-06-02T01:30:00.000Z')
  assert.equal(until('America/New_York'), undefined)
  assert.equal(until(null), undefined)
})
