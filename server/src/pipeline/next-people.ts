// Who comes next in an event's audience: the people named in it all at once, the members of a topic
// page by page.
import type { Context } from '../context.ts'
import type { AudienceMember } from '../domain/audience.ts'
import type { Channel } from '../domain/channel.ts'
import type { FanOutCursor } from '../domain/event.ts'
import type { Fallback } from '../domain/event-type.ts'
import type { Person } from '../domain/plan.ts'
import type { Subject } from '../domain/preferences.ts'
import { reasonText } from '../domain/reason.ts'
import type { Db } from '../sql/db.ts'
import type { ClaimedEvent } from '../sql/events.ts'
import { findPeople, listTopicPeople, type PersonRow } from '../sql/people.ts'
import { findPreferenceState, type PreferenceState } from '../sql/preferences.ts'
import type { CompiledTemplate } from './render.ts'

const chunkSize = 5_000
// A text for each person is rendered in one go: fewer of them, so that nothing else has to wait long.
const personalChunkSize = 500

export type NextPeople = {
  event: ClaimedEvent
  people: Person[]
  channels: Channel[]
  templates: CompiledTemplate[]
  /** People each member of the audience has led to so far. */
  found: number[]
  /** What preferences are asked about, and how they stood before the people were read. */
  subject: Subject
  preferences: PreferenceState
  workspace: { key: string; name: string } | null
  fallback: Fallback | null
  /** Where the next chunk begins; null when this was the last. */
  cursor: FanOutCursor | null
}

/** The next chunk of each event, with what is needed to write to these people. */
export async function findNextPeople(
  ctx: Context,
  db: Db,
  events: ClaimedEvent[],
): Promise<NextPeople[]> {
  const prepared = await Promise.all(events.map((event) => prepare(ctx, event)))
  const states = await findStates(db, events)
  const known = await findNamed(db, prepared)
  const chunks: NextPeople[] = []
  for (const chunk of prepared) {
    const { event } = chunk
    const start = event.cursor ?? { member: 0, after: null, found: [], templates: [] }
    const found = await findChunk(db, chunk, start, known)
    chunks.push({ ...chunk, ...found, preferences: states.get(event.workspaceId)! })
  }
  return chunks
}

type Prepared = Omit<NextPeople, 'people' | 'found' | 'cursor' | 'preferences'> & {
  addressChannels: string[]
  size: number // most people of a chunk that come from topics; who is named is found at once
}

async function prepare(ctx: Context, event: ClaimedEvent): Promise<Prepared> {
  const { workspaceId } = event
  const templateKey = event.message ? event.message.template : event.type
  const [type, templates, workspace, spoken] = await Promise.all([
    event.type && event.typeVersion
      ? ctx.configuration.eventTypeVersion(workspaceId, event.type, event.typeVersion)
      : null,
    templateKey
      ? ctx.configuration.templates(workspaceId, templateKey, event.cursor?.templates)
      : [],
    ctx.configuration.workspace(workspaceId),
    event.message?.template
      ? ctx.configuration.eventType(workspaceId, event.message.template)
      : null,
  ])
  const fallback = (type ?? spoken)?.fallback ?? null
  const channels = event.message?.channels ?? type?.channels ?? []
  const carried = channels.filter((channel) => channel !== 'in_app')
  // A personal text may name the address, whatever the channel.
  const isPersonal = templates.some((template) => template.isPersonal)
  const addressChannels = isPersonal ? [...new Set([...carried, 'email', 'sms'])] : carried
  const size = isPersonal ? personalChunkSize : chunkSize
  const subject: Subject = {
    level: event.level,
    eventType: event.type,
    category: type?.category ?? null,
    isOptIn: type?.opt_in ?? false,
  }
  return { event, channels, templates, workspace, fallback, subject, addressChannels, size }
}

async function findStates(db: Db, events: ClaimedEvent[]): Promise<Map<number, PreferenceState>> {
  const states = new Map<number, PreferenceState>()
  for (const { workspaceId } of events)
    if (!states.has(workspaceId))
      states.set(workspaceId, await findPreferenceState(db, workspaceId))
  return states
}

