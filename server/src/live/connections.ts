// Who follows which feed in this process.
import type { Snapshot } from '../domain/snapshot.ts'
import type { FeedOwner } from '../sql/feed.ts'

export type Message = {
  event: string
  /** As JSON. */
  data: string
  /** Everything up to here was sent with this message; null: more follows. */
  position: string | null
}

export type Ending = 'token_expired' | 'stopping'

export type StreamKind = 'sse' | 'websocket'

/** The way to one client: an SSE response or a WebSocket. None of this throws or waits. */
export type Outlet = {
  readonly kind: StreamKind
  send(message: Message): void
  /** Shows that the connection is alive, and how far it has come. */
  beat(position: string): void
  /** Says why, and ends. */
  end(ending: Ending): void
  /** Ends without a word. */
  cut(): void
  /** What was sent and the client has not taken yet. */
  readonly waitingBytes: number
}

export type Connection = {
  feed: Feed
  outlet: Outlet
  /** When the token or key is over, or what it takes from it. */
  endsAtMs: number
  /** Until it has joined: from where on it wants to hear; null: from now on; unknown: that cannot be told. */
  since: Snapshot | 'unknown' | null
  hasJoined: boolean
  /** In which second of a round of heartbeats its turn is. */
  turn: number
}

/** One person's feed, and everybody who follows it. */
export type Feed = FeedOwner & { connections: Connection[] }

export class Connections {
  readonly #feeds = new Map<number, Map<string, Feed>>()
  readonly #all = new Set<Connection>()

  get count(): number {
    return this.#all.size
  }

  find({ workspaceId, subscriberId }: FeedOwner): Feed | undefined {
    return this.#feeds.get(workspaceId)?.get(subscriberId)
  }

  /** The feeds of a workspace that somebody follows. */
  feedsOf(workspaceId: number): Iterable<Feed> {
    return this.#feeds.get(workspaceId)?.values() ?? []
  }

  add({ workspaceId, subscriberId }: FeedOwner, connection: Omit<Connection, 'feed'>): Connection {
    const feeds = this.#feeds.getOrInsertComputed(workspaceId, () => new Map<string, Feed>())
    const feed = feeds.getOrInsertComputed(subscriberId, () => ({
      workspaceId,
      subscriberId,
      connections: [],
    }))
    const added = { ...connection, feed }
    feed.connections.push(added)
    this.#all.add(added)
    return added
  }

  remove(connection: Connection): void {
    if (!this.#all.delete(connection)) return
    const { feed } = connection
    feed.connections = feed.connections.filter((other) => other !== connection)
    const feeds = this.#feeds.get(feed.workspaceId)
    if (feed.connections.length > 0 || feeds?.get(feed.subscriberId) !== feed) return
    feeds.delete(feed.subscriberId)
    if (feeds.size === 0) this.#feeds.delete(feed.workspaceId)
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#all.values()
  }
}
