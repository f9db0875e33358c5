import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CarriedChannel } from '../domain/channel.ts'
import { createSlots } from './slots.ts'

test('each channel has places of its own, and no more than its limit', () => {
  const slots = createSlots(
    (channel) => (channel === 'email' ? 1 : 2),
    () => {},
  )

  assert.deepEqual([slots.reserve('email'), slots.reserve('email')], [true, false])
  assert.deepEqual(
    [slots.reserve('sms'), slots.reserve('sms'), slots.reserve('sms')],
    [true, true, false],
  )
  assert.deepEqual(
    [slots.free('email'), slots.free('sms'), slots.free('push'), slots.taken],
    [0, 0, 2, 3],
  )
})

test('a place given back can be taken again, and is announced', () => {
  const free: CarriedChannel[] = []
  const slots = createSlots(
    () => 1,
    (channel) => free.push(channel),
  )

  slots.reserve('email')
  slots.release('email')

  assert.deepEqual(free, ['email'])
  assert.equal(slots.free('email'), 1)
  assert.equal(slots.reserve('email'), true)
})

test('whatever is taken and given back, the count is right', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), fc.integer({ min: 1, max: 5 }), (steps, limit) => {
      const slots = createSlots(
        () => limit,
        () => {},
      )
      let held = 0

      for (const isTaking of steps) {
        if (isTaking) held += slots.reserve('webhook') ? 1 : 0
        else if (held > 0) {
          slots.release('webhook')
          held--
        }
        assert.ok(held <= limit)
        assert.equal(slots.taken, held)
        assert.equal(slots.free('webhook'), limit - held)
      }
    }),
  )
})
