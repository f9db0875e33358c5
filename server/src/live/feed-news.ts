// From changes to what each connection is told. A change says whose feed it is about; the items are looked up
// for those who are connected, all of them in a few statements.
import { isVisible } from '../domain/snapshot.ts'
import { listItemsOfEvents, type BroadcastPart, type Change } from '../sql/changes.ts'
import type { Db } from '../sql/db.ts'
import { findFeedItems } from '../sql/feed.ts'
import type { Connection, Connections, Feed, Message } from './connections.ts'
import { showFeedItem } from './feed-item.ts'

type News = { id: string; what: 'created' | 'updated' | 'removed'; for: Set<Connection> }

const itemsAtOnce = 500

export class FeedNews {
  readonly #connections: Connections
  readonly #items = new Map<Feed, Map<string, News>>()
  readonly #parts = new Map<string, { part: BroadcastPart; for: Map<Feed, Connection[]> }>()
  readonly #resets = new Set<Connection>()
  /** Feeds whose counts may be others now. */
  readonly changed = new Set<Feed>()

  constructor(connections: Connections) {
    this.#connections = connections
  }

  /** For those who have joined. */
  add(change: Change): void {
    this.#add(change, (connection) => connection.hasJoined)
  }

  /** For those of them who have not joined yet, and have missed it. */
  addMissed(change: Change, joining: ReadonlySet<Connection>): void {
    const xid = BigInt(change.xid)
    this.#add(change, (connection) => {
      const { since } = connection
      if (!joining.has(connection) || since === null || since === 'unknown') return false
      return !isVisible(xid, since)
    })
  }

  /** What it has missed cannot be told any more. */
  reset(connection: Connection): void {
    this.#resets.add(connection)
    this.changed.add(connection.feed)
  }

  #add(change: Change, isFor: (connection: Connection) => boolean): void {
    const { workspaceId, what, eventId, notificationIds, recipients } = change
    if (what === 'many') return this.#addMany(workspaceId, recipients[0]!, isFor)
    if (eventId !== null) return this.#addBroadcast({ workspaceId, eventId, recipients }, isFor)
    for (const [i, subscriberId] of recipients.entries()) {
      const feed = this.#connections.find({ workspaceId, subscriberId })
      const told = feed?.connections.filter(isFor)
      if (feed && told && told.length > 0) this.#addItem(feed, notificationIds[i]!, what, told)
    }
  }

  #addMany(workspaceId: number, subscriberId: string, isFor: (one: Connection) => boolean): void {
    const feed = this.#connections.find({ workspaceId, subscriberId })
    for (const connection of feed?.connections ?? []) if (isFor(connection)) this.reset(connection)
  }

  /** `recipients`: the first and the last of so many that they are not named. */
  #addBroadcast(
    { workspaceId, eventId, recipients: [first, last] }: BroadcastPart,
    isFor: (connection: Connection) => boolean,
  ): void {
    const name = `${workspaceId} ${eventId}`
    const found = this.#parts.get(name) ?? {
      part: { workspaceId, eventId, recipients: [] },
      for: new Map<Feed, Connection[]>(),
    }
    for (const feed of this.#connections.feedsOf(workspaceId)) {
      if (feed.subscriberId < first! || feed.subscriberId > last!) continue
      const told = feed.connections.filter(isFor)
      if (told.length > 0) found.for.set(feed, told)
    }
    if (found.for.size > 0) this.#parts.set(name, found)
  }

  #addItem(feed: Feed, id: string, what: News['what'], told: Connection[]): void {
    const items = this.#items.getOrInsertComputed(feed, () => new Map<string, News>())
    const news = items.getOrInsertComputed(id, () => ({ id, what, for: new Set<Connection>() }))
    if (what === 'removed' || (what === 'created' && news.what !== 'removed')) news.what = what
    for (const connection of told) news.for.add(connection)
    this.changed.add(feed)
  }

  /** What each of them is to be told, in order; the last message carries the position. */
  async messages(db: Db, position: string): Promise<Map<Connection, Message[]>> {
    await this.#findBroadcast(db)
    const messages = new Map<Connection, Message[]>()
    const tell = (connection: Connection, message: Message) =>
      messages.getOrInsertComputed(connection, () => []).push(message)

    for (const connection of this.#resets)
      tell(connection, { event: 'reset', data: '{}', position: null })
    const wanted = [...this.#items].flatMap(([feed, items]) =>
      [...items.values()].map((news) => ({ feed, news })),
    )
    for (let i = 0; i < wanted.length; i += itemsAtOnce) {
      const some = wanted.slice(i, i + itemsAtOnce)
      const rows = await findFeedItems(
        db,
        some.map(({ feed: { workspaceId, subscriberId }, news }) => ({
          workspaceId,
          subscriberId,
          id: news.id,
        })),
      )
      const found = new Map(rows.map((row) => [row.id, row]))
      for (const { news } of some) {
        const item = found.get(news.id)
        // It was removed meanwhile, or never stored.
        if (!item && news.what !== 'removed') continue
        const what = item && news.what === 'removed' ? 'updated' : news.what
        const data = JSON.stringify(item ? showFeedItem(item) : { id: news.id })
        const message = { event: `notification.${what}`, data, position: null }
        for (const connection of news.for)
          if (!this.#resets.has(connection)) tell(connection, message)
      }
    }
    for (const told of messages.values()) told.push({ ...told.pop()!, position })
    return messages
  }

  async #findBroadcast(db: Db): Promise<void> {
    const all = [...this.#parts.values()].map(({ part, for: told }) => ({
      ...part,
      recipients: [...told.keys()].map(({ subscriberId }) => subscriberId),
    }))
    if (all.length === 0) return
    for (const { workspaceId, subscriberId, id, eventId } of await listItemsOfEvents(db, all)) {
      const feed = this.#connections.find({ workspaceId, subscriberId })
      const told = feed && this.#parts.get(`${workspaceId} ${eventId}`)?.for.get(feed)
      if (told) this.#addItem(feed, id, 'created', told)
    }
  }
}
