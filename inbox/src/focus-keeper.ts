// Whoever works with the keyboard goes on with the next notification when the one they are at goes
// away: the focus must not fall back to the page.
import type { Component } from './component.ts'

export class FocusKeeper {
  readonly #host: Component
  #focus: { from: string; to: string | undefined } | null = null

  constructor(host: Component) {
    this.#host = host
  }

  get articles(): HTMLElement[] {
    return [...this.#host.renderRoot.querySelectorAll<HTMLElement>('article')]
  }

  get selectedTab(): HTMLElement | null {
    return this.#host.renderRoot.querySelector('[role=tab][tabindex="0"]')
  }

  /** To be called before something is done that may take the article away. */
  keep(id: string): void {
    const { articles } = this
    const at = articles.findIndex((article) => article.dataset['id'] === id)
    const { activeElement } = this.#host.renderRoot
    if (!articles[at]?.contains(activeElement)) return
    this.#focus = { from: id, to: (articles[at + 1] ?? articles[at - 1])?.dataset['id'] }
  }

  updated(): void {
    if (!this.#focus) return
    const { from, to } = this.#focus
    const find = (id: string | undefined) =>
      this.articles.find((article) => article.dataset['id'] === id)
    if (find(from)) return
    this.#focus = null
    ;(find(to) ?? this.selectedTab)?.focus()
  }
}
