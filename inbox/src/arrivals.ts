// What has just come: it lights up, and whoever is further down is told of it with a button that leads
// up, instead of being moved.
import { html, nothing, type TemplateResult } from 'lit-html'
import type { Component } from './component.ts'
import type { FeedItem } from './feed-item.ts'
import type { Words } from './words.ts'

const moreThanScrolledPx = 60

export class Arrivals {
  readonly #host: Component
  readonly #ids = new Set<string>()
  readonly #above = new Set<string>()

  constructor(host: Component) {
    this.#host = host
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  add(id: string): void {
    this.#ids.add(id)
    const topOf = (selector: string) =>
      this.#host.renderRoot.querySelector(selector)?.getBoundingClientRect().top ?? 0
    const top = Math.max(0, topOf('.scroller'))
    if (topOf('[role=feed]') < top - moreThanScrolledPx) this.#above.add(id)
  }

  /** These are on the screen; without an argument all are, or the list is another one. */
  reached(ids: Iterable<string> = this.#above): void {
    const before = this.#above.size
    for (const id of ids) this.#above.delete(id)
    if (this.#above.size < before) this.#host.requestUpdate()
  }

  /** `items`: what is in the list. What was archived meanwhile, here or elsewhere, is not waited for. */
  renderButton(words: Words, items: readonly FeedItem[]): TemplateResult | typeof nothing {
    const count = items.filter(({ id }) => this.#above.has(id)).length
    if (count === 0) return nothing
    const up = () => {
      this.#host.renderRoot.querySelector('article')?.scrollIntoView({ block: 'center' })
      this.reached()
    }
    return html`<div class="news">
      <button class="primary" part="news" @click=${up}>↑ ${words.count('arrived', count)}</button>
    </div>`
  }
}
