// Streams of this process. One reader follows the changes for all of them: it is woken by a ring (or looks by
// itself every second), asks once for what its last snapshot did not show, and tells whoever is
// concerned. Nobody connected: nothing is read. What is sent and not taken is bounded for each connection.
import type { Clock } from '../context.ts'
import { leastOf, parseSnapshot, showSnapshot, type Snapshot } from '../domain/snapshot.ts'
import { ApiError } from '../errors.ts'
import type { Signals } from '../signals.ts'
import { listChanges, type Change } from '../sql/changes.ts'
import type { Db } from '../sql/db.ts'
import type { FeedOwner } from '../sql/feed.ts'
import {
  Connections,
  type Connection,
  type Ending,
  type Outlet,
  type StreamKind,
} from './connections.ts'
import { FeedCounting } from './feed-counting.ts'
import { FeedNews } from './feed-news.ts'
import { readPosition, showPosition } from './position.ts'

const tickMs = 1_000
const beatEveryTicks = 20
const announceEveryTicks = 10
const interestMs = 40_000 // longer than anybody is silent who follows something
const closestMs = 2 // between two looks
const changesAtOnce = 5_000
const mostConnections = 20_000
const mostOfOneFeed = 20
const mostWaitingBytes = 512 * 1_024
// Keys are taken away, too, and tokens live no longer.
const longestMs = 15 * 60_000

export type StreamsOptions = { mostWaitingBytes?: number }
type Given = { db: Db; signals: Signals; clock: Clock; onError: (error: unknown) => void }

export type NewConnection = {
  outlet: Outlet
  /** Of the token or key; it ends after 15 minutes in any case. */
  takenUntilMs: number
  /** The position of the last message it has got; null: it has got none. */
  position: string | null
}

export class Streams {
  readonly #given: Given
  readonly #mostWaitingBytes: number
  readonly #connections = new Connections()
  readonly #counting: FeedCounting
  #joining = new Set<Connection>()
  /** What everybody who has joined has been told about; null: nobody has. */
  #snapshot: Snapshot | null = null
  /** The position of that. */
  #position: string | null = null
  #isReading = false
  #isWoken = false
  #earliestMs = 0
  #interestUntilMs = -Infinity
  #timer: NodeJS.Timeout | null = null
  #ticking: NodeJS.Timeout | null = null
  #tickCount = 0
  #isClosed = false

  constructor(given: Given, options: StreamsOptions = {}) {
    this.#given = given
    this.#mostWaitingBytes = options.mostWaitingBytes ?? mostWaitingBytes
    this.#counting = new FeedCounting(given.db, given.onError, (connection, message) =>
      this.#write(connection, (outlet) => outlet.send(message)),
    )
    given.signals.on('belfry_streams', () => {
      this.#interestUntilMs = performance.now() + interestMs
    })
    given.signals.on('belfry_changes', () => this.#wake())
  }

  get count(): number {
    return this.#connections.count
  }

