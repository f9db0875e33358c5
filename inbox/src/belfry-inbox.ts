// <belfry-inbox>: the feed of a person, with its tabs and everything that can be done there. Fills the
// place it is given; <belfry-bell> shows it in a popover.
import { html, nothing, type TemplateResult } from 'lit-html'
import { createAnnouncements } from './announcements.ts'
import { Arrivals } from './arrivals.ts'
import { Component } from './component.ts'
import { FeedActions } from './feed-actions.ts'
import { feedArticle, isFollowedHere } from './feed-article.ts'
import { isUnread, type FeedAction, type FeedItem, type FeedView } from './feed-item.ts'
import { focusableAfter, handleFeedKey } from './feed-keys.ts'
import { initialState, type InboxState } from './feed-store.ts'
import { createFeedList } from './feed-list.ts'
import { FocusKeeper } from './focus-keeper.ts'
import { icons } from './icons.ts'
import type { InboxClient } from './inbox-client.ts'
import { inboxHeader, inboxTabs } from './inbox-header.ts'
import { emptyNotice, errorNotice, loadingNotice } from './notices.ts'
import { createScreenWatch, type ScreenWatch } from './screen-watch.ts'
import { SnoozeMenu } from './snooze-menu.ts'
import { articleStyles } from './styles-article.ts'
import { inboxStyles } from './styles-inbox.ts'

const clockMs = 30_000

export class BelfryInbox extends Component {
  #tabs = this.tabs
  #tab = 0
  #category: string | null = null
  #isChoosing = false // the preferences are open
  #clock: ReturnType<typeof setInterval> | undefined
  #watch: ScreenWatch | undefined
  readonly #ownAnnouncements = createAnnouncements(this)
  readonly #actions: FeedActions
  readonly #placeArticles = createFeedList()
  readonly #arrivals = new Arrivals(this)
  readonly #focus = new FocusKeeper(this)
  readonly #menu = new SnoozeMenu(this, (item, at) => void this.#actions.snooze(item, at))

