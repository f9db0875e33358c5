// Data sources: services of one's own that are asked before a text is written, by a URL made of the
// parameters. What they answer is what templates read as `data`.
import type { RetryPolicies } from './event-type.ts'
import { policyDelay, usualDelay, usualTries } from './retry.ts'

export type DataSource = {
  /** Liquid; its beginning, the host included, is written out. */
  url: string
  /** How long it may take; a duration. */
  timeout?: string
  /** How long an answer may be used again; left out: it is not. */
  cache?: string
  /** Without it no text is written that reads it; left out: false. */
  required?: boolean
  /** Names of headers. Their values are secrets, kept elsewhere: null here. */
  headers?: Record<string, null>
}

/** By the name that templates read: `order` is data.order. */
export type DataSources = Record<string, DataSource>

export function isSourceName(name: string): boolean {
  return /^[a-z][a-z0-9_]{0,39}$/.test(name)
}

export const usualTimeoutMs = 2_000
export const longestTimeoutMs = 10_000
export const longestCacheMs = 86_400_000
export const mostSources = 10
export const mostAnswerBytes = 256 * 1024

/** What became of a source, for the trace. */
export type DataNote = { at: Date; decision: string; because: string }

/** What was fetched for the texts of an event. */
export type EventData = {
  /** Tells what was fetched at one time from what was fetched at another. */
  id: string
  /** By source; those that are absent are not in it. */
  values: Record<string, unknown>
  /** Required sources that failed, and why. */
  failed: Record<string, string>
  notes: DataNote[]
}

export const dataFailed = 'data_source_failed'

export type DataTry = {
  policies: RetryPolicies | null // of the event type
  failureCount: number // how often it was tried before, in a row
  retryAfterMs: number | undefined // as the service asked
  expiresAt: Date | null
  now: Date
  random: number // 0 to 1
}

/** When a required source that could not be asked is asked again; null: never. */
export function nextDataTry(tried: DataTry): Date | null {
  const { policies, failureCount, retryAfterMs = 0, expiresAt, now, random } = tried
  const policy = policies !== null && 'attempts' in policies ? policies : null
  const attempt = failureCount + 1
  if (attempt >= triesOf(policies)) return null
  const delayMs = policy ? policyDelay(policy, attempt, random) : usualDelay(attempt, random)
  const dueAt = new Date(now.getTime() + Math.max(delayMs, Math.min(retryAfterMs, longestWaitMs)))
  return expiresAt !== null && dueAt >= expiresAt ? null : dueAt
}

const longestWaitMs = 3_600_000

/** How often a required source is asked. A policy for some channels only is none for what all of them wait for. */
export function triesOf(policies: RetryPolicies | null): number {
  return policies !== null && 'attempts' in policies ? policies.attempts : usualTries
}
