import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEventReader, type StreamEvent } from './stream-events.ts'

function read(pieces: string[]): StreamEvent[] {
  const events: StreamEvent[] = []
  const reader = createEventReader((event) => events.push(event))
  for (const piece of pieces) reader.feed(piece)
  return events
}

const event = (data: string, { id = null as string | null, name = 'message' } = {}) => ({
  id,
  event: name,
  data,
})

// what is sent, what it says
const texts: [string, StreamEvent[]][] = [
  ['id: 7\nevent: counts\ndata: {"a":1}\n\n', [event('{"a":1}', { id: '7', name: 'counts' })]],
  ['data:one\n\ndata: two\n\n', [event('one'), event('two')]],
  ['data: one\ndata: two\n\n', [event('one\ntwo')]],
  [': a heartbeat\n\ndata: one\n\n', [event('one')]],
  ['data:  two spaces\n\n', [event(' two spaces')]],
  ['data: a: b\n\n', [event('a: b')]],
  ['data\n\n', [event('')]],
  ['id: 7\n\ndata: one\n\n', [event('one')]],
  ['data: not ended\n', []],
]
for (const [text, events] of texts)
  for (const end of ['\n', '\r\n', '\r'])
    test(`${JSON.stringify(text.replaceAll('\n', end))} is read whole and in pieces`, () => {
      const sent = text.replaceAll('\n', end)
      // A carriage return at the very end may have its other half still to come.
      const more = end === '\r' ? ':' : ''

      assert.deepEqual(read([sent + more]), events)
      assert.deepEqual(read(`${sent}${more}`.split('')), events)
    })