  constructor() {
    super(articleStyles, inboxStyles)
    this.#actions = new FeedActions(this, {
      say: (text) => (this.announcements ?? this.#ownAnnouncements).say(text),
      onBefore: ({ id }) => this.#focus.keep(id),
    })
  }

  protected override onClient(client: InboxClient): () => void {
    client.show(this.#view)
    return client.onArrival((item) => this.#arrive(item))
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#clock = setInterval(() => this.requestUpdate(), clockMs)
    this.#watch = createScreenWatch({
      onShown: (ids) => this.#see(ids),
      onEnd: () => void this.inbox?.loadMore(),
    })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#clock)
    this.#watch?.stop()
    this.#ownAnnouncements.stop()
    this.#actions.toaster.show(null)
  }

  get #view(): FeedView {
    const { filter = 'all', category = this.#category } = this.tabs[this.#tab] ?? {}
    return { filter, category }
  }

  get #state(): InboxState {
    return this.inbox?.state ?? initialState
  }

  protected override render(): TemplateResult {
    if (this.tabs !== this.#tabs) this.#show(0, null)
    const { inbox, words } = this
    const { items, unreadCount, categories, connection } = this.#state
    const header = inboxHeader({
      words,
      isChoosing: this.#isChoosing,
      isClosable: this.hasAttribute('closable'),
      canReadAll: unreadCount > 0,
      onReadAll: () => void this.#actions.readAll(),
      onChoose: (isChoosing) => this.#choose(isChoosing),
      onClose: () => this.dispatchEvent(new Event('belfry-close')),
    })
    const speech = this.announcements ? nothing : this.#ownAnnouncements.render()
    if (this.#isChoosing)
      return html`${header}${speech}
        <div class="scroller" @keydown=${(event: KeyboardEvent) => this.#onPreferencesKey(event)}>
          <belfry-preferences
            exportparts="group, switch"
            .client=${inbox}
            .strings=${this.strings}
            lang=${words.locale}
          ></belfry-preferences>
        </div>`

    const tabs = inboxTabs({
      words,
      tabs: this.tabs,
      current: this.#tab,
      category: this.#category,
      categories: categories.flatMap(({ category }) => category ?? []),
      unreadCount,
      onTab: (tab) => this.#show(tab, null),
      onCategory: (category) => this.#show(this.#tab, category),
    })
    return html`${header}${tabs}${speech}
      <div class="frame">
        ${
          connection === 'away'
            ? html`<div class="banner" part="banner">
                ${icons.away}<span>${words.text('offline')}</span>
              </div>`
            : nothing
        }
        <div class="scroller" part="list">
          <div role="tabpanel" id="panel" aria-labelledby="tab-${this.#tab}">
            ${this.#arrivals.renderButton(words, items)}
            ${items.length > 0 ? this.#feed() : nothing} ${this.#rest()}
          </div>
        </div>
        ${this.#actions.toaster.render()}
      </div>
      ${this.#menu.render(words)}`
  }

  #feed(): TemplateResult {
    const { words } = this
    const { isLoading } = this.#state
    return html`<div
      role="feed"
      part="feed"
      aria-label=${words.text('title')}
      aria-busy=${isLoading}
      @keydown=${(event: KeyboardEvent) => void this.#onFeedKey(event)}
    ></div>`
  }

  #article(item: FeedItem, i: number): TemplateResult {
    const { items, hasMore } = this.#state
    return feedArticle(item, {
      words: this.words,
      now: new Date(),
      position: i + 1,
      setSize: hasMore ? -1 : items.length,
      linkTarget: this.linkTarget,
      hasArrived: this.#arrivals.has(item.id),
      onOpen: (item, event) => this.#open('belfry-open', { item }, event),
      onAction: (item, action, event) => this.#open('belfry-action', { item, action }, event),
      onRead: (item) => void this.#actions.do(item, isUnread(item) ? 'markRead' : 'markUnread'),
      onArchive: (item) => void this.#actions.do(item, item.archived_at ? 'unarchive' : 'archive'),
      onSnooze: (item, button) =>
        item.snoozed_until
          ? void this.#actions.do(item, 'unsnooze')
          : this.#menu.open(item, button),
    })
  }

  /** What comes below the notifications, or instead of them. */
  #rest(): TemplateResult | typeof nothing {
    const { words, inbox } = this
    const { items, isLoading, hasMore, error } = this.#state
    if (error) return errorNotice(words, error, () => this.#retry())
    if (!inbox || isLoading) return loadingNotice(words)
    if (hasMore) return html`<div class="end"></div>`
    return items.length > 0 ? nothing : emptyNotice(words, this.#view.filter)
  }

  protected override updated(): void {
    this.#placeArticles(
      this.renderRoot.querySelector('[role=feed]'),
      this.#state.items,
      (item, i) => this.#article(item, i),
    )
    this.#focus.updated()
    this.#watch?.watch(this.#focus.articles, this.renderRoot.querySelector('.end'))
  }

  #show(tab: number, category: string | null): void {
    this.#tabs = this.tabs
    this.#tab = tab
    this.#category = category
    this.#arrivals.reached()
    this.inbox?.show(this.#view)
    this.renderRoot.querySelector('.scroller')?.scrollTo(0, 0)
    this.requestUpdate()
  }

  #choose(isChoosing: boolean): void {
    this.#isChoosing = isChoosing
    this.requestUpdate()
    void this.updateComplete.then(() =>
      this.renderRoot.querySelectorAll<HTMLElement>('header button')[isChoosing ? 0 : 1]?.focus(),
    )
  }

  #onPreferencesKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return
    // It goes back, and does not close what the inbox stands in.
    event.preventDefault()
    event.stopPropagation()
    this.#choose(false)
  }

  #retry(): void {
    const { inbox } = this
    inbox?.stop()
    inbox?.start()
    inbox?.show(this.#view)
  }

  #arrive(item: FeedItem): void {
    if (!this.announcements) this.#ownAnnouncements.arrive()
    if (this.#state.items[0]?.id === item.id) this.#arrivals.add(item.id)
  }

  #see(ids: string[]): void {
    const { items } = this.#state
    this.#arrivals.reached(ids.includes(items[0]?.id ?? '') ? undefined : ids)
    void this.inbox?.markSeen(items.filter(({ id }) => ids.includes(id)))
  }

  /**
   * Following a link is reading, taking an action acknowledging. A page that follows it in its own way
   * prevents the default.
   */
  #open(name: string, detail: { item: FeedItem; action?: FeedAction }, event: Event): void {
    const { item, action } = detail
    const asked = new CustomEvent(name, { detail, cancelable: true, bubbles: true, composed: true })
    if (!this.dispatchEvent(asked)) event.preventDefault()
    if (action && item.acknowledged_at === null) void this.#actions.do(item, 'acknowledge')
    else if (isUnread(item)) void this.#actions.do(item, 'markRead')
    if (isFollowedHere(event)) this.dispatchEvent(new Event('belfry-close'))
  }

  async #onFeedKey(event: KeyboardEvent): Promise<void> {
    await handleFeedKey(event, {
      articles: this.#focus.articles,
      before: this.#focus.selectedTab,
      after: () => focusableAfter(this),
      more: async () => {
        await this.inbox?.loadMore()
        await this.updateComplete
        return this.#focus.articles
      },
      onEnter: (article) => {
        const link = article.querySelector<HTMLElement>('.title a')
        ;(link ?? article).click()
      },
    })
  }
}
