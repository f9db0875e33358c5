// The keys of the ARIA feed pattern: Page Up and Down go from article to article, Ctrl+Home and
// Ctrl+End out of the feed. https://www.w3.org/WAI/ARIA/apg/patterns/feed/

export type FeedKeys = {
  articles: HTMLElement[]
  /** Where Ctrl+Home goes. */
  before: HTMLElement | null
  /** Where Ctrl+End goes. */
  after: () => HTMLElement | null
  /** There may be more: resolves when it is there. */
  more: () => Promise<HTMLElement[]>
  onEnter: (article: HTMLElement) => void
}

export async function handleFeedKey(event: KeyboardEvent, keys: FeedKeys): Promise<void> {
  const { articles } = keys
  const at = articles.findIndex((article) => article.contains(event.target as Node))
  const isAlone = !event.ctrlKey && !event.metaKey && !event.altKey
  const take = () => event.preventDefault()

  if (event.key === 'PageDown' && isAlone) {
    take()
    const next = articles[at + 1] ?? (await keys.more())[at + 1]
    next?.focus()
  } else if (event.key === 'PageUp' && isAlone) {
    take()
    articles[at - 1]?.focus()
  } else if (event.ctrlKey && event.key === 'Home') {
    take()
    keys.before?.focus()
  } else if (event.ctrlKey && event.key === 'End') {
    take()
    keys.after()?.focus()
  } else if (event.key === 'Enter' && isAlone && event.target === articles[at] && articles[at]) {
    take()
    keys.onEnter(articles[at])
  }
}

const focusable =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex="0"], belfry-inbox, belfry-bell'

/** What comes after an element in the page and can have the focus. */
export function focusableAfter(element: Element): HTMLElement | null {
  const root = element.getRootNode()
  // In a shadow tree: after the component that holds it.
  if (root instanceof ShadowRoot) return focusableAfter(root.host)
  const all = [...document.querySelectorAll<HTMLElement>(focusable)]
  return (
    all.find(
      (other) =>
        element.compareDocumentPosition(other) === Node.DOCUMENT_POSITION_FOLLOWING &&
        other.checkVisibility(),
    ) ?? null
  )
}
