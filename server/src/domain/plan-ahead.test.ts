// What is still to come of a plan: each step with its times.
// `then` is a word of plans; nobody awaits a step.
/* oxlint-disable unicorn/no-thenable */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planAhead, type Standing } from './plan-ahead.ts'
import { programOf, type Step } from './plan-steps.ts'

const at = new Date('2026-06-01T10:00Z')
const from = { position: 0, at, timezone: 'Europe/Lisbon', item: { n: 'own' } }
const idle: Standing = { throttles: new Map(), digests: new Map() }
const ahead = (steps: Step[], holds = true, standing: Partial<Standing> = {}) =>
  planAhead(programOf(steps), from, { ...idle, ...standing }, () => holds).map(
    ({ step, at, until, because, channels }) => [
      step,
      at.toISOString().slice(11, 16),
      until?.toISOString().slice(11, 16) ?? null,
      because || channels.join(),
    ],
  )

test('each wait begins where the one before it ended', () => {
  const steps: Step[] = [
    { send: ['in_app'] },
    { wait: { for: '30m', unless: 'read' } },
    { send: ['email'] },
    { wait: { for: '2h' } },
    { send: ['sms', 'push'] },
  ]

  assert.deepEqual(ahead(steps), [
    ['send', '10:00', null, 'in_app'],
    [
      'wait',
      '10:00',
      '10:30',
      'waits 30m for it to be read; if that happens, nothing more is sent',
    ],
    ['send', '10:30', null, 'email'],
    ['wait', '10:30', '12:30', 'waits 2h'],
    ['send', '12:30', null, 'sms,push'],
  ])
})

test('a digest closes by the clock of the person, and a throttle lets through', () => {
  const steps: Step[] = [
    { throttle: { limit: 3, per: '1h' } },
    { digest: { window: { every: 'day', at: '18:00' } } },
    { send: ['email'] },
  ]

  assert.deepEqual(ahead(steps), [
    ['throttle', '10:00', null, 'goes on, being within 3 per 1h'],
    ['digest', '10:00', '17:00', 'is gathered with others of its kind (every day at 18:00)'],
    ['send', '17:00', null, 'email'],
  ])
})

test('of a condition only the way it takes is to come', () => {
  const steps: Step[] = [
    {
      if: 'total > 100',
      then: [{ send: ['sms'] }],
      else: [{ wait: { for: '1h' } }, { send: ['email'] }],
    },
  ]

  assert.deepEqual(ahead(steps), [
    ['if', '10:00', null, '`total > 100` holds'],
    ['send', '10:00', null, 'sms'],
  ])
  assert.deepEqual(ahead(steps, false), [
    ['if', '10:00', null, '`total > 100` does not hold'],
    ['wait', '10:00', '11:00', 'waits 1h'],
    ['send', '11:00', null, 'email'],
  ])
})

const time = (hour: string) => new Date(`2026-06-01T${hour}Z`)
const throttled: Step[] = [{ throttle: { limit: 2, per: '1h' } }, { send: ['email'] }]
const late: Step[] = [{ wait: { for: '1h' } }, ...throttled]

test('a throttle that is full ends it, unless its time is over by then', () => {
  const running = (position: number, count: number) => ({
    throttles: new Map([[position, { count, until: time('10:40') }]]),
  })

  const over = ['throttle', '10:00', '10:40', 'is throttled: only 2 per 1h are let through']
  assert.deepEqual(ahead(throttled, true, running(0, 2)), [over])
  assert.equal(ahead(throttled, true, running(0, 1)).length, 2)
  assert.equal(ahead(late, true, running(1, 2)).length, 3)
})

// what, the rule beside a window of 1h, what is open; until, because, what a text then sees
const open = { count: 2, items: [{ n: 'a' }, { n: 'b' }], dueAt: time('10:20') }
const digests: [string, object, typeof open | null, string | null, RegExp, object][] = [
  [
    'the first opens one',
    {},
    null,
    '11:00',
    /^is gathered for 1h with others/,
    { count: 1, items: 1, more: 0 },
  ],
  [
    'it joins the open one, and goes on with it',
    {},
    open,
    '10:20',
    /^joins the open digest, with 2 others so far$/,
    { count: 3, items: 3, more: 0 },
  ],
  [
    'a text sees only so many',
    { show: 1 },
    open,
    '10:20',
    /^joins/,
    { count: 3, items: 1, more: 2 },
  ],
  [
    'the one that fills it closes it',
    { close_at: 3 },
    open,
    '10:00',
    /^closes the digest with the 2 others that wait in it$/,
    { count: 3, items: 3, more: 0 },
  ],
  [
    'one that will have closed is none',
    {},
    { ...open, dueAt: at },
    '11:00',
    /^is gathered/,
    { count: 1, items: 1, more: 0 },
  ],
  [
    'the first goes on at once',
    { first_now: true },
    null,
    null,
    /^goes on at once, as the first/,
    { count: 1, items: 1, more: 0 },
  ],
  [
    'what follows the first is gathered',
    { first_now: true },
    { ...open, count: 0, items: [] },
    '10:20',
    /^joins the open digest, with 0 others so far$/,
    { count: 1, items: 1, more: 0 },
  ],
]
for (const [what, rule, bucket, until, because, sees] of digests)
  test(`of a digest: ${what}`, () => {
    const program = programOf([{ digest: { window: '1h', ...rule } }, { send: ['email'] }])
    const standing = { ...idle, digests: new Map(bucket ? [[0, bucket]] : []) }

    const [digest, send] = planAhead(program, from, standing, () => true)

    assert.equal(digest!.until?.toISOString().slice(11, 16) ?? null, until)
    assert.match(digest!.because, because)
    const { items, ...counts } = send!.digest!
    assert.deepEqual({ ...counts, items: items.length }, sees)
  })
