import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  traceOf,
  type TracedAttempt,
  type TracedDelivery,
  type TracedNotification,
} from './trace.ts'

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 12, 0, second))

const notification: TracedNotification = {
  type: 'order.shipped',
  typeVersion: 2,
  level: 'standard',
  recipient: 'ana',
  isSubscriber: true,
  via: null,
  status: 'delivered',
  reason: null,
  because: null,
  hasInApp: false,
  renderError: null,
  acceptedAt: at(0),
  createdAt: at(1),
  scheduledAt: null,
  cancelledAt: null,
  occurrence: null,
}

const email: TracedDelivery = {
  channel: 'email',
  status: 'processing',
  reason: null,
  because: null,
  finishedAt: null,
  createdAt: at(1),
  nextAt: null,
  attempts: [],
}

const attempt: TracedAttempt = {
  number: 1,
  provider: 'smtp',
  outcome: 'sent',
  code: 'smtp_250',
  startedAt: at(2),
  durationMs: 30,
}
const refused: TracedAttempt = { ...attempt, outcome: 'retry', code: 'smtp_451' }

const beginnings: [string, Partial<TracedNotification>, string[]][] = [
  [
    'an event for somebody named',
    {},
    [
      'accept accepted: an event of type order.shipped (version 2), level standard, was stored',
      'fan_out included: named in the request',
    ],
  ],
  [
    'an event for a topic, in-app',
    { via: ['topic:order:1#watcher'], hasInApp: true, level: 'critical' },
    [
      'accept accepted: an event of type order.shipped (version 2), level critical, was stored',
      'fan_out included: watcher of order:1',
      'preferences mandatory: it is critical: neither preferences nor quiet hours hold it back',
      'in_app delivered: it is in the in-app feed from the start',
    ],
  ],
  [
    'a direct message to an address',
    { type: null, typeVersion: null, isSubscriber: false },
    [
      'accept accepted: a direct message, level standard, was stored',
      'fan_out included: the address was given directly',
    ],
  ],
  [
    'a text that could not be rendered',
    { renderError: 'the email template: undefined variable: name' },
    [
      'accept accepted: an event of type order.shipped (version 2), level standard, was stored',
      'fan_out included: named in the request',
      'render fallback text: the email template: undefined variable: name',
    ],
  ],
  [
    'an id that belongs to nobody',
    { status: 'skipped', reason: 'unknown_recipient' },
    [
      'accept accepted: an event of type order.shipped (version 2), level standard, was stored',
      'fan_out included: named in the request',
      'plan skipped: no subscriber has this id',
    ],
  ],
]

const told = (...given: Parameters<typeof traceOf>) =>
  traceOf(...given).map(({ step, decision, because }) => `${step} ${decision}: ${because}`)

for (const [name, given, expected] of beginnings) {
  test(`the trace begins with ${name}`, () => {
    assert.deepEqual(told({ ...notification, ...given }, []), expected)
  })
}

