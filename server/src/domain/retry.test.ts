import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { carriedChannels, type CarriedChannel } from './channel.ts'
import type { RetryPolicy } from './event-type.ts'
import type { Outcome } from './outcome.ts'
import { attemptLimit, nextStep, policyOf, type Attempted, type NextStep } from './retry.ts'

const now = new Date('2026-11-21T12:00:00Z')
const second = 1_000
const day = 86_400 * second

const busy: Outcome = { kind: 'retry', code: 'http_503' }
const silent: Outcome = { kind: 'ambiguous', code: 'timeout' }

function after(attempted: Partial<Attempted>): NextStep {
  const usual = { outcome: busy, attempt: 1, channel: 'email', policy: null } as const
  return nextStep({
    ...usual,
    expiresAt: null,
    mayBegin: (dueAt) => dueAt,
    now,
    random: 1,
    ...attempted,
  })
}

function delayAfter(attempted: Partial<Attempted>): number {
  const step = after(attempted)
  assert.equal(step.kind, 'again')
  return step.kind === 'again' ? step.dueAt.getTime() - now.getTime() : NaN
}

const ends: [Outcome, NextStep][] = [
  [{ kind: 'sent' }, { kind: 'end', status: 'sent', reason: null }],
  [
    { kind: 'delivered', code: 'http_200' },
    { kind: 'end', status: 'delivered', reason: null },
  ],
  [
    { kind: 'failed', code: 'http_400' },
    { kind: 'end', status: 'failed', reason: 'http_400' },
  ],
  [
    { kind: 'gone', code: 'http_410' },
    { kind: 'end', status: 'failed', reason: 'http_410' },
  ],
]
for (const [outcome, expected] of ends) {
  test(`an attempt that came to "${outcome.kind}" is the last`, () => {
    assert.deepEqual(after({ outcome }), expected)
  })
}

test('what is refused for good after an attempt that may have come ends as not known', () => {
  const outcome = { kind: 'failed', code: 'http_409' } as const

  assert.deepEqual(after({ outcome, mayHaveCome: true }), {
    kind: 'end',
    status: 'unknown',
    reason: 'http_409',
  })
})

test('what may have come is not given up for another channel, and ends as not known', () => {
  const elsewhere = { isTriedElsewhere: true, mayHaveCome: true }

  assert.equal(after(elsewhere).kind, 'again')
  assert.deepEqual(after({ ...elsewhere, attempt: 5 }), {
    kind: 'end',
    status: 'unknown',
    reason: 'http_503',
  })
})

const schedules: [CarriedChannel, number[]][] = [
  ['email', [10, 60, 600, 3_600]],
  ['sms', [10, 60, 600, 3_600]],
  ['webhook', [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]],
]
for (const [channel, delays] of schedules) {
  test(`${channel} is tried again after ${delays.join(', ')} seconds, and then no more`, () => {
    const made = delays.map((_, i) => delayAfter({ channel, attempt: i + 1 }) / second)

    assert.deepEqual(made, delays)
    const last = { channel, attempt: delays.length + 1 }
    assert.deepEqual(after(last), { kind: 'end', status: 'failed', reason: 'http_503' })
    assert.deepEqual(after({ ...last, outcome: silent }), {
      kind: 'end',
      status: 'unknown',
      reason: 'timeout',
    })
  })
}

const policies: [string, RetryPolicy, number[]][] = [
  ['fixed', { attempts: 4, delay: '3s', backoff: 'fixed' }, [3, 3, 3]],
  ['growing', { attempts: 5, delay: '3s', backoff: 'exponential' }, [3, 6, 12, 24]],
  [
    'growing up to a day',
    { attempts: 4, delay: '9h', backoff: 'exponential' },
    [32_400, 64_800, 86_400],
  ],
  ['no second attempt', { attempts: 1, delay: '3s', backoff: 'fixed' }, []],
]
for (const [name, policy, delays] of policies) {
  test(`an event type's own retries go before the channel's: ${name}`, () => {
    assert.deepEqual(
      delays.map((_, i) => delayAfter({ policy, attempt: i + 1 }) / second),
      delays,
    )
    assert.equal(after({ policy, attempt: delays.length + 1 }).kind, 'end')
  })
}

const asked: [string, number | undefined, number][] = [
  ['nothing', undefined, 10 * second],
  ['less than the schedule', 4 * second, 10 * second],
  ['more than the schedule', 40 * second, 40 * second],
  ['more than a day', 3 * day, day],
  ['a moment ago', -5 * second, 10 * second],
]
for (const [name, retryAfterMs, expected] of asked) {
  test(`Retry-After: ${name}`, () => {
    const outcome: Outcome = retryAfterMs === undefined ? busy : { ...busy, retryAfterMs }

    assert.equal(delayAfter({ outcome }), expected)
  })
}

