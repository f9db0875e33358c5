import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Channel } from './channel.ts'
import { missingTemplates } from './missing-templates.ts'
import type { Step } from './plan-steps.ts'

const all: Channel[] = ['in_app', 'email', 'webhook']
const escalation: Step[] = [
  { send: ['in_app'] },
  { wait: { for: '30m', unless: 'read' } },
  // A step, and a word of plans: nobody awaits it.
  // oxlint-disable-next-line unicorn/no-thenable
  { if: 'total > 1', then: [{ send: ['webhook', 'sms'] }], else: [{ send: ['email'] }] },
  { wait: { for: '1d' } },
  { send: ['email'] },
]

// what, plan, which channels have a template, where one is missing
const rows: [string, Step[] | undefined, Channel[], string[]][] = [
  ['plain channels', undefined, ['in_app'], ['/channels/1']],
  ['a webhook, which needs none', undefined, ['in_app', 'email'], []],
  [
    'a plan, each channel once and where it comes first',
    escalation,
    [],
    ['/plan/0/send/0', '/plan/2/then/0/send/1', '/plan/2/else/0/send/0'],
  ],
  ['a plan whose every text is there', escalation, ['in_app', 'sms', 'email'], []],
]
for (const [what, plan, has, pointers] of rows)
  test(`channels without a template are found in ${what}`, () => {
    const found = missingTemplates({ channels: all, ...(plan && { plan }) }, new Set(has))

    assert.deepEqual(
      found.map(({ pointer }) => pointer),
      pointers,
    )
  })
