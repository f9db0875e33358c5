// Who comes next in an event's audience: the people named in it all at once, the members of a topic
// page by page.
import type { Context } from '../context.ts'
import { endOfLevel, isOneEnough } from '../domain/asking.ts'
import type { AudienceMember } from '../domain/audience.ts'
import type { Channel } from '../domain/channel.ts'
import { deviceOf } from '../domain/device.ts'
import type { FanOutCursor } from '../domain/event.ts'
import type { Fallback } from '../domain/event-type.ts'
import type { Person } from '../domain/plan.ts'
import { channelsOf } from '../domain/plan-steps.ts'
import type { Subject } from '../domain/preferences.ts'
import type { Hours } from '../domain/quiet-hours.ts'
import { reasonText } from '../domain/reason.ts'
import type { Db } from '../sql/db.ts'
import type { ClaimedEvent } from '../sql/events.ts'
import {
  findPeople,
  listTopicPeople,
  listTopicPeopleHere,
  type Here,
  type PersonRow,
} from '../sql/people.ts'
import { findFanOutState, type FanOutState, type PreferenceState } from '../sql/preferences.ts'
import { listSuppressed } from '../sql/suppressions.ts'
import type { GivenPeople } from './given-people.ts'
import { planOf } from './plan-of.ts'
import type { CompiledPlan } from './plan-texts.ts'
import type { CompiledTemplate } from './render.ts'
import { isHere, whileNobodyMoves } from './zone-people.ts'

const chunkSize = 5_000
// A text for each person is rendered in one go: fewer of them, so that nothing else has to wait long.
const personalChunkSize = 500

export type NextPeople = {
  event: ClaimedEvent
  people: Person[]
  channels: Channel[] // all of a plan's
  steps: CompiledPlan | null
  /** One answer is enough for all of them. */
  isOneEnough: boolean
  /** It takes the place of what there was of its thread. */
  replaces: boolean
  templates: CompiledTemplate[]
  /** People each member of the audience has led to so far; null: it was passed over. */
  found: (number | null)[]
  /** What preferences are asked about, and how they stood before the people were read. */
  subject: Subject
  preferences: PreferenceState
  /** By which keys waits of plans are ended by such an event, null among them: by being about the same person. */
  awaitedBy: (string | null)[]
  workspace: { key: string; name: string } | null
  fallback: Fallback | null
  hours: Hours | null | undefined // of the event type
  /** Where the next chunk begins; null when this was the last. */
  cursor: FanOutCursor | null
}

/** For an explanation: the most people it shows, and those that its request gives in full, who are not stored. */
export type Looking = { most: number; given: GivenPeople }

/** The next chunk of each event, with what is needed to write to these people. */
export async function findNextPeople(
  ctx: Context,
  db: Db,
  events: ClaimedEvent[],
  looking: Looking | null = null,
): Promise<NextPeople[]> {
  const prepared = await Promise.all(events.map((event) => prepare(ctx, event, looking)))
  const states = await findStates(db, events)
  const known = await findNamed(db, prepared, looking)
  const chunks: NextPeople[] = []
  for (const chunk of prepared) {
    const { event } = chunk
    const start = event.cursor ?? { member: 0, after: null, found: [], templates: [] }
    // Who is asked since nobody answered is asked wherever they are.
    const placed = start.escalation ? { ...event, audience: [] } : event
    const found = await whileNobodyMoves(db, placed, (here) =>
      findChunk(db, chunk, start, { known, looking, here }),
    )
    const { awaited, ...preferences } = states.get(event.workspaceId)!
    const awaitedBy = awaited.flatMap(([type, key]) => (type === event.type ? [key] : []))
    chunks.push({ ...chunk, ...found, preferences, awaitedBy })
  }
  return chunks
}

type Prepared = Omit<NextPeople, 'people' | 'found' | 'cursor' | 'preferences' | 'awaitedBy'> & {
  addressChannels: string[]
  size: number // most people of a chunk that come from topics; who is named is found at once
}

async function prepare(
  ctx: Context,
  event: ClaimedEvent,
  looking: Looking | null,
): Promise<Prepared> {
  const { workspaceId } = event
  const pins = looking ? undefined : event.cursor?.templates
  const templateKey = event.message ? event.message.template : event.type
  const [type, templates, workspace, spoken] = await Promise.all([
    event.type && event.typeVersion
      ? ctx.configuration.eventTypeVersion(workspaceId, event.type, event.typeVersion)
      : null,
    templateKey ? ctx.configuration.templates(workspaceId, templateKey, pins) : [],
    ctx.configuration.workspace(workspaceId),
    event.message?.template
      ? ctx.configuration.eventType(workspaceId, event.message.template)
      : null,
  ])
  const fallback = (type ?? spoken)?.fallback ?? null
  const steps = planOf(type, event.message)
  const channels = steps
    ? channelsOf(steps.program)
    : (event.message?.channels ?? type?.channels ?? [])
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
    threadKey: event.threadKey,
  }
  const thread = event.message?.thread ?? type?.thread ?? 'replace'
  const replaces = event.threadKey !== null && thread === 'replace'
  const ask = type?.acknowledge ?? event.message?.acknowledge
  const ofType = {
    channels,
    steps,
    isOneEnough: isOneEnough(ask),
    replaces,
    fallback,
    hours: type?.hours,
  }
  return { event, ...ofType, templates, workspace, subject, addressChannels, size }
}