const planned = 'email planned: email is among the channels'
const unwanted = { status: 'skipped', reason: 'preference_off', because: 'turned off email' }
const off = 'email skipped: ana turned off email'
const courses: [string, Partial<TracedDelivery>, string[]][] = [
  [
    'no address',
    { status: 'skipped', reason: 'no_address', finishedAt: at(1) },
    ['email skipped: there is no address for email'],
  ],
  ['waiting', { nextAt: at(9) }, [planned]],
  ['a channel that is off', { ...unwanted, finishedAt: at(1) }, [off]],
  ['a channel turned off while it waited', { ...unwanted, finishedAt: at(9) }, [planned, off]],
  [
    'quiet hours',
    {
      because: 'had quiet hours until then',
      status: 'sent',
      finishedAt: at(3),
      attempts: [attempt],
    },
    [
      planned,
      'email had to wait: ana had quiet hours until then',
      'email attempt 1: sent: smtp accepted it (smtp_250) after 30 ms',
      'email sent: after 1 attempt',
    ],
  ],
  [
    'an attempt under way',
    { attempts: [{ ...attempt, outcome: null, code: null, durationMs: null }] },
    [planned, 'email attempt 1 is under way: smtp has been called'],
  ],
  [
    'success',
    { status: 'sent', finishedAt: at(3), attempts: [attempt] },
    [
      planned,
      'email attempt 1: sent: smtp accepted it (smtp_250) after 30 ms',
      'email sent: after 1 attempt',
    ],
  ],
  [
    'waiting for another attempt',
    { nextAt: at(40), attempts: [refused] },
    [
      planned,
      'email attempt 1: retry: smtp answered smtp_451 after 30 ms',
      `email will be tried again: the last attempt ended with smtp_451; the next is due ${at(40).toISOString()}`,
    ],
  ],
  [
    'failure',
    {
      status: 'failed',
      reason: 'smtp_550',
      finishedAt: at(3),
      attempts: [refused, { ...attempt, number: 2 }],
    },
    [
      planned,
      'email attempt 1: retry: smtp answered smtp_451 after 30 ms',
      'email attempt 2: sent: smtp accepted it (smtp_250) after 30 ms',
      'email failed: after 2 attempts: smtp_550',
    ],
  ],
  [
    'an attempt nobody saw end',
    {
      status: 'unknown',
      reason: 'worker_lost',
      finishedAt: at(3),
      attempts: [
        {
          ...attempt,
          outcome: 'ambiguous',
          code: 'worker_lost',
          durationMs: null,
        },
      ],
    },
    [
      planned,
      "email attempt 1: ambiguous: Belfry's own process ended before it could note the answer; smtp may have taken the message",
      'email unknown: the provider may have taken it, but never said so',
    ],
  ],
  [
    'a second attempt after one without an answer',
    {
      status: 'sent',
      finishedAt: at(3),
      attempts: [
        { ...attempt, outcome: 'ambiguous', code: 'timeout' },
        { ...attempt, number: 2 },
      ],
    },
    [
      planned,
      'email attempt 1: ambiguous: smtp may have taken it, but gave no answer after 30 ms: timeout',
      'email attempt 2: sent: smtp accepted it (smtp_250) after 30 ms; the recipient may get it twice',
      'email sent: after 2 attempts',
    ],
  ],
  [
    'a provider that cannot be found',
    {
      status: 'failed',
      reason: 'dns_failed',
      finishedAt: at(3),
      attempts: [{ ...refused, code: 'dns_failed' }],
    },
    [
      planned,
      'email attempt 1: retry: smtp could not be reached (dns_failed) after 30 ms',
      'email failed: after 1 attempt: dns_failed',
    ],
  ],
  [
    'cancelled before it began',
    { status: 'cancelled', reason: 'cancelled', finishedAt: at(3) },
    [planned, 'email cancelled: it was cancelled before an attempt began'],
  ],
  [
    'cancelled between two attempts',
    { status: 'cancelled', reason: 'cancelled', finishedAt: at(3), attempts: [refused] },
    [
      planned,
      'email attempt 1: retry: smtp answered smtp_451 after 30 ms',
      'email cancelled: it was cancelled before another attempt began',
    ],
  ],
  [
    'expired between two attempts',
    { status: 'skipped', reason: 'expired', finishedAt: at(3), attempts: [refused] },
    [
      planned,
      'email attempt 1: retry: smtp answered smtp_451 after 30 ms',
      'email skipped: its time was over before another attempt could begin',
    ],
  ],
  [
    'expired',
    { status: 'skipped', reason: 'expired', finishedAt: at(3) },
    [planned, 'email skipped: its time was over before an attempt could begin'],
  ],
  [
    'no provider',
    { status: 'failed', reason: 'no_provider', finishedAt: at(3) },
    [planned, 'email failed: no provider is configured for the channel'],
  ],
]
for (const [name, given, expected] of courses) {
  test(`the trace tells what became of a delivery: ${name}`, () => {
    assert.deepEqual(told(notification, [{ ...email, ...given }]).slice(2), expected)
  })
}

test('a cancelled event is told in its place', () => {
  const late = { ...email, status: 'sent', finishedAt: at(9), attempts: [attempt] }

  const steps = traceOf({ ...notification, cancelledAt: at(5) }, [late]).map(
    ({ step, decision }) => `${step} ${decision}`,
  )

  assert.deepEqual(steps.slice(-3), ['email attempt 1: sent', 'cancel cancelled', 'email sent'])
})

test('the trace is in the order in which things happened', () => {
  const moment = fc.integer({ min: 1, max: 59 }).map(at)
  const delivery = fc.record({
    createdAt: moment,
    finishedAt: fc.option(moment),
    nextAt: fc.option(moment),
    attempts: fc.array(
      moment.map((startedAt) => ({
        ...refused,
        startedAt,
      })),
    ),
  })
  fc.assert(
    fc.property(fc.array(delivery), fc.option(moment), (deliveries, cancelledAt) => {
      const trace = traceOf(
        { ...notification, cancelledAt },
        deliveries.map((given) => ({ ...email, ...given })),
      )

      assert.ok(trace.every((entry, i) => i === 0 || trace[i - 1]!.at <= entry.at))
      assert.equal(trace[0]!.step, 'accept')
    }),
  )
})
