// `then` is a word of plans; nobody awaits a step.
/* oxlint-disable unicorn/no-thenable */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mostSteps, planProblems } from './plan-check.ts'
import type { Step } from './plan-steps.ts'

const inApp: Step = { send: ['in_app'] }
const email: Step = { send: ['email'] }
const wait: Step = { wait: { for: '1h' } }
const unlessRead: Step = { wait: { for: '1h', unless: 'read' } }
const digest: Step = { digest: { window: '10m' } }
const throttle: Step = { throttle: { limit: 1, per: '1h' } }
const window = (rule: object): Step => ({ digest: { window: { every: 'day', ...rule } } })
const many = Array.from({ length: mostSteps / 2 }, () => [email, wait]).flat()

// what, plan, where it is wrong, what is said
const refused: [string, Step[], string, RegExp][] = [
  ['more steps than may be', [...many, email], '', /has 51 steps; 50 are the most/],
  ['a wait at the end', [inApp, wait], '/1', /does nothing: no step after it sends/],
  ['a digest at the end', [inApp, digest], '/1', /does nothing/],
  ['a throttle at the end', [inApp, throttle], '/1', /does nothing/],
  [
    'a wait at the end of a branch',
    [inApp, { if: 'a', then: [email, wait] }],
    '/1/then/1',
    /does nothing/,
  ],
  [
    'a wait at the end of the other branch',
    [inApp, { if: 'a', then: [email], else: [wait] }],
    '/1/else/0',
    /does nothing/,
  ],
  ['a branch that is never gone', [{ if: 'false', then: [email] }], '/0/then', /never be reached/],
  [
    'an else that is never gone',
    [{ if: ' true ', then: [email], else: [inApp] }],
    '/0/else',
    /never be reached/,
  ],
  ['the feed twice', [inApp, wait, inApp], '/2/send/0', /is in the feed already/],
  [
    'the feed again after a branch',
    [{ if: 'a', then: [inApp] }, { send: ['email', 'in_app'] }],
    '/1/send/1',
    /is in the feed already/,
  ],
  ['e-mail twice at once', [email, email], '/1/send/0', /sends on email again with nothing in/],
  [
    'reading what was not sent in the app',
    [email, unlessRead, { send: ['sms'] }],
    '/1/wait/unless',
    /only what was sent in_app before can be read/,
  ],
  ['a wait of years', [{ wait: { for: '367d' } }, email], '/0/wait/for', /at most 366d/],
  [
    'a throttle over months',
    [{ throttle: { limit: 1, per: '32d' } }, email],
    '/0/throttle/per',
    /31d/,
  ],
  ['a digest over months', [{ digest: { window: '745h' } }, email], '/0/digest/window', /31d/],
  ['two digests', [digest, email, digest, email], '/2', /one digest is the most/],
  [
    'a digest after one in a branch',
    [{ if: 'a', then: [digest] }, wait, digest, email],
    '/2',
    /one digest is the most/,
  ],
  [
    'an hour at a time',
    [window({ every: 'hour', at: '09:00' }), email],
    '/0/digest/window/at',
    /day or week/,
  ],
  [
    'a day on a day',
    [window({ on: 'monday' }), email],
    '/0/digest/window/on',
    /goes with every week/,
  ],
  [
    'a fallback to what was tried',
    [{ send: ['email', 'sms'], fallback: ['push', 'sms'] }],
    '/0/fallback/1',
    /sms is tried before/,
  ],
  [
    'a fallback to the feed, which has it',
    [inApp, { send: ['email'], fallback: ['in_app'] }],
    '/1/fallback/0',
    /in the feed already/,
  ],
  ['a time that leads to nothing', [{ send: ['email'], within: '1h' }], '/0/within', /goes with/],
  [
    'a condition that leads to nothing',
    [{ send: ['email'], until: 'delivered', within: '1h' }, wait, email],
    '/0/within',
    /goes with `fallback`/,
  ],
  [
    'a condition without its time',
    [{ send: ['email'], until: 'delivered', fallback: ['sms'] }],
    '/0/until',
    /needs `within`/,
  ],
  [
    'reading what is nowhere to be read',
    [{ send: ['email'], until: 'read', within: '1h', fallback: ['sms'] }],
    '/0/until',
    /only what was sent in_app can be read/,
  ],
  [
    'an answer that nobody waits for',
    [{ send: ['push'], until: 'acknowledged' }],
    '/0/until',
    /needs `within`/,
  ],
  [
    'a wait for what is nowhere to be seen',
    [{ send: ['push'] }, { wait: { for: '1h', unless: 'seen' } }, email],
    '/1/wait/unless',
    /only what was sent in_app before can be seen/,
  ],
  [
    'a time of years',
    [{ send: ['email'], within: '367d', fallback: ['sms'] }],
    '/0/within',
    /at most 366d/,
  ],
]
for (const [what, steps, pointer, detail] of refused)
  test(`a plan is refused: ${what}`, () => {
    const problems = planProblems(steps)

    assert.deepEqual(
      problems.map((problem) => problem.pointer),
      [pointer],
      JSON.stringify(problems),
    )
    assert.match(problems[0]!.detail, detail)
  })

// what, plan
const right: [string, Step[]][] = [
  ['a fallback', [inApp, unlessRead, { send: ['email'], fallback: ['sms', 'telegram'] }, email]],
  [
    'a chain that an answer ends',
    [{ send: ['in_app', 'push'], until: 'acknowledged', within: '5m' }, { send: ['sms'] }],
  ],
  [
    'an answer by the link in any channel',
    [{ send: ['push'], until: 'acknowledged', within: '1h', fallback: ['sms'] }],
  ],
  [
    'a fallback unless it is read',
    [{ send: ['in_app'], until: 'read', within: '1h', fallback: ['email'] }],
  ],
  ['an escalation', [inApp, unlessRead, email, wait, email]],
  ['as many steps as may be', [...many.slice(1), email]],
  ['the longest times', [{ wait: { for: '366d' } }, { throttle: { limit: 1, per: '31d' } }, email]],
  ['a branch that waits for what comes after it', [{ if: 'a', then: [wait] }, email]],
  ['the feed in both branches', [{ if: 'a', then: [inApp], else: [inApp] }, unlessRead, email]],
  ['a digest in both branches', [{ if: 'a', then: [digest], else: [digest] }, email]],
  ['every week on a day at a time', [window({ every: 'week', on: 'friday', at: '16:00' }), email]],
]
for (const [what, steps] of right)
  test(`a plan is taken: ${what}`, () => assert.deepEqual(planProblems(steps), []))
