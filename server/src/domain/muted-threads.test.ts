// A thread that somebody has muted, among what else they have said.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide, type Preferences, type Rule, type Subject } from './preferences.ts'

const inThread: Subject = {
  level: 'standard',
  eventType: 'order.shipped',
  category: 'orders',
  isOptIn: false,
  threadKey: 'order:7',
}
const muted: Preferences = { muted_threads: { 'order:7': true } }
const typeOn = { event_types: { 'order.shipped': { enabled: true, email: true } } }

const rows: [string, Subject, Preferences, boolean, Rule][] = [
  [
    'goes before whatever was said about its type',
    inThread,
    { ...muted, ...typeOn },
    false,
    'thread',
  ],
  [
    'says nothing about other threads',
    { ...inThread, threadKey: 'x' },
    muted,
    true,
    'nothing_said',
  ],
  [
    'is none because of a name',
    { ...inThread, threadKey: 'constructor' },
    muted,
    true,
    'nothing_said',
  ],
  [
    'says nothing about what has no thread',
    { ...inThread, threadKey: null },
    muted,
    true,
    'nothing_said',
  ],
  ['holds back nothing critical', { ...inThread, level: 'critical' }, muted, true, 'mandatory'],
]

for (const [what, subject, said, isOn, rule] of rows)
  test(`a muted thread ${what}`, () => {
    const decision = decide('email', subject, said, {})

    assert.deepEqual([decision.isOn, decision.rule], [isOn, rule])
  })
