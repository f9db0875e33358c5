// What is due of one schedule: the events it makes, and what is remembered of each label in each zone.
import type { Context } from '../context.ts'
import { levelOf } from '../domain/asking.ts'
import type { AudienceMember } from '../domain/audience.ts'
import type { Event } from '../domain/event.ts'
import { labelsOf, type Occurrence } from '../domain/recurrence.ts'
import { dueIn, mostMissed } from '../domain/schedule-due.ts'
import { defaultZone, type Schedule } from '../domain/schedule.ts'
import { ApiError } from '../errors.ts'
import { newId } from '../new-id.ts'
import type { Db } from '../sql/db.ts'
import type { NewOccurrence } from '../sql/occurrences.ts'
import { hasPeople } from '../sql/people.ts'
import { listAmong, listZoneMoves, listZones, listZonesOf } from '../sql/zones.ts'
import { eventOfThoseKnown } from './schedule-event.ts'
import { countedZones } from './zone-people.ts'

const longestLabelMs = 28 * 3_600_000 // a label goes around the Earth in 26 hours

export type Turn = { events: Event[]; occurrences: NewOccurrence[] }

/** Nothing is stored. */
export async function turnOf(ctx: Context, tx: Db, schedule: Schedule, now: Date): Promise<Turn> {
  const turn: Turn = { events: [], occurrences: [] }
  const due = await dueOf(tx, schedule, now)
  if (due.length === 0) return turn
  const { workspaceId, key } = schedule
  const common = { workspaceId, schedule: key, createdAt: now }
  const add = (one: ZonedDue, rest: Pick<NewOccurrence, 'status' | 'eventId' | 'error'>) => {
    const { label, at, zone } = one
    turn.occurrences.push({ ...common, label, at, zone, ...rest })
  }
  try {
    const { event } = await eventOfThoseKnown(ctx, tx, schedule)
    const audience = schedule.timezone === null ? await mainAudience(tx, event) : event.audience
    const people = {
      workspaceId,
      audience,
      since: new Date(schedule.doneAt.getTime() - longestLabelMs),
    }
    for (const one of schedule.timezone === null ? await withPeople(tx, people, due) : due) {
      if (!one.isMade) {
        add(one, { status: 'missed', eventId: null, error: null })
        continue
      }
      const id = newId()
      const only = schedule.timezone === null ? { zone: one.zone, label: one.label } : {}
      const members = audience.map((member) => ({ ...member, ...only }))
      turn.events.push({ ...event, id, audience: members })
      add(one, { status: 'made', eventId: id, error: null })
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const status = (one: ZonedDue) => (one.isMade ? 'failed' : 'missed')
    for (const one of due)
      add(one, { status: status(one), eventId: null, error: one.isMade ? error.message : null })
  }
  return turn
}

type ZonedDue = Occurrence & { zone: string; isMade: boolean }

async function dueOf(tx: Db, schedule: Schedule, now: Date): Promise<ZonedDue[]> {
  const zones = schedule.timezone === null ? await zonesOf(tx, schedule) : [schedule.timezone]
  const labels = labelsOf(schedule.cron)
  const due = zones.flatMap((zone): ZonedDue[] => {
    const { made, missed } = dueIn(zone, schedule, { labels, now })
    return [
      ...missed.map((one) => ({ ...one, zone, isMade: false })),
      ...(made ? [{ ...made, zone, isMade: true }] : []),
    ]
  })
  const missed = due.filter(({ isMade }) => !isMade)
  const tooMany = new Set(
    missed.toSorted((a, b) => b.at.getTime() - a.at.getTime()).slice(mostMissed),
  )
  return due.filter((one) => !tooMany.has(one))
}

/** Where anybody is, or was when a label may have passed. */
async function zonesOf(tx: Db, { workspaceId, doneAt }: Schedule): Promise<string[]> {
  const since = new Date(doneAt.getTime() - longestLabelMs)
  const moves = await listZoneMoves(tx, workspaceId, since)
  const left = moves.map(({ from }) => from ?? defaultZone)
  return [...new Set([defaultZone, ...(await listZones(tx, workspaceId)), ...left])]
}

/** Those who are to be told otherwise are told if there is nobody else in any zone. */
async function mainAudience(tx: Db, { workspaceId, audience }: Event): Promise<AudienceMember[]> {
  const next = audience.filter((member) => levelOf(member) > 0)
  const first = audience.filter((member) => levelOf(member) === 0)
  const [otherwise, main] = [true, false].map((isLast) =>
    first.filter(({ from }) => (from === 'otherwise') === isLast),
  ) as [AudienceMember[], AudienceMember[]]
  if (otherwise.length === 0) return audience
  return [...((await hasPeople(tx, workspaceId, main)) ? main : otherwise), ...next]
}

type People = { workspaceId: number; audience: AudienceMember[]; since: Date }

/** Without the zones in which nobody is whom it is for. */
async function withPeople(
  tx: Db,
  { workspaceId, audience, since }: People,
  due: ZonedDue[],
): Promise<ZonedDue[]> {
  const first = audience.filter((member) => levelOf(member) === 0)
  const ids = first.flatMap((member) => ('id' in member ? member.id : []))
  const topics = first.flatMap((member) => ('topic' in member ? member.topic : []))
  const moves = await listZoneMoves(tx, workspaceId, since)
  const found: ZonedDue[] = []
  for (const [label, ofLabel = []] of Map.groupBy(due, (one) => one.label)) {
    const counted = countedZones(moves, label)
    const zones = ofLabel.map(({ zone }) => zone)
    const moved = [...counted.keys()]
    const there = new Set(await listZonesOf(tx, { workspaceId, ids, topics, zones, moved }))
    const people = [...counted].flatMap(([id, zone]) => (zones.includes(zone) ? id : []))
    if (people.length > 0)
      for (const id of await listAmong(tx, { workspaceId, ids, topics, people }))
        there.add(counted.get(id)!)
    found.push(...ofLabel.filter(({ zone }) => there.has(zone)))
  }
  return found
}
