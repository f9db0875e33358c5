// `then` is a word of plans; nobody awaits a step.
/* oxlint-disable unicorn/no-thenable */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance, channelsOf, programOf, waitEnd, type Step } from './plan-steps.ts'
import { tellStop } from './plan-words.ts'

const wait: Step = { wait: { for: '30m', unless: 'read' } }
const digest: Step = { digest: { window: '10m' } }
const throttle: Step = { throttle: { limit: 1, per: '1h' } }
const send = (...channels: ('in_app' | 'push' | 'email' | 'sms')[]): Step => ({ send: channels })

const nested: Step[] = [
  send('in_app'),
  {
    if: 'a',
    then: [{ if: 'b', then: [wait, send('push')], else: [send('email')] }, send('sms')],
    else: [throttle],
  },
  send('push'),
]

// what, steps, from where, which conditions hold, what is sent, conditions asked, where it stops
type Row = [string, Step[], string, string[], string[], string[], string | null]
const rows: Row[] = [
  ['one that only sends', [send('in_app', 'email')], '/0', [], ['in_app', 'email'], [], null],
  [
    'one that sends twice',
    [send('in_app'), send('email')],
    '/0',
    [],
    ['in_app', 'email'],
    [],
    null,
  ],
  ['one that names a channel twice', [send('sms'), send('sms')], '/0', [], ['sms'], [], null],
  ['one with a wait', [send('in_app'), wait, send('email')], '/0', [], ['in_app'], [], '/1'],
  ['one after its wait', [send('in_app'), wait, send('email')], '/2', [], ['email'], [], null],
  ['one that begins with a digest', [digest, send('email')], '/0', [], [], [], '/0'],
  ['one that begins with a throttle', [throttle, send('email')], '/0', [], [], [], '/0'],
  ['both conditions hold', nested, '/0', ['a', 'b'], ['in_app'], ['a', 'b'], '/1/then/0/then/0'],
  [
    'behind the inner wait, past the inner else',
    nested,
    '/1/then/0/then/1',
    ['a', 'b'],
    ['push', 'sms'],
    [],
    null,
  ],
  [
    'the outer holds alone',
    nested,
    '/0',
    ['a'],
    ['in_app', 'email', 'sms', 'push'],
    ['a', 'b'],
    null,
  ],
  ['none holds', nested, '/0', ['b'], ['in_app'], ['a'], '/1/else/0'],
  [
    'no else, and it does not hold',
    [{ if: 'a', then: [wait] }, send('sms')],
    '/0',
    [],
    ['sms'],
    ['a'],
    null,
  ],
]
for (const [what, steps, from, holding, sent, asked, stop] of rows)
  test(`a plan goes to its next stop: ${what}`, () => {
    const program = programOf(steps)
    const start = program.findIndex(({ pointer, kind }) => pointer === from && kind !== 'goto')

    const conditions: string[] = []
    const progress = advance(program, start, (condition) => {
      conditions.push(condition)
      return holding.includes(condition)
    })

    assert.deepEqual(progress.channels, sent)
    assert.deepEqual(conditions, asked)
    assert.equal(progress.stop?.pointer ?? null, stop)
    assert.deepEqual(
      progress.notes.map(({ decision }) => decision),
      asked.map((condition) => String(holding.includes(condition))),
    )
    if (progress.stop) assert.equal(program[progress.stop.position]!.pointer, stop)
  })

test('the channels of a plan are those of all its branches, each once, as they come', () => {
  assert.deepEqual(channelsOf(programOf(nested)), ['in_app', 'push', 'email', 'sms'])
})

test('a wait counts from when it was come to', () => {
  const end = waitEnd({ for: '36h' }, new Date('2026-10-24T12:00:00Z'))

  assert.equal(end.toISOString(), '2026-10-26T00:00:00.000Z')
})

const noon = new Date('2026-11-21T12:00:00Z')
// what, step, until, what is said
const stops: [string, Step, Date | null, string][] = [
  [
    'a wait',
    { wait: { for: '2d' } },
    noon,
    'wait: waits until 2026-11-21T12:00:00.000Z: it waits 2d',
  ],
  [
    'a wait for an event',
    { wait: { for: '2d', unless: { event: 'order.paid' } } },
    noon,
    'wait: waits until 2026-11-21T12:00:00.000Z: it waits 2d for an event order.paid',
  ],
  [
    'a digest',
    digest,
    noon,
    'digest: waits until 2026-11-21T12:00:00.000Z: it is gathered with others of its kind',
  ],
  ['a digest not looked at yet', digest, null, 'digest: is next: it has just come to this step'],
  ['a throttle', throttle, null, 'throttle: is next: it has just come to this step'],
]
for (const [what, step, until, said] of stops)
  test(`where a plan stands is said plainly: ${what}`, () => {
    const told = tellStop(programOf([step])[0], until)

    assert.equal(`${told.step}: ${told.decision}: ${told.because}`, said)
  })
