// What stands where notifications would: while they are loaded, when there are none, and when they
// cannot be had. Each says what to do.
import { html, type TemplateResult } from 'lit-html'
import type { FeedFilter } from './feed-item.ts'
import { icons } from './icons.ts'
import type { InboxError } from './inbox-error.ts'
import type { Words } from './words.ts'

export function loadingNotice(words: Words): TemplateResult {
  return html`<div part="loading" role="status">
    <span class="unseen">${words.text('loading')}</span>
    ${[1, 2, 3, 4].map(() => html`<div class="bone"></div>`)}
  </div>`
}

const empty = {
  all: [icons.bell, 'emptyAll', 'emptyAllText'],
  unread: [icons.checks, 'emptyUnread', 'emptyUnreadText'],
  snoozed: [icons.clock, 'emptySnoozed', 'emptySnoozedText'],
  archived: [icons.archive, 'emptyArchived', 'emptyArchivedText'],
} as const

export function emptyNotice(words: Words, filter: FeedFilter): TemplateResult {
  const [icon, title, text] = empty[filter]
  return html`<div class="notice" part="empty">
    <span class="picture">${icon}</span>
    <h3>${words.text(title)}</h3>
    <p>${words.text(text)}</p>
  </div>`
}

export function errorNotice(words: Words, error: InboxError, retry: () => void): TemplateResult {
  const isSignedOut = error.kind === 'signed_out'
  return html`<div class="notice" part="error" role="alert">
    <span class="picture">${icons.away}</span>
    <h3>${words.text(isSignedOut ? 'signedOut' : 'loadFailed')}</h3>
    <p>
      ${
        error.kind === 'refused'
          ? error.message
          : words.text(isSignedOut ? 'signedOutText' : 'loadFailedText')
      }
    </p>
    <button class="outlined" @click=${retry}>${words.text('retry')}</button>
  </div>`
}
