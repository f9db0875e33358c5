// One notification of the feed, as an article of the ARIA feed pattern.
import { html, nothing, type TemplateResult } from 'lit-html'
import { isUnread, type FeedAction, type FeedItem } from './feed-item.ts'
import { icons } from './icons.ts'
import { safeUrl } from './safe-url.ts'
import type { Words } from './words.ts'

export type ArticleContext = {
  words: Words
  now: Date
  position: number // from 1
  setSize: number // -1: unknown
  linkTarget: string
  hasArrived: boolean
  onOpen: (item: FeedItem, event: Event) => void
  onAction: (item: FeedItem, action: FeedAction, event: Event) => void
  onRead: (item: FeedItem) => void
  onArchive: (item: FeedItem) => void
  onSnooze: (item: FeedItem, button: HTMLElement) => void
}

export function feedArticle(item: FeedItem, context: ArticleContext): TemplateResult {
  const { words, position, setSize, hasArrived } = context
  const isNew = isUnread(item)
  const { id, content } = item
  const title = content.title || content.body
  const body = content.title ? content.body : ''
  return html`<article
    part="item ${isNew ? 'item-unread' : 'item-read'}"
    class="item ${isNew ? 'is-unread' : ''} ${hasArrived ? 'has-arrived' : ''}"
    tabindex="0"
    data-id=${id}
    aria-posinset=${position}
    aria-setsize=${setSize}
    aria-labelledby="s-${id} t-${id}"
    aria-describedby=${body ? `b-${id}` : nothing}
    @click=${(event: Event) => openByClick(item, event, context)}
  >
    <span class="mark" part="unread-mark"
      ><span class="unseen" id="s-${id}">${isNew ? words.text('unread') : ''}</span></span
    >
    <div class="main">
      ${
        item.level === 'critical'
          ? html`<span class="badge" part="badge">${words.text('important')}</span>`
          : nothing
      }
      <h3 class="title" part="item-title" id="t-${id}">${titleOf(item, title, context)}</h3>
      ${body ? html`<p class="body" part="item-body" id="b-${id}">${body}</p>` : nothing}
      ${actionsOf(item, context)}
      <p class="meta" part="item-meta">${metaOf(item, context)}</p>
    </div>
    ${toolsOf(item, isNew, context)}
  </article>`
}

function titleOf(item: FeedItem, title: string, { linkTarget, onOpen }: ArticleContext) {
  const url = safeUrl(item.content.url, document.baseURI)
  if (!url) return title
  return html`<a
    href=${url}
    target=${linkTarget || nothing}
    rel="noopener"
    @click=${(event: Event) => onOpen(item, event)}
    >${title}</a
  >`
}

/** Whether a click goes on in this tab, by a link: what covers the page is in the way then. */
export function isFollowedHere(event: Event): boolean {
  const link = (event.target as Element).closest('a')
  const { ctrlKey, metaKey, shiftKey } = event as MouseEvent
  return !!link && /^(_self)?$/.test(link.target) && !ctrlKey && !metaKey && !shiftKey
}

/** A click beside the link and the buttons, and not at the end of marking text. */
function openByClick(item: FeedItem, event: Event, { onOpen }: ArticleContext): void {
  const isControl = (event.target as Element).closest('a, button')
  if (!isControl && !getSelection()?.toString()) onOpen(item, event)
}

function actionsOf(item: FeedItem, { linkTarget, onAction }: ArticleContext) {
  const actions = (item.content.actions ?? []).slice(0, 2).flatMap((action) => {
    const url = safeUrl(action.url, document.baseURI)
    return url ? [{ action, url }] : []
  })
  if (actions.length === 0) return nothing
  return html`<div class="actions">
    ${actions.map(
      ({ action, url }, i) =>
        html`<a
          class="action ${i === 0 ? 'primary' : 'outlined'}"
          part="action ${i === 0 ? 'action-primary' : 'action-secondary'}"
          href=${url}
          target=${linkTarget || nothing}
          rel="noopener"
          @click=${(event: Event) => onAction(item, action, event)}
          >${action.label}</a
        >`,
    )}
  </div>`
}

function metaOf(item: FeedItem, { words, now }: ArticleContext) {
  const at = new Date(item.created_at)
  const until = item.snoozed_until && new Date(item.snoozed_until)
  return html`<time datetime=${item.created_at} title=${words.moment(at)}
      >${words.since(at, now)}</time
    >${item.category ? html`<span>${item.category}</span>` : nothing}${
      until ? html`<span>${words.text('snoozedUntil', words.coming(until, now))}</span>` : nothing
    }`
}

function toolsOf(item: FeedItem, isNew: boolean, context: ArticleContext) {
  const { words, onRead, onArchive, onSnooze } = context
  const isArchived = item.archived_at !== null
  const isSnoozed = item.snoozed_until !== null
  const snooze = (event: Event) => onSnooze(item, event.currentTarget as HTMLElement)
  const tool = (label: string, icon: unknown, onClick: (event: Event) => void, popup = false) =>
    html`<button
      class="icon"
      part="tool"
      aria-label=${label}
      title=${label}
      aria-haspopup=${popup ? 'menu' : nothing}
      @click=${onClick}
    >
      ${icon}
    </button>`
  const read = words.text(isNew ? 'markRead' : 'markUnread')
  const put = words.text(isArchived ? 'unarchive' : 'archive')
  return html`<div class="tools" part="tools">
    ${
      isArchived || isSnoozed
        ? nothing
        : tool(read, isNew ? icons.check : icons.dot, () => onRead(item))
    }
    ${
      isSnoozed
        ? tool(words.text('unsnooze'), icons.undo, snooze)
        : tool(words.text('snooze'), icons.clock, snooze, true)
    }
    ${tool(put, isArchived ? icons.undo : icons.archive, () => onArchive(item))}
  </div>`
}
