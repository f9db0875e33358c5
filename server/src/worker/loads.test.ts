import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLoads } from './loads.ts'

test('attempts under way are counted, and those that ended, but not what was put back', () => {
  const loads = createLoads(() => 8)

  loads.begun('sms')
  loads.begun('sms')
  loads.begun('sms')
  loads.ended('sms', true)
  loads.ended('sms', false)

  assert.deepEqual(loads.of('sms'), { channel: 'sms', busy: 1, places: 8, ended: 1 })
  assert.deepEqual(loads.of('email'), { channel: 'email', busy: 0, places: 8, ended: 0 })
})
