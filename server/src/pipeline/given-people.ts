// People who come in full with a request, as they would be once the request is stored: for an explanation,
// which stores nothing.
import type { InlineSubscriber } from '../domain/audience.ts'
import { subscriberChange, type SubscriberChange } from '../domain/subscriber.ts'
import type { PersonRow } from '../sql/people.ts'
import { mergeById } from '../sql/subscribers.ts'

export type GivenPeople = {
  /** What is stored, with what was given on top. */
  over(stored: PersonRow[], channels: string[]): PersonRow[]
  /** The same, and those of `ids` that are not stored yet. */
  among(stored: PersonRow[], ids: ReadonlySet<string>, channels: string[]): PersonRow[]
}

export function givenPeople(subscribers: InlineSubscriber[]): GivenPeople {
  const changes = new Map(mergeById(subscribers).map((one) => [one.id, subscriberChange(one)]))
  const over: GivenPeople['over'] = (stored, channels) =>
    stored.map((row) => {
      const change = changes.get(row.id)
      return change ? changed(row, change, channels) : row
    })
  return {
    over,
    among(stored, ids, channels) {
      const isThere = new Set(stored.map(({ id }) => id))
      const added = [...changes.values()]
        .filter(({ id }) => ids.has(id) && !isThere.has(id))
        .map((change) => changed({ ...nobodyYet, id: change.id }, change, channels))
      return [...over(stored, channels), ...added]
    },
  }
}

const nobodyYet = { locale: null, timezone: null, data: {}, preferences: null, addresses: [] }

function changed(
  row: PersonRow,
  { locale, timezone, data, replaced, addresses }: SubscriberChange,
  channels: string[],
): PersonRow {
  const kept = row.addresses.filter(({ channel }) => !replaced.includes(channel))
  const given = addresses
    .filter(({ channel }) => channels.includes(channel))
    .map(({ channel, slot, address, kind }) => ({ channel, slot, address, kind }))
  return {
    ...row,
    ...(locale !== undefined && { locale }),
    ...(timezone !== undefined && { timezone }),
    ...(data !== undefined && { data }),
    addresses: [...kept, ...given],
  }
}
