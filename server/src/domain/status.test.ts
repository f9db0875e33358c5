import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bestStatus, pendingStatuses, statuses, type EndStatus } from './status.ts'

const rows: [EndStatus[], EndStatus | null][] = [
  [[], null],
  [['failed'], 'failed'],
  [['failed', 'delivered'], 'delivered'],
  [['delivered', 'failed'], 'delivered'],
  [['sent', 'delivered'], 'delivered'],
  [['unknown', 'failed'], 'unknown'],
  [['skipped', 'failed'], 'failed'],
  [['cancelled', 'skipped'], 'cancelled'],
  [['cancelled', 'cancelled'], 'cancelled'],
  [['skipped', 'cancelled', 'failed', 'unknown', 'sent'], 'sent'],
]
for (const [ends, best] of rows) {
  test(`of ${ends.join(', ') || 'nothing'} the best is ${best}`, () => {
    assert.equal(bestStatus(ends), best)
  })
}

const ended = statuses.filter((status): status is EndStatus => !pendingStatuses.includes(status))

test('the best of several ends is one of them, whatever their order', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...ended), { minLength: 1 }), (ends) => {
      const best = bestStatus(ends)

      assert.ok(best && ends.includes(best))
      assert.equal(bestStatus(ends.toReversed()), best)
      assert.equal(bestStatus([best, ...ends]), best)
    }),
  )
})
