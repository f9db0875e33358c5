import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterReceipt, receiptKinds, type ReceiptKind, type Standing } from './receipt.ts'
import { statuses } from './status.ts'

const sent: Standing = { status: 'sent', reason: null }

// where it stood, what is told, where it stands; null: where it stood
const steps: [string, Standing, ReceiptKind, Standing | null][] = [
  ['what was taken is delivered', sent, 'delivered', { status: 'delivered', reason: null }],
  ['what was taken comes back', sent, 'bounced', { status: 'failed', reason: 'bounced' }],
  [
    'what was delivered may still come back',
    { status: 'delivered', reason: null },
    'bounced',
    { status: 'failed', reason: 'bounced' },
  ],
  [
    'what is complained of has arrived',
    sent,
    'complained',
    { status: 'delivered', reason: 'complained' },
  ],
  ['what came back was not delivered', { status: 'failed', reason: 'bounced' }, 'delivered', null],
  ['what nobody knew is known', { status: 'unknown', reason: 'timeout' }, 'sent', sent],
  [
    'what seemed to have failed may have been delivered',
    { status: 'failed', reason: 'http_503' },
    'delivered',
    { status: 'delivered', reason: null },
  ],
  ['to be taken is nothing new', sent, 'sent', null],
  ['an answer is about no delivery', sent, 'stopped', null],
]
for (const [name, before, kind, after] of steps)
  test(name, () => assert.deepEqual(afterReceipt(before, kind), after))

test('in whatever order, and however often, receipts come to the same end', () => {
  const orders = permutations(['sent', 'delivered', 'bounced', 'complained'])
  for (const status of statuses)
    for (let count = 1; count <= 4; count++) {
      const ends = new Set(
        orders
          .filter((order) => order.length === 4)
          .map((order) => order.filter((kind) => receiptKinds.indexOf(kind) < count))
          .map((order) => JSON.stringify(endOf({ status, reason: null }, [...order, ...order]))),
      )
      assert.equal(ends.size, 1, `${status} after ${count}: ${[...ends].join(' or ')}`)
    }
})

function endOf(start: Standing, kinds: ReceiptKind[]): Standing {
  return kinds.reduce((standing, kind) => afterReceipt(standing, kind) ?? standing, start)
}

function permutations(kinds: ReceiptKind[]): ReceiptKind[][] {
  if (kinds.length === 0) return [[]]
  return kinds.flatMap((kind) =>
    permutations(kinds.filter((other) => other !== kind)).map((rest) => [kind, ...rest]),
  )
}
