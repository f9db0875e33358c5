// The inbox without a face: what is in a feed, kept up to date, and what can be done with it. Made for
// the components of this package and for interfaces of your own.
import { createConnection, type Connection, type ConnectionOptions } from './connection.ts'
import {
  isUnread,
  type CategoryCount,
  type FeedCounts,
  type FeedItem,
  type FeedPage,
  type FeedView,
} from './feed-item.ts'
import { FeedStore, type InboxState } from './feed-store.ts'
import { asInboxError, InboxError } from './inbox-error.ts'
import type { Change } from './known-items.ts'
import type { PreferenceChange, PreferenceForm } from './preference-form.ts'
import { openSharedStream, type SharedStream } from './shared-stream.ts'
import type { StreamMessage, StreamStatus } from './stream.ts'

export type { CategoryCount, FeedAction, FeedFilter, FeedItem, FeedView } from './feed-item.ts'
export type { InboxState } from './feed-store.ts'
export { InboxError, type InboxErrorKind } from './inbox-error.ts'
export type { PreferenceChange, PreferenceForm, PreferenceGroup } from './preference-form.ts'

export type InboxClientOptions = ConnectionOptions & {
  /** How many notifications a page has. Default: 20. */
  pageSize?: number
}

// Loading waits for the stream so long, so that nothing falls between the two.
const patienceMs = 1_000
const recountAfterMs = 500
const mostSeenAtOnce = 100

export class InboxClient {
  readonly #connection: Connection
  readonly #pageSize: number
  readonly #store = new FeedStore()
  readonly #arrivalListeners = new Set<(item: FeedItem) => void>()
  #cursor: string | null = null
  #running: AbortController | null = null
  #loading: AbortController | null = null
  #stream: SharedStream | null = null
  #isReady = false
  #recounting: ReturnType<typeof setTimeout> | undefined
  // What is asked about one item goes out in the order in which it was done: who takes an archiving
  // back at once must not be overtaken by it.
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor({ pageSize = 20, ...options }: InboxClientOptions) {
    this.#connection = createConnection(options)
    this.#pageSize = pageSize
  }

  get state(): InboxState {
    return this.#store.state
  }

  /** Called with every new state, until the answer is called. */
  readonly subscribe = (listener: (state: InboxState) => void): (() => void) =>
    this.#store.subscribe(listener)

  /** Called with every notification that has just come, until the answer is called. */
  onArrival(listener: (item: FeedItem) => void): () => void {
    this.#arrivalListeners.add(listener)
    return () => void this.#arrivalListeners.delete(listener)
  }

