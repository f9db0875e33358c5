// Style sheets that all elements of a kind share. A strict Content Security Policy lets them pass.

/** Marks a text as a style sheet, for editors and for the build. */
export const css = String.raw

const made = new Map<string, CSSStyleSheet>()

export function adoptStyles(root: ShadowRoot, sheets: readonly string[]): void {
  root.adoptedStyleSheets = sheets.map((text) => {
    const sheet = made.get(text) ?? new CSSStyleSheet()
    if (!made.has(text)) sheet.replaceSync(text)
    made.set(text, sheet)
    return sheet
  })
}
