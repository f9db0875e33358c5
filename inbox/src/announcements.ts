// What a screen reader is told: one thing at a time, and arrivals together rather than one by one.
import { html, type TemplateResult } from 'lit-html'
import type { Component } from './component.ts'

const gatherMs = 1_000

export type Announcements = ReturnType<typeof createAnnouncements>

export function createAnnouncements(host: Component) {
  let spoken = ''
  let count = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function say(text: string): void {
    // The same again is a change too, or it would not be said.
    spoken = text === spoken ? `${text}\u00a0` : text
    host.requestUpdate()
  }

  return {
    say,
    arrive(): void {
      count++
      timer ??= setTimeout(() => {
        const text = host.words.count('arrived', count)
        timer = undefined
        count = 0
        say(text)
      }, gatherMs)
    },
    stop(): void {
      clearTimeout(timer)
      timer = undefined
      count = 0
    },
    /** The live region. */
    render: (): TemplateResult =>
      html`<div class="unseen" role="status" aria-live="polite">${spoken}</div>`,
  }
}