/** The people named by the first chunks of all events, in one read per workspace. */
async function findNamed(db: Db, prepared: Prepared[]): Promise<Map<string, PersonRow>> {
  const wanted = new Map<number, { ids: Set<string>; channels: Set<string> }>()
  for (const { event, addressChannels } of prepared) {
    const entry = wanted.get(event.workspaceId) ?? { ids: new Set(), channels: new Set() }
    wanted.set(event.workspaceId, entry)
    // Those before the cursor have been told; more than a chunk of them are not told at once.
    const first = event.cursor?.member ?? 0
    for (const member of event.audience.slice(first, first + chunkSize))
      if ('id' in member) entry.ids.add(member.id)
    for (const channel of addressChannels) entry.channels.add(channel)
  }
  const known = new Map<string, PersonRow>()
  for (const [workspaceId, { ids, channels }] of wanted) {
    if (ids.size === 0) continue
    const rows = await findPeople(db, workspaceId, [...ids], [...channels])
    for (const row of rows) known.set(`${workspaceId} ${row.id}`, row)
  }
  return known
}

type Found = { people: Person[]; found: number[]; cursor: FanOutCursor | null }

async function findChunk(
  db: Db,
  { event, channels, addressChannels, size }: Prepared,
  start: FanOutCursor,
  known: Map<string, PersonRow>,
): Promise<Found> {
  const { workspaceId, audience } = event
  const people = new Map<string, Person>()
  const found = [...start.found]
  let { member, after } = start
  while (member < audience.length && people.size < chunkSize) {
    const next = audience[member]!
    if (next.from === 'otherwise' && hasFound(audience, found)) {
      member = audience.length
      break
    }
    found[member] ??= 0
    const via = [reasonText(next)]
    if ('topic' in next) {
      const limit = size - people.size
      if (limit <= 0) break
      const { topic } = next
      const page = { workspaceId, topic, channels: addressChannels, after, limit }
      const rows = await listTopicPeople(db, page)
      for (const row of rows) add(people, subscriber(row, via))
      found[member]! += rows.length
      after = rows.at(-1)?.id ?? after
      if (rows.length === limit) break // there may be more of them
    } else if ('id' in next) {
      const row = known.get(`${workspaceId} ${next.id}`)
      add(people, row ? subscriber(row, via) : nobody(next.id, via))
      if (row) found[member] = 1
    } else {
      add(people, stranger(next.address, channels, via))
      found[member] = 1
    }
    member++
    after = null
  }
  const isLast = member >= audience.length
  const cursor = isLast ? null : { member, after, found, templates: start.templates }
  return { people: [...people.values()], found, cursor }
}

/** An id that belongs to nobody is no one found. */
function hasFound(audience: AudienceMember[], found: number[]): boolean {
  return found.some((count, i) => count > 0 && audience[i]?.from !== 'otherwise')
}

/** Each person once, with every way that led there. */
function add(people: Map<string, Person>, person: Person): void {
  const known = people.getOrInsert(person.recipient, person)
  // A new list: those who came the same way share theirs.
  if (!known.via.includes(person.via[0]!)) known.via = [...known.via, ...person.via]
}

function subscriber(row: PersonRow, via: string[]): Person {
  const { id, locale, timezone, data, preferences, addresses } = row
  return {
    recipient: id,
    isSubscriber: true,
    isKnown: true,
    via,
    locale,
    timezone,
    data,
    preferences,
    addresses,
  }
}

const noDetails = { locale: null, timezone: null, data: {}, preferences: null }

function nobody(id: string, via: string[]): Person {
  return { ...noDetails, recipient: id, via, isSubscriber: true, isKnown: false, addresses: [] }
}

/** An address given directly: it is good for every channel that was asked for. */
function stranger(address: string, channels: Channel[], via: string[]): Person {
  const addresses = channels
    .filter((channel) => channel !== 'in_app')
    .map((channel) => ({ channel, slot: 0, address }))
  return { ...noDetails, recipient: address, via, isSubscriber: false, isKnown: true, addresses }
}
