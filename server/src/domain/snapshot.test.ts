import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isVisible, leastOf, parseSnapshot, showSnapshot, type Snapshot } from './snapshot.ts'

for (const text of [
  '',
  '1',
  '1:2',
  '0:1:',
  '2:1:',
  '1:3:3',
  '2:4:1',
  '1:4:3,2',
  '1:4:2,2',
  '1:4:2,',
  'a:b:',
  '1:99999999999999999999:',
  '1:9999999999999999999:',
  "1:2:'; drop",
])
  test(`it is no snapshot: ${JSON.stringify(text)}`, () => {
    assert.equal(parseSnapshot(text), null)
  })

const snapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    xmax: fc.integer({ min: 5, max: 40 }),
    running: fc.uniqueArray(fc.integer({ min: 4, max: 40 })),
  })
  .map(({ xmax, running }) => {
    const within = running.filter((xid) => xid < xmax).toSorted((a, b) => a - b)
    return { xmin: BigInt(within[0] ?? xmax), xmax: BigInt(xmax), running: within.map(BigInt) }
  })

test('a snapshot is read as it was written', () => {
  fc.assert(fc.property(snapshot, (one) => assert.deepEqual(parseSnapshot(showSnapshot(one)), one)))
})

test('the least of snapshots shows exactly what all of them show', () => {
  const several = fc.array(snapshot, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(several, fc.bigInt({ min: 1n, max: 45n }), (all, xid) => {
      assert.equal(
        isVisible(xid, leastOf(all)),
        all.every((one) => isVisible(xid, one)),
      )
    }),
  )
})
