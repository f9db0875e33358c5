// Streams of results: what becomes of the notifications of a workspace, to those who follow it with a key. Each
// reads for itself, page by page from its own place, and no further than its client takes it: what waits for a slow
// one waits in the database. A place is good in any process, and across restarts.
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../context.ts'
import type { ResultFilter } from '../domain/result.ts'
import { ApiError } from '../errors.ts'
import type { Signals } from '../signals.ts'
import type { Db } from '../sql/db.ts'
import { follow } from '../sql/followings.ts'
import { findResultPlace, isOfElsewhere, listResults } from '../sql/results.ts'
import type { Outlet, StreamKind } from './connections.ts'
import { untilFollowed } from './following.ts'
import type { Interest } from './interest.ts'
import { isTooOld, placeAfter, readPlace, showPlace, type TimedPlace } from './position.ts'
import { isWanted, showResult } from '../result-message.ts'

// As long as results are kept (pipeline/prune.ts): whoever comes back within that finds all of them.
const followMs = 60 * 60_000
const renewMs = 60_000
const pageSize = 500
const tickMs = 1_000
const closestMs = 20 // between two looks of one stream
const beatMs = 20_000
const mostStreams = 200
const readsAtOnce = 4 // of all streams: the others have connections to the database, too
const mostOfOneWorkspace = 50
const mostWaitingBytes = 512 * 1_024
const drainLookMs = 20
const patienceMs = 30_000 // with a client that takes nothing
const longestMs = 15 * 60_000 // keys are taken away, too

export type ResultStreamsOptions = { mostWaitingBytes?: number; patienceMs?: number }
type Given = {
  db: Db
  signals: Signals
  interest: Interest
  clock: Clock
  onError: (error: unknown) => void
}

export type NewResultStream = {
  workspaceId: number
  filter: ResultFilter
  outlet: Outlet
  takenUntilMs: number
  position: string | null
}

export type ResultStream = NewResultStream & { over: AbortController }

export class ResultStreams {
  readonly #given: Given
  readonly #limits: Required<ResultStreamsOptions>
  readonly #streams = new Set<ResultStream>()
  readonly #wakes = new Set<() => void>()
  #ringCount = 0
  readonly #readers = createTurns(readsAtOnce)
  #isClosed = false

