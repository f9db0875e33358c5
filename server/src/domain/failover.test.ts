import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextStanding, type Ended } from './failover.ts'

const now = new Date('2026-06-01T12:00:00Z')
const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000)
const forever = new Date('9999-01-01T00:00:00Z')
const retry = { kind: 'retry', code: 'http_503' } as const
const ambiguous = { kind: 'ambiguous', code: 'timeout' } as const
const usual: Ended = {
  outcome: retry,
  providerId: 'a',
  before: { tried: null, staysUntil: null },
  hasOther: () => true,
  knowsKeysMs: null,
  mayDouble: false,
  begunAt: now,
  now,
}
const bound = (staysUntil: Date) => ({ tried: null, staysUntil })
const stays = (staysUntil: Date | null) => ({ tried: null, staysUntil, isElsewhere: false })
const goes = (...tried: string[]) => ({ tried, staysUntil: null as Date | null, isElsewhere: true })

const cases: [string, Partial<Ended>, ReturnType<typeof nextStanding>][] = [
  ['what could not be taken goes to another one', {}, goes('a')],
  [
    'and on to a third',
    { providerId: 'b', before: { tried: ['a'], staysUntil: null } },
    goes('a', 'b'),
  ],
  ['after all were tried it waits, for any', { hasOther: () => false }, stays(null)],
  ['the sandbox binds nobody', { providerId: null, outcome: ambiguous }, stays(null)],
  ['the sandbox is alone', { providerId: null }, stays(null)],
  ['what may have been taken stays', { outcome: ambiguous }, stays(forever)],
  [
    'as long as a repetition is dropped',
    { outcome: ambiguous, knowsKeysMs: 3_600_000 },
    stays(later(1)),
  ],
  ['a failure after that changes nothing', { before: bound(later(1)) }, stays(later(1))],
  ['nor does a second silence', { outcome: ambiguous, before: bound(later(1)) }, stays(later(1))],
  [
    'until nobody drops a repetition any more, and what may have come is not forgotten',
    { before: bound(later(-1)) },
    { ...goes('a'), staysUntil: later(-1) },
  ],
  [
    'where it may come twice it goes on',
    { outcome: ambiguous, mayDouble: true },
    { ...goes('a'), staysUntil: now },
  ],
  ['what is refused is over', { outcome: { kind: 'failed', code: 'http_400' } }, stays(null)],
]

for (const [name, given, expected] of cases)
  test(name, () => assert.deepEqual(nextStanding({ ...usual, ...given }), expected))
