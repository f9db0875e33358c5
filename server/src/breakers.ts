// The breakers of all providers as this process knows them. Every few seconds what was seen goes to the database,
// where the counts of all processes add up; whoever saw trouble decides by domain/provider-health.ts what becomes
// of a breaker, and tells the others.
import type { Outcome } from './domain/outcome.ts'
import {
  mostProbes,
  nextHealth,
  phaseOf,
  isShut,
  shareOf,
  wellSince,
  windowMs,
  type Phase,
} from './domain/provider-health.ts'
import type { Log } from './log.ts'
import type { ActiveProvider, Providers } from './providers.ts'
import { Sightings } from './sightings.ts'
import type { Signals } from './signals.ts'
import type { Database } from './sql/db.ts'
import {
  addCounts,
  findHealthForUpdate,
  listCounts,
  listHealth,
  listHeld,
  listProviderStandings,
  releaseHeld,
  saveHealth,
  type HealthRow,
  type Held,
} from './sql/provider-health.ts'
import type { Shares } from './sql/queue.ts'

/** An attempt may be made; its maker says how it ended. */
export type Ticket = { end(outcome: Outcome, durationMs: number, now: Date): void }

/** What the time is in a workspace. */
export type Clocks = (workspaceId: number) => Date

export type BreakersOptions = {
  db: Database
  worker: string
  providers: Providers
  signals: Signals
  log: Log
}

const keepMs = 5 * 60_000
const releaseBatch = 1_000
const uncounted: Ticket = { end() {} }
const nothing = { answered: 0, failed: 0, slow: 0, code: null }

export class Breakers {
  readonly #options: BreakersOptions
  readonly #sightings = new Sightings()
  readonly #probing = new Map<string, number>() // probes under way
  #known = new Map<string, HealthRow>()
  #looking: Promise<void> | null = null
  /** Called when it should look soon: a probe has ended. */
  onProbe = (): void => {}

