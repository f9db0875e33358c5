// <belfry-bell>: a bell with the number of unread notifications, and the inbox in a popover.
import { html, nothing, type TemplateResult } from 'lit-html'
import { createAnnouncements } from './announcements.ts'
import { Component } from './component.ts'
import { icons } from './icons.ts'
import type { InboxClient } from './inbox-client.ts'
import { placeAt } from './popup.ts'
import { bellStyles } from './styles-bell.ts'

/** The parts of the inbox, for pages that style it through the bell. */
const inboxParts = [
  'header, header-button, title, tabs, tab, tab-selected, tally, categories, category, category-chosen',
  'list, feed, item, item-unread, item-read, unread-mark, badge, item-title, item-body, item-meta',
  'action, action-primary, action-secondary, tools, tool, toast, toast-button, menu, banner',
  'empty, error, loading, group, switch',
].join(', ')

export class BelfryBell extends Component {
  #hasOpened = false
  readonly #announcements = createAnnouncements(this)
  readonly #place = () => this.open && this.#placePanel()

  constructor() {
    super(bellStyles)
  }

  get open(): boolean {
    return this.hasAttribute('open')
  }

  set open(open: boolean) {
    this.toggleAttribute('open', open)
  }

  protected override onClient(client: InboxClient): () => void {
    return client.onArrival(() => this.#announcements.arrive())
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('resize', this.#place)
    addEventListener('scroll', this.#place, true)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('resize', this.#place)
    removeEventListener('scroll', this.#place, true)
    this.#announcements.stop()
    this.open = false
  }

  protected override render(): TemplateResult {
    const { inbox, words } = this
    this.#hasOpened ||= this.open
    const count = inbox?.state.unreadCount ?? 0
    return html`<button
        class="icon bell"
        part="bell"
        aria-haspopup="dialog"
        aria-expanded=${this.open}
        aria-controls="panel"
        aria-label=${count > 0 ? words.count('bellUnread', count) : words.text('title')}
        popovertarget="panel"
      >
        ${icons.bell}
        ${count > 0 ? html`<span class="count" part="count">${words.badge(count)}</span>` : nothing}
      </button>
      ${this.#announcements.render()}
      <div
        id="panel"
        class="panel"
        part="panel"
        popover
        role="dialog"
        aria-label=${words.text('title')}
        tabindex="-1"
        @beforetoggle=${(event: ToggleEvent) => this.#returnFocus(event)}
        @toggle=${(event: ToggleEvent) => this.#onToggle(event)}
      >
        ${this.#hasOpened ? this.#inbox(inbox) : nothing}
      </div>`
  }

  #inbox(client: InboxClient | undefined): TemplateResult {
    return html`<belfry-inbox
      closable
      @belfry-close=${() => (this.open = false)}
      exportparts=${inboxParts}
      theme=${this.getAttribute('theme') ?? nothing}
      link-target=${this.linkTarget}
      lang=${this.words.locale}
      .client=${client}
      .strings=${this.strings}
      .tabs=${this.tabs}
      .announcements=${this.#announcements}
    ></belfry-inbox>`
  }

  protected override updated(): void {
    const panel = this.#panel
    const isShown = panel.matches(':popover-open')
    if (this.open && !isShown) panel.showPopover()
    if (!this.open && isShown) panel.hidePopover()
  }

  get #panel(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('#panel')!
  }

  /** What has the focus is about to go: the browser gives it back only when no shadow tree is between. */
  #returnFocus({ newState, target }: ToggleEvent): void {
    if (newState !== 'closed' || target !== this.#panel) return
    const { activeElement } = this.renderRoot
    if (this.#panel.contains(activeElement))
      this.renderRoot.querySelector<HTMLElement>('.bell')?.focus()
  }

  #onToggle({ newState, target }: ToggleEvent): void {
    // The menu of the inbox is a popover too.
    if (target !== this.#panel) return
    this.open = newState === 'open'
    if (this.open) {
      this.#placePanel()
      this.#panel.focus()
    }
    this.dispatchEvent(new Event(this.open ? 'belfry-opened' : 'belfry-closed'))
  }

  #placePanel(): void {
    // The bell is always rendered.
    const bell = this.renderRoot.querySelector('.bell')!
    placeAt(this.#panel, bell, this.words.dir === 'rtl')
  }
}
