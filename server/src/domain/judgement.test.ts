import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from './judgement.ts'
import type { Outcome } from './outcome.ts'

const cases: [Outcome, ReturnType<typeof judge>][] = [
  [{ kind: 'sent' }, 'answered'],
  [{ kind: 'failed', code: 'http_400' }, 'answered'],
  [{ kind: 'gone', code: 'Unregistered' }, 'answered'],
  [{ kind: 'failed', code: 'invalid_email' }, null],
  [{ kind: 'failed', code: 'message_too_large' }, null],
  [{ kind: 'retry', code: 'http_429' }, null],
  [{ kind: 'retry', code: 'http_503' }, 'failed'],
  [{ kind: 'retry', code: 'provider_auth' }, 'failed'],
  [{ kind: 'ambiguous', code: 'timeout' }, 'failed'],
]

for (const [outcome, expected] of cases)
  test(`${outcome.kind} ${outcome.code ?? ''} counts as ${expected ?? 'nothing'}`, () =>
    assert.equal(judge(outcome), expected))
