// The counts of feeds that have changed: a little later, several at once, and never more than a few times a
// second, because counting costs more than the change did.
import type { Db } from '../sql/db.ts'
import { countFeeds, type FeedCount } from '../sql/feed.ts'
import type { Connection, Feed, Message } from './connections.ts'
import { showCounts } from './feed-item.ts'

const feedsAtOnce = 200
const closestMs = 100
// After counting for a second it rests for so many.
const restShare = 2

type Send = (connection: Connection, message: Message) => void

export class FeedCounting {
  readonly #db: Db
  readonly #onError: (error: unknown) => void
  readonly #send: Send
  readonly #waiting = new Set<Feed>()
  #timer: NodeJS.Timeout | null = null
  #isCounting = false
  #earliestMs = 0
  #isClosed = false

  constructor(db: Db, onError: (error: unknown) => void, send: Send) {
    this.#db = db
    this.#onError = onError
    this.#send = send
  }

  add(feeds: Iterable<Feed>): void {
    for (const feed of feeds) this.#waiting.add(feed)
    this.#plan()
  }

  close(): void {
    this.#isClosed = true
    if (this.#timer) clearTimeout(this.#timer)
  }

  #plan(): void {
    if (this.#timer || this.#isCounting || this.#isClosed || this.#waiting.size === 0) return
    const inMs = Math.max(0, this.#earliestMs - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#count()
    }, inMs)
  }

  async #count(): Promise<void> {
    const feeds = [...this.#waiting.values().take(feedsAtOnce)]
    for (const feed of feeds) this.#waiting.delete(feed)
    const followed = feeds.filter(({ connections }) => connections.length > 0)
    this.#isCounting = true
    const startedMs = performance.now()
    try {
      if (followed.length > 0) this.#tell(followed, await countFeeds(this.#db, owners(followed)))
    } catch (error) {
      for (const feed of followed) this.#waiting.add(feed)
      this.#onError(error)
    }
    const endedMs = performance.now()
    this.#earliestMs = endedMs + Math.max(closestMs, (endedMs - startedMs) * restShare)
    this.#isCounting = false
    this.#plan()
  }

  #tell(feeds: Feed[], counts: FeedCount[]): void {
    const nameOf = (of: { workspaceId: number; subscriberId: string }) =>
      `${of.workspaceId} ${of.subscriberId}`
    const byFeed = Map.groupBy(counts, nameOf)
    for (const feed of feeds) {
      const data = JSON.stringify(showCounts(byFeed.get(nameOf(feed)) ?? []))
      for (const connection of feed.connections)
        if (connection.hasJoined) this.#send(connection, { event: 'counts', data, position: null })
    }
  }
}

const owners = (feeds: Feed[]) =>
  feeds.map(({ workspaceId, subscriberId }) => ({ workspaceId, subscriberId }))
