// Languages: which of the texts that exist a person reads.

/** For everybody whose language has nothing of its own. */
export const defaultLocale = 'default'

/**
 * What a person with this locale reads, best first: pt-BR, pt, default. A single letter is never the
 * end: it only announces what follows it.
 *
 * @see RFC 4647, section 3.4 (lookup)
 */
export function lookupOrder(locale: string | null): string[] {
  const order: string[] = []
  let subtags = locale === null || locale === defaultLocale ? [] : locale.split('-')
  while (subtags.length > 0) {
    order.push(subtags.join('-'))
    subtags = subtags.slice(0, -1)
    if (subtags.at(-1)?.length === 1) subtags = subtags.slice(0, -1)
  }
  return [...order, defaultLocale]
}
