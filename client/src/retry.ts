// Which failed calls are tried again, and when.
import type { BelfryError } from './belfry-error.ts'

export const defaultMaxRetries = 4

const firstDelayMs = 250
const longestDelayMs = 8_000

/** Whether doing it twice is the same as doing it once. A key lets the server tell that it is. */
export function isRepeatable(method: string, hasIdempotencyKey: boolean): boolean {
  return /^(GET|PUT|DELETE)$/.test(method) || (method === 'POST' && hasIdempotencyKey)
}

/** Whether the same request may well succeed a little later. */
export function isPassing({ code, status }: BelfryError): boolean {
  if (code === 'no_answer' || code === 'timeout' || code === 'idempotency_in_progress') return true
  return status !== null && (status === 408 || status === 429 || status >= 500)
}

/**
 * How long to wait before a retry, the first one being number 1. Doubles each time, never less than
 * the server asked for; random, so that many clients that failed together do not come back together.
 */
export function retryDelayMs(
  retry: number,
  retryAfterMs: number | null,
  random: () => number = Math.random,
): number {
  const delayMs = Math.min(firstDelayMs * 2 ** (retry - 1), longestDelayMs)
  const spread = delayMs / 2
  return Math.max(delayMs - spread, retryAfterMs ?? 0) + random() * spread
}

/** `Retry-After` (RFC 9110 §10.2.3): seconds, or a date; null when it is absent or neither. */
export function parseRetryAfter(header: string | null, nowMs: number): number | null {
  if (header === null) return null
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs)
}