  /** How many there are of each kind. */
  counts(): Record<StreamKind, number> {
    const counts = { sse: 0, websocket: 0 }
    for (const { outlet } of this.#connections) counts[outlet.kind]++
    return counts
  }

  /** Something was committed that somebody may follow. Costs nothing while nobody does, in any process. */
  tell(): void {
    if (performance.now() < this.#interestUntilMs) this.#given.signals.ring('belfry_changes')
  }

  /**
   * Whether one more may follow this feed here.
   *
   * @throws ApiError `unavailable`, `overloaded`, `rate_limited`.
   */
  checkRoom(owner: FeedOwner): void {
    if (this.#isClosed)
      throw new ApiError('unavailable', {
        detail: 'This server is stopping.',
        retryAfterSeconds: 1,
      })
    if (this.count >= mostConnections)
      throw new ApiError('overloaded', {
        detail: `This server has ${mostConnections} streams, as many as it takes.`,
        retryAfterSeconds: 5,
      })
    if ((this.#connections.find(owner)?.connections.length ?? 0) >= mostOfOneFeed)
      throw new ApiError('rate_limited', {
        detail: `A person may have ${mostOfOneFeed} streams at a time. Share one between tabs.`,
        retryAfterSeconds: 5,
      })
  }

  /** The caller has asked `checkRoom`, and tells `leave` when the client is gone. */
  join(owner: FeedOwner, { outlet, takenUntilMs, position }: NewConnection): Connection {
    const now = this.#given.clock.now()
    const since = position === null ? null : (readPosition(position, now) ?? 'unknown')
    const connection = this.#connections.add(owner, {
      outlet,
      endsAtMs: Math.min(takenUntilMs, now.getTime() + longestMs),
      since,
      hasJoined: false,
      turn: this.count % beatEveryTicks,
    })
    this.#joining.add(connection)
    if (!this.#ticking) this.#startTicking()
    this.#wake()
    return connection
  }

  leave(connection: Connection): void {
    connection.hasJoined = false // a look that is under way has nothing to tell it any more
    this.#connections.remove(connection)
    this.#joining.delete(connection)
    if (this.count > 0) return
    if (this.#ticking) clearInterval(this.#ticking)
    this.#ticking = null
  }

  /** Ends all, and takes no more. */
  close(): void {
    this.#isClosed = true
    for (const connection of this.#connections) this.#end(connection, 'stopping')
    if (this.#timer) clearTimeout(this.#timer)
    this.#counting.close()
  }

  #startTicking(): void {
    this.#given.signals.ring('belfry_streams')
    this.#ticking = setInterval(() => this.#tick(), tickMs).unref()
  }

  #tick(): void {
    this.#tickCount++
    const nowMs = this.#given.clock.now().getTime()
    const position = this.#position
    for (const connection of this.#connections) {
      if (connection.endsAtMs <= nowMs) this.#end(connection, 'token_expired')
      else if (
        position !== null &&
        connection.hasJoined &&
        connection.turn === this.#tickCount % beatEveryTicks
      )
        this.#write(connection, (outlet) => outlet.beat(position))
    }
    if (this.#tickCount % announceEveryTicks === 0) this.#given.signals.ring('belfry_streams')
    this.#wake()
  }

  #end(connection: Connection, ending: Ending): void {
    this.leave(connection)
    connection.outlet.end(ending)
  }

  /** A client that does not take what it is sent is cut off: it comes back from where it was. */
  #write(connection: Connection, write: (outlet: Outlet) => void): void {
    const { outlet } = connection
    write(outlet)
    if (outlet.waitingBytes <= this.#mostWaitingBytes) return
    this.leave(connection)
    outlet.cut()
  }

  #wake(): void {
    this.#isWoken = true
    if (this.#isReading || this.#timer || this.#isClosed || this.count === 0) return
    const inMs = this.#earliestMs - performance.now()
    if (inMs <= 0) return void this.#read()
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#read()
    }, inMs)
  }

  async #read(): Promise<void> {
    this.#isReading = true
    this.#isWoken = false
    try {
      await this.#pass()
      this.#earliestMs = performance.now() + closestMs
    } catch (error) {
      this.#given.onError(error)
      this.#earliestMs = performance.now() + tickMs
    }
    this.#isReading = false
    if (this.#isWoken || this.#joining.size > 0) this.#wake()
  }

  /** One look. Until it has come to its end nothing is taken for told. */
  async #pass(): Promise<void> {
    const { db, clock } = this.#given
    const joining = new Set(this.#joining)
    const news = new FeedNews(this.#connections)
    const hasJoined = this.count > joining.size
    const since = hasJoined ? this.#snapshot : null
    const startedAt = clock.now()
    const read = await listChanges(db, since && showSnapshot(since), changesAtOnce)
    const snapshot = parseSnapshot(read.snapshot)!
    const isMore = read.changes.length === changesAtOnce
    if (!isMore) for (const change of read.changes) news.add(change)
    else
      for (const connection of this.#connections) if (connection.hasJoined) news.reset(connection)
    // After that: what is committed between the two is told twice, and not never.
    for (const connection of joining) if (isLost(connection, snapshot)) news.reset(connection)
    await this.#addMissed(news, joining, snapshot)

    const position = showPosition(snapshot, startedAt)
    const messages = await news.messages(db, position)
    this.#snapshot = snapshot
    this.#position = position
    for (const connection of joining) {
      if (!this.#joining.delete(connection)) continue // gone meanwhile
      connection.hasJoined = true
      connection.since = null
      news.changed.add(connection.feed)
      if (!messages.has(connection)) this.#write(connection, (outlet) => outlet.beat(position))
    }
    for (const [connection, told] of messages)
      for (const message of told)
        if (connection.hasJoined) this.#write(connection, (outlet) => outlet.send(message))
    this.#counting.add(news.changed)
  }

  async #addMissed(news: FeedNews, joining: ReadonlySet<Connection>, now: Snapshot): Promise<void> {
    const returning = [...joining].filter((connection) => !isLost(connection, now))
    const since = returning.flatMap(({ since }) =>
      since === null || since === 'unknown' ? [] : since,
    )
    if (since.length === 0) return
    const least = showSnapshot(leastOf(since))
    const { changes }: { changes: Change[] } = await listChanges(
      this.#given.db,
      least,
      changesAtOnce,
    )
    if (changes.length < changesAtOnce)
      for (const change of changes) news.addMissed(change, joining)
    else for (const connection of returning) if (connection.since) news.reset(connection)
  }
}

/** Its position is too old, none of ours, or of another database. */
function isLost({ since }: Connection, now: Snapshot): boolean {
  return since === 'unknown' || (since !== null && since.xmax > now.xmax)
}
