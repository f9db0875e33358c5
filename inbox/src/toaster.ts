// The word after something was done: what it was, and a way to take it back, for a while.
import { html, nothing, type TemplateResult } from 'lit-html'
import type { Component } from './component.ts'

export type Toast = { text: string; label?: string; act?: () => unknown }

const shownForMs = 8_000

export class Toaster {
  readonly #host: Component
  #toast: Toast | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: Component) {
    this.#host = host
  }

  show(toast: Toast | null): void {
    clearTimeout(this.#timer)
    this.#toast = toast
    this.#host.requestUpdate()
    if (toast) this.#timer = setTimeout(() => this.show(null), shownForMs)
  }

  /** It stays while somebody is at it. */
  render(): TemplateResult | typeof nothing {
    const toast = this.#toast
    if (!toast) return nothing
    const hold = () => clearTimeout(this.#timer)
    const go = () => this.#toast === toast && this.show(toast)
    const act = () => {
      this.show(null)
      toast.act?.()
    }
    return html`<div
      class="toast"
      part="toast"
      @pointerenter=${hold}
      @pointerleave=${go}
      @focusin=${hold}
      @focusout=${go}
    >
      <p>${toast.text}</p>
      ${toast.act ? html`<button part="toast-button" @click=${act}>${toast.label}</button>` : nothing}
    </div>`
  }
}
