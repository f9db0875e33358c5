// Where a link may lead. Texts of notifications come from elsewhere: nothing in them may run.

const allowed = ['http:', 'https:', 'mailto:']

/** The address to link to, whole; null for what must not be one, such as `javascript:`. */
export function safeUrl(url: string | undefined, base: string): string | null {
  if (!url || !URL.canParse(url, base)) return null
  const parsed = new URL(url, base)
  return allowed.includes(parsed.protocol) ? parsed.href : null
}
