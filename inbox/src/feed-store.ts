// What an inbox knows of a feed and shows of it: items in their order, counts, and on top of what the
// server said what the person has just done. No requests are made here.
import {
  isShownIn,
  isUnread,
  type CategoryCount,
  type FeedItem,
  type FeedPage,
  type FeedView,
} from './feed-item.ts'
import type { InboxError } from './inbox-error.ts'
import { createKnownItems, type Change } from './known-items.ts'

/** Never changed in place: another state is another object. */
export type InboxState = {
  /** Null until something is shown. */
  view: FeedView | null
  items: readonly FeedItem[]
  hasMore: boolean
  isLoading: boolean
  /** Why the last loading came to nothing. */
  error: InboxError | null
  /** `away`: there is no connection, and another try soon. */
  connection: 'connecting' | 'live' | 'away' | 'signed_out'
  unreadCount: number
  unseenCount: number
  /** Those that are known to have, or to have had, something unread; by name. */
  categories: readonly CategoryCount[]
}

export const initialState: InboxState = {
  view: null,
  items: [],
  hasMore: false,
  isLoading: false,
  error: null,
  connection: 'connecting',
  unreadCount: 0,
  unseenCount: 0,
  categories: [],
}

/** A change that is shown, and waits for what the server says. */
export type BegunChange = {
  /** With what the server made of it; without, all is as it was. */
  end(item?: FeedItem): void
  /** The server has done it, and said nothing more of the item. */
  keep(): void
}

export class FeedStore {
  readonly #listeners = new Set<(state: InboxState) => void>()
  readonly #known = createKnownItems()
  #state = initialState
  #order: string[] = []
  // What came while a page was asked for: the page may be older than that.
  #heard = new Set<string>()

  get state(): InboxState {
    return this.#state
  }

  get(id: string): FeedItem | undefined {
    return this.#known.get(id)
  }

  set(change: Partial<InboxState>): void {
    const items = this.#order.map((id) => this.get(id)!)
    this.#state = { ...this.#state, ...change, items }
    for (const listener of this.#listeners) listener(this.#state)
  }

  subscribe(listener: (state: InboxState) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  show(view: FeedView): void {
    this.#order = []
    this.set({ view, hasMore: false, error: null, isLoading: true })
  }

  beginPage(): void {
    this.#heard = new Set()
    this.set({ isLoading: true })
  }

  /** A page in place of what is shown, or after it. */
  takePage(page: FeedPage, isFirst: boolean): void {
    const heard = this.#heard
    for (const item of page.notifications) if (!heard.has(item.id)) this.#known.tell(item)
    const ids = page.notifications.map(({ id }) => id)
    const before = this.#order
    this.#order = [...new Set(isFirst ? ids : [...before, ...ids])]
    this.set({
      isLoading: false,
      error: null,
      hasMore: page.next_cursor !== null,
      unreadCount: page.unread_count,
      unseenCount: page.unseen_count,
    })
    const missed = before.filter((id) => heard.has(id) && !this.#order.includes(id))
    for (const id of missed.reverse()) this.#place(id, true)
    for (const id of this.#order) this.#place(id, false)
  }

  /** What the server says about an item. True: it has just come. */
  take(item: FeedItem, isCreated: boolean): boolean {
    const { id } = item
    const before = this.get(id)
    // A snooze that is over: it is as new.
    const isBack = !!before?.snoozed_until && item.snoozed_until === null && isUnread(item)
    const isNew = isBack || (isCreated && before === undefined)
    this.#heard.add(id)
    this.#known.tell(item)
    this.#place(id, isNew)
    // The total comes by itself.
    if (before || isNew) this.#recount(before, this.get(id), false)
    return isNew
  }

  /** Shows a change before the server has said anything about it. */
  begin(id: string, change: Change, isNew = false): BegunChange {
    const before = this.get(id)
    const end = this.#known.begin(id, change)
    this.#place(id, isNew)
    this.#recount(before, this.get(id), true)
    const finish = (act: () => void) => {
      const shown = this.get(id)
      act()
      this.#place(id, false)
      this.#recount(shown, this.get(id), true)
    }
    return {
      end: (item) =>
        finish(() => {
          end()
          if (item) this.#known.tell(item)
        }),
      keep: () =>
        finish(() => {
          end()
          this.#known.amend(id, change)
        }),
    }
  }

  takeCategories(counts: readonly CategoryCount[]): void {
    const told = new Set(counts.map(({ category }) => category))
    // Those that were there stay, so that the way back to what was read does not vanish.
    const rest = this.#state.categories
      .filter(({ category }) => !told.has(category))
      .map(({ category }) => ({ category, unread_count: 0, unseen_count: 0 }))
    this.set({ categories: byName([...counts, ...rest]) })
  }

  /** Puts an item where it belongs in what is shown, or takes it out. */
  #place(id: string, isNew: boolean): void {
    const { view } = this.#state
    const item = this.get(id)
    if (!view || !item) return
    const wasThere = this.#order.includes(id)
    const isShown = isShownIn(view, item)
    if (!isShown || isNew) this.#order = this.#order.filter((other) => other !== id)
    if (isShown && isNew) this.#order = [id, ...this.#order]
    else if (isShown && !wasThere) this.#insert(item)
    this.set({})
  }

  /** By its time, unless it belongs to a page that is still to come. */
  #insert(item: FeedItem): void {
    const older = this.#order.findIndex((id) => this.get(id)!.created_at < item.created_at)
    if (older === -1 && this.#state.hasMore) return
    const at = older === -1 ? this.#order.length : older
    this.#order = [...this.#order.slice(0, at), item.id, ...this.#order.slice(at)]
  }

  #recount(before: FeedItem | undefined, after: FeedItem | undefined, isTotal: boolean): void {
    const more = Number(!!after && isUnread(after)) - Number(!!before && isUnread(before))
    const category = (after ?? before)?.category ?? null
    const { categories, unreadCount } = this.#state
    const isKnown = categories.some((count) => count.category === category)
    const none = { category, unread_count: 0, unseen_count: 0 }
    this.set({
      unreadCount: Math.max(0, unreadCount + (isTotal ? more : 0)),
      categories: (isKnown ? categories : byName([...categories, none])).map((count) =>
        count.category === category
          ? { ...count, unread_count: Math.max(0, count.unread_count + more) }
          : count,
      ),
    })
  }
}

function byName(counts: readonly CategoryCount[]): CategoryCount[] {
  return [...counts].sort((a, b) => (a.category ?? '').localeCompare(b.category ?? ''))
}