  constructor(given: Given, options: ResultStreamsOptions = {}) {
    this.#given = given
    this.#limits = { mostWaitingBytes, patienceMs, ...options }
    given.signals.on('belfry_results', () => {
      this.#ringCount++
      for (const wake of this.#wakes) wake()
    })
  }

  get count(): number {
    return this.#streams.size
  }

  /** How many there are of each kind. */
  counts(): Record<StreamKind, number> {
    const counts = { sse: 0, websocket: 0 }
    for (const { outlet } of this.#streams) counts[outlet.kind]++
    return counts
  }

  /**
   * Whether one more may follow here.
   *
   * @throws ApiError `unavailable`, `overloaded`, `rate_limited`.
   */
  checkRoom(workspaceId: number): void {
    if (this.#isClosed)
      throw new ApiError('unavailable', {
        detail: 'This server is stopping.',
        retryAfterSeconds: 1,
      })
    if (this.count >= mostStreams)
      throw new ApiError('overloaded', {
        detail: `This server has ${mostStreams} streams of results, as many as it takes.`,
        retryAfterSeconds: 5,
      })
    const own = [...this.#streams].filter((stream) => stream.workspaceId === workspaceId)
    if (own.length >= mostOfOneWorkspace)
      throw new ApiError('rate_limited', {
        detail: `A workspace may have ${mostOfOneWorkspace} streams of results at a time.`,
        retryAfterSeconds: 5,
      })
  }

  /** The caller has asked `checkRoom`, and tells `leave` when the client is gone. */
  join(given: NewResultStream): ResultStream {
    const stream = { ...given, over: new AbortController() }
    this.#streams.add(stream)
    const endsAtMs = Math.min(given.takenUntilMs, this.#nowMs() + longestMs)
    void this.#run(stream, endsAtMs).finally(() => this.leave(stream))
    return stream
  }

  leave(stream: ResultStream): void {
    this.#streams.delete(stream)
    stream.over.abort()
  }

  /** Ends all, and takes no more. */
  close(): void {
    this.#isClosed = true
    for (const stream of this.#streams) {
      this.leave(stream)
      stream.outlet.end('stopping')
    }
  }

  #nowMs(): number {
    return this.#given.clock.now().getTime()
  }

  async #run(stream: ResultStream, endsAtMs: number): Promise<void> {
    const { outlet, over } = stream
    const state: State = { at: null, renewedMs: -Infinity, saidMs: -Infinity }
    while (!over.signal.aborted) {
      const startedMs = performance.now()
      const rings = this.#ringCount
      let isMore = false
      try {
        isMore = await this.#step(stream, state)
      } catch (error) {
        if (over.signal.aborted) return
        this.#given.onError(error)
        await this.#pause(tickMs, over.signal)
      }
      if (over.signal.aborted) return
      if (this.#nowMs() >= endsAtMs) return outlet.end('token_expired')
      if (!(await this.#taken(stream))) return outlet.cut()
      if (isMore) continue
      if (rings === this.#ringCount) await this.#wait(tickMs, over.signal)
      await this.#pause(startedMs + closestMs - performance.now(), over.signal)
    }
  }

  /** One look. True: there is more. */
  async #step(stream: ResultStream, state: State): Promise<boolean> {
    const { db, interest } = this.#given
    const { outlet, workspaceId } = stream
    interest.announce()
    if (performance.now() - state.renewedMs > renewMs) {
      await follow(db, workspaceId, followMs)
      state.renewedMs = performance.now()
    }
    const nowMs = this.#nowMs()
    const isLate = state.at !== null && isTooOld(state.at, nowMs)
    const hadPlace = state.at !== null && !isLate
    if (!hadPlace) state.at = await this.#begin(stream, isLate)
    const at = state.at!
    const page = await this.#readers(() => listResults(db, workspaceId, at.place, pageSize))
    if (stream.over.signal.aborted) return false
    const isLost = isOfElsewhere(at.place, page)
    if (isLost) outlet.send({ event: 'reset', data: '{}', position: null })
    state.at = placeAfter(at, page.next, nowMs)
    const position = showPlace(state.at)
    const told = isLost ? [] : page.results.filter((row) => isWanted(row, stream.filter))
    for (const [i, row] of told.entries())
      outlet.send({
        event: row.type,
        data: JSON.stringify(showResult(row)),
        position: i === told.length - 1 ? position : null,
      })
    const isQuiet = performance.now() - state.saidMs > beatMs
    if (told.length === 0 && (isLost || !hadPlace || isQuiet)) outlet.beat(position)
    if (told.length > 0 || !hadPlace || isQuiet) state.saidMs = performance.now()
    return page.isMore
  }

  /**
   * Where it goes on, or begins: from the moment on at which all that happens is written down. `isLate`: it has come
   * so slowly that it has to begin anew.
   */
  async #begin({ outlet, position }: ResultStream, isLate: boolean): Promise<TimedPlace> {
    const { db, clock } = this.#given
    const found = position === null || isLate ? null : readPlace(position, clock.now())
    if (found !== null) return found
    if (position !== null || isLate) outlet.send({ event: 'reset', data: '{}', position: null })
    await untilFollowed(db)
    const nowMs = this.#nowMs()
    return { place: await findResultPlace(db), sinceMs: nowMs, untilMs: nowMs }
  }

  /** Waits for a client that is behind. False: it does not take what it is sent, and comes back from where it was. */
  async #taken({ outlet, over }: ResultStream): Promise<boolean> {
    const { mostWaitingBytes, patienceMs } = this.#limits
    let least = outlet.waitingBytes
    let sinceMs = performance.now()
    while (outlet.waitingBytes > mostWaitingBytes / 2 && !over.signal.aborted) {
      if (outlet.waitingBytes < least) {
        least = outlet.waitingBytes
        sinceMs = performance.now()
      }
      if (performance.now() - sinceMs > patienceMs) return false
      await this.#pause(drainLookMs, over.signal)
    }
    return true
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal, ref: false }).catch(() => {})
  }

  /** Until a ring, or `ms` are over. */
  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#wakes.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms).unref()
      this.#wakes.add(done)
      signal.addEventListener('abort', done)
    })
  }
}

/** Lets so many work at a time; the others wait for their turn. */
function createTurns(most: number) {
  const waiting: (() => void)[] = []
  let count = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (count >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else count++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else count--
    }
  }
}

type State = {
  at: TimedPlace | null
  renewedMs: number
  saidMs: number
}
