// The ten shops and their 29 people. The same ids each time, so that playing twice adds nobody.
import { createHash } from 'node:crypto'

export type Person = { id: string; name: string; location: string }

const seventhShop = 7 // the one with two people

export const locations = Array.from({ length: 10 }, (_, i) => `shop-${i + 1}`)

export const staff: Person[] = locations.flatMap((location, i) =>
  ['Ana', 'Ben', 'Chloé'].slice(0, i + 1 === seventhShop ? 2 : 3).map((name) => ({
    id: uuidOf(`${location} ${name}`),
    name: `${name} of ${location}`,
    location,
  })),
)

export const staffOf = (location: string) => staff.filter((person) => person.location === location)

/** A name-based UUID (RFC 9562, version 8). */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
