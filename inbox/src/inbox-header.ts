// The top of an inbox: its title, what can be done with all of it, tabs and categories.
import { html, nothing, type TemplateResult } from 'lit-html'
import { icons } from './icons.ts'
import type { InboxTab } from './inbox-tab.ts'
import type { Words } from './words.ts'

type HeaderOptions = {
  words: Words
  isChoosing: boolean
  isClosable: boolean
  canReadAll: boolean
  onReadAll: () => void
  onChoose: (isChoosing: boolean) => void
  onClose: () => void
}

export function inboxHeader(options: HeaderOptions): TemplateResult {
  const { words, isChoosing, isClosable, canReadAll } = options
  const button = (
    key: 'back' | 'markAllRead' | 'preferences' | 'close',
    icon: unknown,
    onClick: () => void,
    { isDisabled = false, flips = false } = {},
  ) =>
    html`<button
      class="icon ${flips ? 'flip' : ''}"
      part="header-button"
      aria-label=${words.text(key)}
      title=${words.text(key)}
      ?disabled=${isDisabled}
      @click=${onClick}
    >
      ${icon}
    </button>`
  const close = isClosable ? button('close', icons.close, options.onClose) : nothing
  if (isChoosing)
    return html`<header class="has-back" part="header">
      ${button('back', icons.back, () => options.onChoose(false), { flips: true })}
      <h2 part="title">${words.text('preferences')}</h2>
      ${close}
    </header>`
  return html`<header part="header">
    <h2 part="title">${words.text('title')}</h2>
    ${button('markAllRead', icons.checks, options.onReadAll, { isDisabled: !canReadAll })}
    ${button('preferences', icons.settings, () => options.onChoose(true))} ${close}
  </header>`
}

type TabsOptions = {
  words: Words
  tabs: readonly InboxTab[]
  current: number
  category: string | null
  categories: readonly string[]
  unreadCount: number
  onTab: (tab: number) => void
  onCategory: (category: string | null) => void
}

export function inboxTabs(options: TabsOptions): TemplateResult {
  const { words, tabs, current, category, categories, unreadCount } = options
  const label = ({ label, filter, category }: InboxTab) =>
    label ?? category ?? words.text(filter ?? 'all')
  const tally = ({ filter, category }: InboxTab) =>
    filter === 'unread' && !category && unreadCount > 0
      ? html`<span class="tally" part="tally">${words.badge(unreadCount)}</span>`
      : nothing
  const chip = (name: string | null) =>
    html`<button
      aria-pressed=${category === name}
      part="category ${category === name ? 'category-chosen' : ''}"
      @click=${() => options.onCategory(name)}
    >
      <span>${name ?? words.text('everyCategory')}</span>
    </button>`
  const isOfOne = tabs[current]?.category !== undefined
  return html`<div
      class="tabs"
      part="tabs"
      role="tablist"
      aria-label=${words.text('title')}
      @keydown=${(event: KeyboardEvent) => onTabKey(event, options)}
    >
      ${tabs.map(
        (tab, i) =>
          html`<button
            role="tab"
            id="tab-${i}"
            part="tab ${i === current ? 'tab-selected' : ''}"
            aria-selected=${i === current}
            aria-controls="panel"
            tabindex=${i === current ? 0 : -1}
            @click=${() => options.onTab(i)}
          >
            ${label(tab)}${tally(tab)}
          </button>`,
      )}
    </div>
    ${
      categories.length > 1 && !isOfOne
        ? html`<div class="chips" part="categories" role="group">
            ${[null, ...categories].map(chip)}
          </div>`
        : nothing
    }`
}

function onTabKey(event: KeyboardEvent, { words, tabs, current, onTab }: TabsOptions): void {
  const forward = words.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight'
  const backward = words.dir === 'rtl' ? 'ArrowRight' : 'ArrowLeft'
  const { length } = tabs
  const to = {
    [forward]: (current + 1) % length,
    [backward]: (current + length - 1) % length,
    Home: 0,
    End: length - 1,
  }[event.key]
  if (to === undefined) return
  event.preventDefault()
  const list = event.currentTarget as HTMLElement
  list.querySelectorAll<HTMLElement>('[role=tab]')[to]?.focus()
  onTab(to)
}
