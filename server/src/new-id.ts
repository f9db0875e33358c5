// Ids of what has an order: made later in this process, sorted later, also within a millisecond. Events, and what
// comes of them in a feed, stand in the order in which they came.
import { randomInt, randomUUIDv7 } from 'node:crypto'

const ofOneMs = 4_096
const numbers = Array.from({ length: ofOneMs }, (_, i) => i.toString(16).padStart(3, '0'))
let last = '' // the time as an id has it
let count = 0

/**
 * A UUIDv7 whose 12 bits after the time count what was made in the millisecond. Of more than fit the rest are of the next one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-6.2 method 1
 */
export function newId(): string {
  const id = randomUUIDv7()
  const time = id.slice(0, 13)
  if (time > last) {
    last = time
    // Not from zero: those of other processes are to be different as well.
    count = randomInt(ofOneMs / 2)
  } else if (++count === ofOneMs) {
    last = after(last)
    count = 0
  }
  return `${last}-7${numbers[count]!}${id.slice(18)}`
}

function after(time: string): string {
  const next = (Number.parseInt(time.replace('-', ''), 16) + 1).toString(16).padStart(12, '0')
  return `${next.slice(0, 8)}-${next.slice(8)}`
}