test('nothing is tried again at or after the time it expires', () => {
  const at = (ms: number) => after({ expiresAt: new Date(now.getTime() + ms) }).kind

  assert.equal(at(10 * second + 1), 'again')
  assert.equal(at(10 * second), 'end')
  assert.equal(at(9 * second), 'end')
})

test('a retry that finds quiet hours comes after them, and not at all when it has expired by then', () => {
  const morning = new Date(now.getTime() + 8 * 3_600_000)
  const step = (expiresAt: Date | null) => after({ mayBegin: () => morning, expiresAt })

  const always = step(null)
  assert.deepEqual(always.kind === 'again' && always.dueAt, morning)
  assert.equal(step(new Date(morning.getTime() + 1)).kind, 'again')
  assert.equal(step(morning).kind, 'end')
})

const anyPolicy = fc.option(
  fc.record<RetryPolicy>({
    attempts: fc.integer({ min: 1, max: 20 }),
    delay: fc
      .tuple(fc.integer({ min: 1, max: 999_999 }), fc.constantFrom('s', 'm', 'h', 'd'))
      .map((d) => d.join('')),
    backoff: fc.constantFrom('fixed', 'exponential'),
  }),
)
const anyAttempt = fc.record<Attempted>({
  outcome: fc.oneof(
    fc.constant(silent),
    fc
      .option(fc.integer({ min: -day, max: 9 * day }), { nil: undefined })
      .map((retryAfterMs): Outcome =>
        retryAfterMs === undefined ? busy : { ...busy, retryAfterMs },
      ),
  ),
  attempt: fc.integer({ min: 1, max: 25 }),
  channel: fc.constantFrom(...carriedChannels),
  policy: anyPolicy,
  mayBegin: fc.constant((dueAt: Date) => dueAt),
  expiresAt: fc.option(
    fc.integer({ min: -day, max: 60 * day }).map((ms) => new Date(now.getTime() + ms)),
  ),
  now: fc.constant(now),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
})

test('a retry is within the limit, in the future, before it expires, and at a time that can be stored', () => {
  fc.assert(
    fc.property(anyAttempt, (attempted) => {
      const step = nextStep(attempted)
      if (step.kind === 'end') return

      assert.ok(attempted.attempt < attemptLimit(attempted.channel, attempted.policy))
      assert.ok(step.dueAt > now)
      assert.ok(!attempted.expiresAt || step.dueAt < attempted.expiresAt)
      assert.match(step.dueAt.toISOString(), /^\d{4}-/)
    }),
    { numRuns: 2_000 },
  )
})

test('chance moves a retry only within the second half of its delay', () => {
  fc.assert(
    fc.property(anyAttempt, fc.constantFrom(silent, busy), (given, outcome) => {
      const attempted = { ...given, outcome, expiresAt: null }
      const at = (random: number) => {
        const step = nextStep({ ...attempted, random })
        return step.kind === 'again' ? step.dueAt.getTime() - now.getTime() : 0
      }
      const longest = at(1)

      assert.ok(at(attempted.random) >= Math.floor(longest / 2) && at(attempted.random) <= longest)
      assert.equal(at(0), attempted.policy?.backoff === 'fixed' ? longest : Math.floor(longest / 2))
    }),
    { numRuns: 2_000 },
  )
})

test('what the provider asks for is clamped between a second and a day', () => {
  fc.assert(
    fc.property(anyAttempt, fc.integer(), (given, retryAfterMs) => {
      const attempted = { ...given, expiresAt: null, attempt: 1 }
      const own = nextStep({ ...attempted, outcome: busy })
      const step = nextStep({ ...attempted, outcome: { ...busy, retryAfterMs } })
      if (own.kind === 'end' || step.kind === 'end') return assert.equal(step.kind, own.kind)

      const wanted = Math.min(Math.max(retryAfterMs, second), day)
      assert.equal(step.dueAt.getTime(), Math.max(own.dueAt.getTime(), now.getTime() + wanted))
    }),
  )
})

test('policies hold for all channels, or for those they name', () => {
  const fast: RetryPolicy = { attempts: 2, delay: '1s', backoff: 'fixed' }

  assert.equal(policyOf(fast, 'email'), fast)
  assert.equal(policyOf({ email: fast }, 'email'), fast)
  assert.equal(policyOf({ email: fast }, 'sms'), null)
  assert.equal(policyOf(null, 'sms'), null)
})
