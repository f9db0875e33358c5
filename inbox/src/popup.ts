// Panels and menus in the top layer: where they stand, and the keys of a menu.

const gap = 6
const margin = 8

/** Puts an open popover at its button: below it, or above when there is more room. */
export function placeAt(popup: HTMLElement, button: Element, isRightToLeft: boolean): void {
  const at = button.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = popup
  const { clientWidth, clientHeight } = document.documentElement
  const end = isRightToLeft ? at.left : at.right - width
  const left = Math.max(margin, Math.min(end, clientWidth - width - margin))
  const below = at.bottom + gap
  const fits = below + height <= clientHeight - margin || at.top < clientHeight - at.bottom
  const top = fits ? below : Math.max(margin, at.top - gap - height)
  popup.style.setProperty('left', `${left}px`)
  popup.style.setProperty('top', `${top}px`)
}

/** Arrows, Home and End go from item to item; Tab closes. Escape is the browser's. */
export function handleMenuKey(event: KeyboardEvent, menu: HTMLElement): void {
  const items = [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')]
  const at = items.indexOf(event.target as HTMLElement)
  const to = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at + items.length - 1) % items.length,
    Home: 0,
    End: items.length - 1,
  }[event.key]
  if (event.key === 'Tab') menu.hidePopover()
  if (to === undefined) return
  event.preventDefault()
  event.stopPropagation()
  items[to]?.focus()
}
