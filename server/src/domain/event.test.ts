import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AudienceMember } from './audience.ts'
import type { Level } from './event-type.ts'
import { laneOf, lanes } from './event.ts'

const people = (count: number): AudienceMember[] =>
  Array.from({ length: count }, (_, i) => ({ id: `p${i}` }))

const rows: [string, Level, AudienceMember[], number][] = [
  ['one person', 'standard', people(1), lanes.few],
  ['twenty people', 'standard', people(20), lanes.few],
  ['twenty-one people', 'standard', people(21), lanes.many],
  ['a topic, however small', 'standard', [{ topic: 'news' }], lanes.many],
  ['a topic behind a person', 'standard', [{ id: 'ana' }, { topic: 'news' }], lanes.many],
  ['an address given directly', 'standard', [{ address: 'a@b.test' }], lanes.few],
  ['nobody', 'standard', [], lanes.few],
  ['something critical to a topic', 'critical', [{ topic: 'news' }], lanes.critical],
  ['something critical to many', 'critical', people(100), lanes.critical],
]
for (const [name, level, audience, lane] of rows) {
  test(`the lane of an event to ${name}`, () =>
    assert.equal(laneOf({ level, audience, replayOf: null, message: null }), lane))
}

// priority, lane
const priorities: [number, number][] = [
  [1, lanes.many],
  [3, lanes.many],
  [4, lanes.few],
  [7, lanes.few],
  [8, lanes.critical],
  [10, lanes.critical],
]
for (const [priority, lane] of priorities)
  test(`a message of priority ${priority} has its lane`, () => {
    const message = { channels: ['email' as const], priority }
    const event = { level: 'standard', audience: people(1), replayOf: null, message } as const
    assert.equal(laneOf(event), lane)
    assert.equal(laneOf({ ...event, level: 'critical' }), lanes.critical)
  })

test('what is replayed goes last, however critical it was', () => {
  const replay = {
    level: 'critical',
    audience: people(1),
    replayOf: 'an event',
    message: null,
  } as const

  assert.equal(laneOf(replay), lanes.many)
})

test('what is critical goes first, broadcasts last', () => {
  assert.ok(lanes.critical < lanes.few && lanes.few < lanes.many)
})
