// What of a feed is on the screen: which notifications were seen, and whether its end is near.

export type ScreenWatch = ReturnType<typeof createScreenWatch>

const gatherMs = 500

/** `onShown`: their `data-id`s, those that came onto the screen together. `onEnd`: more is needed. */
export function createScreenWatch(options: {
  onShown: (ids: string[]) => void
  onEnd: () => void
}) {
  let shown = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let watched = new Set<Element>()

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue
        const id = (target as HTMLElement).dataset['id']
        if (id === undefined) options.onEnd()
        else shown.add(id)
      }
      if (shown.size === 0) return
      timer ??= setTimeout(() => {
        const ids = [...shown]
        shown = new Set()
        timer = undefined
        options.onShown(ids)
      }, gatherMs)
    },
    { threshold: [0, 0.5] },
  )

  return {
    /** `end` has to be watched anew when there is more: it may not have left the screen. */
    watch(articles: readonly Element[], end: Element | null): void {
      const wanted = new Set(articles)
      for (const element of watched) if (!wanted.has(element)) observer.unobserve(element)
      for (const element of wanted) if (!watched.has(element)) observer.observe(element)
      if (end) observer.observe(end)
      watched = end ? wanted.add(end) : wanted
    },
    stop(): void {
      observer.disconnect()
      clearTimeout(timer)
    },
  }
}
