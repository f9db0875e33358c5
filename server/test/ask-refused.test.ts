// How asking for an answer cannot be said: refused when it is saved or sent, with what is wrong and where.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { given } from './given.ts'
import { createTestContext } from './test-context.ts'

const w = await createTestContext()
after(() => w.close())
before(() => given.subscriber(w, 'ana', { email: 'ana@example.com', phone: '+12025550142' }))

const plan = [{ send: ['in_app'], until: 'acknowledged', within: '5m', fallback: ['email', 'sms'] }]
const params = {
  type: 'object',
  required: ['team', 'on_call'],
  additionalProperties: false,
  properties: { team: { type: 'string' }, on_call: { type: 'string' }, backup: {} },
}
const acknowledge = { escalate_to: ['{{ backup }}', { topic: 'team:{{ team }}#oncall' }, 'boss'] }

const refused: [string, Record<string, unknown>, string, RegExp][] = [
  ['without a plan', { channels: ['email'], plan: undefined }, '/acknowledge', /needs a `plan`/],
  ['without waiting for it', { plan: [{ send: ['email'] }] }, '/acknowledge', /until acknowledged/],
  [
    'by each, and of others',
    { acknowledge: { by: 'each', escalate_to: ['ben'] } },
    '/acknowledge/escalate_to',
    /each has to answer/,
  ],
  [
    'behind a digest',
    { plan: [{ digest: { window: '1h' } }, ...plan] },
    '/plan/0/digest',
    /cannot go with/,
  ],
  [
    'of a parameter that is none',
    { acknowledge: { escalate_to: ['{{ bakup }}'] } },
    '/acknowledge/escalate_to/0',
    /Did you mean "backup"/,
  ],
  [
    'of too many',
    { acknowledge: { escalate_to: Array(11).fill('ben') } },
    '/acknowledge/escalate_to',
    /10/,
  ],
  [
    'in unknown words',
    { acknowledge: { escalates_to: ['ben'] } },
    '/acknowledge/escalates_to',
    /escalate_to/,
  ],
]
for (const [what, change, pointer, detail] of refused)
  test(`asking is refused ${what}`, async () => {
    const body = { params, audience: ['{{ on_call }}'], plan, acknowledge, ...change }
    const answered = await w.ask('PUT', '/event-types/refused', body)

    assert.ok(answered.status === 422, JSON.stringify(answered.body))
    assert.equal(answered.body.errors[0].pointer, pointer, JSON.stringify(answered.body))
    assert.match(answered.body.errors[0].detail, detail)
  })

const refusedMessages: [string, object, string][] = [
  [
    'a channel its time twice',
    { fallback_channels: ['sms'], fallback_after: '5m' },
    '/fallback_after',
  ],
  ['no time', { acknowledge: {} }, '/acknowledge/within'],
  ['months', { acknowledge: { within: '40d' } }, '/acknowledge/within'],
  [
    'somebody unknown to be next',
    { acknowledge: { within: '5m', escalate_to: ['nemo'] } },
    '/acknowledge/escalate_to/0',
  ],
]
for (const [what, change, pointer] of refusedMessages)
  test(`a message is refused that gives ${what}`, async () => {
    const message = {
      to: ['ana'],
      channels: ['email'],
      message: 'Hi',
      acknowledge: { within: '5m' },
    }
    const { status, body } = await w.ask('POST', '/notifications', { ...message, ...change })

    assert.ok(status >= 400 && status < 500, String(status))
    assert.equal(body.errors[0].pointer, pointer, JSON.stringify(body))
  })
