// The menu of times at which a notification may come back.
import { html, type TemplateResult } from 'lit-html'
import type { Component } from './component.ts'
import type { FeedItem } from './feed-item.ts'
import { handleMenuKey, placeAt } from './popup.ts'
import { snoozeTimes } from './snooze-times.ts'
import type { Words } from './words.ts'

export class SnoozeMenu {
  readonly #host: Component
  readonly #onChoose: (item: FeedItem, at: Date) => void
  #opened: { item: FeedItem; button: HTMLElement } | null = null

  constructor(host: Component, onChoose: (item: FeedItem, at: Date) => void) {
    this.#host = host
    this.#onChoose = onChoose
  }

  open(item: FeedItem, button: HTMLElement): void {
    // It is always rendered; closed, it is not displayed.
    const menu = this.#host.renderRoot.querySelector<HTMLElement>('.menu')!
    this.#opened = { item, button }
    button.setAttribute('aria-expanded', 'true')
    menu.showPopover()
    placeAt(menu, button, getComputedStyle(button).direction === 'rtl')
    menu.querySelector('button')?.focus()
  }

  render(words: Words): TemplateResult {
    const now = new Date()
    return html`<div
      class="menu"
      part="menu"
      role="menu"
      popover
      aria-label=${words.text('snooze')}
      @keydown=${(event: KeyboardEvent) => handleMenuKey(event, event.currentTarget as HTMLElement)}
      @toggle=${(event: ToggleEvent) => event.newState === 'closed' && this.#close()}
    >
      ${snoozeTimes(now).map(
        ({ name, at }) =>
          html`<button
            role="menuitem"
            tabindex="-1"
            @click=${(event: Event) => this.#choose(event, at)}
          >
            ${words.text(name)}<span>${words.coming(at, now)}</span>
          </button>`,
      )}
    </div>`
  }

  #choose(event: Event, at: Date): void {
    const opened = this.#opened
    const button = event.currentTarget as HTMLElement
    button.closest<HTMLElement>('.menu')?.hidePopover()
    opened?.button.focus()
    if (opened) this.#onChoose(opened.item, at)
  }

  #close(): void {
    this.#opened?.button.removeAttribute('aria-expanded')
    this.#opened = null
  }
}
