// What a person does with notifications: at once, with a word about it, a way to take it back, and
// another try when the server did not go along.
import type { Component } from './component.ts'
import type { FeedItem } from './feed-item.ts'
import { Toaster } from './toaster.ts'

export type Doing = 'markRead' | 'markUnread' | 'acknowledge' | 'archive' | 'unarchive' | 'unsnooze'

export type FeedActionsOptions = {
  /** To people who hear rather than see. */
  say: (text: string) => void
  /** The item may be gone after this. */
  onBefore: (item: FeedItem) => void
}

export class FeedActions {
  readonly toaster: Toaster
  readonly #host: Component
  readonly #options: FeedActionsOptions

  constructor(host: Component, options: FeedActionsOptions) {
    this.toaster = new Toaster(host)
    this.#host = host
    this.#options = options
  }

  async do(item: FeedItem, doing: Doing): Promise<void> {
    const { inbox, words } = this.#host
    this.#options.onBefore(item)
    if (doing === 'archive') this.#tell(words.text('isArchived'), item, 'unarchive')
    if (doing === 'unarchive') this.#tell(words.text('isUnarchived'), item, 'archive')
    await inbox?.[doing](item.id).catch(() => this.#fail(() => this.do(item, doing)))
  }

  async snooze(item: FeedItem, at: Date): Promise<void> {
    const { inbox, words } = this.#host
    this.#options.onBefore(item)
    const text = words.text('snoozedUntil', words.coming(at, new Date()))
    this.#tell(text, item, 'unsnooze')
    await inbox?.snooze(item.id, at).catch(() => this.#fail(() => this.snooze(item, at)))
  }

  async readAll(): Promise<void> {
    const { inbox, words } = this.#host
    const text = words.text('isAllRead')
    this.toaster.show({ text })
    this.#options.say(text)
    await inbox?.markAllRead().catch(() => this.#fail(() => this.readAll()))
  }

  #tell(text: string, item: FeedItem, back: Doing): void {
    const label = this.#host.words.text('undo')
    this.toaster.show({ text, label, act: () => this.do(item, back) })
    this.#options.say(text)
  }

  #fail(again: () => Promise<void>): void {
    const { words } = this.#host
    const text = words.text('failed')
    this.toaster.show({ text, label: words.text('retry'), act: again })
    this.#options.say(text)
  }
}
