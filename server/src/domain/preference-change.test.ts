import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences, merged, patchProblems, type PreferencePatch } from './preference-change.ts'
import type { PreferenceSubject, Preferences } from './preferences.ts'

const said: Preferences = {
  level: 'critical',
  channels: { sms: false },
  categories: { orders: { email: false, sms: true } },
  quiet_hours: { end: '08:00', start: '22:00' },
}

const merges: [what: string, PreferencePatch, Preferences][] = [
  ['what is absent stays', {}, said],
  [
    'what is given is added',
    { channels: { email: true } },
    { ...said, channels: { sms: false, email: true } },
  ],
  [
    'null removes',
    { level: null, quiet_hours: null },
    { channels: said.channels!, categories: said.categories! },
  ],
  [
    'null removes deep down',
    { categories: { orders: { email: null } } },
    { ...said, categories: { orders: { sms: true } } },
  ],
  [
    'nothing empty stays behind',
    { channels: { sms: null }, categories: { orders: null } },
    { level: 'critical', quiet_hours: said.quiet_hours! },
  ],
  [
    'quiet hours are replaced',
    { quiet_hours: { start: '21:00', end: '06:00' } },
    { ...said, quiet_hours: { start: '21:00', end: '06:00' } },
  ],
]

for (const [what, patch, expected] of merges)
  test(`changing preferences: ${what}`, () => assert.deepEqual(merged(said, patch), expected))

type Switches = Record<string, boolean | null>
const silences: [what: string, before: Switches, change: Switches, after: Switches][] = [
  ['takes back what was turned on before', { email: true }, { enabled: false }, { enabled: false }],
  [
    'takes it back again after it was turned on since',
    { enabled: false, email: true },
    { enabled: false },
    { enabled: false },
  ],
  [
    'leaves what the same change turns on',
    { sms: true },
    { enabled: false, email: true },
    { enabled: false, email: true },
  ],
  [
    'leaves what is turned on later',
    { enabled: false },
    { email: true },
    { enabled: false, email: true },
  ],
  ['leaves what is off', { email: false }, { enabled: false }, { email: false, enabled: false }],
  ['is not said by true', { email: true }, { enabled: true }, { email: true, enabled: true }],
  ['is not said by null', { enabled: false, email: true }, { enabled: null }, { email: true }],
]
for (const [what, before, change, after] of silences)
  test(`turning off an event type ${what}`, () => {
    const other = { email: true }

    const document = merged(
      { event_types: { sale: before, other } },
      { event_types: { sale: change } },
    )

    assert.deepEqual(document, { event_types: { sale: after, other } })
  })

test('a category may have any name', () => {
  const patch = JSON.parse('{"categories": {"__proto__": {"email": false}}}') as PreferencePatch

  const document = merged({}, patch)

  assert.equal(JSON.stringify(document), '{"categories":{"__proto__":{"email":false}}}')
  assert.deepEqual(differences({}, document), [
    { field: ['categories', '__proto__', 'email'], before: null, after: false },
  ])
})

test('the log has each field that changed, and nothing when none did', () => {
  const after = merged(said, {
    level: 'standard',
    channels: { sms: null },
    categories: { orders: { email: true } },
    quiet_hours: { start: '23:00', end: '08:00' },
  })

  assert.deepEqual(differences(said, said), [])
  assert.deepEqual(differences(said, after), [
    { field: ['level'], before: 'critical', after: 'standard' },
    { field: ['channels', 'sms'], before: false, after: null },
    { field: ['categories', 'orders', 'email'], before: false, after: true },
    {
      field: ['quiet_hours'],
      before: { start: '22:00', end: '08:00' },
      after: { start: '23:00', end: '08:00' },
    },
  ])
})

const type = (key: string, category: string | null, level: string): PreferenceSubject => ({
  key,
  name: key,
  category,
  level,
  channels: ['email'],
  isOptIn: false,
})
const types = [
  type('order.shipped', 'orders', 'standard'),
  type('order.lost', 'orders', 'critical'),
  type('password.reset', 'security', 'critical'),
]

const refusals: [what: string, PreferencePatch, pointers: string[], isMuting: boolean][] = [
  [
    'an event type that does not exist',
    { event_types: { 'order.shiped': { email: false } } },
    ['/event_types/order.shiped'],
    false,
  ],
  [
    'a category that does not exist',
    { categories: { order: { email: true } } },
    ['/categories/order'],
    false,
  ],
  [
    'leaving what is critical',
    { event_types: { 'password.reset': { enabled: false } } },
    ['/event_types/password.reset/enabled'],
    true,
  ],
  [
    'each channel of what is critical',
    { event_types: { 'order.lost': { email: false, sms: false, push: true } } },
    ['/event_types/order.lost/email', '/event_types/order.lost/sms'],
    true,
  ],
  [
    'a category that is critical altogether',
    { categories: { security: { email: false } } },
    ['/categories/security/email'],
    true,
  ],
]

for (const [what, patch, pointers, isMuting] of refusals)
  test(`preferences cannot be changed: ${what}`, () => {
    const problems = patchProblems(patch, types)

    assert.deepEqual(
      problems.map(({ pointer }) => pointer),
      pointers,
    )
    assert.ok(problems.every((problem) => problem.isMuting === isMuting))
  })

test('what is critical may be turned on, a mixed category turned off, and anything forgotten', () => {
  const patch: PreferencePatch = {
    categories: { orders: { email: false }, gone: null },
    event_types: { 'password.reset': { email: true, sms: null }, 'also.gone': null },
  }

  assert.deepEqual(patchProblems(patch, types), [])
})

test('a refusal names the nearest known word', () => {
  const [problem] = patchProblems({ event_types: { 'order.shiped': { email: false } } }, types)

  assert.equal(problem?.detail, 'is no registered event type. Did you mean "order.shipped"?')
})
