// Who is in a zone, as far as a label of a schedule is concerned: people may move while it goes around the Earth.
import type { AtLocalTime, AudienceMember } from '../domain/audience.ts'
import { firstMomentOf } from '../domain/recurrence.ts'
import { defaultZone } from '../domain/schedule.ts'
import { countingZone } from '../domain/zone-moves.ts'
import type { Db } from '../sql/db.ts'
import type { Here } from '../sql/people.ts'
import { listZoneMoves, type ZoneMoveRow } from '../sql/zones.ts'

type ForZone = { workspaceId: number; audience: AudienceMember[] }

/** Nobody is missed who moves while people are read: then they are read again. */
export async function whileNobodyMoves<Result>(
  db: Db,
  { workspaceId, audience }: ForZone,
  read: (here: Here | null) => Promise<Result>,
): Promise<Result> {
  const place = localTimeOf(audience)
  if (!place) return read(null)
  const list = () => listZoneMoves(db, workspaceId, firstMomentOf(place.label))
  let moves = await list()
  for (let turn = 0; ; turn++) {
    const result = await read(hereOf(moves, place))
    const later = await list()
    if (later.length === moves.length || turn === mostTurns) return result
    moves = later
  }
}

// An import of a whole country may move somebody all the time.
const mostTurns = 5

/** What an event at local time is for; null for all others. */
export function localTimeOf(audience: AudienceMember[]): AtLocalTime | null {
  const [first] = audience
  return first?.zone !== undefined && first.label !== undefined
    ? { zone: first.zone, label: first.label }
    : null
}

/** Those who have moved, by the zone in which the label counts for them. */
export function countedZones(moves: ZoneMoveRow[], label: string): Map<string, string> {
  const since = firstMomentOf(label)
  const latest = moves.filter(({ at }) => at >= since)
  const people = Map.groupBy(latest, ({ subscriberId }) => subscriberId)
  return new Map(
    [...people].map(([id, theirs]) => {
      const steps = theirs.map(({ at, from }) => ({ at, from: from ?? defaultZone }))
      return [id, countingZone(label, theirs[0]!.zone ?? defaultZone, steps)]
    }),
  )
}

function hereOf(moves: ZoneMoveRow[], { zone, label }: AtLocalTime): Here {
  const counted = [...countedZones(moves, label)]
  return {
    zone,
    moved: new Set(counted.map(([id]) => id)),
    counted: new Set(counted.flatMap(([id, where]) => (where === zone ? id : []))),
  }
}

export function isHere(here: Here, person: { id: string; timezone: string | null }): boolean {
  if (here.moved.has(person.id)) return here.counted.has(person.id)
  return (person.timezone ?? defaultZone) === here.zone
}