  constructor(options: BreakersOptions) {
    this.#options = options
    const onError = (err: unknown) =>
      options.log.warn({ err }, 'breakers could not be read; trying again')
    options.signals.on('belfry_health', () => void this.#load().catch(onError))
  }

  /** As far as this process knows. */
  areAllClosed = true

  phaseOf({ id }: ActiveProvider, now: Date): Phase {
    return phaseOf(this.#healthOf(id), now)
  }

  shareOf({ id }: ActiveProvider, now: Date): number {
    return shareOf(this.#healthOf(id), now)
  }

  /** Whether it takes what is due, be it not all of it. */
  isWell(provider: ActiveProvider, now: Date): boolean {
    return ['closed', 'recovering'].includes(this.phaseOf(provider, now))
  }

  /** For a claim: those that get less than what is theirs. */
  shares(now: Date): Shares {
    const partial = [...this.#known.values()].filter((row) => shareOf(row, now) < 1)
    return {
      ids: partial.map(({ providerId }) => providerId),
      shares: partial.map((row) => shareOf(row, now)),
    }
  }

  /** Null: it gets nothing now. */
  admit(provider: ActiveProvider, now: Date): Ticket | null {
    const { id: providerId, workspaceId, isJudged } = provider
    if (providerId === null) return uncounted
    const phase = this.phaseOf(provider, now)
    if (isShut(phase)) return null
    if (!isJudged) return uncounted
    const era = this.#known.get(providerId)?.era ?? 0
    const count = (outcome: Outcome, durationMs: number, at: Date) =>
      this.#sightings.add({ workspaceId, providerId, era, outcome, durationMs, now: at })
    if (phase !== 'half_open') return { end: count }

    const probes = this.#probing.get(providerId) ?? 0
    if (probes >= mostProbes) return null
    this.#probing.set(providerId, probes + 1)
    return {
      end: (outcome, durationMs, at) => {
        count(outcome, durationMs, at)
        this.#probing.set(providerId, (this.#probing.get(providerId) ?? 1) - 1)
        this.onProbe()
      },
    }
  }

  /** Publishes what was seen, decides, learns what others have decided, and lets go what can go now. */
  look(clockOf: Clocks): Promise<void> {
    this.#looking ??= this.#look(clockOf).finally(() => (this.#looking = null))
    return this.#looking
  }

  async #look(clockOf: Clocks): Promise<void> {
    const { counts, troubled } = this.#sightings.take()
    const { db, worker, signals } = this.#options
    if (counts.length > 0) {
      const newest = Math.max(...counts.map(({ slot }) => slot.getTime()))
      await addCounts(db, counts, { worker, oldest: new Date(newest - keepMs) })
    }
    const probed = counts.filter(({ providerId }) => this.#healthOf(providerId)?.state === 'open')
    const wellAgain = [...this.#known.values()].filter(
      (row) => row.trips > 0 && phaseOf(row, clockOf(row.workspaceId)) === 'closed',
    )
    const ids = [...probed, ...wellAgain].map(({ providerId }) => providerId)
    let hasChanged = false
    for (const id of new Set([...troubled, ...ids]))
      if (await this.#decide(id, clockOf)) hasChanged = true
    await this.#load()
    if (hasChanged) signals.ringOthers('belfry_health')
    await this.#release(clockOf)
  }

  async #load(): Promise<void> {
    const rows = await listHealth(this.#options.db)
    this.#known = new Map(rows.map((row) => [row.providerId, row]))
    this.areAllClosed = rows.every(({ state, trips }) => state === 'closed' && trips === 0)
  }

  #healthOf(id: string | null): HealthRow | null {
    return id === null ? null : (this.#known.get(id) ?? null)
  }

  /** Whether another one would take over. */
  #hasSpare(provider: ActiveProvider, now: Date): boolean {
    return othersOf(this.#options.providers, provider).some((other) => this.isWell(other, now))
  }

  /** Answers whether something has changed. */
  async #decide(providerId: string, clockOf: Clocks): Promise<boolean> {
    const { db, log, providers } = this.#options
    const provider = providers.byId(providerId)
    if (!provider) return false
    const { workspaceId, name, channel } = provider
    const now = clockOf(workspaceId)
    const hasSpare = this.#hasSpare(provider, now)
    const after = await db.transaction(async (tx) => {
      const health = (await findHealthForUpdate(tx, workspaceId, providerId)) ?? wellSince(now)
      const since = new Date(now.getTime() - windowMs)
      const [counts = nothing] = await listCounts(tx, workspaceId, {
        providerIds: [providerId],
        since,
      })
      const next = nextHealth(health, counts, { hasSpare, now })
      if (next === health) return null
      return (await saveHealth(tx, { ...next, workspaceId, providerId })) ? next : null
    })
    if (after === null) return false
    const { state, reason, probeAt } = after
    const told = { provider: name, channel, reason, ...(probeAt && { probeAt }) }
    if (state === 'open') log.warn(told, 'a provider is paused by its breaker')
    else if (after.trips > 0) log.info(told, 'the breaker of a provider is closed again')
    return true
  }

  async #release(clockOf: Clocks): Promise<void> {
    const { db, signals } = this.#options
    let released = 0
    for (const held of await listHeld(db, null, clockOf(0))) {
      const now = clockOf(held.workspaceId)
      for (let limit = this.#roomFor(held, now); limit > 0; limit -= releaseBatch) {
        const batch = Math.min(limit, releaseBatch)
        const count = await releaseHeld(db, held, { now, limit: batch })
        released += count
        if (count < batch) break
      }
    }
    if (released > 0) signals.ring('belfry_deliveries')
  }

  /** How many of those that wait for it may go now. */
  #roomFor({ providerId, isBound }: Held, now: Date): number {
    const provider = this.#options.providers.byId(providerId)
    if (!provider || this.isWell(provider, now)) return Infinity
    if (!isBound && this.#hasSpare(provider, now)) return Infinity
    if (this.phaseOf(provider, now) !== 'half_open') return 0
    return Math.max(0, mostProbes - (this.#probing.get(providerId) ?? 0))
  }
}

/** For the metrics, in order of how they are. */
export async function listBreakers(db: Database, now: Date) {
  const rows = await listProviderStandings(db)
  return rows
    .map(({ channel, name: provider, health }) => {
      return { channel, provider, value: bySeverity.indexOf(phaseOf(health, now)) }
    })
    .toSorted((a, b) => a.value - b.value)
}

const bySeverity: readonly Phase[] = ['closed', 'recovering', 'half_open', 'open', 'paused']

/** Those that could take what it takes. */
export function othersOf(providers: Providers, provider: ActiveProvider): ActiveProvider[] {
  const { workspaceId, id, kind } = provider
  const channel = provider.channel as (typeof kind.channels)[number]
  const wanted = { workspaceId, channel, device: kind.devices?.[0] }
  return providers.carrying(wanted).filter((other) => other.id !== id && other.id !== null)
}
