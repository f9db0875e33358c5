// Places for attempts through providers that may be given only so much in a time, to all of them or to one
// address. Those who ask at once share one statement. Who gets none is told when to come back: behind those
// who were told before, unless it is urgent.
import { createHash } from 'node:crypto'
import { createBatcher, type Batcher } from './batch.ts'
import type { CarriedChannel } from './domain/channel.ts'
import type { ActiveProvider } from './providers.ts'
import type { Database } from './sql/db.ts'
import { takePlaces, type PlacesGiven } from './sql/paces.ts'

export type Asker = { address: string; isUrgent: boolean; now: Date }

type Wanted = Omit<Asker, 'address'> & {
  workspaceId: number
  hash: string
  perSecond: number
  /** Who stands in a line of their own behind the same limit. */
  line: string
}

const batchSize = 500
const burstSeconds = 0.2 // within a second never more than a fifth above the limit
const longestLineMs = 600_000 // beyond that nobody knows; they ask again
const stepMs = 50 // who comes back about the same time comes back together
const mostLines = 10_000
const ofAll = 1 // the first workspace, which is always there: what all of them share is counted in it

export class Paces {
  readonly #asking: Batcher<Wanted, Date | null>
  /** By limit and line: when the last one of those who were told comes back. */
  readonly #lines = new Map<string, Map<string, number>>()

  constructor(db: Database) {
    this.#asking = createBatcher<Wanted, Date | null>({
      run: (wanted) => this.#ask(db, wanted),
      maxItems: batchSize,
    })
  }

  /** Null: now. Otherwise when to ask again. */
  async placeFor(provider: ActiveProvider, { address, ...asker }: Asker): Promise<Date | null> {
    const { workspaceId, id, pace } = provider
    if (pace.address !== undefined) {
      const hash = createHash('sha256').update(`${id} ${address}`).digest('base64url')
      const place = await this.#asking.add({
        ...asker,
        workspaceId,
        hash,
        line: hash,
        perSecond: pace.address,
      })
      if (place) return place
    }
    if (pace.all === undefined) return null
    return this.#asking.add({ ...asker, workspaceId, hash: id!, line: id!, perSecond: pace.all })
  }

  /** On a channel that is given only so much, by all workspaces together; each waits in a line of its own. */
  placeOn(
    channel: CarriedChannel,
    perSecond: number,
    { workspaceId, ...asker }: Omit<Asker, 'address'> & { workspaceId: number },
  ): Promise<Date | null> {
    const hash = `channel ${channel}`
    const line = String(workspaceId)
    return this.#asking.add({ ...asker, workspaceId: ofAll, hash, perSecond, line })
  }

  /** A limit was changed: nobody waits behind those who were told by the old one. */
  forget(): void {
    this.#lines.clear()
  }

  async #ask(db: Database, wanted: Wanted[]): Promise<(Date | null)[]> {
    const groups = Map.groupBy(wanted, ({ hash }) => hash)
    const asks = [...groups.values()].map((group) => {
      const { workspaceId, hash, perSecond } = group[0]!
      const now = new Date(Math.max(...group.map((one) => one.now.getTime())))
      return { workspaceId, hash, perSecond, burst: burstOf(perSecond), want: group.length, now }
    })
    const given = new Map((await takePlaces(db, asks)).map((row) => [row.hash, row]))
    const places = new Map<Wanted, Date | null>()
    for (const [hash, group] of groups) {
      const row = given.get(hash)!
      const urgentFirst = group.toSorted((a, b) => Number(b.isUrgent) - Number(a.isUrgent))
      urgentFirst.forEach((one, i) =>
        places.set(one, i < row.given ? null : this.#lineUp(one, row)),
      )
    }
    return wanted.map((one) => places.get(one)!)
  }

  #lineUp({ hash, line, perSecond, isUrgent, now }: Wanted, { nextAt }: PlacesGiven): Date {
    const nowMs = now.getTime()
    const nextMs = nextAt.getTime() + 1 - ((burstOf(perSecond) - 1) / perSecond) * 1_000
    const firstMs = Math.max(nowMs, nextMs)
    const lines = this.#linesOf(hash, nowMs)
    const placeMs = isUrgent ? firstMs : Math.max(firstMs, lines.get(line) ?? 0)
    const cutMs = Math.min(placeMs, nowMs + longestLineMs)
    if (!isUrgent) {
      lines.delete(line)
      // Those of the other lines have their turns between.
      lines.set(line, cutMs + ((lines.size + 1) / perSecond) * 1_000)
    }
    return new Date(Math.ceil(cutMs / stepMs) * stepMs)
  }

  /** Those in which somebody waits. */
  #linesOf(hash: string, nowMs: number): Map<string, number> {
    const lines = this.#lines.getOrInsertComputed(hash, () => new Map<string, number>())
    for (const [line, end] of lines) if (end <= nowMs) lines.delete(line)
    if (this.#lines.size > mostLines)
      for (const [other, of] of this.#lines)
        if (other !== hash && of.values().every((end) => end <= nowMs)) this.#lines.delete(other)
    return lines
  }
}

function burstOf(perSecond: number): number {
  return Math.max(1, Math.floor(perSecond * burstSeconds))
}