  /** Counts, and hears what is new, until `stop`. It can be started again. */
  start(): void {
    if (this.#running) return
    const running = new AbortController()
    this.#running = running
    const { signal } = running
    this.#store.set({ connection: 'connecting', error: null })
    const patience = setTimeout(() => this.#getReady(), patienceMs)
    signal.addEventListener('abort', () => clearTimeout(patience))

    openSharedStream({
      connection: this.#connection,
      signal,
      onMessage: (message) => this.#hear(message),
      onStatus: (status) => this.#heed(status),
    }).then(
      (stream) => (this.#stream = stream),
      (error: unknown) => {
        if (signal.aborted) return
        clearTimeout(patience)
        this.#store.set({ connection: 'signed_out', error: asInboxError(error), isLoading: false })
      },
    )
  }

  stop(): void {
    this.#running?.abort()
    this.#loading?.abort()
    clearTimeout(this.#recounting)
    this.#running = null
    this.#stream = null
    this.#isReady = false
  }

  /** Shows a part of the feed from its beginning. */
  show(view: FeedView): void {
    this.#cursor = null
    this.#store.show(view)
    if (this.#isReady) void this.#load(null)
    else if (this.state.connection === 'signed_out')
      this.#store.set({ isLoading: false, error: signedOut() })
  }

  /** The next page, if there is one. */
  async loadMore(): Promise<void> {
    if (this.#cursor !== null && !this.state.isLoading) await this.#load(this.#cursor)
  }

  /** Loads again what is shown. Never rejects: `state.error` says what went wrong. */
  async refresh(): Promise<void> {
    await Promise.all([this.state.view && this.#load(null), this.#count()])
  }

  readonly markRead = (id: string) => this.#do(id, 'read', { read_at: now(), seen_at: now() })
  readonly markUnread = (id: string) => this.#do(id, 'unread', { read_at: null })
  /** An action of it was taken, which is reading too. */
  readonly acknowledge = (id: string) =>
    this.#do(id, 'acknowledge', { acknowledged_at: now(), read_at: now(), seen_at: now() })
  readonly archive = (id: string) => this.#do(id, 'archive', { archived_at: now() })
  readonly unarchive = (id: string) => this.#do(id, 'unarchive', { archived_at: null })
  readonly unsnooze = (id: string) => this.#do(id, 'unsnooze', { snoozed_until: null })
  /** It comes back at that time, unread. */
  readonly snooze = (id: string, at: Date) => {
    const until = at.toISOString()
    return this.#do(id, 'snooze', { snoozed_until: until, archived_at: null }, { until })
  }

  /** All there are, or those of a category. @throws InboxError when they stay as they are. */
  async markAllRead(category: string | null = this.state.view?.category ?? null): Promise<void> {
    const meant = this.state.items.filter(
      (item) => isUnread(item) && (category === null || item.category === category),
    )
    const begun = meant.map(({ id }) => this.#store.begin(id, { read_at: now(), seen_at: now() }))
    try {
      const body = category === null ? {} : { category }
      await this.#connection.ask('POST', '/me/notifications/read-all', { body })
    } finally {
      // More may have been read than what is shown: what it came to is asked for.
      for (const change of begun) change.end()
      await this.refresh()
    }
  }

  /** They were on a screen. Never rejects: what could not be told is told the next time. */
  async markSeen(items: readonly FeedItem[]): Promise<void> {
    const ids = items.filter(({ seen_at }) => seen_at === null).map(({ id }) => id)
    for (let i = 0; i < ids.length; i += mostSeenAtOnce) {
      const some = ids.slice(i, i + mostSeenAtOnce)
      const begun = some.map((id) => this.#store.begin(id, { seen_at: now() }))
      const body = { ids: some }
      const isTold = await this.#connection.ask('POST', '/me/notifications/seen', { body }).then(
        () => true,
        () => false,
      )
      for (const change of begun) {
        if (isTold) change.keep()
        else change.end()
      }
    }
  }

  getPreferences(): Promise<PreferenceForm> {
    return this.#connection.ask('GET', '/me/preferences/form')
  }

  /** Answers all preferences as they are then. */
  changePreferences(body: PreferenceChange): Promise<PreferenceForm> {
    return this.#connection.ask('PATCH', '/me/preferences/form', { body })
  }

  /** Shows it at once, and takes it back if the server does not agree. @throws InboxError then. */
  async #do(id: string, action: string, change: Change, body?: unknown): Promise<FeedItem> {
    // What is taken back from its snooze stands at the top.
    const begun = this.#store.begin(id, change, action === 'unsnooze')
    try {
      const path = `/me/notifications/${encodeURIComponent(id)}/${action}`
      const item = await this.#inTurn(id, () =>
        this.#connection.ask<FeedItem>('POST', path, { body }),
      )
      begun.end(item)
      this.#stream?.publish({ event: 'notification.updated', data: item })
      return item
    } catch (error) {
      begun.end()
      throw error
    }
  }

  async #inTurn<Answer>(id: string, ask: () => Promise<Answer>): Promise<Answer> {
    const before = this.#turns.get(id)
    const asked = before ? before.then(ask) : ask()
    const turn = asked.catch(() => {})
    this.#turns.set(id, turn)
    try {
      return await asked
    } finally {
      if (this.#turns.get(id) === turn) this.#turns.delete(id)
    }
  }

  #hear(message: StreamMessage): void {
    switch (message.event) {
      case 'notification.removed':
      case 'reset':
        void this.refresh()
        break
      case 'counts': {
        const { unread_count: unreadCount, unseen_count: unseenCount } = message.data
        this.#store.set({ unreadCount, unseenCount })
        this.#checkCategories()
        break
      }
      case 'notification.created':
      case 'notification.updated': {
        const hasCome = this.#store.take(message.data, message.event === 'notification.created')
        if (hasCome && isUnread(message.data))
          for (const listener of this.#arrivalListeners) listener(message.data)
        break
      }
    }
  }

  #heed(status: StreamStatus): void {
    const { error } = this.state
    this.#store.set({ connection: status.state })
    // Something may have been missed, or may work now.
    const isNews = status.state === 'live' && (!status.isResumed || error !== null)
    if (isNews && this.#isReady) void this.refresh()
    this.#getReady()
  }

  #getReady(): void {
    if (this.#isReady || !this.#running) return
    this.#isReady = true
    void this.refresh()
  }

  async #load(cursor: string | null): Promise<void> {
    this.#loading?.abort()
    const loading = new AbortController()
    this.#loading = loading
    this.#store.beginPage()
    const { view, items } = this.state
    const shown = cursor === null ? items.length : 0
    const limit = Math.min(100, Math.max(this.#pageSize, shown))
    try {
      const page = await this.#connection.ask<FeedPage>('GET', '/me/notifications', {
        query: { ...view, limit, cursor },
        signal: loading.signal,
      })
      this.#cursor = page.next_cursor
      this.#store.takePage(page, cursor === null)
      this.#checkCategories()
    } catch (error) {
      if (!loading.signal.aborted) this.#store.set({ isLoading: false, error: asInboxError(error) })
    }
  }

  async #count(): Promise<void> {
    type Counts = FeedCounts & { categories: CategoryCount[] }
    try {
      const counts = await this.#connection.ask<Counts>('GET', '/me/notifications/counts')
      const { unread_count: unreadCount, unseen_count: unseenCount } = counts
      this.#store.set({ unreadCount, unseenCount })
      this.#store.takeCategories(counts.categories)
    } catch {
      // What is shown says by itself that there is no connection; counting is tried again with it.
    }
  }

  /** Asks again when the counts of the categories cannot be right: not everything is known here. */
  #checkCategories(): void {
    clearTimeout(this.#recounting)
    this.#recounting = setTimeout(() => {
      const { unreadCount, categories } = this.state
      const sum = categories.reduce((total, count) => total + count.unread_count, 0)
      if (sum !== unreadCount && this.#running) void this.#count()
    }, recountAfterMs)
  }
}

function signedOut(): InboxError {
  return new InboxError('signed_out', 'There is no token that is valid.')
}

function now(): string {
  return new Date().toISOString()
}
