// `Retry-After`: how long the other side asks us to wait.

const shortestMs = 1_000
const longestMs = 24 * 60 * 60 * 1_000

/**
 * Milliseconds to wait, between one second and one day; undefined when the header is missing or
 * makes no sense. Takes seconds and HTTP dates.
 *
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterMs(header: string | string[] | undefined, now: Date): number | undefined {
  const value = (Array.isArray(header) ? header[0] : header)?.trim() ?? ''
  const ms = /^\d{1,10}(\.\d+)?$/.test(value)
    ? Number(value) * 1_000
    : // Date.parse takes almost anything ('-5' is the year 2001): insist on a weekday in front.
      /^[A-Z][a-z]{2,8},? /.test(value)
      ? Date.parse(value) - now.getTime()
      : NaN
  if (Number.isNaN(ms)) return undefined
  return Math.min(Math.max(ms, shortestMs), longestMs)
}