async function findStates(db: Db, events: ClaimedEvent[]): Promise<Map<number, FanOutState>> {
  const states = new Map<number, FanOutState>()
  for (const [workspaceId, own] of Map.groupBy(events, (event) => event.workspaceId)) {
    const types = [...new Set(own.flatMap(({ type }) => type ?? []))]
    states.set(workspaceId, await findFanOutState(db, workspaceId, types))
  }
  return states
}

/** The people named by the first chunks of all events, in one read per workspace. */
async function findNamed(
  db: Db,
  prepared: Prepared[],
  looking: Looking | null,
): Promise<Map<string, PersonRow>> {
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
    const stored = await findPeople(db, workspaceId, [...ids], [...channels])
    const rows = looking ? looking.given.among(stored, ids, [...channels]) : stored
    for (const row of rows) known.set(`${workspaceId} ${row.id}`, row)
  }
  return known
}

/** `here`: of an event at local time, who is where it is for. */
type Looked = { known: Map<string, PersonRow>; looking: Looking | null; here: Here | null }
type Found = { people: Person[]; found: (number | null)[]; cursor: FanOutCursor | null }

async function findChunk(
  db: Db,
  { event, channels, addressChannels, ...prepared }: Prepared,
  start: FanOutCursor,
  { known, looking, here }: Looked,
): Promise<Found> {
  const most = looking?.most ?? chunkSize
  const size = Math.min(prepared.size, most)
  const { workspaceId, audience } = event
  const people = new Map<string, Person>()
  const found = [...start.found]
  let { member, after } = start
  let hasStrangers = false
  // As far as `findNamed` has looked: the same people may be named so often that they fill no chunk.
  const last = endOfLevel(audience, start.escalation?.level ?? 0)
  const end = Math.min(last, member + chunkSize)
  while (member < end && people.size < most) {
    const next = audience[member]!
    if (next.from === 'otherwise' && hasFound(audience, found)) {
      member = last
      break
    }
    while (found.length < member) found.push(null)
    found[member] ??= 0
    const via = [reasonText(next)]
    if ('topic' in next) {
      const limit = size - people.size
      if (limit <= 0) break
      const { topic } = next
      const page = { workspaceId, topic, channels: addressChannels, after, limit }
      const stored = here
        ? await listTopicPeopleHere(db, { ...page, here })
        : await listTopicPeople(db, page)
      const rows = looking ? looking.given.over(stored, addressChannels) : stored
      for (const row of rows) add(people, subscriber(row, via))
      found[member]! += rows.length
      after = rows.at(-1)?.id ?? after
      if (rows.length === limit) break // there may be more of them
    } else if ('id' in next) {
      const row = known.get(`${workspaceId} ${next.id}`)
      const isMeant = !here || isHere(here, { id: next.id, timezone: row?.timezone ?? null })
      if (isMeant) add(people, row ? subscriber(row, via) : nobody(next.id, via))
      if (isMeant && row) found[member] = 1
    } else {
      add(people, stranger(next.address, channels, via))
      hasStrangers = true
      found[member] = 1
    }
    member++
    after = null
  }
  if (hasStrangers) await markSuppressed(db, workspaceId, [...people.values()])
  const isLast = member >= last
  const cursor = isLast ? null : { ...start, member, after, found }
  return { people: [...people.values()], found, cursor }
}

/** An id that belongs to nobody is no one found. */
function hasFound(audience: AudienceMember[], found: (number | null)[]): boolean {
  return found.some((count, i) => count !== null && count > 0 && audience[i]?.from !== 'otherwise')
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

/** Of addresses given directly, those that get nothing more: there is nobody they were read with. */
async function markSuppressed(db: Db, workspaceId: number, people: Person[]): Promise<void> {
  const addresses = people.flatMap((person) => (person.isSubscriber ? [] : person.addresses))
  const found = await listSuppressed(db, workspaceId, addresses)
  for (const { number, reason, at } of found) addresses[number]!.suppressed = { reason, at }
}

/** An address given directly: it is good for every channel that was asked for. */
export function stranger(address: string, channels: Channel[], via: string[]): Person {
  const addresses = channels
    .filter((channel) => channel !== 'in_app')
    .map((channel) => {
      const kind = channel === 'push' ? deviceOf(address) : null
      return { channel, slot: 0, address, kind }
    })
  return { ...noDetails, recipient: address, via, isSubscriber: false, isKnown: true, addresses }
}
